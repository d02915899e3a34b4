"""Loggers of warnings for stderr: a record is one line, whatever the text in it; tracebacks have an end."""

from __future__ import annotations

import logging
import sys
import traceback

from transforms.foreign_text import make_lines_visible, make_visible

#: characters of a traceback, and of the message at its end: a stranger's request may stand in both
LONGEST_TRACEBACK, LONGEST_MESSAGE = 16_000, 4_000


class _ToErrors(logging.Handler):
    """Write warnings to stderr as it is now, so that the journal of the night has them.

    Without it they were lost under Prefect, which gives the root logger a handler that is silent.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except Exception:
            self.handleError(record)


_TO_ERRORS = _ToErrors()
_TO_ERRORS.setLevel(logging.WARNING)
_TO_ERRORS.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))


def get_logger(name: str) -> logging.Logger:
    """Return the logger of this name; what it is given is escaped before any handler sees it."""
    logger = logging.getLogger(name)
    logger.addFilter(_escape)
    logger.addHandler(_TO_ERRORS)
    return logger


def _escape(record: logging.LogRecord) -> bool:
    record.msg, record.args = make_visible(record.getMessage()), None
    if record.exc_info and record.exc_info[1]:
        record.exc_text = _describe(record.exc_info[1])  # in place of what a handler would make of it
    return True


def _describe(error: BaseException) -> str:
    """Return the end of the traceback and the beginning of the message."""
    *lines, message = traceback.format_exception(error)
    shortened = "".join(lines)[-LONGEST_TRACEBACK:] + message[:LONGEST_MESSAGE]
    return make_lines_visible(shortened.rstrip())
