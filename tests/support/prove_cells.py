"""Prove that the cells of the archived files give the published figures, in a home of `make run`.

Run as `python -m tests.support.prove_cells HOME`. The files are opened by their hash, with
the libraries and without the project's own readers.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import xlrd
from sqlalchemy import select

from flows.home import Home
from flows.queries.explain import explain_figure
from flows.queries.explained_rows import SIDES
from flows.sample_year import published_figures
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from warehouse.engine import reading

YEAR = Period.parse("2023")
WAN = 10_000
FOLDED = str.maketrans("〔〕【】[]", "()()()")
DAY_ZERO = date(1899, 12, 30)


def read_sheets(data: bytes) -> dict[str, list[list[Any]]]:
    """Read the sheets of a file by name, as rows of values; a CSV is one sheet without a name."""
    if data.startswith(b"PK"):
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    if data.startswith(b"\xd0\xcf"):
        old = xlrd.open_workbook(file_contents=data)
        return {
            sheet.name: [[_old_value(cell) for cell in row] for row in sheet.get_rows()]
            for sheet in old.sheets()
        }
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return {"": list(csv.reader(io.StringIO(text, newline="")))}


def _old_value(cell: Any) -> Any:
    return xlrd.xldate_as_datetime(cell.value, 0) if cell.ctype == xlrd.XL_CELL_DATE else cell.value


def fold_text(value: Any) -> str:
    """Return a text or number with one form of widths and brackets."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", "" if value is None else str(value)).translate(FOLDED).strip()


def day_of(value: Any) -> date | None:
    """Return the day of a cell, whatever its form."""
    if isinstance(value, datetime):
        return value.date()
    text = fold_text(value)
    if re.fullmatch(r"\d{5}", text):
        return DAY_ZERO + timedelta(days=int(text))
    match = re.fullmatch(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})日?(?: 00:00:00)?", text)
    return date(*map(int, match.groups())) if match else None


def amount_of(sheet: Sequence[Sequence[Any]], row: int, column: int) -> Decimal:
    """Return the 元 of a cell; its unit is in the cell, in the nearest
    cell above with a unit, or above the table.
    """
    text = fold_text(sheet[row][column]).replace(",", "")
    if text.endswith("万"):
        return Decimal(text[:-1]) * WAN
    above = [
        fold_text(sheet[row_index][column])
        for row_index in range(row - 1, -1, -1)
        if column < len(sheet[row_index])
    ]
    labels = [fold_text(cell) for line in sheet[:row] for cell in line]
    units = [
        *(match for cell in above if (match := re.search(r"\((万?)元\)", re.sub(r"\s", "", cell)))),
        *(match for cell in labels if (match := re.search(r"单位:(万?)元", cell))),
    ]
    return Decimal(text) * (WAN if units and units[0][1] else 1)


@dataclass
class Proof:
    """The opened files, and the rows whose cells differ from what `explain` says."""

    workspace: Workspace
    cells: int = 0
    problems: list[str] = field(default_factory=list)
    opened: dict[str, dict[str, list[list[Any]]]] = field(default_factory=dict)

    def check_figure(self, indicator_id: str, published: str) -> None:
        with reading(self.workspace.engine) as connection:
            explanation = explain_figure(
                self.workspace,
                self.workspace.as_of_moment(connection),
                indicators()[indicator_id],
                self.workspace.regions.top.code,
                YEAR,
            )
            hashes = self._hashes(connection, {row["submission_id"] for row in explanation["rows"]})
        if explanation["display"] != published:
            self.problems.append(f"{indicator_id} is {explanation['display']}, published as {published}")
        indicator = indicators()[indicator_id]
        for side, parts in zip(SIDES, (indicator.numerator, indicator.denominator), strict=True):
            rows = [row for row in explanation["rows"] if row["side"] == side]
            if sum(row["counts"] for row in rows) != (explanation[side] or 0):
                self.problems.append(
                    f"{indicator_id}: the rows of the {side} do not add up to {explanation[side]}"
                )
            is_sum = bool(parts) and all(part.aggregate == "sum" for part in parts)
            self._compare_with_cells(indicator_id, rows, hashes, is_sum=is_sum)

    def _hashes(self, connection: Any, submission_ids: set[int]) -> dict[int, str]:
        table = self.workspace.tables.submissions
        query = select(table.c.submission_id, table.c.sha256).where(
            table.c.submission_id.in_(submission_ids)
        )
        return {row.submission_id: row.sha256 for row in connection.execute(query)}

    def _compare_with_cells(
        self,
        indicator_id: str,
        rows: Sequence[Mapping[str, Any]],
        hashes: Mapping[int, str],
        *,
        is_sum: bool,
    ) -> None:
        """Check that each row's cell contains its value and counted
        amount, and that no two rows have one cell.
        """
        positions = [
            (hashes[row["submission_id"]], row["source_sheet"], row["cell"], row["field"]) for row in rows
        ]
        if len(set(positions)) < len(positions):
            self.problems.append(f"{indicator_id}: two rows have one cell")
        for row in rows:
            self.cells += 1
            label = f"{indicator_id}: {row['source_file']} {row['source_sheet']} {row['cell']}"
            try:
                cell_value = self._read_cell(row, hashes[row["submission_id"]])
            except (IndexError, KeyError, ValueError, ArithmeticError) as error:
                self.problems.append(f"{label} cannot be read as {row['value']}: {error!r}")
                continue
            if cell_value != row["value"] or (is_sum and cell_value != row["counts"]):
                self.problems.append(f"{label} says {cell_value!r}, not {row['value']!r}")

    def _read_cell(self, row: Mapping[str, Any], sha256: str) -> Any:
        """Return the archived cell, converted to the type of the row's value."""
        sheet = self._sheets(sha256)[row["source_sheet"]]
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", row["cell"]).groups()  # type: ignore[union-attr]
        row_index, column = int(number) - 1, openpyxl.utils.column_index_from_string(letters) - 1
        if isinstance(row["value"], Decimal):
            return amount_of(sheet, row_index, column)
        cell = sheet[row_index][column]
        if isinstance(row["value"], int):
            return int(fold_text(cell))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", row["value"]):
            return f"{day_of(cell)}"
        return row["value"] if fold_text(cell) == fold_text(row["value"]) else cell

    def _sheets(self, sha256: str) -> dict[str, list[list[Any]]]:
        if sha256 not in self.opened:
            data = (self.workspace.home.archive / sha256[:2] / sha256).read_bytes()
            assert hashlib.sha256(data).hexdigest() == sha256
            self.opened[sha256] = read_sheets(data)
        return self.opened[sha256]


def main(home: str) -> int:
    proof = Proof(Workspace(Home(Path(home))))
    published = published_figures()
    for figure in published:
        proof.check_figure(figure.indicator_id, figure.published_text)
    for problem in proof.problems[:50]:
        print(problem)
    print(f"{len(published)} published figures, {proof.cells} cells in {len(proof.opened)} archived files, "
          f"{len(proof.problems)} do not agree")  # fmt: skip
    return 1 if proof.problems or not proof.cells else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
