"""The dictionary: each form has all that is defined, under its id, as text and nothing else."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from lxml import etree

from flows.cli import COMMANDS, main
from flows.workspace import Workspace
from schemas.catalogue import indicators, ledgers, rules
from schemas.ledgers.rules import SEVERITY_WORDS, SUBMISSION_RULES
from schemas.ledgers.types import FIELD_TYPES
from schemas.states import REPORT_WORDS
from schemas.statistics import default_statistics
from schemas.version import ruleset_version
from tests.pipeline.test_second_city import with_a_further_ledger  # noqa: F401 - a fixture
from tests.support.check_each import check_each
from transforms.dictionary import (
    Dictionary,
    build_dictionary,
    render_html,
    render_markdown,
    render_workbook,
)
from transforms.foreign_text import escape_markdown

#: a text that looks like markup, a formula, a link or the end of a cell
HOSTILE = '=1+1<b onload="x()">&amp;</td>|[a](http://x) *z* `c`\nhttp://x'


@cache
def full_dictionary() -> Dictionary:
    return build_dictionary(
        ruleset_version(), ledgers(), rules(), indicators(), default_statistics(ledgers())
    )


def render_page(dictionary: Dictionary) -> Any:
    return etree.fromstring(render_html(dictionary).encode(), etree.XMLParser(resolve_entities=False))


@cache
def texts_by_id() -> dict[str, str]:
    """Return the text under each id of the page: of the row, or of the heading."""
    return {
        element.get("id"): " ".join(part.strip() for part in element.itertext())
        for element in render_page(full_dictionary()).iterfind(".//*[@id]")
    }


@cache
def markdown_lines() -> dict[str, str]:
    """Return the line of each id; for a heading, the heading after it."""
    lines_by_id, lines = {}, render_markdown(full_dictionary()).splitlines()
    for index, line in enumerate(lines):
        if anchor := re.search(r'<a id="([^"]+)"></a>(.*)', line):
            lines_by_id[anchor[1]] = anchor[2] or lines[index + 2]
    return lines_by_id


def read_sheets(dictionary: Dictionary) -> dict[str, list[dict[str, Any]]]:
    """Read the rows of each sheet below its heading."""
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(dictionary)))
    sheets = {}
    for sheet in book.worksheets[1:]:
        heading, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(heading, row, strict=True)) for row in rows]
    return sheets


@cache
def sheets_of_whole() -> dict[str, list[dict[str, Any]]]:
    return read_sheets(full_dictionary())


@cache
def index_rows(sheet: str, *headings: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[heading] for heading in headings): row for row in sheets_of_whole()[sheet]}


@pytest.mark.parametrize("name", ledgers())
def test_every_ledger(name: str) -> None:
    ledger = ledgers()[name]
    assert ledger.row, "what a row is"
    assert texts_by_id()[name] == f"{ledger.title} {name}"
    assert markdown_lines()[name] == f"### {ledger.title} ({name})"
    row = index_rows("台账", "代号")[(name,)]
    assert (row["台账"], row["一行是"], row["视图"]) == (ledger.title, ledger.row, ledger.view)
    assert ledger.field(ledger.dated_by).header in row["计入哪个月"]
    assert row["登记方式"].startswith("名册") == (name == "officers")


@check_each({name: [(name, field.name) for field in ledger.fields] for name, ledger in ledgers().items()})
def test_every_field(ledger_and_name: tuple[str, str]) -> None:
    ledger, name = ledger_and_name
    field = ledgers()[ledger].field(name)
    row = index_rows("字段", "所属代号", "代号")[(ledger, name)]
    page_text, line = texts_by_id()[f"{ledger}.{name}"], markdown_lines()[f"{ledger}.{name}"]
    for text in (field.header, name, field.type.title, *field.aliases, *field.allowed, field.hint):
        assert text in page_text
        assert escape_markdown(text) in line
        assert text in "\n".join(map(str, row.values()))
    assert (row["视图中"] == "不进视图") == field.private
    assert (f"{name.removesuffix('_fen')}_yuan（元）" in page_text) == (field.type.kind == "money")


@check_each({"rules": rules()})
def test_every_rule(rule_id: str) -> None:
    rule = rules()[rule_id].in_general()
    row = index_rows("规则", "规则代号")[(rule_id,)]
    page_text, line = texts_by_id()[rule_id], markdown_lines()[rule_id]
    for text in (
        rule_id,
        SEVERITY_WORDS[rule.severity].title,
        rule.problem,
        rule.expected,
        rule.remedy,
        rule.source,
    ):
        assert text in page_text
        assert escape_markdown(text) in line
        assert text in "\n".join(map(str, row.values()))
    assert "{" not in page_text


@check_each({"indicators": indicators()})
def test_every_indicator(indicator_id: str) -> None:
    indicator = indicators()[indicator_id]
    assert indicator.theme
    row = index_rows("指标", "代号")[(indicator_id,)]
    page_text, line = texts_by_id()[indicator_id], markdown_lines()[indicator_id]
    for text in (
        indicator_id,
        indicator.title,
        indicator.definition,
        indicator.source,
        *(ledgers()[name].title for name in indicator.ledgers()),
    ):
        assert text in page_text
        assert escape_markdown(text) in line
        assert text in "\n".join(map(str, row.values()))
    assert row["所属"] == indicator.theme
    assert ("分母：" in row["算法"]) == indicator.is_rate


def test_every_rule_that_findings_can_name_is_listed() -> None:
    """Rules of files, of ledgers, between ledgers, between figures, and of the bureau's decisions."""
    of_ledgers = {rule_id for ledger in ledgers().values() for rule_id in ledger.rules()}
    other_rules = {
        "penalties.case_no.not_found",
        "payments.amount_fen.over_decided",
        "reconciliation.five_kinds",
        "row.waived",
    }
    assert rules().keys() >= {*SUBMISSION_RULES, *of_ledgers, *other_rules}
    assert all(rule_id == rule.rule_id for rule_id, rule in rules().items())


