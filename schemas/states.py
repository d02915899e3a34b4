"""The words for how things stand: submissions as taken, runs as they ended, and of what people are told."""

from enum import StrEnum

ACCEPTED = "accepted"
PARTIAL = "partial"  # rows with errors are held back, the rest is loaded
ZERO = "zero"  # a confirmed report of nothing
REJECTED = "rejected"

#: a submission in one of these speaks for its report; a rejected one leaves what stood before
STANDING_STATES = (ACCEPTED, PARTIAL, ZERO)


class RunOutcome(StrEnum):
    """How a run ended. An interrupted one was killed; the next run finds that out and makes it good."""

    NOTHING_NEW = "nothing_new"
    LOADED = "loaded"
    LOADED_WITH_REJECTIONS = "loaded_with_rejections"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class NoticeEvent(StrEnum):
    """Of what people are told."""

    FAILED = "huizong.run.failed"
    REJECTED = "huizong.submissions.rejected"
    OVERDUE = "huizong.reports.overdue"
