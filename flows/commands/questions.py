"""What ledgers contradict each other in, as lines for people: what, how often, and where to look first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from flows.language import ngettext
from flows.workspace import Workspace
from warehouse.frames import frame_records


def describe_questions(
    workspace: Workspace, questions: pd.DataFrame, file_names: Collection[str]
) -> list[str]:
    """Return a line for each rule that is broken: the first place, and how many there are."""
    lines = []
    for _rule, group in questions.groupby("rule_id", sort=False):
        findings = frame_records(group.astype(object).where(group.notna(), ""))
        first = findings[0]
        where = " ".join(str(first[part]) for part in ("file", "sheet", "cell") if first[part])
        if not where:  # it is about a unit or the city
            lines += [_question(workspace, finding, file_names) for finding in findings]
            continue
        question = _question(workspace, first, file_names)
        lines.append(
            ngettext(
                "{question}: {count} time, in {where}",
                "{question}: {count} times, the first in {where}",
                len(group),
            ).format(question=question, where=where, count=len(group))
        )
    return lines


def _question(workspace: Workspace, finding: Mapping[str, Any], file_names: Collection[str]) -> str:
    """Name the ledger and the column where the rule is about one, and what is wrong."""
    ledger = workspace.ledgers.get(str(finding["rule_id"]).split(".")[0])
    if ledger is None or not finding["column"]:
        problem = str(finding["problem"])
    else:
        problem = f"{ledger.title}“{finding['column']}”{finding['problem']}"
    return workspace.masked_sources.sentence(problem, file_names)
