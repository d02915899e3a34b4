"""Hostile values in addresses and forms: no page fails, and what is not there is said in a sentence."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest

from flows.portal.numbers import parse_number
from flows.portal.routes import ROUTES
from tests.portal.test_doors import DOORS
from tests.support.portal_site import Site, Visitor

HUGE = "9" * 4301  # Python reads numbers of 4300 digits at most
HOSTILE = (
    HUGE,
    "9" * 10,
    "-1",
    "٣٣",
    "²",
    "\0",
    "../../etc/passwd",
    "%00",
    "\u202e",
    "'--",
    "{{1}}",
    "😀" * 30,
    " ",
)
#: names that pages read of an address or a form
NAMES = (
    "year", "region", "period", "unit", "ledger", "load", "as_of", "since", "rule", "severity", "before", "publication",
    "kind", "submission", "row", "field", "account", "action", "full", "within", "limit", "load_id", "token", "seen",
    "until", "reason", "approved_by", "read_as", "mode", "decided", "is_provisional", "state", "name", "password",
)  # fmt: skip
#: those of them that are numbers
NUMBERS = ("load", "before", "publication", "submission", "row", "within", "year", "since", "as_of")


@pytest.fixture(scope="module")
def visitors(worked: Site) -> dict[str, Visitor]:
    return {name: worked.visitor(name) for name in ("star", "bureau", "reader")}


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if "{" in route.path], ids=lambda route: route.path
)
def test_a_hostile_value_in_a_path_is_not_found(visitors: dict[str, Visitor], route: object) -> None:
    method, path = route.method, route.path  # type: ignore[attr-defined]
    visitor = visitors[DOORS[f"{method} {path}"][0]]
    for value in HOSTILE:
        address = re.sub(r"\{[^}]*\}", quote(value, safe=""), path)
        answer = (
            visitor.get(address) if method == "GET" else visitor.post(address, reason="没有这一条", seen="")
        )
        assert answer.status_code in (404, 405, 413), (address[:60], answer.status_code)
        assert "<h1>" in answer.text


@pytest.mark.parametrize("value", [HUGE, "-1", "٣", "\0'"], ids=lambda value: ascii(value)[:16])
def test_a_hostile_value_in_a_query_fails_no_page(visitors: dict[str, Visitor], value: str) -> None:
    query = urlencode(dict.fromkeys(NUMBERS if value == HUGE else NAMES, value))
    for route in ROUTES:
        if route.method == "GET" and "{" not in route.path and route.roles:
            answer = visitors[DOORS[f"GET {route.path}"][0]].get(f"{route.path}?{query}")
            assert answer.status_code < 500, (route.path, value[:20])


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:16])
def test_a_hostile_value_in_a_form_orders_nothing(
    worked: Site, visitors: dict[str, Visitor], value: str
) -> None:
    before = worked.audited()
    fields = dict.fromkeys(NAMES, value)
    for path in ("/decisions", "/rerun", "/publish", "/export"):
        answer = visitors["bureau"].post(path, **fields)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
    assert worked.audited() == before


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1_0", " 1", "1.0", "٣", "²", "1\n", "9" * 10, "9" * 5000]
)
def test_what_is_no_number_of_a_database_is_none(text: str) -> None:
    assert parse_number(text) is None
    assert (parse_number("0"), parse_number("7"), parse_number("9" * 9)) == (0, 7, 999_999_999)


def test_hostile_values_before_signing_in_lead_to_no_fault(worked: Site) -> None:
    visitor = worked.visitor()
    for path in (
        f"/submissions/{'9' * 5000}",
        "/static/%00",
        "/static/../app.py",
        "/%00",
        f"/jobs/{'1' * 4301}/export",
    ):
        assert visitor.get(path).status_code in (303, 404), path[:40]
