"""The dictionary: whatever is defined stands in each of its forms, can be looked up by its id, and is nothing but text."""

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
from transforms.dictionary import (
    Dictionary,
    build_dictionary,
    render_html,
    render_markdown,
    render_workbook,
)
from transforms.dictionary.markdown import escape_markdown

FIELDS = [(ledger.name, field.name) for ledger in ledgers().values() for field in ledger.fields]
#: a text that every form would take for markup, a formula, a link or the end of a cell
HOSTILE = '=1+1<b onload="x()">&amp;</td>|[a](http://x) *z* `c`\nhttp://x'


@cache
def whole() -> Dictionary:
    return build_dictionary(
        ruleset_version(), ledgers(), rules(), indicators(), default_statistics(ledgers())
    )


def page_of(dictionary: Dictionary) -> Any:
    return etree.fromstring(render_html(dictionary).encode(), etree.XMLParser(resolve_entities=False))


@cache
def by_id() -> dict[str, str]:
    """What the page shows under each id: the text of the row, or of the heading."""
    return {
        one.get("id"): " ".join(part.strip() for part in one.itertext())
        for one in page_of(whole()).iterfind(".//*[@id]")
    }


@cache
def markdown_lines() -> dict[str, str]:
    """The line in which each id stands; of a heading the heading after it."""
    found, lines = {}, render_markdown(whole()).splitlines()
    for at, line in enumerate(lines):
        if anchor := re.search(r'<a id="([^"]+)"></a>(.*)', line):
            found[anchor[1]] = anchor[2] or lines[at + 2]
    return found


def sheets_of(dictionary: Dictionary) -> dict[str, list[dict[str, Any]]]:
    """The rows of each sheet below its heading."""
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(dictionary)))
    found = {}
    for sheet in book.worksheets[1:]:
        heading, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(heading, row, strict=True)) for row in rows]
    return found


@cache
def sheets_of_whole() -> dict[str, list[dict[str, Any]]]:
    return sheets_of(whole())


@cache
def rows_by(sheet: str, *headings: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[heading] for heading in headings): row for row in sheets_of_whole()[sheet]}


@pytest.mark.parametrize("name", ledgers())
def test_every_ledger(name: str) -> None:
    ledger = ledgers()[name]
    assert ledger.row, "what a row is"
    assert by_id()[name] == f"{ledger.title} {name}"
    assert markdown_lines()[name] == f"### {ledger.title} ({name})"
    row = rows_by("台账", "代号")[(name,)]
    assert (row["台账"], row["一行是"], row["视图"]) == (ledger.title, ledger.row, ledger.view)
    assert ledger.field(ledger.dated_by).header in row["计入哪个月"]
    assert row["登记方式"].startswith("名册") == (name == "officers")


@pytest.mark.parametrize(("ledger", "name"), FIELDS)
def test_every_field(ledger: str, name: str) -> None:
    field = ledgers()[ledger].field(name)
    row = rows_by("字段", "所属代号", "代号")[(ledger, name)]
    shown, line = by_id()[f"{ledger}.{name}"], markdown_lines()[f"{ledger}.{name}"]
    for text in (field.header, name, field.type.title, *field.aliases, *field.allowed, field.hint):
        assert text in shown
        assert escape_markdown(text) in line
        assert text in "\n".join(map(str, row.values()))
    assert (row["视图中"] == "不进视图") == field.private
    assert (f"{name.removesuffix('_fen')}_yuan（元）" in shown) == (field.type.kind == "money")


@pytest.mark.parametrize("rule_id", rules())
def test_every_rule(rule_id: str) -> None:
    rule = rules()[rule_id].in_general()
    row = rows_by("规则", "规则代号")[(rule_id,)]
    shown, line = by_id()[rule_id], markdown_lines()[rule_id]
    for text in (
        rule_id,
        SEVERITY_WORDS[rule.severity].title,
        rule.problem,
        rule.expected,
        rule.remedy,
        rule.source,
    ):
        assert text in shown
        assert escape_markdown(text) in line
        assert text in "\n".join(map(str, row.values()))
    assert "{" not in shown


@pytest.mark.parametrize("indicator_id", indicators())
def test_every_indicator(indicator_id: str) -> None:
    one = indicators()[indicator_id]
    assert one.theme
    row = rows_by("指标", "代号")[(indicator_id,)]
    shown, line = by_id()[indicator_id], markdown_lines()[indicator_id]
    for text in (
        indicator_id,
        one.title,
        one.definition,
        one.source,
        *(ledgers()[name].title for name in one.ledgers()),
    ):
        assert text in shown
        assert escape_markdown(text) in line
        assert text in "\n".join(map(str, row.values()))
    assert row["所属"] == one.theme
    assert ("分母：" in row["算法"]) == one.is_rate


def test_every_rule_that_can_be_told_is_known() -> None:
    """Those of files and of ledgers, those between ledgers and figures, and those of the bureau's decisions."""
    of_ledgers = {rule_id for ledger in ledgers().values() for rule_id in ledger.rules()}
    others = {
        "penalties.case_no.not_found",
        "payments.amount_fen.over_decided",
        "reconciliation.five_kinds",
        "row.waived",
    }
    assert rules().keys() >= {*SUBMISSION_RULES, *of_ledgers, *others}
    assert all(rule_id == rule.rule_id for rule_id, rule in rules().items())


