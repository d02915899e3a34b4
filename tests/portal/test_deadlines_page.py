"""Time limits case by case: what the command lists, for a clerk of the own unit only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

import pytest

from flows.queries.deadlines import read_deadlines
from tests.portal.conftest import open_site
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site, Visitor, cases_workbook
from warehouse.engine import reading
from warehouse.frames import frame_records


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory, laid_out_file: object) -> Iterator[Site]:
    """A portal that tests only look at: cases of two units are undecided, and a decision is not published."""
    with open_site(tmp_path_factory.mktemp("limited") / "home", laid_out_file) as site:  # type: ignore[arg-type]
        inbox = site.portal.workspace().home.inbox
        put(inbox, "2023-06/990102/立案.xlsx", cases_workbook(1, 2))
        put(inbox, "2023-06/990121/立案.xlsx", cases_workbook(7))
        late = {"decided_on": "2023-06-08", "served_on": "2023-06-09", "published_on": None}
        put(inbox, "2023-06/990102/处罚.xlsx", ledger_bytes("penalties", late))
        site.night()
        yield site


def table(answer: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]


def listed_by_the_command(site: Site, within: int) -> list[tuple[str, str, str]]:
    workspace = site.portal.workspace()
    with reading(workspace.engine) as connection:
        frame = read_deadlines(workspace, workspace.as_of_moment(connection), date(2023, 7, 3), within)
    rows = frame_records(frame)
    return [(row["unit_name"], row["document_no"] or "", str(row["due_on"])) for row in rows]


@pytest.mark.parametrize("within", [10, 100])
def test_the_page_lists_what_the_command_lists(limited: Site, within: int) -> None:
    bureau = limited.visitor("bureau")
    rows = table(bureau.get(f"/deadlines.csv?full=1&within={within}"))
    assert [(row["单位"], row["文号"], row["到期日"]) for row in rows] == listed_by_the_command(
        limited, within
    )
    assert {row["情况"] for row in rows} >= {"已过期", "即将到期" if within == 100 else "未到期"}


def test_what_presses_comes_first_with_days_source_and_row(limited: Site) -> None:
    bureau = limited.visitor("bureau")
    text = bureau.get("/deadlines?within=100").text
    assert text.index("即将到期") < text.index("已过期</span>")
    assert "未到期</span>" not in text
    assert "《中华人民共和国行政处罚法》第六十条" in text
    assert re.search(r"还有 \d+ 天", text)
    assert re.search(r"超过 \d+ 天", text)
    link = re.search(r"/submissions/\d+/rows/\d+", text)
    assert link
    assert bureau.get(link[0]).status_code == 200


def test_unit_and_limit_can_be_chosen(limited: Site) -> None:
    bureau = limited.visitor("bureau")
    rows = table(bureau.get("/deadlines.csv?within=100&unit=990121"))
    assert {row["单位"] for row in rows} == {"长岭县"}
    rows = table(bureau.get("/deadlines.csv?within=100&limit=penalty_decision"))
    assert {row["要办的事"] for row in rows} == {"作出处罚决定"}
    assert {row["单位"] for row in rows} == {"星河区", "长岭县"}


def test_the_morning_and_the_questions_lead_to_the_cases(limited: Site) -> None:
    bureau = limited.visitor("bureau")
    lapsed = sum(row["情况"] == "已过期" for row in table(bureau.get("/deadlines.csv")))
    assert lapsed
    assert f"另有 {lapsed} 件已过期" in bureau.get("/morning?year=2023").text
    rule = re.search(r"rule=(deadline\.\w+)", bureau.get("/questions?year=2023").text)
    assert rule
    question = bureau.get(f"/questions?year=2023&rule={rule[1]}").text
    assert f"/deadlines?limit={rule[1].removeprefix('deadline.')}" in question


@pytest.mark.parametrize("query", ["", "&unit=990102", "&unit=990102&limit=penalty_decision"])
def test_a_clerk_sees_the_own_unit_only(limited: Site, query: str) -> None:
    ridge: Visitor = limited.visitor("ridge")
    rows = table(ridge.get(f"/deadlines.csv?full=1&within=100{query}"))
    assert {row["单位"] for row in rows} == {"长岭县"}
    text = ridge.get(f"/deadlines?full=1&within=100{query}").text
    assert "星河区" not in text
    assert "/submissions/" not in text


def test_a_clerk_of_one_unit_sees_no_choice_of_unit_and_no_command(limited: Site) -> None:
    text, of_bureau = (limited.visitor(name).get("/deadlines").text for name in ("star", "bureau"))
    assert 'id="unit"' not in text
    assert "huizong deadlines" not in text
    assert 'id="unit"' in of_bureau
    assert "huizong deadlines" in of_bureau


def test_a_clerk_is_not_asked_for_what_a_party_owes(limited: Site) -> None:
    unpaid = {"decided_on": "2023-01-08", "served_on": "2023-01-09", "decision_no": "某环罚(星)〔2023〕9号"}
    inbox = limited.portal.workspace().home.inbox
    put(inbox, "2023-01/990102/处罚.xlsx", ledger_bytes("penalties", unpaid))
    limited.night()
    pages = {name: limited.visitor(name) for name in ("star", "bureau")}
    things = {
        name: {row["要办的事"] for row in table(page.get("/deadlines.csv"))} for name, page in pages.items()
    }
    assert "加处罚款封顶" in things["bureau"]
    assert "加处罚款封顶" not in things["star"]
    rows = table(pages["star"].get("/deadlines.csv?limit=fine_payment"))
    assert {row["谁来办"] for row in rows} == {"当事人；没有办的，单位催办"}
    assert table(pages["star"].get("/deadlines.csv?limit=surcharge_cap"))
