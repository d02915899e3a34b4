"""`huizong report`: in Word, workbook and page the figures of the warehouse; frozen ones for ever."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
import pytest
from openxml_audit import OpenXmlValidator

from flows.outputs.publication import publish
from schemas.periods import Period
from tests.bulletin.conftest import STAR, City
from tests.bulletin.files import page_figures, texts_of, word_figures, word_text, workbook_figures
from transforms.bulletin.default_template import default_template
from transforms.bulletin.model import Bulletin
from transforms.bulletin.page import write_page
from transforms.bulletin.word import write_word
from transforms.bulletin.workbook import write_workbook

READERS = {"docx": word_figures, "xlsx": workbook_figures, "html": page_figures}
NOW = datetime(2024, 2, 20)


def make(city: City, ending: str, *options: str, period: str = "2023-06") -> Path:
    file = city.folder / f"report.{ending}"
    result = city.run("report", "--period", period, "--out", str(file), *options)
    assert result.exit_code == 0, result.output
    return file


def text_of(file: Path) -> str:
    if file.suffix == ".html":
        return file.read_text("utf-8")
    if file.suffix == ".docx":
        properties = docx.Document(str(file)).core_properties
        return f"{word_text(file.read_bytes())}{properties.identifier}"
    book = openpyxl.load_workbook(file)
    footers = [page.oddFooter.left.text or "" for page in book]
    return str([*footers, *(cell.value for page in book for row in page.iter_rows() for cell in row)])


@pytest.fixture(scope="module")
def june(city: City) -> dict[str, Path]:
    return {ending: make(city, ending) for ending in READERS}


def printed_figures(city: City, *options: str) -> dict[str, str]:
    rows = json.loads(city.run("indicators", "--period", "2023-06", "--json", *options).output)
    return {row["title"]: row["display"] + "*" * row["is_provisional"] for row in rows}


def test_the_three_files_and_the_warehouse_have_the_same_figures(city: City, june: dict[str, Path]) -> None:
    expected = printed_figures(city)
    assert expected["立案"] == "3件"
    assert expected["处罚款"] == "3.5万元*"
    assert {ending: READERS[ending](file) for ending, file in june.items()} == dict.fromkeys(
        READERS, expected
    )


def test_the_workbook_has_numbers_and_is_ready_to_print(city: City, june: dict[str, Path]) -> None:
    rows = json.loads(city.run("indicators", "--period", "2023-06", "--json").output)
    book = openpyxl.load_workbook(june["xlsx"])
    heads = [cell.value for cell in book["指标"][1]]
    values = {row[2].value: row[heads.index("数值")].value for row in book["指标"].iter_rows(min_row=2)}
    assert values == {row["indicator_id"]: "—" if row["value"] is None else row["value"] for row in rows}
    for page in book:
        assert page.page_setup.paperSize == 9
        assert page.page_setup.orientation == "landscape"
        assert page.sheet_properties.pageSetUpPr.fitToPage or page.title == "图表"
        assert "数字校验码" in page.oddFooter.left.text
    assert book["指标"].print_title_rows == "$1:$1"


def test_each_file_says_from_where_its_figures_are(city: City, june: dict[str, Path]) -> None:
    bulletin = city.bulletin("2023-06")
    for file in june.values():
        text = text_of(file)
        for part in ("未公布", bulletin.as_of, bulletin.ruleset, bulletin.digest[:16], bulletin.digest):
            assert part in text, (file.suffix, part)


def test_a_figure_is_compared_where_it_can_be_and_is_never_zero_where_not(june: dict[str, Path]) -> None:
    text = text_of(june["docx"])
    assert "6月，某市立案3件（上年2件，同比增长50%）" in text
    assert "处罚款3.5万元（暂定）" in text
    assert re.search("其中[^。]*处罚款[^。；]*上年无可比数据", text)
    [table] = [
        table for table in docx.Document(str(june["docx"])).tables if table.cell(0, 1).text == "本期"
    ]
    rows = {row.cells[0].text: [cell.text for cell in row.cells[2:4]] for row in table.rows}
    assert rows["立案"] == ["2件", "同比增长50%"]
    assert rows["处罚款"] == ["—", "上年无可比数据"]
    assert "还没有报齐的台账" in text_of(june["html"])


@pytest.mark.parametrize("ending", ["docx", "html"])
def test_proofreading_finds_nothing_doubtful_in_them(
    city: City, june: dict[str, Path], ending: str
) -> None:
    result = city.run("proofread", str(june[ending]), "--period", "2023-06", "--json")
    assert result.exit_code == 0, result.output
    numbers = json.loads(result.output)
    assert [number for number in numbers if number["state"] in ("differs", "ambiguous")] == []
    agreed = {number["indicator_id"] for number in numbers if number["state"] == "agrees"}
    assert {"case_filed_count", "fine_imposed_amount"} <= agreed


def test_they_are_valid(june: dict[str, Path]) -> None:
    for ending in ("docx", "xlsx"):
        result = OpenXmlValidator().validate(str(june[ending]))
        assert result.is_valid, [str(error) for error in result.errors]


def test_the_page_requests_nothing_and_its_charts_answer_to_the_mouse(city: City) -> None:
    page = write_page(city.bulletin("2023"))
    assert not re.search(r"""(?:src|href|url)\s*[=(]|@import|<script""", page)
    assert "<title>6月 3件</title>" in page
    assert "<title>星河区 3件（暂定）</title>" in page


def test_charts_can_be_edited_and_have_gaps(city: City) -> None:
    year = city.bulletin("2023")
    with zipfile.ZipFile(io.BytesIO(write_word(year, default_template(), NOW))) as package:
        names = package.namelist()
        charts = [package.read(name).decode() for name in names if name.startswith("word/charts/chart")]
        assert len(charts) == sum(name.startswith("word/embeddings/chart") for name in names) >= 4
        assert all('<c:dispBlanksAs val="gap"/>' in chart for chart in charts)
        [cases] = [chart for chart in charts if "各月立案" in chart]
        numbers = cases.split("<c:val>")[1].split("</c:val>")[0]
        assert '<c:pt idx="5"><c:v>3</c:v></c:pt>' in numbers
        assert 'idx="6"' not in numbers
        assert package.read("word/document.xml").decode().count("descr=") == len(charts)
        assert "⟦" not in package.read("word/document.xml").decode()
    with zipfile.ZipFile(io.BytesIO(write_workbook(year, NOW))) as package:
        assert sum("xl/charts/chart" in name for name in package.namelist()) >= 4


def test_equal_reports_are_equal_files(city: City) -> None:
    bulletin = city.bulletin("2023-06")
    assert write_workbook(bulletin, NOW) == write_workbook(bulletin, NOW)
    assert write_page(bulletin) == write_page(bulletin)


def test_the_tables_of_the_year_are_an_annex_of_the_year_only(city: City, june: dict[str, Path]) -> None:
    year = write_word(city.bulletin("2023"), default_template(), NOW)
    titles = ("行政处罚", "行政许可", "行政强制", "其他行政执法行为")
    assert all(f"某市2023年度{title}实施情况统计表" in word_text(year) for title in titles)
    assert "附件2　数据质量" in word_text(year)
    month = docx.Document(str(june["docx"]))
    assert "附件　数据质量" in texts_of(month)
    assert not [text for text in texts_of(month) if "统计" in text]
    assert [section.page_width > section.page_height for section in month.sections] == [False, False]


def test_a_county_has_no_section_of_the_bureau(city: City) -> None:
    document = docx.Document(
        io.BytesIO(write_word(city.bulletin("2023-06", STAR), default_template(), NOW))
    )
    headings = [text for text in texts_of(document) if re.match("[一二三四五六七八九十]+、", text)]
    assert headings[0] == "一、行政执法"
    assert not [heading for heading in headings if "公平竞争" in heading or "各单位" in heading]
    assert headings[-1].startswith("七、")


def texts_of_all(city: City, bulletin: Bulletin) -> dict[str, str]:
    """Write a bulletin in all three formats, and read their texts."""
    written = {
        "docx": write_word(bulletin, default_template(), NOW),
        "xlsx": write_workbook(bulletin, NOW),
        "html": write_page(bulletin).encode(),
    }
    for ending, data in written.items():
        (city.folder / f"all.{ending}").write_bytes(data)
    return {ending: text_of(city.folder / f"all.{ending}") for ending in written}


#: the decision says 3 万元
CORRECTION = f"""
[[correction]]
unit = "{STAR}"
period = "2023-06"
ledger = "penalties"
row = {{ decision_no = "某环罚(星)〔2023〕1号" }}
field = "fine_fen"
stands = "3.5"
read_as = "3"
reason = "某某核对了原件"
approved_by = "法制科"
until = 2030-01-01
"""


def test_a_publication_stays_and_what_moved_since_is_explained(city: City) -> None:
    published = publish(
        city.workspace, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2024, 2, 5)
    )
    publication, number = published.publication, str(published.publication.number)
    before = texts_of_all(city, city.bulletin("2023-06", publication=publication))
    assert all(f"第{number}号公布" in text for text in before.values())
    city.send_cases("2023-06", {"990121": 2})
    (city.folder / "adjustments.toml").write_text(CORRECTION, encoding="utf-8")
    city.reopen()
    city.night()
    assert printed_figures(city)["立案"] == "5件"
    frozen = make(city, "docx", "--publication", number)
    assert word_figures(frozen) == printed_figures(city, "--publication", number)
    assert texts_of_all(city, city.bulletin("2023-06", publication=publication)) == before
    for text in texts_of_all(city, city.bulletin("2023-06")).values():
        assert f"与第{number}号公布相比，有2项数字变动" in text
        assert "长岭县重报+2件" in text
        assert "星河区市局更正或决定-0.5万元" in text
        assert re.search("更正.{1,60}星河区.{1,60}行政处罚决定台账.{1,60}2023-06", text, re.DOTALL)
        assert "某某核对" not in text


def test_last_year_may_be_imported(city: City) -> None:
    file = city.folder / "published.csv"
    file.write_text("indicator_id,published_text\n信访投诉举报受理,604件\n", encoding="utf-8")
    printed = city.run("publish", "--period", "2021", "--from-file", str(file)).output
    number = printed.split("Publication ")[1].split()[0]
    figure = city.bulletin("2022").figures["petition_accepted_count"]
    assert (figure.last_year.display, figure.last_year.source) == ("604件", "imported")
    result = city.run(
        "report", "--period", "2021", "--publication", number, "--out", str(city.folder / "a.html")
    )
    assert result.exit_code == 0, result.output
    text = (city.folder / "a.html").read_text("utf-8")
    assert "后来录入的，不是由台账计算的" in text
    assert "604件" in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--period", "2023-06"], "--out"),
        (["--out", "a.docx"], "--period"),
        (["--period", "2023-06", "--out", "a.pdf"], "must end in .docx, .xlsx or .html"),
        (["--period", "2023-06", "--out", "a.html", "--publication", "77"], "no publication 77 of 2023-06"),
        (["--period", "2023-06", "--out", "a.html", "--region", "星河县"], "星河区"),
        (["--write-template", "a.doc"], "must end in .docx"),
        (["--write-template", "a.docx", "--period", "2023-06"], "stands alone"),
    ],
)
def test_wrong_usage(city: City, options: list[str], sentence: str) -> None:
    result = city.run("report", *options)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
