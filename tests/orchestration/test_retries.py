"""Steps are tried again after errors that pass by themselves, and only after those."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest
from prefect.states import Completed, Failed

from flows.errors import StorageUnavailableError, transient_storage_errors
from flows.orchestration.prefect_flows import _is_transient_failure
from flows.run_lock import RunLockedError
from warehouse.errors import TransientDatabaseError


def raise_os_error(code: int) -> None:
    with transient_storage_errors():
        raise OSError(code, os.strerror(code))


def test_a_share_that_does_not_answer_is_transient_and_a_missing_right_is_not() -> None:
    with pytest.raises(StorageUnavailableError, match=r"does not answer\. To do: see that it is mounted"):
        raise_os_error(errno.ESTALE)
    with pytest.raises(PermissionError):
        raise_os_error(errno.EACCES)


@pytest.mark.parametrize(
    ("state", "is_retried"),
    [
        (Failed(data=StorageUnavailableError("a share")), True),
        (Failed(data=TransientDatabaseError("", {}, Exception("database is locked"))), True),
        (Failed(data=ValueError("bad code")), False),
        (Failed(data=RunLockedError("another run")), False),
        (Completed(data=1), False),
    ],
)
def test_only_transient_errors_are_retried(state: Any, is_retried: bool) -> None:
    assert _is_transient_failure(None, None, state) is is_retried
