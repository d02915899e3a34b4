"""The words and looks of runs, submissions and reminders on the operator's pages."""

from __future__ import annotations

from flows.workspace import Workspace
from schemas.periods import is_period
from schemas.states import (
    ACCEPTED,
    AWAITING,
    PARTIAL,
    REJECTED,
    REPORT_WORDS,
    SUBMISSION_WORDS,
    WITHDRAWN,
    ZERO,
)
from transforms.report.preview_words import period_words

OUTCOMES = {
    "nothing_new": ("没有新文件", "good"), "loaded": ("已入库", "good"),
    "loaded_with_rejections": ("已入库，有退回的", "fair"), "failed": ("没有完成", "bad"),
    "interrupted": ("中断", "bad"), None: ("正在进行", ""),
}  # fmt: skip
#: what `status` reminds of: states of a report or of a submission, and doubts
REMINDER_WORDS = {state: word.title for state, word in (SUBMISSION_WORDS | REPORT_WORDS).items()} | {
    "doubtful": "有疑问"
}
KINDS = {"nightly": "每夜入库", "rerun": "重新入库", "backfill": "重新校验"}
#: how a submission's state looks
LOOKS = {
    ACCEPTED: "good", ZERO: "good", PARTIAL: "fair", AWAITING: "fair", WITHDRAWN: "", REJECTED: "bad",
}  # fmt: skip
#: how a report's state looks
REPORT_LOOKS = {
    "on_time": "good", "zero": "good", "replaced": "good", "late": "fair", "partial": "fair",
    "missing": "bad", "rejected": "bad", "not_due": "",
}  # fmt: skip
DECISION_WORDS = {"waiver": "准予收下", "correction": "更正", "confirm": "确认", "withdraw": "撤回"}


def name_subject(workspace: Workspace, subject: str) -> str:
    """Write a unit, month and ledger as people say them; other words stay."""
    regions, ledgers = workspace.regions, workspace.ledgers
    return " ".join(
        regions.name_of(part)
        if part in regions.regions
        else ledgers[part].title
        if part in ledgers
        else period_words(part)
        if is_period(part)
        else part
        for part in subject.split(" ")
    )
