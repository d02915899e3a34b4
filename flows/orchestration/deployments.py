"""The two Prefect deployments, served by `huizong serve`; a test keeps `prefect.yaml` equal to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval
from prefect.types.entrypoint import EntrypointType

from flows.home import Home
from flows.orchestration.prefect_flows import EVERY_LEDGER, nightly, rerun
from flows.orchestration.schedule import daily_cron
from flows.settings import Settings
from flows.workspace import Workspace
from transforms.foreign_text import make_visible

#: runs of one deployment wait for each other; that no two write at once is the home's lock
ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
TITLES = {"unit_code": "Unit 单位", "period": "Month 月份", "ledger": "Ledger 台账"}


def deployments(home: Home, months: Sequence[str]) -> list[RunnerDeployment]:
    """Build the deployments for a home. The form of a rerun offers its units and ledgers by name, and
    these months.
    """
    settings = home.settings
    by_module: dict[str, Any] = {
        "entrypoint_type": EntrypointType.MODULE_PATH,
        "concurrency_limit": ONE_AT_A_TIME,
    }
    nightly_deployment = RunnerDeployment.from_flow(
        nightly, "nightly", schedule=_schedule(settings), **by_module
    )
    rerun_deployment = RunnerDeployment.from_flow(rerun, "rerun", **by_module)
    schema = rerun_deployment._parameter_openapi_schema
    schema.properties = with_choices(schema.properties, Workspace(home), months)
    return [nightly_deployment, rerun_deployment]


def _schedule(settings: Settings) -> Any:
    if settings.serve_every_seconds:
        return Interval(settings.serve_every_seconds)
    return Cron(daily_cron(settings.night_at), timezone=settings.timezone)


def with_choices(fields: dict[str, Any], workspace: Workspace, months: Sequence[str]) -> dict[str, Any]:
    """Return the fields of the form of a rerun with titles and with units, months and ledgers as lists.

    A choice is shown as it is sent, so it holds code and name; `parse_scope_request` parses both.
    """
    choices = {
        "unit_code": [make_visible(f"{unit.code} {unit.name}") for unit in workspace.regions.units],
        "period": list(months),
        "ledger": [
            EVERY_LEDGER,
            *(f"{name} {ledger.title}" for name, ledger in workspace.ledgers.items()),
        ],
    }
    form_fields = {
        name: {
            "title": TITLES[name],
            "description": field["description"],
            "position": field["position"],
            "type": "string",
            "enum": choices[name],
        }
        for name, field in fields.items()
    }
    form_fields["ledger"]["default"] = EVERY_LEDGER
    return form_fields