def test_statistics_and_words() -> None:
    text = " ".join(texts_by_id().values())
    for name, table in default_statistics(ledgers()).tables().items():
        assert texts_by_id()[f"statistics.{name}"].startswith(table.sheet)
        assert all(head.title in text and head.no_source in text for head in table.heads())
    words = {code for (code,) in index_rows("用语", "代号")}
    assert words >= {*REPORT_WORDS, *SEVERITY_WORDS, *(field_type.kind for field_type in FIELD_TYPES)}
    assert ruleset_version() in render_html(full_dictionary())


def test_the_page_needs_no_other_file() -> None:
    page = render_page(full_dictionary())
    ids = [element.get("id") for element in page.iterfind(".//*[@id]")]
    assert len(ids) == len(set(ids))
    targets = [element.get("href") for element in page.iterfind(".//a")]
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    assert all(target.startswith("#") for target in targets)
    assert {element.tag for element in page.iter()}.isdisjoint({"link", "img", "iframe"})
    (script,) = page.iterfind(".//script")  # the search box
    assert not re.search(r"http|fetch|import|XMLHttp|WebSocket|innerHTML|eval", script.text)
    assert not page.xpath("//@src | //@onclick")
    assert not re.search(r"url\(|@import", page.findtext(".//style"))
    assert page.get("lang") == "zh-CN"


def test_links_of_markdown_lead_somewhere() -> None:
    targets = set(re.findall(r"\]\(#([^)]+)\)", render_markdown(full_dictionary())))
    assert targets <= markdown_lines().keys()
    assert targets


def test_the_workbook_has_filters_and_no_formulas() -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(full_dictionary())))
    assert book.sheetnames[:5] == ["说明", "台账", "字段", "规则", "指标"]
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == sheet.dimensions
    for sheet in book.worksheets:
        assert not [
            cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink
        ]


@pytest.mark.parametrize(
    "form", [render_html, render_markdown, render_workbook], ids=lambda form: form.__name__
)
def test_the_same_definitions_make_the_same_bytes(form: Any) -> None:
    again = build_dictionary(
        ruleset_version(), ledgers(), rules(), indicators(), default_statistics(ledgers())
    )
    assert form(again) == form(full_dictionary())


def hostile() -> Dictionary:
    """A dictionary of a ledger, a field, a rule and an indicator with markup in their texts."""
    cases, counted = ledgers()["cases"], indicators()["case_filed_count"]
    fields = tuple(
        replace(field, header=HOSTILE) if field.name == "cause" else field for field in cases.fields
    )
    odd: Mapping[str, Any] = {**ledgers(), "cases": replace(cases, title=HOSTILE, fields=fields)}
    rule = replace(rules()["cases.cause.required"], problem=HOSTILE)
    figure = counted.model_copy(update={"definition": HOSTILE, "source": HOSTILE})
    return build_dictionary(
        HOSTILE, odd, {**rules(), rule.rule_id: rule}, {**indicators(), "case_filed_count": figure},
        default_statistics(ledgers()),
    )  # fmt: skip


