"""docs/configuration.md says of every setting what the settings model says."""

from __future__ import annotations

import pytest

from flows.configuration_page import OBLIGATION_KEYS, PAGE, fields_by_key, render_page, variable_name
from flows.settings import Settings
from schemas.reporting.obligations import Obligation


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == render_page(), "run `make docs` and commit docs/configuration.md"


@pytest.mark.parametrize("key", list(Settings.model_fields))
def test_page_names_every_setting_and_its_variable(key: str) -> None:
    page = render_page()
    assert f"`{key}`" in page or f"[{key}" in page
    assert f"`{variable_name(key)}`" in page


@pytest.mark.parametrize("key", list(Settings.model_fields))
def test_every_setting_has_a_meaning(key: str) -> None:
    assert Settings.model_fields[key].description


def test_every_key_of_an_obligation_has_a_meaning() -> None:
    assert set(OBLIGATION_KEYS) == set(fields_by_key(Obligation))


def test_the_named_variable_sets_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable_name("timezone"), "UTC")
    assert Settings().timezone == "UTC"  # type: ignore[call-arg]
