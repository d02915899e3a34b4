"""Time limits on the rows that count as of a load: those that run, and findings of those that lapsed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from flows.workspace import Workspace
from schemas.deadlines import DUE_SOON_DAYS, deadlines
from schemas.ledgers.finding import findings_frame
from transforms.deadlines.compute import DeadlinesByKind, compute_deadlines, compute_kinds
from warehouse.figures.cross_checks import CROSS_COLUMNS
from warehouse.marts.deadlines import read_limited_rows, read_stored_lapsed, stored_deadlines_are_of
from warehouse.schema.as_of import AsOf


def read_deadlines(
    workspace: Workspace, as_of: AsOf, today: date, due_soon_days: int = DUE_SOON_DAYS
) -> pd.DataFrame:
    """Compute the time limits of all rows that count as of a load, with the names of unit and limit."""
    limits = deadlines()
    rows = read_limited_rows(as_of, limits.values())
    listed = compute_deadlines(limits, rows, workspace.obligations.calendar, today, due_soon_days)
    return _with_texts(_with_units(workspace, listed))


def read_deadlines_by_kind(workspace: Workspace, as_of: AsOf, today: date) -> DeadlinesByKind:
    """Compute them by kind of rows, with the same names."""
    limits = deadlines()
    rows = read_limited_rows(as_of, limits.values())
    by_kind = compute_kinds(limits, rows, workspace.obligations.calendar, today)
    return DeadlinesByKind(_with_texts(by_kind.spans), _with_units(workspace, by_kind.rows))


def _with_units(workspace: Workspace, frame: pd.DataFrame) -> pd.DataFrame:
    names = {code: workspace.regions.name_of(code) for code in frame["unit_code"].unique()}
    return frame.assign(unit_name=frame["unit_code"].map(names))


def _with_texts(frame: pd.DataFrame) -> pd.DataFrame:
    limits = deadlines()
    return frame.assign(
        title=frame["limit_id"].map({name: limit.title for name, limit in limits.items()}),
        source=frame["limit_id"].map({name: limit.source for name, limit in limits.items()}),
    )


def find_lapsed_limits(
    workspace: Workspace, as_of: AsOf, today: date, units: Collection[str]
) -> pd.DataFrame:
    """Return CROSS_COLUMNS of one finding for each unit and limit that has lapsed on rows of it."""
    duties = [name for name, limit in deadlines().items() if limit.is_duty]
    if stored_deadlines_are_of(as_of, today):
        lapsed = read_stored_lapsed(as_of, duties)
    else:
        listed = read_deadlines(workspace, as_of, today)
        lapsed = listed[listed["state"].eq("lapsed") & listed["limit_id"].isin(duties)]
    lapsed = lapsed[lapsed["unit_code"].isin(list(units))]
    by_limit = lapsed.groupby(["unit_code", "limit_id"], sort=True)["due_on"]
    counts, first_days = by_limit.size(), by_limit.transform("min")
    earliest = lapsed[lapsed["due_on"].eq(first_days)]
    earliest = earliest.sort_values(["unit_code", "limit_id", "document_no"], kind="stable")
    earliest = earliest.drop_duplicates(["unit_code", "limit_id"])
    findings = []
    for first in earliest.to_dict("records"):
        unit_code, limit_id = first["unit_code"], first["limit_id"]
        rule, count = deadlines()[limit_id].rule(), counts[unit_code, limit_id]
        number = first["document_no"] if pd.notna(first["document_no"]) else "（文号不显示）"
        lapse = f"有{count}件，最早的{number}应于{first['due_on']:%Y-%m-%d}前"
        findings.append({
            "rule_id": rule.rule_id, "severity": rule.severity.value, "file": "",
            "problem": f"{rule.problem}：{workspace.regions.name_of(unit_code)}{lapse}", "expected": "", "remedy": rule.remedy,
        })  # fmt: skip
    codes = earliest["unit_code"].tolist()
    return findings_frame(findings).assign(unit_code=codes, submission_id=None)[CROSS_COLUMNS]