def test_markup_in_texts_is_escaped() -> None:
    page = render_page(hostile())
    assert page.find(".//b") is None
    row = page.find(".//tr[@id='cases.cause.required']")
    assert HOSTILE in "".join(row.itertext())
    text = render_markdown(hostile())
    assert "<b " not in text
    assert not re.search(r"(?<!\\)\]\(http", text)
    tables = [block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]
    assert all(len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1 for table in tables)
    assert len(tables) == render_html(hostile()).count("<table>")
    cells = [row["口径"] for row in read_sheets(hostile())["指标"]]
    assert HOSTILE in cells


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "dictionary", *arguments])


@pytest.mark.parametrize("ending", ["html", "HTML", "md", "xlsx"])
def test_the_command_replaces_a_file(home_folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / "out" / f"dictionary.{ending}"
    out.parent.mkdir()
    before = sorted(home_folder.rglob("*"))
    for _ in range(2):
        result = run(home_folder, "--out", str(out))
        assert (result.exit_code, result.output) == (0, f"Written to {out}\n")
        written = out.read_bytes()
        out.write_bytes(b"another" * 100_000)
    forms = {"html": render_html, "md": render_markdown, "xlsx": render_workbook}
    rendered = forms[ending.lower()](full_dictionary())
    assert written == (rendered if isinstance(rendered, bytes) else rendered.encode())
    assert sorted(home_folder.rglob("*")) == before
    assert list(out.parent.iterdir()) == [out]


def test_the_command_describes_the_tables_of_its_home(home_folder: Path, tmp_path: Path) -> None:
    project = Path(default_statistics.__code__.co_filename).with_name("statistics.toml").read_text("utf-8")
    own = home_folder / "statistics.toml"
    own.write_text(project.replace('sheet = "表一 行政处罚"', 'sheet = "表一 本省处罚"'), "utf-8")
    assert run(home_folder, "--out", str(tmp_path / "a.md")).exit_code == 0
    assert "### 表一 本省处罚 (penalties)" in (tmp_path / "a.md").read_text("utf-8")
    own.write_text("[penalties]\n", "utf-8")
    result = run(home_folder, "--out", str(tmp_path / "b.md"))
    assert (result.exit_code, "statistics.toml: penalties" in result.stderr) == (2, True)
    assert not (tmp_path / "b.md").exists()


@pytest.mark.parametrize("name", ["dictionary.pdf", "dictionary", "dictionary.xls"])
def test_the_command_rejects_another_ending(home_folder: Path, tmp_path: Path, name: str) -> None:
    result = run(home_folder, "--out", str(tmp_path / name))
    assert result.exit_code == 2
    assert "must end in one of .html, .md, .xlsx" in result.stderr
    assert not (tmp_path / name).exists()


def test_a_path_where_it_cannot_write_is_reported(home_folder: Path, tmp_path: Path) -> None:
    result = run(home_folder, "--out", str(tmp_path / "nowhere" / "dictionary.md"))
    assert result.exit_code == 1
    assert "dictionary.md cannot be written: no folder" in result.stderr
    assert not (tmp_path / "nowhere").exists()


def test_the_command_needs_no_database_and_no_prefect() -> None:
    import subprocess
    import sys

    code = (
        f"import sys, json, importlib; importlib.import_module({COMMANDS['dictionary']!r});"
        "print(json.dumps([one for one in ('prefect', 'sqlalchemy', 'openpyxl') if one in sys.modules]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, check=True
    )
    assert json.loads(result.stdout) == []


def test_a_new_ledger_is_in_the_dictionary(with_a_further_ledger: Workspace, tmp_path: Path) -> None:  # noqa: F811
    out = tmp_path / "dictionary.html"
    result = run(with_a_further_ledger.home.folder, "--out", str(out))
    assert result.exit_code == 0, result.output
    page = etree.fromstring(out.read_bytes())
    ids = {element.get("id") for element in page.iterfind(".//*[@id]")}
    expected = {
        "noise_measurements",
        "noise_measurements.decibels",
        "noise_measurements.decibels.out_of_range",
    }
    assert ids >= {*expected, "noise_measurement_count"}
