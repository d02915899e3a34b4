"""The base classes of errors of this package."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from schemas.errors import TransientError

#: raised when a database cannot be reached, read or written
DatabaseError = DBAPIError


class WarehouseError(Exception):
    """The warehouse cannot be used as asked; the message says why and what to do."""


class TransientDatabaseError(DBAPIError, TransientError):
    """The database was busy or its connection was lost; nothing was committed."""
