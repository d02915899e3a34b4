"""Fixtures of the portal's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.portal_site import Site, use_cheap_hasher


@pytest.fixture
def site(home_folder: Path, laid_out_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A portal over an empty warehouse, with an account of each role."""
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
    use_cheap_hasher(monkeypatch)
    site = Site(home_folder, laid_out_file)
    yield site
    site.portal.checks.stop()
    site.portal.store.dispose()
    site.portal.workspace().engine.dispose()
