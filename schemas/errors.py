"""Base classes of errors: of definitions and settings, and of what is worth a retry."""

from __future__ import annotations


class DefinitionError(ValueError):
    """A definition or setting is invalid; the message says which one and what is valid."""


class TransientError(Exception):
    """Worth a retry: nothing was changed, and the same work can succeed a moment later."""
