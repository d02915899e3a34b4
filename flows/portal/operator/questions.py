"""What is doubtful: questions between ledgers that are open, counted by what is asked, and where to look."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from starlette.responses import Response

from flows.portal.operator.submissions import records
from flows.portal.operator.years import working_year
from flows.portal.reader.figures import offered_years
from flows.portal.visit import Visit
from flows.queries.cross_checks import find_cross_ledger_findings
from flows.queries.deadlines import count_lapsed, find_lapsed_limits
from schemas.catalogue import rules
from schemas.periods import Period
from warehouse.engine import Connection, reading
from warehouse.load.plausibility import open_replacement_findings
from warehouse.ops.submissions import submissions_by_number

MOST_LISTED = 300
#: rules of time limits are named so
LIMIT = "deadline."
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
TITLES = {
    "unit_name": "单位", "file": "文件", "sheet": "工作表", "row": "行", "cell": "单元格", "column": "栏目", "value": "填的是",
    "problem": "问题", "expected": "应是", "remedy": "怎么办", "submission_id": "报送编号", "rule_id": "规则编号",
}  # fmt: skip


def show_questions(visit: Visit) -> Response:
    """List the open questions of a year by title; those of one title with where to look."""
    year, chosen = working_year(visit), visit.query("rule")
    questions = open_questions(visit, year)
    groups = question_groups(visit, questions)
    listed = questions[questions["rule_id"].eq(chosen)]
    return visit.page(
        "operator/questions.html",
        year=str(year),
        years=offered_years(visit),
        groups=groups,
        chosen=chosen,
        title=next((group["title"] for group in groups if group["rule_id"] == chosen), ""),
        limit=chosen.removeprefix(LIMIT) if chosen.startswith(LIMIT) else "",
        questions=records(listed.head(MOST_LISTED)),
        left_out=max(0, len(listed) - MOST_LISTED),
    )


def download_questions(visit: Visit) -> Response:
    """Download the open questions of a year, or those of one title."""
    year, chosen = working_year(visit), visit.query("rule")
    questions = open_questions(visit, year)
    listed = questions[questions["rule_id"].eq(chosen)] if chosen else questions
    return visit.download_table(records(listed), TITLES, f"有疑问的-{year}")


def open_questions(visit: Visit, year: Period) -> pd.DataFrame:
    """Return the questions between ledgers, and about what replaces what, that are open about reports of a
    year, and the time limits that have lapsed until today, of whatever year.
    """
    workspace = visit.workspace
    units = set(workspace.regions.unit_codes())
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)

        def compute() -> pd.DataFrame:
            of_reports = [
                find_cross_ledger_findings(workspace, as_of, {year.year}, units),
                open_replacement_findings(as_of, {year.year}, units),
            ]
            frames = [
                *(_of_year(visit, connection, frame, year) for frame in of_reports),
                find_lapsed_limits(workspace, as_of, visit.today, units),
            ]
            frames = [frame for frame in frames if len(frame)] or frames[:1]
            questions = pd.concat(frames, ignore_index=True)
            names = {code: region.name for code, region in workspace.regions.regions.items()}
            return questions.assign(unit_name=questions["unit_code"].map(names))

        return visit.portal.memory.recall(("questions", as_of.load_id, str(year), visit.today), compute)


def _of_year(visit: Visit, connection: Connection, findings: pd.DataFrame, year: Period) -> pd.DataFrame:
    """Leave out what was found in reports of other years."""
    numbers = [int(number) for number in findings["submission_id"].dropna().unique()]
    reports = submissions_by_number(connection, visit.workspace.tables, numbers)
    elsewhere = [
        report["submission_id"] for report in reports if (report["period"] or str(year))[:4] != str(year)
    ]
    return findings[~findings["submission_id"].isin(elsewhere)]


def question_groups(visit: Visit, questions: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the questions by what is asked, the most frequent first, with the units concerned."""
    groups = []
    for rule_id, part in questions.groupby("rule_id", sort=False):
        is_limit = str(rule_id).startswith(LIMIT)
        numbers = part["problem"].map(count_lapsed) if is_limit else pd.Series(1, part.index)
        units = numbers.groupby(part["unit_name"]).sum().sort_values(ascending=False, kind="stable")
        groups.append({
            "rule_id": rule_id, "title": _title(visit, str(rule_id), part), "count": int(numbers.sum()),
            "measure": "件" if is_limit else "处", "is_limit": is_limit,
            "units": "、".join(f"{name} {count}" for name, count in units.items()),
            "remedy": part["remedy"].iloc[0],
        })  # fmt: skip
    return sorted(groups, key=lambda group: -group["count"])


def _title(visit: Visit, rule_id: str, part: pd.DataFrame) -> str:
    """Say what is asked: the ledger, the column, and the problem; in general words where it differs."""
    ledger = visit.workspace.ledgers.get(rule_id.split(".", 1)[0])
    first = part.iloc[0]
    where = f"{ledger.title}“{first['column']}”：" if ledger and pd.notna(first["column"]) else ""
    rule = rules().get(rule_id)
    names_cases = rule_id.startswith(LIMIT)  # its findings go on with which unit and document
    if rule is None or (part["problem"].nunique() == 1 and not names_cases):
        return f"{where}{first['problem']}"
    return where + _PLACEHOLDER.sub("…", rule.problem)
