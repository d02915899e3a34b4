"""Loggers whose records are one line each, whatever the text in them."""

from __future__ import annotations

import logging

from transforms.foreign_text import make_visible


def get_logger(name: str) -> logging.Logger:
    """Return the logger of this name; what it is given is escaped before any handler sees it."""
    logger = logging.getLogger(name)
    logger.addFilter(_escape)
    return logger


def _escape(record: logging.LogRecord) -> bool:
    record.msg, record.args = make_visible(record.getMessage()), None
    return True
