"""A request to the portal by whom it is, and the answers that pages give."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from flows.portal.guard import form_token
from flows.portal.hosts import proxied_user
from flows.portal.portal import Portal
from flows.portal.tables import table_for_people
from flows.workspace import Workspace, to_local_time
from schemas.periods import day_words, instant_words, months_in_words
from transforms.foreign_text import make_lines_visible, make_visible
from transforms.receipt.words import month_words
from transforms.report.preview_words import period_words
from warehouse.portal.accounts import Account

CLERK, OPERATOR, READER = "clerk", "operator", "reader"
ROLE_WORDS = {CLERK: "填报人员", OPERATOR: "市局业务人员", READER: "查阅人员"}
COOKIE = "huizong_session"
_DAY = re.compile("(?<![0-9-])(20[0-9]{2})-0?(1?[0-9])-0?([0-9]{1,2})(?![0-9-])")
#: the pages in the head of each page, by role
NAVIGATION = {
    CLERK: [("/month", "我的月份"), ("/uploads", "我的报送"), ("/deadlines", "法定期限"), ("/templates", "空白表")],
    OPERATOR: [
        ("/morning", "早上"), ("/reports", "报送情况"), ("/questions", "有疑问的"), ("/deadlines", "法定期限"),
        ("/figures", "指标"),
        ("/penalties", "处罚种类"), ("/coverage", "报送覆盖"), ("/jobs", "办理"),
    ],
    READER: [("/figures", "指标"), ("/penalties", "处罚种类"), ("/coverage", "报送覆盖")],
}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """A request, the account that makes it (None before signing in), and the token of its session."""

    portal: Portal
    workspace: Workspace
    request: Request
    account: Account | None
    token: str
    form: FormData
    now: datetime

    @property
    def visitor(self) -> Account:
        """The account that makes the request; for pages that are shown to nobody else."""
        assert self.account is not None
        return self.account

    @property
    def address(self) -> str:
        """From where the request comes."""
        return self.request.client.host if self.request.client else ""

    @property
    def proxied_user(self) -> str:
        """The account that a trusted proxy has signed in; empty without one."""
        return proxied_user(self.request, self.workspace.home.settings.portal_user_header)

    @property
    def today(self) -> date:
        """The day in the bureau's time zone."""
        return self.local(self.now).date()

    def local(self, instant: datetime) -> datetime:
        """Convert an instant of the databases to the bureau's time zone."""
        return to_local_time(instant, self.workspace.home.timezone)

    def field(self, name: str) -> str:
        """Return a text field of the form, empty if it is not there."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    def files(self, name: str) -> list[UploadFile]:
        """Return the files of a field; a field in which no file was chosen has none."""
        values = self.form.getlist(name)
        return [file for file in values if isinstance(file, UploadFile) and file.filename]

    def query(self, name: str) -> str:
        """Return a parameter of the address, empty if it is not there."""
        return self.request.query_params.get(name, "")

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a page for this visitor."""
        common = {
            "account": self.account,
            "form_token": form_token(self.token) if self.token else "",
            "root": self.request.scope.get("root_path", ""),
            "local": self.local,
            "path": self.request.url.path,
            "role_words": ROLE_WORDS,
            "nav": NAVIGATION,
            "city": self.workspace.regions.top.name,
            "home_fault": self.portal.fault if self.account and self.account.role == OPERATOR else "",
        }
        return HTMLResponse(templates().get_template(template).render(**(common | context)), status)

    def redirect(self, path: str) -> RedirectResponse:
        """Send the browser to another page of the portal, so that reloading it repeats nothing."""
        return RedirectResponse(f"{self.request.scope.get('root_path', '')}{path}", 303)

    def refuse(self, status: int, sentence: str, link: str = "", words: str = "") -> HTMLResponse:
        """Answer with a sentence in place of the page, and a link to what can be done about it."""
        return self.page("refused.html", status=status, sentence=sentence, link=link, words=words)

    def download_table(
        self, rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], name: str
    ) -> Response:
        """Answer with a table as CSV, its columns under Chinese titles."""
        return self.download(table_for_people(rows, titles), f"{name}.csv", "text/csv")

    def download(self, data: bytes, name: str, media_type: str = "application/octet-stream") -> Response:
        """Answer with a file that the browser saves and does not open by itself."""
        disposition = f"attachment; filename*=utf-8''{quote(make_visible(name), safe='')}"
        return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})


@cache
def templates() -> Environment:
    """Return the templates: everything put into them is escaped, and a name they lack is an error."""
    environment = Environment(
        loader=PackageLoader("flows.portal"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= FILTERS
    return environment


def _grouped(number: Any) -> str:
    """Write a number with commas; nothing for none."""
    return "" if number is None else f"{number:,}"


def _reading(value: Any) -> str:
    """Write a value read from a cell: money in 元, a day as people write it, anything else as it is."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}元"
    with suppress(ValueError):
        if isinstance(value, str) and len(value) == len("2023-06-07"):
            return day_words(value)
    return "" if value is None else str(value)


def _with_day_words(sentence: str) -> str:
    """Write days and months of a sentence as people do; what it quotes stays as it is."""
    parts = re.split("(“[^”]*”)", sentence)
    return "".join(part if part.startswith("“") else _say_days(part) for part in parts)


def _say_days(text: str) -> str:
    return months_in_words(_DAY.sub(r"\1年\2月\3日", text))


def _size_words(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, size // 2**10)} KB"


def months_words(spans: str) -> str:
    """Say months as `status` lists them (2023-01 to 2023-03, 2023-05) in Chinese."""
    return "、".join("至".join(map(month_words, span.split(" to "))) for span in spans.split(", "))


FILTERS: Mapping[str, Any] = {
    "visible": make_visible,
    "lines_visible": make_lines_visible,
    "month_words": month_words,
    "months": months_words,
    "period_words": period_words,
    "grouped": _grouped,
    "day": day_words,
    "with_days": _with_day_words,
    "reading": _reading,
    "instant": instant_words,
    "size": _size_words,
}
