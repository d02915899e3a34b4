"""Time limits on the rows that count as of a load: those that run, and findings of those that lapsed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from flows.workspace import Workspace
from schemas.deadlines import DUE_SOON_DAYS, deadlines
from schemas.ledgers.finding import findings_frame
from transforms.deadlines.compute import compute_deadlines
from warehouse.figures.cross_checks import CROSS_COLUMNS
from warehouse.marts.deadlines import read_limited_rows
from warehouse.schema.as_of import AsOf


def read_deadlines(
    workspace: Workspace, as_of: AsOf, today: date, due_soon_days: int = DUE_SOON_DAYS
) -> pd.DataFrame:
    """Compute the time limits of all rows that count as of a load, with the names of unit and limit."""
    limits = deadlines()
    rows = read_limited_rows(as_of, limits.values())
    calendar = workspace.obligations.calendar
    listed = compute_deadlines(limits, rows, calendar, today, due_soon_days)
    names = {code: workspace.regions.name_of(code) for code in listed["unit_code"].unique()}
    return listed.assign(
        unit_name=listed["unit_code"].map(names),
        title=listed["limit_id"].map({name: limit.title for name, limit in limits.items()}),
        source=listed["limit_id"].map({name: limit.source for name, limit in limits.items()}),
    )


def find_lapsed_limits(
    workspace: Workspace, as_of: AsOf, today: date, units: Collection[str]
) -> pd.DataFrame:
    """Return CROSS_COLUMNS of one finding for each unit and limit that has lapsed on rows of it."""
    listed = read_deadlines(workspace, as_of, today)
    duties = [name for name, limit in deadlines().items() if limit.is_duty]
    is_lapsed = listed["state"].eq("lapsed") & listed["limit_id"].isin(duties)
    lapsed = listed[is_lapsed & listed["unit_code"].isin(list(units))]
    findings, codes = [], []
    for (unit_code, limit_id), rows in lapsed.groupby(["unit_code", "limit_id"], sort=True):
        rule, first = deadlines()[str(limit_id)].rule(), rows.iloc[0]
        number = first["document_no"] if pd.notna(first["document_no"]) else "（文号不显示）"
        findings.append({
            "rule_id": rule.rule_id, "severity": rule.severity.value, "file": "",
            "problem": f"{rule.problem}：{first['unit_name']}有{len(rows)}件，最早的{number}应于{first['due_on']:%Y-%m-%d}前",
            "expected": "", "remedy": rule.remedy,
        })  # fmt: skip
        codes.append(unit_code)
    return findings_frame(findings).assign(unit_code=codes, submission_id=None)[CROSS_COLUMNS]
