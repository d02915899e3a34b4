"""Modules are imported without garbage collection, which goes on afterwards."""

from __future__ import annotations

import gc

import pytest

from flows.quick_imports import without_collection


@pytest.fixture(autouse=True)
def _collected() -> None:
    assert gc.isenabled()


def test_nothing_is_collected_meanwhile() -> None:
    with without_collection():
        assert not gc.isenabled()
        with without_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_import_that_fails_leaves_it_on() -> None:
    with pytest.raises(ImportError), without_collection():
        raise ImportError
    assert gc.isenabled()
