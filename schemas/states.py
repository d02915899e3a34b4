"""States of submissions, reports and runs, with their Chinese words, and the events of notifications."""

from enum import StrEnum
from typing import NamedTuple

ACCEPTED = "accepted"
PARTIAL = "partial"  # rows with errors are quarantined, the others are loaded
ZERO = "zero"  # a confirmed "nothing to report"
REJECTED = "rejected"
AWAITING = "awaiting"  # it would take the place of rows that it lacks: somebody must confirm that
WITHDRAWN = "withdrawn"  # the bureau decided that it does not count


class Word(NamedTuple):
    """The Chinese name of a code, and its meaning."""

    title: str
    meaning: str


SUBMISSION_WORDS = {
    ACCEPTED: Word("收下", "每一行都收下了"),
    PARTIAL: Word("部分收下", "有错误的行先不收，其余的收下"),
    ZERO: Word("零报告", "报来的是“无”，或者没有一行"),
    REJECTED: Word("退回", "整张表没有收下；以前收下的照旧有效"),
    AWAITING: Word("待确认", "与以前收下的或同时报来的对不上；以前收下的照旧有效，确认以后才按这一份"),
    WITHDRAWN: Word("已撤回", "市局决定不计入；撤销这一决定即恢复"),
}

#: state of a unit's report of a ledger for a month, as `status` shows it
REPORT_WORDS = {
    "on_time": Word("按时", "期限内收到，全部收下"),
    "late": Word("迟报", "期限以后才第一次收到"),
    "missing": Word("未报", "期限已过，什么也没有收到"),
    "zero": Word("零报告", "报来的是“无”，或者没有一行"),
    "partial": Word("部分收下", "有错误的行还没有收下"),
    "rejected": Word("退回", "报来的都没有收下"),
    "replaced": Word("已重报", "后来重报过，以最后收下的为准"),
    "not_due": Word("未到期", "期限还没有到，也还没有收到"),
}

#: a submission in one of these states becomes current; any other leaves the earlier one current
CURRENT_STATES = (ACCEPTED, PARTIAL, ZERO)


class RunOutcome(StrEnum):
    """How a run ended. An interrupted run was killed; the next run detects and repairs that."""

    NOTHING_NEW = "nothing_new"
    LOADED = "loaded"
    LOADED_WITH_REJECTIONS = "loaded_with_rejections"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class NotificationEvent(StrEnum):
    """Events that send a notification."""

    FAILED = "huizong.run.failed"
    REJECTED = "huizong.submissions.rejected"
    AWAITING = "huizong.submissions.awaiting"
    OVERDUE = "huizong.reports.overdue"
    UNKNOWN_AUTOMATION = "huizong.automation.unknown"
