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
from warehouse.engine import Connection

#: what tells a row that counts from another; which file it came in does not
CONTENT = ("side", "unit_code", "month", "field", "value", "counts")
#: where two rows stand in the same place of their tables
TABLE_PART = ("unit_code", "month", "ledger", "side")

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
    """Explain how the second of two loads differs from the first; None if the figure is the same."""
    before, after = (workspace_as_of(workspace, workspace.as_of(connection, load_id)) for load_id in loads)
    changed = changed_figures(after[0], before[1], after[1], [indicator], [region], period, before[0])
    if not changed:
        return None
    units = {mover.unit_code for _share, mover, _delta in changed[0].shares if mover}
    listed = [
        [
            row
            for unit in sorted(units & set(state.regions.unit_codes()))
            for row in explain_figure(state, as_of, indicator, unit, period)["rows"]
        ]
        for state, as_of in (before, after)
    ]
    return Step(changed[0], pair_rows(*listed))


def pair_rows(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[RowPair]:
    """Return the rows that only one of two lists has, paired where they stand in for each other.

    Rows that read the same cancel each other out. Of the others those of one unit, month and ledger are
    paired: first by the number of their row, then in order.
    """
    gone, come = _without(before, after), _without(after, before)
    pairs: list[RowPair] = []
    for position in dict.fromkeys(_key(row, TABLE_PART) for row in (*gone, *come)):
        old = [row for row in gone if _key(row, TABLE_PART) == position]
        new = [row for row in come if _key(row, TABLE_PART) == position]
        by_number = {row["source_row"]: row for row in new}
        same = [(row, by_number[row["source_row"]]) for row in old if row["source_row"] in by_number]
        pairs += same
        unpaired_rows = (
            [row for row in rows if not any(row in pair for pair in same)] for rows in (old, new)
        )
        pairs += zip_longest(*unpaired_rows)
    return pairs


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
