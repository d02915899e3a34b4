"""The pages about reports open at the last year that anybody reported for, and name what other years lack."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.portal.conftest import reopen_site
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site, Visitor

#: when the first report of the next year has come, and others are overdue
LATER = datetime(2024, 3, 20, 1)


@pytest.fixture(scope="module")
def next_year(reported_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A portal of a home with a report of 2023, and one, the last, of 2024."""
    with reopen_site(tmp_path_factory.mktemp("years") / "home", reported_home) as site:
        site.wait((LATER - site.now).total_seconds() / 60)
        amount = ledger_bytes("penalties", {"decision_no": "某环罚(星)〔2024〕1号"})
        put(site.portal.workspace().home.inbox, "2024-01/990102/b.xlsx", amount)
        site.night()
        yield site


@pytest.fixture(scope="module")
def operator(next_year: Site) -> Visitor:
    return next_year.visitor("bureau")


@pytest.mark.parametrize("page", ["/morning", "/chase", "/reports", "/questions", "/moved"])
def test_a_single_report_of_a_new_year_opens_the_pages_there(operator: Visitor, page: str) -> None:
    assert "<option selected>2024</option>" in operator.get(page).text
    assert "<option selected>2023</option>" in operator.get(f"{page}?year=2023").text


@pytest.mark.parametrize("page", ["/morning", "/chase"])
def test_what_other_years_lack_is_counted_beside(operator: Visitor, page: str) -> None:
    counted = re.search(r'/chase\?year=2023">2023 年 (\d+) 份</a>', operator.get(page).text)
    assert counted
    assert f"要催、要核的（{counted[1]} 份）" in operator.get("/chase?year=2023").text
    back = re.search(r'/chase\?year=2024">2024 年 (\d+) 份</a>', operator.get(f"{page}?year=2023").text)
    assert back
    assert f"（{back[1]} 份）" in operator.get("/chase").text


def test_the_morning_has_the_figures_of_each_year_that_moved(operator: Visitor) -> None:
    text = operator.get("/morning?since=2023-07-01").text
    assert text.index("<h3>2024 年</h3>") < text.index("<h3>2023 年</h3>")
    assert "<h3>2023 年</h3>" not in operator.get("/morning").text  # the last load brought nothing of it
    assert "<h3>2024 年</h3>" not in operator.get("/morning?since=2023-07-01&year=2023").text


def test_of_several_months_the_first_day_is_named_as_that(operator: Visitor) -> None:
    answer = operator.get("/chase.csv?year=2023")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    spans = {row["期限"] for row in rows if "至" in row["月份"] and row["期限"]}
    single = {row["期限"] for row in rows if "至" not in row["月份"] and "、" not in row["月份"]}
    assert spans
    assert all(due_on.endswith("（最早的月份）") for due_on in spans)
    assert not any("最早" in due_on for due_on in single)
    assert next(iter(spans)) in operator.get("/chase?year=2023").text


def test_questions_are_of_reports_of_their_year(site: Site) -> None:
    inbox = site.portal.workspace().home.inbox
    put(inbox, "2023-06/990102/b.xlsx", ledger_bytes("legal_reviews", {}))
    put(inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {"case_no": "某环立(星)〔2023〕9号"}))
    site.wait((LATER - site.now).total_seconds() / 60)
    site.night()
    operator = site.visitor("bureau")
    page = "rule=legal_reviews.case_no.not_found"
    assert "在立案台账里找不到" in operator.get(f"/questions?year=2023&{page}").text
    assert "在立案台账里找不到" not in operator.get(f"/questions?year=2024&{page}").text
