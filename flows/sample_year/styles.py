"""Styles: how each office fills in its ledgers, all year. A table, assigned to the units in turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Container = Literal["xlsx", "xls", "csv-gbk", "csv-bom"]
Dates = Literal["excel", "serial", "2023-05-06", "2023.5.6", "2023/5/6", "20230506", "2023年5月6日"]
Amounts = Literal["number", "thousands", "3.5万"]

EXCEL_DATES: Dates = "excel"


@dataclass(frozen=True)
class Style:
    """One office's habits.

    `file_name` is without the ending and may name {title} (of the ledger, or 执法台账 for
    the whole), {name}, {office}, {code}, {year}, {month}, {month2}. `ending` need not be
    what `container` says: that is one of the habits.
    """

    file_name: str
    container: Container = "xlsx"
    ending: str = "xlsx"
    one_workbook: bool = False
    short_sheet_names: bool = False
    has_title: bool = True
    has_labels: bool = False
    money_unit: Literal["元", "万元"] = "元"
    bare_money_header: bool = False
    amounts: Amounts = "number"
    dates: Dates = EXCEL_DATES
    number_brackets: str = "〔〕"
    penalty_word: str = "罚"
    has_hao: bool = True
    leading_zeros: int = 0
    full_width: bool = False
    alias: int = 0
    broken_headers: bool = False
    required_first: bool = False
    serial_column: bool = False
    extra_column: str = ""
    nulls: tuple[str, ...] = ("",)
    booleans: tuple[str, str] = ("是", "否")
    joiner: str = "、"
    total_row: bool = False
    foot_rows: bool = False
    hidden_sheet: bool = False
    empty_sheet: bool = False
    zero_word: str = "无"
    carries_over: bool = False
    names_informants: bool = False

    @property
    def is_csv(self) -> bool:
        return self.container.startswith("csv")


STYLES = (
    Style("{office}{year}年{month}月{title}", one_workbook=True, has_labels=True, money_unit="万元", total_row=True,
          foot_rows=True, hidden_sheet=True, carries_over=True, names_informants=True),
    Style("{name}{year}年{month}月{title}", alias=1, dates="2023.5.6", number_brackets="[]", serial_column=True,
          extra_column="经办备注", nulls=("/",), names_informants=True, zero_word="本月无"),
    Style("{title}_{name}_{year}{month2}", container="csv-gbk", ending="csv", amounts="thousands", dates="2023/5/6",
          has_hao=False, booleans=("√", "×"), nulls=("无", ""), names_informants=True),
    Style("{year}-{month2} {title}（{name}）", container="csv-bom", ending="csv", amounts="3.5万",
          dates="20230506", number_brackets="()", penalty_word="罚决字", booleans=("1", "0"), carries_over=True,
          zero_word="零报告"),
    Style("{name}{year}年{month}月{title}", container="xls", ending="xls", one_workbook=True, short_sheet_names=True,
          has_labels=True, money_unit="万元", bare_money_header=True, dates="serial", number_brackets="【】", alias=1,
          broken_headers=True, booleans=("有", "无"), foot_rows=True, empty_sheet=True),
    Style("{title}（{year}年{month}月）", container="xls", ending="et", dates="2023年5月6日", full_width=True,
          number_brackets="（）", leading_zeros=3, nulls=("—", ""), total_row=True, serial_column=True),
    Style("{title}", ending="xls", money_unit="万元", dates="2023-05-06", required_first=True, joiner="，",
          nulls=("—", "无"), has_labels=True, extra_column="经办备注", carries_over=True),
    Style("{code}-{year}{month2}", one_workbook=True, short_sheet_names=True, amounts="thousands", alias=2,
          number_brackets="［］", penalty_word="罚字", booleans=("√", "×"), total_row=True, foot_rows=True,
          empty_sheet=True, hidden_sheet=True, zero_word="/"),
)  # fmt: skip


def assign_styles(units: Iterable[str]) -> dict[str, Style]:
    """Assign a style to each unit, starting over after the last style."""
    return {unit: STYLES[index % len(STYLES)] for index, unit in enumerate(units)}
