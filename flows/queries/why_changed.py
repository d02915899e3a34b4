"""Why a figure changed with a load: by which reports, and which rows stopped and began to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from flows.queries.changes import Change, changed_figures
from flows.queries.earlier_regions import workspace_as_of
from flows.queries.explain import explain_figure
from flows.workspace import Workspace
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.reporting.coverage import units_of_figure
from warehouse.engine import Connection

#: what tells a row that counts from another; which file it came in does not
CONTENT = ("side", "unit_code", "month", "field", "value", "counts")
#: where two rows stand in the same place of their tables
TABLE_PART = ("unit_code", "month", "ledger", "side")
#: what finds a row of a file among those that count and those that do not
ORIGIN = ("submission_id", "ledger", "source_sheet", "source_row")
#: why a row that is still in its report does not count
STILL_THERE = {"other_unit", "reported_again", "out_of_period", "condition", "empty", "no_report"}

RowPair = tuple[dict[str, Any] | None, dict[str, Any] | None]


@dataclass(frozen=True)
class Step:
    """What a load changed of a figure: its parts by report, and the rows that differ, before and after."""

    change: Change
    rows: Sequence[RowPair]


def explain_step(
    workspace: Workspace, connection: Connection, indicator: Indicator, region: str, period: Period,
    loads: tuple[int, int],
) -> Step | None:  # fmt: skip
    """Explain how the second of two loads differs from the first; None if the figure is the same.

    The rows are those of the region's own units: another's report can move them without being listed itself.
    """
    before, after = (workspace_as_of(workspace, workspace.as_of(connection, load_id)) for load_id in loads)
    changed = changed_figures(after[0], before[1], after[1], [indicator], [region], period, before[0])
    if not changed:
        return None
    units = [set(units_of_figure(indicator, state.regions, region)) for state, _as_of in (before, after)]
    # those that joined the region or left it brought their rows or took them away
    concerned = changed[0].units | (units[0] ^ units[1])
    rows: list[list[dict[str, Any]]] = [[], []]
    left_out: list[list[dict[str, Any]]] = [[], []]
    for index, (state, as_of) in enumerate((before, after)):
        for unit in sorted(concerned & units[index]):
            explanation = explain_figure(state, as_of, indicator, unit, period)
            rows[index] += explanation["rows"]
            left_out[index] += explanation["left_out"]
    for listed, left_out_rows in ((rows[0], left_out[1]), (rows[1], left_out[0])):
        _say_why_not(listed, left_out_rows)
    return Step(changed[0], pair_rows(*rows))


def _say_why_not(rows: Iterable[dict[str, Any]], left_out: Iterable[Mapping[str, Any]]) -> None:
    """Set `why_not` of each row that is left out of the other state's figure to the reason, and `stays_in` of
    one that is in the same report all the same: no other row stands in for it.
    """
    reasons = {_key(row, ORIGIN): row for row in left_out}
    for row in rows:
        other = reasons.get(_key(row, ORIGIN))
        row["why_not"] = other["reason"] if other else ""
        row["stays_in"] = _key(row, ORIGIN) if other and other["code"] in STILL_THERE else None


def pair_rows(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[RowPair]:
    """Return the rows that only one of two lists has, paired where they stand in for each other.

    Rows that read the same cancel each other out. Of the others those of one unit, month and ledger are
    paired: first by the number of their row, then in order. One that stays in its report stands alone.
    """
    gone, come = _without(before, after), _without(after, before)
    pairs: list[RowPair] = []
    for position in dict.fromkeys(_position(row) for row in (*gone, *come)):
        old = [row for row in gone if _position(row) == position]
        new = [row for row in come if _position(row) == position]
        by_number = {row["source_row"]: row for row in new}
        same = [(row, by_number[row["source_row"]]) for row in old if row["source_row"] in by_number]
        pairs += same
        unpaired_rows = (
            [row for row in rows if not any(row in pair for pair in same)] for rows in (old, new)
        )
        pairs += zip_longest(*unpaired_rows)
    return pairs


def _position(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*_key(row, TABLE_PART), row.get("stays_in"))


def _without(rows: Iterable[dict[str, Any]], other_rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of which the other ones have no equal, counting equals."""
    known = Counter(_key(row, CONTENT) for row in other_rows)
    left = []
    for row in rows:
        known[_key(row, CONTENT)] -= 1
        if known[_key(row, CONTENT)] < 0:
            left.append(row)
    return left


def _key(row: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)
