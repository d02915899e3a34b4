"""What ledgers contradict each other in, as lines for people: what, how often, and where to look first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from flows.language import ngettext
from flows.workspace import Workspace


def describe_questions(
    workspace: Workspace, questions: pd.DataFrame, file_names: Collection[str]
) -> list[str]:
    """Return a line for each rule that is broken: the first place, and how many there are."""
    lines = []
    for _rule, group in questions.groupby("rule_id", sort=False):
        first = group.iloc[0].to_dict()
        where = " ".join(str(first[part]) for part in ("file", "sheet", "cell") if first[part])
        question = workspace.masked_sources.sentence(_question(workspace, first), file_names)
        if not where:
            lines.append(question)
            continue
        lines.append(
            ngettext(
                "{question}: {count} time, in {where}",
                "{question}: {count} times, the first in {where}",
                len(group),
            ).format(question=question, where=where, count=len(group))
        )
    return lines


def _question(workspace: Workspace, finding: dict[str, Any]) -> str:
    """Name the ledger and the column where the rule is about one, and what is wrong."""
    ledger = workspace.ledgers.get(str(finding["rule_id"]).split(".")[0])
    if ledger is None or not finding["column"]:
        return str(finding["problem"])
    return f"{ledger.title}“{finding['column']}”{finding['problem']}"
