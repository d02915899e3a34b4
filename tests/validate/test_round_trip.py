"""Rows come back as they were, however an office writes them: any ledger, any mixture of known habits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import ledgers
from schemas.ledgers.compiled import LedgerField
from schemas.ledgers.finding import compose_messages
from tests.support.counties import GOOD_ROWS, csv_bytes, sheet_cells, workbook_bytes
from tests.support.made_files import xls_bytes
from tests.support.validation import read_one, validate_all
from transforms.read.layout.header_text import split_money_unit

#: amounts in 元, and how they are written in words
AMOUNTS = {35_000: "叁万伍仟元整", 1_200: "壹仟贰佰元整", 120_050: "壹拾贰万零伍拾元整", 70_000: "柒万元整"}
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
WRITE = {
    "xlsx": lambda title, cells: workbook_bytes({title: cells}),
    "xls": lambda title, cells: xls_bytes({title: cells}),
    **{
        encoding: lambda title, cells, encoding=encoding: csv_bytes(cells, encoding)
        for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16")
    },
}
DATES = ("%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "a date", "a serial")


@dataclass(frozen=True)
class Habits:
    """How a sheet is written; `seed` decides on the random choices for each column or row."""

    container: str
    header_rows: int
    dates: str
    money: str
    has_title: bool
    has_aliases: bool
    is_shuffled: bool
    has_extra_columns: bool
    has_blank_rows: bool
    has_totals: bool
    has_foot: bool
    numbers_are_text: bool
    is_wide: bool
    breaks_headers: bool
    seed: int


HABITS = st.builds(
    Habits,
    container=st.sampled_from(list(WRITE)),
    header_rows=st.sampled_from([1, 2, 3]),
    dates=st.sampled_from(DATES),
    money=st.sampled_from(["元", "万元", "spelt out"]),
    seed=st.integers(0, 1 << 16),
)


def good_rows(ledger: str, count: int) -> list[dict[str, Any]]:
    """Return rows that break no rule, all different; money as 元."""
    definition = ledgers()[ledger]
    rows = []
    for index in range(count):
        row = {
            name: value.replace("(星)", "(江)") if isinstance(value, str) else value
            for name, value in GOOD_ROWS[ledger].items()
        }  # the numbers of the unit that reports
        amount = list(AMOUNTS)[index % len(AMOUNTS)]
        for field in definition.fields:
            value = row.get(field.name)
            if value is None:
                continue
            if field.type.kind == "money":
                row[field.name] = amount
            elif field.type.kind == "date":
                row[field.name] = date.fromisoformat(value)
            elif field.is_in_key and not field.allowed and isinstance(value, str):
                row[field.name] = (
                    value.replace("1号", f"{index + 1}号") if "1号" in value else f"{value}{index + 1}"
                )
            elif field.type.kind == "text" and not field.is_in_key and field.refers_to is None:
                row[field.name] = f"{value}，又“{index}”"
        if "penalty_text" in row:
            row["penalty_text"] = f"罚款{amount}元"
        rows.append(row)
    return rows


def template_cells(ledger: str, rows: list[dict[str, Any]]) -> list[list[Any]]:
    """Return the cells of a filled-in template."""
    written = [
        {
            field.name: _in_unit(row[field.name], field)
            for field in ledgers()[ledger].fields
            if field.name in row
        }
        for row in rows
    ]
    return sheet_cells(ledger, written)


def _in_unit(value: Any, field: LedgerField) -> Any:
    if field.type.kind != "money":
        return value
    return float(Decimal(value) / 10_000) if split_money_unit(field.header)[1] == "万元" else value


class Sheet:
    """A sheet written with these habits."""

    def __init__(self, ledger: str, rows: list[dict[str, Any]], habits: Habits) -> None:
        self.ledger, self.habits, self.rng = ledgers()[ledger], habits, Random(habits.seed)
        fields = [field for field in self.ledger.fields if field.required or field.name in rows[0]]
        if habits.is_shuffled:
            self.rng.shuffle(fields)
        self.columns: list[LedgerField | str] = list(fields)
        if habits.has_extra_columns:
            self.columns = ["序号", *self.columns, "经办小记"]
        self.rows = rows

    def cells(self) -> list[list[Any]]:
        cells = [*self._above(), *self._header()]
        for index, row in enumerate(self.rows):
            if self.habits.has_blank_rows and self.rng.random() < 0.5:
                cells.append([None] * len(self.columns))
            cells.append([self._cell(column, row, index) for column in self.columns])
            if self.habits.has_totals and index == 0:
                cells.append(self._total("小　计", self.rows[:1]))
        if self.habits.has_totals:
            cells.append(self._total("合计", self.rows))
        if self.habits.has_foot:
            cells += [["填报人：张三", None, "审核人：李四"], ["注：本表按月报送"]]
        return cells

    def _above(self) -> list[list[Any]]:
        title = [
            [f"临江市2023年6月{self.ledger.title}"],
            ["填报单位（盖章）：", None, "临江市", "填报期间：２０２３年６月"],
        ]
        return title if self.habits.has_title else []

    def _header(self) -> list[list[Any]]:
        names = [self._name(column) for column in self.columns]
        units = [self._unit(column) for column in self.columns]
        has_unit_row = any(units) and self.habits.header_rows > 1
        if not has_unit_row:
            names = [f"{name}{unit}" for name, unit in zip(names, units, strict=True)]
        rows = [[self._broken(name) for name in names]]
        if has_unit_row:
            rows.append([unit or None for unit in units])
        if len(rows) < self.habits.header_rows:
            middle = len(names) // 2
            rows.insert(
                0, ["基本情况", *[None] * (middle - 1), "办理情况", *[None] * (len(names) - middle - 1)]
            )
        return rows

    def _name(self, column: LedgerField | str) -> str:
        if isinstance(column, str):
            return column
        name = self.rng.choice(column.headers) if self.habits.has_aliases else column.header
        return split_money_unit(column.header)[0] if column.type.kind == "money" else name

    def _unit(self, column: LedgerField | str) -> str:
        if isinstance(column, str) or column.type.kind != "money":
            return ""
        return "(万元)" if self.habits.money == "万元" else "(元)"

    def _broken(self, name: str) -> str:
        sign = self.rng.choice([" ", "\n", "　"])
        return f"{name[:2]}{sign}{name[2:]}" if self.habits.breaks_headers else name

    def _cell(self, column: LedgerField | str, row: dict[str, Any], index: int) -> Any:
        if isinstance(column, str):
            return index + 1 if column == "序号" else "已归档"
        value = row.get(column.name)
        if column.type.kind == "money" and value is not None:
            value = self._amount(value)
        elif isinstance(value, date):
            value = self._day(value)
        if self.habits.numbers_are_text and isinstance(value, int | float):
            value = str(value)
        return value.translate(WIDE) if self.habits.is_wide and isinstance(value, str) else value

    def _amount(self, yuan: int) -> Any:
        match self.habits.money:
            case "元":
                return f"{yuan:,}" if self.habits.numbers_are_text else yuan
            case "万元":
                return float(Decimal(yuan) / 10_000)
            case _:
                return AMOUNTS.get(yuan, yuan)

    def _day(self, day: date) -> Any:
        if self.habits.dates == "a serial":
            return (day - date(1899, 12, 30)).days
        return day if self.habits.dates == "a date" else day.strftime(self.habits.dates)

    def _total(self, label: str, rows: list[dict[str, Any]]) -> list[Any]:
        """Return a row of sums, with its label in the first column without a sum."""
        cells: list[Any] = []
        for column in self.columns:
            is_money = (
                isinstance(column, LedgerField) and column.type.kind == "money" and column.name in rows[0]
            )
            cells.append(self._amount(sum(row[column.name] for row in rows)) if is_money else None)
        cells[cells.index(None)] = label
        return cells


@cache
def rows_from_template(ledger: str, count: int) -> pd.DataFrame:
    """Read the typed rows from the template."""
    data = workbook_bytes({ledgers()[ledger].title: template_cells(ledger, good_rows(ledger, count))})
    result = validate_all([read_one(data)])
    assert result.findings.empty, compose_messages(result.findings).tolist()
    return result.rows[ledger].drop(columns="source_row")


def assert_round_trip(ledger: str, count: int, habits: Habits) -> None:
    title = ledgers()[ledger].title
    cells = Sheet(ledger, good_rows(ledger, count), habits).cells()
    path = f"{title}.xls" if habits.has_title else f"2023-06/临江市/{title}.xls"
    submission = read_one(WRITE[habits.container](title, cells), path)
    result = validate_all([submission])
    grave = result.findings[result.findings["severity"].ne("notice")]
    assert compose_messages(grave).tolist() == []
    rows = result.rows[ledger].drop(columns="source_row")
    pd.testing.assert_frame_equal(rows.reset_index(drop=True), rows_from_template(ledger, count))


@pytest.mark.parametrize("ledger", ledgers())
def test_good_rows_are_good(ledger: str) -> None:
    assert len(rows_from_template(ledger, 4)) == 4


@pytest.mark.parametrize("ledger", ledgers())
@pytest.mark.parametrize(
    ("container", "header_rows", "dates"), [("xls", 3, "a serial"), ("gb18030", 2, "%Y年%m月%d日")]
)
def test_every_habit_at_once(ledger: str, container: str, header_rows: int, dates: str) -> None:
    habits = dict.fromkeys(
        ("has_title", "has_aliases", "is_shuffled", "has_extra_columns", "has_blank_rows", "has_totals"),
        True,
    )
    habits |= dict.fromkeys(("has_foot", "numbers_are_text", "is_wide", "breaks_headers"), True)
    assert_round_trip(
        ledger,
        3,
        Habits(container=container, header_rows=header_rows, dates=dates, money="万元", seed=7, **habits),
    )


@given(st.sampled_from(list(ledgers())), st.integers(1, 4), HABITS)
def test_rows_come_back_as_they_were_written(ledger: str, count: int, habits: Habits) -> None:
    assert_round_trip(ledger, count, habits)
