"""How a figure came to be: its value after each load that changed it, and why the last ones did."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from starlette.responses import Response

from flows.portal.numbers import parse_number
from flows.portal.operator.corrections import describe_decision
from flows.portal.operator.evidence import SIDES, chosen_period
from flows.portal.operator.moved import delta_words, shown_deltas
from flows.portal.reader.figures import choices, chosen_region, find_indicator
from flows.portal.visit import Visit
from flows.queries.cell_texts import add_cell_texts
from flows.queries.earlier_regions import workspace_as_of
from flows.queries.figures import figure_rows
from flows.queries.why_changed import Step, explain_step
from schemas.figures.figure_changes import CAUSE_WORDS, CORRECTED, Mover
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from warehouse.engine import Connection, reading
from warehouse.ops.loads import load_instants
from warehouse.ops.submissions import loads_about, zero_reports

MOST_LOADS = 60
#: reports and rows that the page lists of a change
MOST_PARTS, MOST_ROWS, MOST_FILES = 20, 30, 30


def show_history(visit: Visit) -> Response:
    """Show the value of a figure after each load that changed it, and why one of them did: the last, or that
    of the page's address.
    """
    indicator = find_indicator(visit)
    if indicator is None:
        return visit.refuse(404, "没有这个指标。")
    period, region = chosen_period(visit), chosen_region(visit)
    with reading(visit.workspace.engine) as connection:
        # one more than is listed: the figure before the first listed load, so that its change is known
        loads = loads_about(connection, visit.workspace.tables, indicator.ledgers(), MOST_LOADS + 1)
        instants = load_instants(connection, visit.workspace.tables)
        values = [_value_after(visit, connection, indicator, region, period, load) for load in loads]
        steps = _changed_steps(loads, [visit.local(instants[load]) for load in loads], values)
        why = _why(visit, connection, indicator, region, period, steps)
    ledgers = [visit.workspace.ledgers[ledger].title for ledger in sorted(indicator.ledgers())]
    return visit.page(
        "operator/history.html", indicator=indicator, sides=SIDES, period=str(period), steps=steps, why=why, ledgers=ledgers,
        most=MOST_LOADS, is_cut=len(loads) > MOST_LOADS, **choices(visit, Period.parse(str(period.year)), region),
    )  # fmt: skip


def _changed_steps(
    loads: list[int], instants: list[Any], values: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the loads after which the figure was another, the latest first, each with the load before it."""
    steps = [
        value | {"load_id": load, "recorded_at": instant, "before": before}
        for load, instant, value, before in zip(loads, instants, values, [*loads[1:], None], strict=False)
    ]
    return [
        step | {"was": before["display"] if before else ""}
        for step, before in zip_longest(steps, steps[1:])
        if before is None or _shown(before) != _shown(step)
    ]


def _shown(step: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(step[name] for name in ("value", "display", "units_reported", "units_expected"))


def _value_after(
    visit: Visit, connection: Connection, indicator: Indicator, region: str, period: Period, load_id: int
) -> dict[str, Any]:
    """Return the figure as of a load, which never changes once it was computed."""

    def compute() -> dict[str, Any]:
        as_of = visit.workspace.as_of(connection, load_id)
        workspace, as_of = workspace_as_of(visit.workspace, as_of)
        [row] = figure_rows(workspace, as_of, [indicator], [region], period) or [{}]
        return row

    key = ("value", indicator.indicator_id, region, str(period), load_id)
    return visit.portal.memory.recall(key, compute)


def _why(
    visit: Visit, connection: Connection, indicator: Indicator, region: str, period: Period,
    steps: list[dict[str, Any]],
) -> dict[str, Any] | None:  # fmt: skip
    """Say why the chosen step, or the last, changed the figure; None if nothing came before it."""
    chosen = parse_number(visit.query("load"))
    step = next((each for each in steps if each["load_id"] == chosen), steps[0] if steps else None)
    if step is None or step["before"] is None:
        return None
    loads = (step["before"], step["load_id"])

    def compute() -> dict[str, Any]:
        explained = explain_step(visit.workspace, connection, indicator, region, period, loads)
        return _in_words(visit, explained) if explained else {"parts": [], "rows": [], "delta": ""}

    key = ("why", indicator.indicator_id, region, str(period), loads)
    return step | visit.portal.memory.recall(key, compute)


def _in_words(visit: Visit, step: Step) -> dict[str, Any]:
    """Say a change: its parts by report, the largest first, and the rows with what stands in their cells."""
    change, regions, ledgers = step.change, visit.workspace.regions, visit.workspace.ledgers
    delta, shown = shown_deltas(change)
    shares = [(share, mover, part) for (share, mover, _), part in zip(change.shares, shown, strict=True)]
    parts = sorted(shares, key=lambda part: -abs(part[0].delta))
    movers = [mover for _share, mover, _delta in parts[:MOST_PARTS] if mover]
    with reading(visit.workspace.engine) as connection:
        numbers = [mover.submission_id for mover in movers]
        empty = zero_reports(connection, visit.workspace.tables, numbers)
    zeros = {row["submission_id"] for row in empty}
    pairs = step.rows[:MOST_ROWS]
    add_cell_texts(visit.workspace, [row for pair in pairs for row in pair if row], MOST_FILES)
    return {
        "delta": delta_words(change, delta),
        "parts": [
            {
                "cause": CAUSE_WORDS[share.cause],
                "unit": regions.name_of(mover.unit_code) if mover else "",
                "month": mover.period if mover else "",
                "ledger": ledgers[mover.ledger].title if mover else "",
                "file": mover.source_file.rsplit("/", 1)[-1] if mover else "",
                "submission_id": mover.submission_id if mover else None,
                "is_zero": bool(mover and mover.submission_id in zeros),
                "is_decided": share.cause == CORRECTED,
                "decisions": _decisions_about(visit, mover) if mover and share.cause == CORRECTED else [],
                "entered": share.entered,
                "left": share.left,
                "delta": delta_words(change, delta),
            }
            for share, mover, delta in parts[:MOST_PARTS]
        ],
        "parts_left_out": max(0, len(parts) - MOST_PARTS),
        "rows": pairs,
        "rows_left_out": max(0, len(step.rows) - MOST_ROWS),
    }


def _decisions_about(visit: Visit, mover: Mover) -> list[str]:
    """Say which decisions of the bureau about this report are in force, with reason and approver."""
    report = mover.unit_code, mover.ledger, mover.period
    return [describe_decision(visit, item) for item in visit.workspace.adjustments if item.report == report]
