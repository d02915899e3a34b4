"""The base class of errors of this package."""

from __future__ import annotations


class TransformError(Exception):
    """A step from files to findings and reports cannot be done with its input."""
