"""Loggers whose records are one line each, whatever the text in them; tracebacks have lines, but an end."""

from __future__ import annotations

import logging
import traceback

from transforms.foreign_text import make_lines_visible, make_visible

#: characters of a traceback, and of the message at its end: a stranger's request may stand in both
LONGEST_TRACEBACK, LONGEST_MESSAGE = 16_000, 4_000


def get_logger(name: str) -> logging.Logger:
    """Return the logger of this name; what it is given is escaped before any handler sees it."""
    logger = logging.getLogger(name)
    logger.addFilter(_escape)
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
