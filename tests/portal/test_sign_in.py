"""Signing in: who may, how failures slow it down, when a session ends."""

from __future__ import annotations

import pytest

from flows.portal.passwords import hash_password, is_right, make_first_password, password_fault
from flows.portal.visit import COOKIE
from tests.support.portal_site import PASSWORD, Site
from warehouse.engine import reading, writing
from warehouse.portal.accounts import disable_account, find_account


def test_each_role_is_led_to_its_own_page(site: Site) -> None:
    for name, page in {"star": "/month", "bureau": "/morning", "reader": "/figures"}.items():
        visitor = site.visitor(name)
        assert visitor.get("/").headers["location"] == page
        assert visitor.get(page).status_code == 200


@pytest.mark.parametrize(("name", "password"), [("star", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_one_answer(site: Site, name: str, password: str) -> None:
    answer = site.visitor().sign_in(name, password)
    assert answer.status_code == 403
    assert "账号或密码不对" in answer.text
    assert COOKIE not in answer.cookies


def test_failures_slow_a_name_down_at_an_address_and_nobody_elsewhere(site: Site) -> None:
    visitor = site.visitor()
    for _ in range(5):
        assert visitor.sign_in("star", "wrong").status_code == 403
    assert visitor.sign_in("star", PASSWORD).status_code == 429
    assert site.visitor(address="10.0.0.8").sign_in("star", PASSWORD).status_code == 303
    assert visitor.sign_in("bureau", PASSWORD).status_code == 303
    site.wait(minutes=16)
    assert visitor.sign_in("star", PASSWORD).status_code == 303


def test_an_address_that_tries_many_names_is_slowed_down(site: Site) -> None:
    visitor = site.visitor()
    for number in range(50):
        visitor.sign_in(f"name{number}", "wrong")
    assert visitor.sign_in("star", PASSWORD).status_code == 429


def test_a_session_ends_when_it_is_not_used_and_after_a_day_of_use(site: Site) -> None:
    visitor = site.visitor("star")
    site.wait(minutes=59)
    assert visitor.get("/month").status_code == 200
    site.wait(minutes=61)
    assert visitor.get("/month").status_code == 303
    visitor = site.visitor("star")
    for _ in range(14):
        site.wait(minutes=50)
        answer = visitor.get("/month")
    assert answer.status_code == 200
    site.wait(minutes=50)
    assert visitor.get("/month").status_code == 303


def test_a_copied_cookie_opens_nothing_after_signing_out(site: Site) -> None:
    visitor = site.visitor("star")
    token = visitor.client.cookies[COOKIE]
    visitor.post("/sign-out")
    thief = site.visitor()
    thief.client.cookies.set(COOKIE, token)
    assert thief.get("/month").headers["location"] == "/"


def test_the_stored_session_cannot_be_used_as_a_cookie(site: Site) -> None:
    visitor = site.visitor("star")
    with reading(site.portal.store) as connection:
        stored = connection.exec_driver_sql("SELECT token_sha256 FROM sessions").scalars().all()
    assert visitor.client.cookies[COOKIE] not in stored


def test_a_first_password_must_be_changed_before_anything_else(site: Site) -> None:
    site.add("new", "clerk", ["990102"], has_first_password=True)
    visitor = site.visitor("new")
    assert visitor.get("/month").headers["location"] == "/password"
    answer = visitor.post("/password", old=PASSWORD, new="ling-yi-ge-99", again="ling-yi-ge-99")
    assert answer.headers["location"] == "/month"
    assert visitor.get("/month").status_code == 200
    assert visitor.sign_in("new", PASSWORD).status_code == 403


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", "ling-yi-ge-99", "ling-yi-ge-99", "现在的密码不对"),
        (PASSWORD, "ling-yi-ge-99", "ling-yi-ge-98", "两次输入的新密码不一样"),
        (PASSWORD, "short", "short", "密码太短"),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "不同的字符太少"),
        (PASSWORD, "my-star-is-here", "my-star-is-here", "不要有账号名"),
        (PASSWORD, PASSWORD, PASSWORD, "与现在的一样"),
    ],
)
def test_a_password_that_cannot_be_taken_says_why(
    site: Site, old: str, new: str, again: str, sentence: str
) -> None:
    answer = site.visitor("star").post("/password", old=old, new=new, again=again)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_new_password_ends_the_other_sessions(site: Site) -> None:
    elsewhere, visitor = site.visitor("star"), site.visitor("star")
    answer = visitor.post("/password", old=PASSWORD, new="ling-yi-ge-99", again="ling-yi-ge-99")
    assert "密码已经改好" in answer.text
    assert visitor.get("/month").status_code == 200
    assert elsewhere.get("/month").status_code == 303


def test_a_disabled_account_is_out_at_once(site: Site) -> None:
    visitor = site.visitor("star")
    with writing(site.portal.store) as connection:
        account = find_account(connection, "star")
        assert account is not None
        disable_account(connection, account)
    assert visitor.get("/month").status_code == 303
    assert visitor.sign_in("star", PASSWORD).status_code == 403


def test_passwords_are_equal_in_every_unicode_form() -> None:
    assert is_right("e\u0301te\u0301-2026-mi", hash_password("\u00e9t\u00e9-2026-mi"))
    assert not is_right("x", hash_password("y"))
    assert not is_right("x", None)
    assert not is_right("x", "no hash")


def test_first_passwords_can_be_taken_and_differ() -> None:
    first, second = make_first_password(), make_first_password()
    assert first != second
    assert password_fault(first, "star") is None
