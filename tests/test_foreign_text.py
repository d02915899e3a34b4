"""Text from outside is shown, never obeyed: every border, and every module that puts something out."""

from __future__ import annotations

import csv
import html
import io
import json
import logging
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from markdown_it import MarkdownIt

from flows.logs import get_logger
from flows.render import as_csv, as_json, frame_as_csv, print_line, print_table
from tests.support.find_outputs import find_outputs
from tests.support.hostile_texts import HOSTILE, find_unseen, plain
from transforms.foreign_text import (
    FORMULA_STARTS,
    LONGEST_TEXT,
    escape_markdown,
    fit_workbook,
    make_visible,
    safe_stem,
)

ROOT = Path(__file__).parent.parent
each_text = pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])


@each_text
def test_one_line_on_a_terminal_stays_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_line(f"甲 {text} 乙")
    print_line(text, is_error=True)
    printed = capsys.readouterr()
    for output in printed:
        assert output.count("\n") == 1
        assert find_unseen(output) == set()
    assert make_visible(text) in printed.out
    assert make_visible(make_visible(text)) == make_visible(text)


@each_text
def test_a_table_shows_it_letter_for_letter(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_table(text, [{"a": text, "b": 1}], {"a": text, "b": text}, right=["b"])
    printed = capsys.readouterr().out
    assert find_unseen(printed) == set()
    letters = plain(make_visible(text))[:20]
    assert plain(printed).count(letters) >= 3, "in the title, a heading and a cell"


@each_text
def test_a_log_record_is_one_line(text: str, caplog: pytest.LogCaptureFixture) -> None:
    get_logger("huizong.test").warning("%s: rejected", text)
    (record,) = caplog.records
    assert record.getMessage() == f"{make_visible(text)}: rejected"
    formatted = logging.Formatter("%(message)s").format(record)
    assert find_unseen(formatted, allowed="") == set()


def test_a_traceback_in_the_log_has_lines_and_an_end(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("invalid\x1b" + "9" * 60_000)
    except ValueError:
        get_logger("huizong.test").exception("failed")
    (record,) = caplog.records
    formatted = logging.Formatter("%(message)s").format(record)
    assert 'raise ValueError("invalid' in formatted
    assert "ValueError: invalid\\x1b999" in formatted
    assert (len(formatted) < 6_000, formatted.count("\n") < 10) == (True, True)


@each_text
def test_json_is_equal_and_harmless(text: str) -> None:
    content = {"a": text, text: [1, {"b": text}], "rows": [{"c": text}]}
    for written in (as_json(content), as_json(content, ("rows",))):
        assert json.loads(written) == content
        assert find_unseen(written) == set()
        written.encode()


@each_text
def test_no_cell_of_csv_runs(text: str) -> None:
    import pandas as pd

    for written in (
        as_csv([{"a": text, "b": 2}], ["a", "b"]),
        frame_as_csv(pd.DataFrame({"a": [text], "b": [2]}, dtype=object)),
    ):
        written.encode()
        csv.field_size_limit(2**31 - 1)
        (_, row) = csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
        assert not row[0].startswith(FORMULA_STARTS)
        assert find_unseen(row[0], allowed="\t\r\n") == set()
        assert row[1] == "2"


@each_text
def test_markdown_makes_nothing_of_it(text: str) -> None:
    """As a paragraph, an item, a heading and a cell; as read by a parser with every extension on."""
    written = escape_markdown(text)
    assert "\n" not in written
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    shown = plain(make_visible(text.replace("\n", " ")))
    for page in (
        written,
        f"- **标题**：{written}",
        f"### {written}",
        f"| 甲 | 乙 |\n| --- | --- |\n| {written} | 丙 |",
    ):
        tokens = parser.parse(page)
        inline = [child for token in tokens for child in token.children or ()]
        assert {token.type for token in inline} <= {"text", "text_special", "strong_open", "strong_close"}
        assert not [token for token in tokens if token.type in ("html_block", "fence", "code_block", "hr")]
        assert shown in plain("".join(child.content for child in inline))
    assert "//evil" not in written.replace("\\/", "")
    assert "www.evil" not in written


@each_text
def test_html_makes_nothing_of_it(text: str) -> None:
    from transforms.dictionary import render_html
    from transforms.dictionary.structure import Chapter, Dictionary

    page = render_html(Dictionary(text, [text], [Chapter("c", text, text, [])]))
    page.encode()
    assert find_unseen(page) <= {"\t"}
    assert plain(make_visible(text.replace("\n", "")))[:20] in plain(html.unescape(page))
    for sign in ("<script>alert", "<img src=x", "[点](javascript:<"):
        assert sign not in page


@each_text
def test_a_workbook_holds_it_as_text(text: str) -> None:
    from flows.queries.explain_workbook import ROW_COLUMNS, UNIT_COLUMNS, build_explain_workbook

    row = {name: text for name, _, _ in (*ROW_COLUMNS, *UNIT_COLUMNS)} | {"side": "numerator"}
    explanation: dict[str, Any] = {
        "denominator": None, "title": text, "indicator_id": text, "region_name": text, "region_code": text, "period": text,
        "display": text, "unit": text, "definition": text, "rule": [text], "source": text, "as_of": "2023-07-05T02:00:00+08:00",
        "units_reported": 1, "units_expected": 1, "missing": [], "left_out_counts": [], "left_out": [],
        "by_unit": [row], "rows": [row],
    }  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(build_explain_workbook(explanation)))
    cells = [
        cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    values = [cell for cell in book["计入的行"][2] if cell.column > 1]
    shown = fit_workbook(text).replace("\r", "\n")
    assert len(shown) <= LONGEST_TEXT
    for cell in values:
        assert str(cell.value) == shown
        assert bool(cell.quotePrefix) == shown.startswith(FORMULA_STARTS)


@each_text
def test_a_file_name_stays_a_name(text: str, tmp_path: Path) -> None:
    stem = safe_stem(f"{text}.xlsx")
    file = tmp_path / f"{stem}-回执-000001-abcdef.xlsx"
    file.write_bytes(b"")
    assert [entry.name for entry in tmp_path.iterdir()] == [file.name]
    assert find_unseen(file.name, allowed="") == set()
    assert not stem.upper().startswith(("CON", "LPT1"))


@each_text
def test_a_notification_has_one_subject(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import apprise

    from flows.notify.send import send_pending
    from flows.settings import Settings
    from schemas.states import NotificationEvent
    from warehouse.ops.notifications import Notification

    sent: list[dict[str, Any]] = []
    commands: list[bytes] = []
    monkeypatch.setattr(apprise.Apprise, "notify", lambda _self, **message: sent.append(message) or True)
    monkeypatch.setattr("subprocess.run", lambda *_args, input, **_options: commands.append(input))
    settings = Settings(notify=["json://localhost"], notify_command=["x"])
    notification = Notification(NotificationEvent.FAILED, "x", text, f"行一\n{text}", {"unit": text})
    assert send_pending(settings, notification)
    (message,) = sent
    assert find_unseen(message["title"], allowed="") == set()
    assert find_unseen(message["body"]) == set()
    (payload,) = commands
    assert payload.count(b"\n") == 0
    assert json.loads(payload)["unit"] == text


@each_text
def test_an_artifact_is_plain_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.orchestration import artifacts

    made: list[dict[str, Any]] = []
    for name in ("create_table_artifact", "create_markdown_artifact"):
        monkeypatch.setattr(artifacts, name, lambda **content: made.append(content))
    artifacts.show_table("night", [{"unit": text, "files": 3, "due": None}], text)
    artifacts.show_text("status", text, text)
    table, page = made
    assert table["table"] == [{"unit": escape_markdown(text), "files": 3, "due": None}]
    assert {table["description"], page["markdown"], page["description"]} == {escape_markdown(text)}


def test_every_output_is_known() -> None:
    """A module that begins to print, log, write a file or send something fails here.

    Give what it puts out to a border of `transforms/foreign_text.py`, test it above, and list it in
    `tests/support/find_outputs.py`.
    """
    outputs, known = find_outputs(ROOT)
    assert sorted(outputs - known) == [], "not in the list of outputs"
    assert sorted(known - outputs) == [], "in the list, but no output any more"


def test_a_warning_reaches_stderr_although_the_root_logger_has_a_silent_handler(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As under Prefect, whose console handler is silent."""
    silent, logger = logging.NullHandler(), get_logger("huizong.test")
    logging.getLogger().addHandler(silent)
    try:
        logger.info("nothing that anybody waits for")
        logger.warning("%s could not be sent", "the\nmail")
    finally:
        logging.getLogger().removeHandler(silent)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(r"WARNING huizong.test: the\nmail could not be sent")
