"""Changes where a figure ends: a unit's only file is withdrawn, or its reports go to its successor."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.queries.changes import Change, changed_figures
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.figure_changes import CORRECTED
from schemas.periods import Period
from tests.pipeline import test_region_history as region_history
from tests.support.office import STAR, Office, cases, decision
from tests.support.views import rows_of as rows_of_view
from transforms.report.attribution import exact_value
from warehouse.engine import reading
from warehouse.schema.as_of import AsOf

CITY = "990100"
FILED = "case_filed_count"
STAR_ENDS = region_history.STAR.replace(",,,\n", ",,2023-03-31,990103\n")
STAR_AGAIN = "990103,星河新区,unit,990100,星,,2023-04-01,,\n"


def read_changes(workspace: Workspace, period: str, since: int) -> dict[tuple[str, str], Change]:
    """Read all changes of a period since a load; each must be accounted for by known submissions."""
    with reading(workspace.engine) as connection:
        until = workspace.as_of_moment(connection)
        before = AsOf(connection, until.warehouse, since)
        regions = list(workspace.regions.regions)
        changed = changed_figures(
            workspace, before, until, list(indicators().values()), regions, Period.parse(period)
        )
    for change in changed:
        old, new = (
            exact_value(change.indicator, figure.numerator, figure.denominator)
            for figure in (change.before, change.after)
        )
        assert sum(share.delta for share, *_ in change.shares) == (new or 0) - (old or 0)
        assert change.row()["parts"]
        assert all(mover for _, mover, _ in change.shares), change.row()
    return {(change.indicator.indicator_id, change.after.region_code): change for change in changed}


@pytest.mark.parametrize("is_read_at_the_end", [False, True])
def test_a_withdrawn_only_file_takes_its_figures_away(
    workspace: Workspace, *, is_read_at_the_end: bool
) -> None:
    office = Office(workspace)
    office.send("立案", *cases(1, 2))
    office.night()
    office.send("另一个", *cases(7), unit="990121")
    office.decide(decision("withdraw", "立案"))
    office.night()
    since = 0 if is_read_at_the_end else 1
    changed = read_changes(workspace, "2023-06", since)
    if is_read_at_the_end:
        assert (FILED, STAR) not in changed
        return
    change = changed[FILED, STAR].row()
    assert (change["before"], change["after"], change["delta"]) == (2, None, -2)
    assert [(part["cause"], part["delta"]) for part in change["parts"]] == [(CORRECTED, -2)]
    assert changed[FILED, CITY].row()["delta"] == -1


def test_a_withdrawal_taken_back_gives_them_again(workspace: Workspace) -> None:
    office = Office(workspace)
    for text in ("", decision("withdraw", "立案"), ""):
        if not text and office.day == 1:
            office.send("立案", *cases(1, 2))
        office.decide(text)
        office.night()
    assert read_changes(workspace, "2023-06", 2)[FILED, STAR].row()["delta"] == 2
    assert (FILED, STAR) not in read_changes(workspace, "2023-06", 1)
    assert read_changes(workspace, "2023", 0)[FILED, STAR].row()["delta"] == 2


def test_a_withdrawn_zero_report_leaves_no_figure(workspace: Workspace) -> None:
    office = Office(workspace)
    office.send("立案")
    office.night()
    office.decide(decision("withdraw", "立案"))
    office.night()
    change = read_changes(workspace, "2023-06", 1).get((FILED, STAR))
    assert change is None or (change.row()["before"], change.row()["after"]) == (0, None)


def test_handed_over_reports_leave_the_old_code_without_figures(
    tmp_path: Path, laid_out_file: Path
) -> None:
    office = region_history.Office(tmp_path / "home", laid_out_file)
    for month in (3, 4):
        office.send_cases("990102", month, [month], mark="星")
        office.send_roster("990102", month, "1", "2")
    office.run(region_history.STAR)
    workspace = office.run(STAR_ENDS + STAR_AGAIN)
    for period in ("2023-04", "2023"):
        changed = read_changes(workspace, period, 1)
        assert not [key for key in changed if key[1] == CITY]
    april = read_changes(workspace, "2023-04", 1)
    old = april[FILED, "990102"].row()
    assert (old["before"], old["after"], old["delta"]) == (1, None, -1)
    assert [part["unit_code"] for part in old["parts"]] == ["990103"]
    assert (FILED, "990103") not in april  # its predecessor's rows were its own under this region table
    coverage = {(row["unit_code"], row["period"]) for row in rows_of_view(workspace, "mart_coverage")}
    assert ("990102", "2023-04") not in coverage
    assert {("990102", "2023-03"), ("990103", "2023-04")} <= coverage
