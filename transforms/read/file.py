"""From a file's bytes to submissions: one ledger of one unit for one month, as text in named columns with its row numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from schemas.finding import finding
from schemas.forms import EXAMPLE_MARK, OWN_SHEETS
from schemas.regions import RegionTable
from schemas.types import STR
from transforms.read.containers import Grid, UnusableFile, cell_text, open_file
from transforms.read.header import (
    IGNORED_HEADERS,
    Column,
    HeaderIndex,
    HeaderRow,
    choose_ledger,
    column_letter,
    fold_header,
)
from transforms.read.identity import Evidence, agreed_money_unit, agreed_period, agreed_unit, from_cells, from_path

SOURCE_ROW = "source_row"
_TOTAL = re.compile(r"^(?:本页|本月|本年|全年|年度)?(?:合计|小计|总计|累计)(?:数|金额)?(?:[:(].*)?$")
_FOOT = re.compile(
    r"^(?:注|备注|说明|填表说明|填报人|填表人|审核人|制表人|制表|负责人|联系人|联系电话|填表日期|填报日期|报出日期)[:]"
)
_NOTHING = {"无", "/", "零报告", "本月无", "本期无", "-", "—", "——"}


@dataclass(frozen=True)
class Submission:
    """What one sheet submits. Rejected ones carry the finding that says why, and as much identity as was found.

    `frame` holds one text column a field of the ledger (missing where the sheet lacks the column) and `source_row`.
    """

    file: str
    sheet: str
    ledger: str | None = None
    unit_code: str | None = None
    period: str | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    money_unit: str | None = None
    frame: pd.DataFrame | None = None
    findings: tuple[dict[str, Any], ...] = ()

    @property
    def is_rejected(self) -> bool:
        return self.frame is None

    @property
    def rows(self) -> pd.DataFrame:
        """The frame of a submission that was not rejected."""
        if self.frame is None:
            raise ValueError(f"{self.file} {self.sheet} was rejected and has no rows")
        return self.frame


@dataclass(frozen=True)
class FileRead:
    """What a file holds: its submissions, and findings on the file that belong to none of them."""

    submissions: list[Submission]
    findings: list[dict[str, Any]]


def read_file(path: str, data: bytes, regions: RegionTable, index: HeaderIndex) -> FileRead:
    """Read one file; `path` is where it lies below the inbox. Bad input ends as findings, never as an exception."""
    by_path = from_path(path, regions)
    try:
        opened = open_file(data)
    except UnusableFile as unusable:
        return FileRead([_rejected(path, "", by_path, unusable)], [])
    findings = [finding(rule_id, file=path, sheet=sheet, **places) for rule_id, sheet, places in opened.told]
    grids = [grid for grid in opened.grids if grid.name not in OWN_SHEETS]
    findings += [
        finding("sheet.empty" if grid.is_visible else "sheet.hidden", file=path, sheet=grid.name)
        for grid in grids
        if not grid.is_visible or grid.is_empty()
    ]
    candidates = [grid for grid in grids if grid.is_visible and not grid.is_empty()]
    headers = [(grid, index.find(grid)) for grid in candidates]
    with_header = [(grid, header) for grid, header in headers if header is not None]
    if not with_header:
        rule_id = "sheet.no_header" if candidates else "file.no_data_sheet"
        return FileRead([_rejected(path, "", by_path, UnusableFile(rule_id))], findings)
    findings += [finding("sheet.not_a_ledger", file=path, sheet=grid.name) for grid, header in headers if header is None]
    is_only = len(with_header) == 1
    submissions = [_read_sheet(path, grid, header, by_path, regions, index, is_only) for grid, header in with_header]
    return FileRead(_one_for_the_file(_refuse_twins(submissions)), findings)


def _read_sheet(
    path: str,
    grid: Grid,
    header: HeaderRow,
    by_path: list[Evidence],
    regions: RegionTable,
    index: HeaderIndex,
    is_only: bool,
) -> Submission:
    above = grid.rows[: header.first_row]
    evidence = by_path + from_cells(above, regions)
    ledger = None
    try:
        ledger = choose_ledger(index, header, _names(path, grid, above, index, is_only))
        if twice := header.matches[ledger].twice:
            raise UnusableFile("sheet.duplicate_column", detail="、".join(twice))
        unit_code, period = agreed_unit(evidence, regions), agreed_period(evidence)
    except UnusableFile as unusable:
        return _rejected(path, grid.name, evidence, unusable, ledger)
    columns = header.matches[ledger].columns
    frame, ragged = _body(grid, header, columns, index.ledgers[ledger].field_names())
    findings = [
        finding("sheet.unknown_column", file=path, sheet=grid.name, detail=f"{column_letter(at)} 列 {text}")
        for at, text in _unknown(header, columns)
    ]
    findings += [finding("row.ragged", file=path, sheet=grid.name, row=row, detail=extra) for row, extra in ragged]
    return Submission(path, grid.name, ledger, unit_code, period, columns, agreed_money_unit(evidence), frame, tuple(findings))


def _rejected(path: str, sheet: str, evidence: list[Evidence], unusable: UnusableFile, ledger: str | None = None) -> Submission:
    """A submission that was refused; the unit and month under which it is told are the first that anything named."""
    unit_code = next((one.unit for one in evidence if one.unit), None)
    period = next((one.period for one in evidence if one.period), None)
    told = finding(unusable.rule_id, file=path, sheet=sheet, **unusable.places)
    return Submission(path, sheet, ledger, unit_code=unit_code, period=period, findings=(told,))


def _names(path: str, grid: Grid, above: list[list[Any]], index: HeaderIndex, is_only: bool) -> dict[str, str]:
    """Where a ledger is named: on the sheet's tab, above the header, or, for a file's only sheet, in the file's name."""
    found = {}
    if by_tab := index.named_in(grid.name):
        found["工作表名"] = by_tab
    titles = [name for row in above for cell in row if (name := index.named_in(cell_text(cell)))]
    if titles:
        found["表头上方"] = titles[0]
    if is_only and (by_file := index.named_in(path.rsplit("/", 1)[-1].rsplit(".", 1)[0])):
        found["文件名"] = by_file
    return found


