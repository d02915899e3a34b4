"""Time limits on the rows that count as of a load: those that run, and findings of those that lapsed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.deadlines import DUE_SOON_DAYS, deadlines, limits_by_ledger
from schemas.ledgers.finding import findings_frame
from transforms.deadlines.compute import compute_spans, list_deadlines
from warehouse.figures.cross_checks import CROSS_COLUMNS
from warehouse.marts.deadline_kinds import (
    Kinds,
    number_each,
    read_examples,
    read_looked_up,
    read_rows_of_kinds,
)
from warehouse.marts.deadlines import read_stored_lapsed, stored_deadlines_are_of
from warehouse.schema.as_of import AsOf

_LAPSED = re.compile("有([0-9]+)件，最早的")


def read_deadlines(
    workspace: Workspace, as_of: AsOf, today: date, due_soon_days: int = DUE_SOON_DAYS
) -> pd.DataFrame:
    """Compute the time limits of all rows that count as of a load, with the names of unit and limit."""
    limits = deadlines()
    by_ledger = limits_by_ledger(limits)
    kinds = {ledger: number_each(as_of, ledger) for ledger in by_ledger}
    spans = read_spans(workspace, as_of, kinds, today, due_soon_days)
    rows = {
        ledger: read_rows_of_kinds(as_of, ledger, of_ledger, kinds[ledger])
        for ledger, of_ledger in by_ledger.items()
    }
    listed = list_deadlines(limits, rows, spans)
    names = {code: workspace.regions.name_of(code) for code in listed["unit_code"].unique()}
    return listed.assign(
        unit_name=listed["unit_code"].map(names),
        title=listed["limit_id"].map({name: limit.title for name, limit in limits.items()}),
        source=listed["limit_id"].map({name: limit.source for name, limit in limits.items()}),
    )


def read_spans(
    workspace: Workspace,
    as_of: AsOf,
    kinds: Mapping[str, Kinds],
    today: date,
    due_soon_days: int = DUE_SOON_DAYS,
) -> pd.DataFrame:
    """Compute the time limits of each kind of rows."""
    limits = deadlines()
    examples = {
        ledger: read_examples(as_of, ledger, of_ledger, kinds[ledger])
        for ledger, of_ledger in limits_by_ledger(limits).items()
    }
    looked_up = read_looked_up(as_of, [limit for limit in limits.values() if len(examples[limit.ledger])])
    calendar = workspace.obligations.calendar
    return compute_spans(limits, examples, looked_up, calendar, today, due_soon_days)


def find_lapsed_limits(
    workspace: Workspace, as_of: AsOf, today: date, units: Collection[str]
) -> pd.DataFrame:
    """Return CROSS_COLUMNS of one finding for each unit and limit that has lapsed on rows of it."""
    firsts = [
        (str(first["unit_code"]), limit_id, first)
        for limit_id, lapsed in _read_lapsed(workspace, as_of, today)
        for first in _first_of_each(lapsed[lapsed["unit_code"].isin(list(units))])
    ]
    firsts.sort(key=lambda lapse: lapse[:2])
    rules = {limit_id: limit.rule() for limit_id, limit in deadlines().items()}
    findings = []
    for unit_code, limit_id, first in firsts:
        rule = rules[limit_id]
        number = first["document_no"] if pd.notna(first["document_no"]) else "（文号不显示）"
        day = first["due_on"]
        lapse = f"有{first['count']}件，最早的{number}应于{day.year}年{day.month}月{day.day}日前"
        findings.append({
            "rule_id": rule.rule_id, "severity": rule.severity.value, "file": "",
            "problem": f"{rule.problem}：{workspace.regions.name_of(unit_code)}{lapse}", "expected": "", "remedy": rule.remedy,
        })  # fmt: skip
    codes = [unit_code for unit_code, _limit_id, _first in firsts]
    return findings_frame(findings).assign(unit_code=codes, submission_id=None)[CROSS_COLUMNS]


def count_lapsed(problem: str) -> int:
    """Return how many matters a finding of `find_lapsed_limits` is about, by its sentence."""
    counted = _LAPSED.search(problem)
    return int(counted[1]) if counted else 1


def _read_lapsed(workspace: Workspace, as_of: AsOf, today: date) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each duty with unit, document, last day and `count` of the rows on which it has lapsed."""
    duties = {name: limit for name, limit in deadlines().items() if limit.is_duty}
    if stored_deadlines_are_of(as_of, today):
        yield from read_stored_lapsed(as_of, limits_by_ledger(duties))
        return
    listed = read_deadlines(workspace, as_of, today)
    listed = listed[listed["state"].eq("lapsed") & listed["limit_id"].isin(list(duties))].assign(count=1)
    yield from ((str(limit_id), of_limit) for limit_id, of_limit in listed.groupby("limit_id"))


def _first_of_each(lapsed: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the row of each unit that lapsed first, with the number of all its rows (`count`)."""
    by_unit = lapsed.groupby("unit_code", sort=False, observed=True)
    lapsed = lapsed.assign(count=by_unit["count"].transform("sum"))
    earliest = lapsed[lapsed["due_on"].eq(by_unit["due_on"].transform("min"))]
    first = earliest.sort_values("document_no", kind="stable").drop_duplicates("unit_code")
    return [{str(name): value for name, value in row.items()} for row in first.to_dict("records")]
