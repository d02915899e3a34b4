"""What a rule is: a stable id, a severity, and Chinese texts for the clerk."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from schemas.periods import month_words
from schemas.states import Word


class Severity(StrEnum):
    """Severity of a finding, heaviest first."""

    FATAL = "fatal"  # the sheet cannot be trusted: the submission is rejected
    ERROR = "error"  # the row is quarantined, the others are loaded
    WARNING = "warning"  # the row is loaded, a person should check it
    NOTICE = "notice"  # read in an unusual way, for the record


SEVERITY_WORDS = {
    Severity.FATAL: Word("退回", "整张表不能收下"),
    Severity.ERROR: Word("错误", "这一行不能收下，改正后才计入"),
    Severity.WARNING: Word("提醒", "这一行可以收下，但请核对"),
    Severity.NOTICE: Word("提示", "备查，一般不用改"),
}
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Rule:
    """A rule with its Chinese texts.

    `problem` says what is wrong and `expected` completes 应为…; both may contain `{named}` placeholders.
    `remedy` says what to do. `source` is the article of law or the format that the rule is based on. A text
    that a rule lacks is empty.
    """

    rule_id: str
    severity: Severity
    problem: str
    expected: str = ""
    remedy: str = ""
    source: str = ""

    def fill(self, **details: Any) -> Rule:
        """Return the rule with its placeholders filled in; months in words."""
        details |= {name: month_words(details[name]) for name in ("period", "month") if name in details}
        return replace(
            self,
            problem=self.problem.format_map(details),
            expected=self.expected.format_map(details),
            remedy=self.remedy.format_map(details),
        )

    def in_general(self) -> Rule:
        """Return the rule with placeholders as ……; filled in, they could contain any cell text."""
        return replace(
            self,
            problem=_PLACEHOLDER.sub("……", self.problem),
            expected=_PLACEHOLDER.sub("……", self.expected),
            remedy=_PLACEHOLDER.sub("……", self.remedy),
        )