def _unknown(header: HeaderRow, columns: dict[str, Column]) -> list[tuple[int, str]]:
    known = {column.index for column in columns.values()}
    texts = enumerate(header.texts)
    return [(at, text) for at, text in texts if text and at not in known and fold_header(text) not in IGNORED_HEADERS]


def _body(
    grid: Grid, header: HeaderRow, columns: dict[str, Column], fields: list[str]
) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
    """The data rows as text, and the rows of a CSV that have more cells than the header (row, how many more)."""
    width = len(header.texts)
    picked = [(name, column.index) for name, column in columns.items()]
    values: list[list[str]] = []
    rows: list[int] = []
    ragged = []
    for at in range(header.row + 1, len(grid.rows)):
        texts = [cell_text(cell) for cell in grid.rows[at]]
        if not _is_data(texts):
            continue
        if grid.is_csv and (extra := sum(map(bool, texts[width:]))):
            ragged.append((at + 1, extra))
        texts += [""] * (width - len(texts))
        values.append([texts[index] for _, index in picked])
        rows.append(at + 1)
    frame = pd.DataFrame(values, columns=[name for name, _ in picked], dtype=STR).replace("", np.nan)
    frame = frame.reindex(columns=fields).astype(STR)
    frame[SOURCE_ROW] = np.array(rows, dtype="int64")
    return frame, ragged


def _is_data(texts: list[str]) -> bool:
    """Whether a row below the header is data: not blank, a template's example, a total, a foot note or a lone 无."""
    filled = [text for text in texts if text]
    if not filled:
        return False
    first = re.sub(r"\s", "", unicodedata.normalize("NFKC", filled[0]))
    if first.strip("()") == EXAMPLE_MARK or _TOTAL.match(first) or _FOOT.match(first):
        return False
    return not all(text in _NOTHING for text in (filled if not first.isdigit() else filled[1:] or ["无"]))


def _refuse_twins(submissions: list[Submission]) -> list[Submission]:
    """Two sheets of one file for the same ledger, unit and month: the second would silently replace the first."""
    identity = Counter((one.ledger, one.unit_code, one.period) for one in submissions if not one.is_rejected)
    checked = []
    for one in submissions:
        key = (one.ledger, one.unit_code, one.period)
        if one.is_rejected or identity[key] == 1:
            checked.append(one)
            continue
        twins = "、".join(f"“{other.sheet}”" for other in submissions if (other.ledger, other.unit_code, other.period) == key)
        told = finding("submission.several_sheets", file=one.file, sheet=one.sheet, detail=twins)
        checked.append(replace(one, frame=None, findings=(*one.findings, told)))
    return checked


def _one_for_the_file(submissions: list[Submission]) -> list[Submission]:
    """Where every sheet was refused for the same reason, the file is refused once."""
    reasons = {one.findings[-1]["message"].removeprefix(f"工作表“{one.sheet}”") for one in submissions if one.is_rejected}
    if len(submissions) < 2 or len(reasons) != 1 or not all(one.is_rejected for one in submissions):
        return submissions
    first = submissions[0]
    told = {**first.findings[-1], "sheet": ""}
    told["message"] = f"文件“{first.file.rsplit('/', 1)[-1]}”{reasons.pop()}"
    ledgers = {one.ledger for one in submissions}
    return [replace(first, sheet="", ledger=ledgers.pop() if len(ledgers) == 1 else None, findings=(told,))]
