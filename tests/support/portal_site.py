"""A portal over a home of a small city, and visitors of each role who speak to it."""

from __future__ import annotations

import re
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx2 as httpx
from argon2 import PasswordHasher, profiles
from starlette.testclient import TestClient

from flows.home import Home
from flows.pipeline import run_pipeline
from flows.portal import passwords
from flows.portal.app import create_app
from flows.portal.passwords import hash_password
from flows.portal.portal import Portal
from flows.workspace import RunScope
from tests.support.counties import ledger_bytes
from warehouse.engine import reading, writing
from warehouse.portal.accounts import add_account, find_account, set_password

PASSWORD = "yi-ge-mi-ma-27"
#: name, role and units of the accounts
ACCOUNTS = {
    "star": ("clerk", ["990102"]),
    "ridge": ("clerk", ["990121"]),
    "bureau": ("operator", []),
    "reader": ("reader", []),
}
NOW = datetime(2023, 7, 3, 1)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Site:
    """A portal whose clock a test moves, and its visitors; without `laid_out_file` the home is there."""

    def __init__(self, folder: Path, laid_out_file: Path | None) -> None:
        if laid_out_file:
            shutil.copy(laid_out_file, folder / "warehouse.sqlite")
            settings = folder / "huizong.toml"
            settings.write_text(
                f'portal_hosts = ["portal.test"]\n{settings.read_text("utf-8")}', encoding="utf-8"
            )
        self.now = NOW
        self.portal = Portal(Home(folder), lambda: self.now)
        self.app = create_app(self.portal)
        if laid_out_file:
            for name, (role, units) in ACCOUNTS.items():
                self.add(name, role, units)

    def add(self, name: str, role: str, units: list[str], *, has_first_password: bool = False) -> None:
        """Add an account with the common password."""
        password_hash = hash_password(PASSWORD)
        with writing(self.portal.store) as connection:
            add_account(connection, name, role, units, password_hash, self.now)
            account = find_account(connection, name)
            assert account is not None
            set_password(connection, account, password_hash, is_first=has_first_password)

    def visitor(self, name: str = "", address: str = "10.0.0.7") -> Visitor:
        """Return a browser in which this account has signed in; none without a name."""
        visitor = Visitor(self, address)
        if name:
            answer = visitor.sign_in(name, PASSWORD)
            assert answer.status_code == 303, answer.text
        return visitor

    def wait(self, minutes: float) -> None:
        """Move the clock."""
        self.now += timedelta(minutes=minutes)

    def night(self) -> None:
        """Run the pipeline."""
        run_pipeline(self.portal.workspace(), RunScope(), self.now)

    def audited(self) -> list[tuple[str, str, str]]:
        """Return account, action and subject of each entry of the audit log, in order."""
        from warehouse.portal.audit import read_audit_log

        with reading(self.portal.store) as connection:
            entries = read_audit_log(connection, 1000)
        return [(entry["account_name"], entry["action"], entry["subject"]) for entry in entries[::-1]]


class Visitor:
    """A browser without scripts: it keeps cookies, and sends forms with what stands in them."""

    def __init__(self, site: Site, address: str) -> None:
        self.client = TestClient(
            site.app,
            base_url="http://portal.test",
            client=(address, 50000),
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        self.origin = {"origin": "http://portal.test"}
        self.form_token = ""

    def get(self, path: str) -> httpx.Response:
        """Open a page, and remember the token of its forms."""
        answer = self.client.get(path)
        if match := re.search(r'name="form_token" value="(\w+)"', answer.text):
            self.form_token = match[1]
        return answer

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the page that was opened last."""
        return self.client.post(path, data={"form_token": self.form_token} | fields, headers=self.origin)

    def sign_in(self, name: str, password: str) -> httpx.Response:
        answer = self.client.post(
            "/sign-in", data={"name": name, "password": password}, headers=self.origin
        )
        if answer.status_code == 303:
            self.get("/password")
        return answer

    def upload(
        self, *files: tuple[str, bytes], unit: str = "990102", period: str = "2023-06"
    ) -> httpx.Response:
        """Upload files as the form of the month does."""
        fields = {"form_token": self.form_token, "unit": unit, "period": period}
        parts = [("files", (name, data, SHEET)) for name, data in files]
        return self.client.post("/uploads", data=fields, files=parts, headers=self.origin)

    def checked(self, name: str, data: bytes, period: str = "2023-06", unit: str = "990102") -> str:
        """Upload a file, wait until it is checked, and return the path of its page."""
        answer = self.upload((name, data), period=period, unit=unit)
        assert answer.status_code == 303, answer.text
        path = str(answer.headers["location"])
        for _ in range(600):
            if "正在检查" not in self.get(path).text:
                return path
            time.sleep(0.05)
        raise AssertionError("the check does not end")


def order(bureau: Visitor, page: str, **fields: str) -> str:
    """Open the page of an order, confirm it, and return the page of the job."""
    text = bureau.get(page).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    answer = bureau.post(page.split("?")[0], **(hidden | fields))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def use_cheap_hasher(patch: object) -> None:
    """Hash passwords with the lowest cost: tests sign in hundreds of times."""
    hasher = PasswordHasher.from_parameters(profiles.CHEAPEST)
    patch.setattr(passwords, "hasher", lambda: hasher)  # type: ignore[attr-defined]


def cases_workbook(*numbers: int, **changes: str) -> bytes:
    """Return a workbook of cases with these numbers."""
    rows = [{"case_no": f"某环立(星)〔2023〕{number}号"} | changes for number in numbers]
    return ledger_bytes("cases", *rows)
