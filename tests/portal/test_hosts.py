"""By which names the portal answers, whom it believes of who asks, and how much it reads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from flows.home import Home
from flows.portal import app as portal_app
from flows.portal.app import create_app
from flows.portal.hosts import own_names
from flows.portal.portal import Portal
from flows.settings import Settings
from tests.support.portal_site import PASSWORD, Site
from warehouse.engine import reading
from warehouse.portal.audit import read_audit_log

PROXY = "10.9.9.9"


def client(site: Site, address: str = PROXY, **options: Any) -> TestClient:
    return TestClient(
        site.app, base_url="http://portal.test", client=(address, 50000), follow_redirects=False, **options
    )


def use_settings(site: Site, text: str) -> None:
    """Serve the site again with further settings."""
    file = site.portal.workspace().home.folder / "huizong.toml"
    file.write_text(f"{text}\n{file.read_text('utf-8')}", encoding="utf-8")
    site.portal = Portal(Home(file.parent), lambda: site.now)
    site.app = create_app(site.portal)


@pytest.mark.parametrize(
    ("host", "is_answered"),
    [("portal.test", True), ("PORTAL.test:8600", True), ("portal.test.", True), ("localhost:1", True),
     ("127.0.0.1:8600", True), ("10.1.2.3", True), ("[::1]:8600", True), ("evil.test", False),
     ("portal.test.evil.test", False), ("", False), ("[", False), ("user@portal.test", True), ("a b", False)],
)  # fmt: skip
def test_only_own_names_are_answered(site: Site, host: str, is_answered: bool) -> None:
    answer = client(site).get("/", headers={"host": host})
    assert (answer.status_code == 200) == is_answered
    if not is_answered:
        assert answer.status_code == 421
        assert "portal_hosts" in answer.text
        assert "Content-Security-Policy" in answer.headers


def test_own_names_are_those_of_the_machine_and_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Server7")
    settings = Settings(portal_hosts=["hz.example"], portal_url="https://Portal.example/hz")
    assert own_names(settings) == {"localhost", "server7", "127.0.0.1", "hz.example", "portal.example"}


@pytest.mark.parametrize("proxy", ["*", "proxy.example", "10.0.0.0/33", ""])
def test_what_is_no_address_of_a_proxy_is_refused(proxy: str) -> None:
    with pytest.raises(ValidationError):
        Settings(portal_proxies=[proxy])


def addresses(site: Site) -> list[str]:
    with reading(site.portal.store) as connection:
        return [entry["address"] for entry in read_audit_log(connection, 9)]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (PROXY, "10.1.1.1", "10.1.1.1"),
        (PROXY, "6.6.6.6, 10.1.1.1", "10.1.1.1"),  # the first was written by the client
        (PROXY, "", PROXY),
        ("10.2.2.2", "6.6.6.6", "10.2.2.2"),  # no trusted proxy
    ],
)
def test_where_a_request_comes_from_is_what_a_trusted_proxy_says(
    site: Site, peer: str, forwarded: str, address: str
) -> None:
    use_settings(site, f'portal_proxies = ["{PROXY}"]')
    headers = {"origin": "http://portal.test"} | ({"x-forwarded-for": forwarded} if forwarded else {})
    data = {"name": "bureau", "password": PASSWORD}
    assert client(site, peer).post("/sign-in", data=data, headers=headers).status_code == 303
    assert addresses(site) == [address]


def test_cookies_are_for_https_where_the_proxy_says_so(site: Site) -> None:
    data, headers = (
        {"name": "bureau", "password": PASSWORD},
        {"origin": "http://portal.test", "x-forwarded-proto": "https"},
    )
    assert "Secure" not in client(site).post("/sign-in", data=data, headers=headers).headers["set-cookie"]
    use_settings(site, f'portal_proxies = ["{PROXY}"]')
    headers = headers | {"sec-fetch-site": "same-origin"}
    assert "Secure" in client(site).post("/sign-in", data=data, headers=headers).headers["set-cookie"]


SINGLE_SIGN_ON = f'portal_proxies = ["{PROXY}"]\nportal_user_header = "X-Remote-User"'


def test_a_proxy_signs_existing_accounts_in(site: Site) -> None:
    use_settings(site, SINGLE_SIGN_ON)
    site.add("值班员", "operator", [], has_first_password=True)
    browser = client(site)
    headers = {"X-Remote-User": "值班员".encode()}
    answer = browser.get("/", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/morning")
    assert browser.get("/morning", headers=headers).status_code == 200
    assert site.audited()[-1] == ("值班员", "sign_in", "值班员")
    # without the header the first password is asked for; with another account it is that one's turn
    assert browser.get("/morning").headers["location"] == "/password"
    assert browser.get("/morning", headers={"X-Remote-User": "reader"}).headers["location"] == "/"
    assert browser.get("/", headers={"X-Remote-User": "reader"}).headers["location"] == "/figures"


def test_who_is_no_account_is_told_and_gets_nothing(site: Site) -> None:
    use_settings(site, SINGLE_SIGN_ON)
    answer = client(site).get("/", headers={"X-Remote-User": "<nobody>"})
    assert answer.status_code == 403
    assert "&lt;nobody&gt;" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("settings", "peer"),
    [("", PROXY), (f'portal_proxies = ["{PROXY}"]', PROXY), ('portal_user_header = "X-Remote-User"', PROXY),
     (SINGLE_SIGN_ON, "10.2.2.2")],
)  # fmt: skip
def test_nobody_else_signs_anybody_in(site: Site, settings: str, peer: str) -> None:
    use_settings(site, settings)
    answer = client(site, peer).get("/", headers={"X-Remote-User": "bureau"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_two_names_at_once_are_none(site: Site) -> None:
    use_settings(site, SINGLE_SIGN_ON)
    answer = client(site).get("/", headers=[("X-Remote-User", "bureau"), ("X-Remote-User", "reader")])
    assert answer.status_code == 200


def test_large_forms_are_read_only_where_files_are_taken(site: Site) -> None:
    origin = {"origin": "http://portal.test"}
    large = {"name": "bureau", "password": "x" * 2**17}
    assert client(site).post("/sign-in", data=large, headers=origin).status_code == 413

    def pieces() -> Any:
        yield from [b"name=" + b"x" * 2**16] * 4

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client(site).post("/sign-in", content=pieces(), headers=origin | kind).status_code == 413
    star = site.visitor("star")
    assert star.post("/password", old="x" * 2**17).status_code == 413
    assert star.upload(("a.csv", b"x" * 2**18)).status_code == 303


def test_nothing_is_read_of_an_address_that_failed_too_often(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.portal.sign_in.MOST_OF_ADDRESS", 3)
    browser, origin = client(site), {"origin": "http://portal.test"}
    for number in range(3):
        data = {"name": f"nobody{number}", "password": "x"}
        assert browser.post("/sign-in", data=data, headers=origin).status_code == 403
    right = {"name": "bureau", "password": PASSWORD}
    assert browser.post("/sign-in", data=right, headers=origin).status_code == 429
    assert client(site, "10.0.0.8").post("/sign-in", data=right, headers=origin).status_code == 303


def test_a_form_that_does_not_arrive_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_app, "FORM_SECONDS", 0.05)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(30)
        raise AssertionError("the form was waited for")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"portal.test"), (b"origin", b"http://portal.test"), (b"content-length", b"10"),
               (b"content-type", b"application/x-www-form-urlencoded")]  # fmt: skip
    scope = {
        "type": "http", "method": "POST", "path": "/sign-in", "raw_path": b"/sign-in", "query_string": b"", "root_path": "",
        "headers": headers, "client": ("10.0.0.7", 1), "server": ("portal.test", 80), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip
    asyncio.run(site.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
