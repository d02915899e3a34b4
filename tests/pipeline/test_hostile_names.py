"""A county, a city and their files with hostile names go through a whole night and every command."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter

from flows.home import Home
from flows.workspace import Workspace
from schemas.catalogue import ledgers
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells
from tests.support.every_output import EveryOutput
from tests.support.hostile_texts import MIXED, find_unseen

MARKUP = "[/][red]\x1b[31m\u202e<b>|*`="


def send_all(inbox: Path) -> None:
    """Send good and bad rows, with markup in every text, header, sheet, file and folder."""
    file = f"{MARKUP.replace('/', '')}\n.xlsx"
    for ledger in ("cases", "penalties", "petitions", "inspections"):
        definition = ledgers()[ledger]
        texts = {
            field.name: f"=1{MIXED}"
            for field in definition.fields
            if field.type.kind == "text" and not field.private
        }
        good, odd = rows_of(ledger, {}, texts)
        bad = {**good, definition.dated_by: MIXED}
        cells = sheet_cells(ledger, [good, odd, bad])
        cells[0].append(MIXED)
        cells[1].append(MIXED)
        put(
            inbox,
            f"2023-06/990102/{ledger}{file}",
            hostile_workbook(f"{definition.title[:4]}{MIXED}", cells),
        )
        put(inbox, f"2023-06/990121/{MARKUP.replace('/', '')}/{ledger}.xlsx", ledger_bytes(ledger, {}))
    put(inbox, f"2023-06/990181/{file}", b"not a workbook")
    (inbox / "2023-06/990181" / f"link{MARKUP.replace('/', '')}").symlink_to("nowhere")


def hostile_workbook(sheet: str, cells: Sequence[Sequence[Any]]) -> bytes:
    """Make a workbook as no library would write it: any text in a cell and as the name of a sheet."""
    written, changed = io.BytesIO(), io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(written, options) as workbook:
        page = workbook.add_worksheet("NAME")
        for index, row in enumerate(cells):
            page.write_row(index, 0, row)
    name = escape(sheet.replace("\x1b", "_x001B_"), {'"': "&quot;", "\n": "&#10;"})
    with zipfile.ZipFile(written) as package, zipfile.ZipFile(changed, "w") as other:
        for part in package.namelist():
            other.writestr(part, package.read(part).replace(b'name="NAME"', f'name="{name}"'.encode()))
    return changed.getvalue()


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
    folder = tmp_path / "home"
    (folder / "inbox").mkdir(parents=True)
    table = io.StringIO()
    rows = [["990100", f"市{MIXED}", "city", ""], ["990102", f"={MIXED}", "unit", "990100"],
            ["990121", "长岭县", "unit", "990100"], ["990181", f"@{MARKUP}", "unit", "990100"]]  # fmt: skip
    csv.writer(table).writerows([["code", "name", "level", "parent"], *rows])
    (folder / "regions.csv").write_text(table.getvalue(), encoding="utf-8")
    (folder / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    entry = {
        "unit": "990102", "period": "2023-06", "ledger": "cases", "field": "filed_on", "stands": MIXED,
        "read_as": "2023-06-03", "reason": MIXED, "approved_by": MARKUP,
    }  # fmt: skip
    lines = [f"{name} = {json.dumps(text)}" for name, text in entry.items()]
    lines += [f"row = {{ case_no = {json.dumps(f'=1{MIXED}')} }}", f"until = {date(2030, 1, 1)}"]
    (folder / "adjustments.toml").write_text("[[correction]]\n" + "\n".join(lines), encoding="utf-8")
    workspace = Workspace(Home(folder))
    workspace.prepare()
    send_all(workspace.home.inbox)
    return workspace


def test_hostile_names_are_shown_by_every_output(
    hostile: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    every = EveryOutput(hostile, tmp_path / "out", monkeypatch)
    texts = every.collect(capsys, caplog)
    hostile.engine.dispose()
    assert set(every.exit_codes.values()) <= {0, 1, 3}, every.exit_codes
    for name, text in texts.items():
        is_data = name.startswith(("view", "snapshot", "export/parquet"))
        if not is_data and not name.endswith(".xlsx"):
            assert find_unseen(text, allowed="\n\r\ufeff") == set(), name
    assert MARKUP[:8] in texts["huizong status --period 2023"], "shown, not obeyed"
    assert r"\x1b[31m\u202e" in texts["nightly"]
    for file in [*tmp_path.rglob("*.xlsx")]:
        if "inbox" not in file.parts:
            book = openpyxl.load_workbook(file)
            kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
            assert "f" not in kinds or "template" in file.parts, file