def test_statistics_and_words() -> None:
    told = " ".join(by_id().values())
    for name, table in default_statistics(ledgers()).tables().items():
        assert by_id()[f"statistics.{name}"].startswith(table.sheet)
        assert all(head.title in told and head.no_source in told for head in table.heads())
    words = {code for (code,) in rows_by("用语", "代号")}
    assert words >= {*REPORT_WORDS, *SEVERITY_WORDS, *(one.kind for one in FIELD_TYPES)}
    assert ruleset_version() in render_html(whole())


def test_the_page_needs_nothing_beside_it() -> None:
    page = page_of(whole())
    ids = [one.get("id") for one in page.iterfind(".//*[@id]")]
    assert len(ids) == len(set(ids))
    targets = [one.get("href") for one in page.iterfind(".//a")]
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    assert all(target.startswith("#") for target in targets)
    assert {one.tag for one in page.iter()}.isdisjoint({"script", "link", "img", "iframe"})
    assert not page.xpath("//@src | //@onclick")
    assert not re.search(r"url\(|@import", page.findtext(".//style"))
    assert page.get("lang") == "zh-CN"


def test_links_of_markdown_lead_somewhere() -> None:
    targets = set(re.findall(r"\]\(#([^)]+)\)", render_markdown(whole())))
    assert targets <= markdown_lines().keys()
    assert targets


def test_the_workbook_can_be_filtered_and_runs_nothing() -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(whole())))
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
    assert form(again) == form(whole())


def hostile() -> Dictionary:
    """A ledger, a field, a rule and an indicator that hold markup in their texts."""
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


def test_what_looks_like_markup_is_text() -> None:
    page = page_of(hostile())
    assert page.find(".//b") is None
    row = page.find(".//tr[@id='cases.cause.required']")
    assert HOSTILE in "".join(row.itertext())
    text = render_markdown(hostile())
    assert "<b " not in text
    assert not re.search(r"(?<!\\)\]\(http", text)
    tables = [block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]
    assert all(len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1 for table in tables)
    assert len(tables) == render_html(hostile()).count("<table>")
    cells = [row["口径"] for row in sheets_of(hostile())["指标"]]
    assert HOSTILE in cells


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "dictionary", *arguments])


@pytest.mark.parametrize("ending", ["html", "HTML", "md", "xlsx"])
def test_the_command_replaces_a_file_whole(home_folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / "out" / f"dictionary.{ending}"
    out.parent.mkdir()
    before = sorted(home_folder.rglob("*"))
    for _ in range(2):
        done = run(home_folder, "--out", str(out))
        assert (done.exit_code, done.output) == (0, f"Written to {out}\n")
        written = out.read_bytes()
        out.write_bytes(b"another" * 100_000)
    forms = {"html": render_html, "md": render_markdown, "xlsx": render_workbook}
    made = forms[ending.lower()](whole())
    assert written == (made if isinstance(made, bytes) else made.encode())
    assert sorted(home_folder.rglob("*")) == before
    assert list(out.parent.iterdir()) == [out]


def test_the_command_describes_the_tables_of_its_home(home_folder: Path, tmp_path: Path) -> None:
    project = Path(default_statistics.__code__.co_filename).with_name("statistics.toml").read_text("utf-8")
    own = home_folder / "statistics.toml"
    own.write_text(project.replace('sheet = "表一 行政处罚"', 'sheet = "表一 本省处罚"'), "utf-8")
    assert run(home_folder, "--out", str(tmp_path / "a.md")).exit_code == 0
    assert "### 表一 本省处罚 (penalties)" in (tmp_path / "a.md").read_text("utf-8")
    own.write_text("[penalties]\n", "utf-8")
    done = run(home_folder, "--out", str(tmp_path / "b.md"))
    assert (done.exit_code, "statistics.toml: penalties" in done.stderr) == (2, True)
    assert not (tmp_path / "b.md").exists()


@pytest.mark.parametrize("name", ["dictionary.pdf", "dictionary", "dictionary.xls"])
def test_the_command_refuses_another_ending(home_folder: Path, tmp_path: Path, name: str) -> None:
    done = run(home_folder, "--out", str(tmp_path / name))
    assert done.exit_code == 2
    assert "must end in one of .html, .md, .xlsx" in done.stderr
    assert not (tmp_path / name).exists()


def test_what_cannot_be_written_is_told(home_folder: Path, tmp_path: Path) -> None:
    done = run(home_folder, "--out", str(tmp_path / "nowhere" / "dictionary.md"))
    assert done.exit_code == 1
    assert "dictionary.md cannot be written: no folder" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_the_command_needs_no_database_and_no_prefect() -> None:
    import subprocess
    import sys

    code = (
        f"import sys, json, importlib; importlib.import_module({COMMANDS['dictionary']!r});"
        "print(json.dumps([one for one in ('prefect', 'sqlalchemy', 'openpyxl') if one in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_a_further_ledger_is_in_it_by_itself(with_a_further_ledger: Workspace, tmp_path: Path) -> None:  # noqa: F811
    out = tmp_path / "dictionary.html"
    done = run(with_a_further_ledger.home.folder, "--out", str(out))
    assert done.exit_code == 0, done.output
    page = etree.fromstring(out.read_bytes())
    ids = {one.get("id") for one in page.iterfind(".//*[@id]")}
    wanted = {
        "noise_measurements",
        "noise_measurements.decibels",
        "noise_measurements.decibels.out_of_range",
    }
    assert ids >= {*wanted, "noise_measurement_count"}
