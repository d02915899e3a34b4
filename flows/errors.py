"""The base class of errors of this package, and which errors of the operating system are transient."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from flows.storage_errors import describe_storage_error
from schemas.errors import TransientError
from schemas.sentences import Sentence

TRANSIENT_ERRNOS = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}


class FlowError(Exception):
    """A command or run cannot go on; the message says why and what to do, `exit_code` is the command's."""

    exit_code = 1


class StorageUnavailableError(FlowError, TransientError):
    """A share or disk does not answer for the moment."""


@contextmanager
def transient_storage_errors() -> Iterator[None]:
    """Raise StorageUnavailableError in place of an error of a share or disk that does not answer."""
    try:
        yield
    except OSError as error:
        if error.errno not in TRANSIENT_ERRNOS:
            raise
        raise StorageUnavailableError(
            describe_storage_error(error)
            or Sentence("a share or disk does not answer: {error}", error=error)
        ) from error
