"""The reproducible files of the benchmarks: ledgers of penalties as
CSV, with duplicate rows and wrong cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import xlsxwriter
from pyarrow import csv as pa_csv

from benchmarks.contenders.rules import HEADERS

ROWS_A_FILE = 350
DOUBLED, WRONG = 0.03, 0.01
YEAR, MONTHS = 2023, 12

#: the text of a wrong cell; empty for required fields
WRONG_CELLS = {
    "decision_no": "", "party_name": "", "party_type": "某类", "party_uscc": "9100", "violation_type": "", "legal_basis": "",
    "penalty_kinds": "某种", "penalty_text": "", "fine_fen": "待定", "confiscated_fen": "待定", "procedure": "某程序",
    "decided_on": "2023-13-45", "served_on": "2023-02-30", "valid_until": "长期有效", "is_publishable": "待定",
    "published_on": "2023-00-01", "authority": "",
}  # fmt: skip

#: the kinds of penalty that occur, and how often
KINDS, KINDS_SHARES = ("罚款", "警告、罚款", "罚款、没收违法所得"), (0.8, 0.15, 0.05)
CONFISCATES = 2

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = [pow(3, position, 31) for position in range(17)]


def region_table(units: int) -> str:
    """Make the region table of a city with `units` units."""
    lines = ["code,name,level,parent,document_mark,note", "900000,某某市,city,,某环,"]
    lines += [f"{900001 + unit},第{unit + 1:04}县,unit,900000,," for unit in range(units)]
    return "\n".join(lines) + "\n"


def unit_code(number: int) -> str:
    return str(900001 + number)


def usccs(count: int, luck: np.random.Generator) -> np.ndarray:
    """Draw `count` codes with valid check characters."""
    signs = luck.integers(0, 10, size=(count, 17))
    signs[:, 0] = 9
    check = (31 - (signs * np.array(_USCC_WEIGHTS)).sum(axis=1) % 31) % 31
    codes = np.array(list(_USCC_SIGNS))[np.column_stack([signs, check])]
    return np.ascontiguousarray(codes).view("<U18").ravel().astype(object)


def penalties(first: int, count: int, month: str, luck: np.random.Generator) -> pd.DataFrame:
    """Draw `count` valid decisions of a month, as text by field, numbered from `first`."""

    def days(base: pd.Series, most: int) -> pd.Series:
        return base + pd.to_timedelta(luck.integers(0, most, count), unit="D")

    number = pd.Series(range(first, first + count))
    decided = pd.Series(pd.Timestamp(f"{month}-01")).repeat(count).reset_index(drop=True)
    decided = decided + pd.to_timedelta(luck.integers(0, 28, count), unit="D")
    fine = luck.integers(1, 2_000, count) * 100  # 元
    fine_wan = pd.Series((fine / 10_000).round(4)).map("{:g}".format)
    kind = luck.choice(len(KINDS), count, p=KINDS_SHARES)
    law = pd.Series(luck.integers(1, 90, count)).astype(str)
    return pd.DataFrame({
        "decision_no": "某环罚〔" + month[:4] + "〕" + number.astype(str) + "号",
        "case_no": "某环立〔" + month[:4] + "〕" + number.astype(str) + "号",
        "party_name": "第" + number.astype(str) + "化工有限公司",
        "party_type": "法人及非法人组织",
        "party_uscc": usccs(count, luck),
        "legal_representative": "某" + number.mod(997).astype(str),
        "violation_type": "超标排放水污染物",
        "violation_fact": "废水总排口化学需氧量超标" + law + "倍",
        "legal_basis": "《中华人民共和国水污染防治法》第" + law + "条",
        "penalty_kinds": pd.Series(kind).map(dict(enumerate(KINDS))),
        "penalty_text": "罚款" + fine_wan + "万元",
        "fine_fen": fine_wan,
        "confiscated_fen": fine_wan.where(kind == CONFISCATES, ""),
        "procedure": "普通",
        "decided_on": decided.dt.strftime("%Y-%m-%d"),
        "served_on": days(decided, 5).dt.strftime("%Y-%m-%d"),
        "valid_until": days(decided, 900).dt.strftime("%Y-%m-%d"),
        "is_publishable": np.where(luck.random(count) < 0.9, "是", "否"),
        "published_on": days(decided, 14).dt.strftime("%Y-%m-%d"),
        "authority": "某某市生态环境局",
    })  # fmt: skip


def spoilt(frame: pd.DataFrame, luck: np.random.Generator) -> pd.DataFrame:
    """Return the frame with 1 % wrong cells in each column that has wrong texts, and 3 % duplicate rows."""
    frame = frame.copy()
    for name, text in WRONG_CELLS.items():
        frame[name] = frame[name].mask(luck.random(len(frame)) < WRONG, text)
    twice = frame[luck.random(len(frame)) < DOUBLED]
    return pd.concat([frame, twice], ignore_index=True)


def write_ledgers(
    inbox: Path, units: int, month: str = "2023-06", rows: int = ROWS_A_FILE, seed: int = 1
) -> int:
    """Write a ledger of penalties for each unit as CSV into the inbox; return the number of rows."""
    luck = np.random.default_rng(seed)
    written = 0
    share = round(rows / (1 + DOUBLED))
    for frame, unit in _frames(units, share, month, luck):
        folder = inbox / month / unit_code(unit)
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(frame, folder / "行政处罚.csv")
        written += len(frame)
    return written


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, with Arrow, which is ten times faster than pandas."""
    table = pa.Table.from_pandas(frame.astype("str"), preserve_index=False)
    with path.open("wb") as file:
        file.write((",".join(HEADERS[name] for name in frame.columns) + "\n").encode("utf-8"))
        pa_csv.write_csv(table, file, pa_csv.WriteOptions(include_header=False, quoting_style="none"))


def write_late_ledger(inbox: Path, unit: int, month: str = "2023-06") -> None:
    """Write the ledger of a late unit: 350 valid rows, numbered above all others."""
    first = 90_000_001 + unit * ROWS_A_FILE
    folder = inbox / month / unit_code(unit)
    folder.mkdir(parents=True)
    write_csv(penalties(first, ROWS_A_FILE, month, np.random.default_rng(unit)), folder / "行政处罚.csv")


def write_workbooks(inbox: Path, units: int, month: str = "2023-06", seed: int = 3) -> None:
    """Write the same ledgers as small workbooks."""
    luck = np.random.default_rng(seed)
    for frame, unit in _frames(units, ROWS_A_FILE, month, luck):
        folder = inbox / month / unit_code(unit)
        folder.mkdir(parents=True, exist_ok=True)
        with xlsxwriter.Workbook(folder / "行政处罚.xlsx") as workbook:
            sheet = workbook.add_worksheet("行政处罚")
            sheet.write_row(0, 0, [HEADERS[name] for name in frame.columns])
            for row, cells in enumerate(frame.itertuples(index=False), start=1):
                for column, text in enumerate(cells):
                    if text:
                        sheet.write_string(row, column, text)


def _frames(
    units: int, rows: int, month: str, luck: np.random.Generator
) -> Iterator[tuple[pd.DataFrame, int]]:
    """Yield a frame for each unit; a hundred are drawn together to save pandas calls."""
    for start in range(0, units, 100):
        count = min(100, units - start)
        together = penalties(start * rows + 1, count * rows, month, luck)
        for unit in range(count):
            yield spoilt(together.iloc[unit * rows : (unit + 1) * rows], luck), start + unit
