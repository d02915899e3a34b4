"""A mistake in a file of the home, made while the portal runs: pages go on, operators see what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.portal_site import Site

WORDS = "数据目录里的设置有错"


@pytest.mark.parametrize("name", ["adjustments.toml", "headers.toml", "huizong.toml", "contacts.toml"])
def test_pages_go_on_with_what_was_valid(site: Site, home_folder: Path, name: str) -> None:
    operator, clerk = site.visitor("bureau"), site.visitor("star")
    assert WORDS not in operator.get("/reports").text
    file = home_folder / name
    before = file.read_text("utf-8") if file.exists() else ""
    file.write_text(f"{before}\n[[correction\n", "utf-8")
    answer = operator.get("/reports")
    assert (answer.status_code, WORDS in answer.text, name in answer.text) == (200, True, True)
    assert WORDS not in clerk.get("/month").text
    file.write_text(before, "utf-8")
    assert WORDS not in operator.get("/reports").text
