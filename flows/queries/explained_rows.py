"""The rows behind a figure, for its explanation: those that count and the excluded ones, with reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.figures.describe import condition_words, field_words
from schemas.figures.indicator import Indicator, Part
from schemas.ledgers.finding import MASKED
from schemas.sentences import Sentence
from warehouse.figures.contributing_rows import naming_fields
from warehouse.figures.excluded_rows import ExcludedRowReader, ExcludedRows
from warehouse.frames import frame_records

ROW_COLUMNS = [
    "unit_code", "unit_name", "source_file", "source_sheet", "source_row", "cell", "value", "submission_id",
    "side", "counts", "month", "period", "ledger", "field",
]  # fmt: skip
LEFT_OUT_COLUMNS = [*ROW_COLUMNS, "code", "reason"]
#: reason codes and their texts, in the order of display
REASONS = {
    "held_back": Sentence("有错误，暂不收"),
    "refused": Sentence("整份报送被退回"),
    "other_unit": Sentence("同一件以另一单位所报的为准"),
    "reported_again": Sentence("本单位在别的月份也报了同一件，只计一次"),
    "replaced": Sentence("已被本单位后来的报送改写"),
    "withdrawn": Sentence("本单位后来的报送中已没有"),
    "reread_otherwise": Sentence("市局更正或重新读取后改写"),
    "taken_back": Sentence("市局的决定有变或重新读取，不再计入"),
    "out_of_period": Sentence("日期不在期内"),
    "condition": Sentence("不符合条件"),
    "empty": Sentence("没有填写所计的内容"),
    "no_report": Sentence("所需的台账还没有单位报送，不出数"),
}
SIDES = ("numerator", "denominator")


class ExplainedRows:
    """Collects the rows of an indicator, and excluded rows with their reasons; at most `most` of a kind."""

    def __init__(self, workspace: Workspace, indicator: Indicator, most: int | None) -> None:
        self.workspace, self.indicator, self.most = workspace, indicator, most
        self.rows: list[dict[str, Any]] = []
        self.left_out: list[dict[str, Any]] = []
        self.row_count = 0
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._sums: dict[tuple[str, str, str], int] = {}

    def read(self, reader: ExcludedRowReader, *, is_known: bool) -> None:
        """Read all rows; if the figure is unknown (`is_known`), rows that would count are excluded for that
        reason.

        Unmet conditions are listed by side, because a row may count in the denominator only.
        """
        unused = []
        for side, parts in self._sides():
            for part in parts:
                rows, empty = reader.counted_rows(part)
                named = field_words(
                    self.workspace.ledgers[part.ledger], naming_fields(reader.warehouse, part)[0]
                )
                unused.append((empty, side, part, f"没有填写{named}"))
                if is_known:
                    self._add_counted(reader, rows, side, part)
                else:
                    unused.append((rows.assign(code="no_report"), side, part, REASONS["no_report"]))
        self._add_left_out(
            reader.quarantined_rows({part.ledger for part in self.indicator.parts()}), "", ()
        )
        for group in _group_parts(self.indicator.parts()):
            self._add_left_out(reader.rows_excluded_otherwise(group), "", group)
        for side, parts in self._sides():
            for group in _group_parts(parts):
                self._add_left_out(reader.rows_not_meeting(group), side, group)
        for rows, side, part, reason in unused:
            self._add_unused(reader, rows, side, part, reason)

    def sums(self) -> dict[tuple[str, str, str], Any]:
        """Sum what counts by unit, month and side, in the unit of the figure."""
        return {key: self._in_unit(number) for key, number in self._sums.items()}

    def numbers(self) -> list[dict[str, Any]]:
        """Count the excluded rows for each reason, listed or not."""
        counts = [
            {"code": code, "side": side, "reason": reason, "rows": rows}
            for (code, side, reason), rows in self._numbers.items()
        ]
        return sorted(counts, key=lambda count: list(REASONS).index(count["code"]))

    def _sides(self) -> Iterator[tuple[str, tuple[Part, ...]]]:
        yield SIDES[0], self.indicator.numerator
        yield SIDES[1], self.indicator.denominator

    def _add_counted(self, reader: ExcludedRowReader, rows: pd.DataFrame, side: str, part: Part) -> None:
        if rows.empty:
            return  # most frames are empty; building one is not free
        self.row_count += len(rows)
        for (unit, month), number in rows.groupby(["unit_code", "month"])["counts"].sum().items():
            self._sums[unit, month, side] = self._sums.get((unit, month, side), 0) + int(number)
        room = len(rows) if self.most is None else max(0, self.most - len(self.rows))
        self.rows += frame_records(
            self._describe_rows(reader.locate_cells(part, rows.head(room)), side)[ROW_COLUMNS]
        )

    def _add_unused(
        self, reader: ExcludedRowReader, rows: pd.DataFrame, side: str, part: Part, reason: str
    ) -> None:
        """Add rows without a value to count, or of a figure that nobody reported."""
        if rows.empty:
            return
        for code, number in rows["code"].value_counts().items():
            self._numbers[str(code), side, reason] = self._numbers.get((str(code), side, reason), 0) + int(
                number
            )
        described = self._describe_rows(reader.locate_cells(part, self._few(rows)), side)
        described = described.assign(reason=_as_objects([reason] * len(described), described.index))
        self.left_out += frame_records(described[LEFT_OUT_COLUMNS])

    def _add_left_out(self, excluded: ExcludedRows, side: str, parts: Sequence[Part]) -> None:
        for (code, unmet), number in excluded.numbers.items():
            words = self._unmet_words(parts, unmet) if unmet else REASONS[code]
            self._numbers[code, side, words] = self._numbers.get((code, side, words), 0) + number
        for frame in excluded.frames:
            rows = self._few(frame)
            reasons = [self._reason(row, parts) for row in frame_records(rows)]
            self.left_out += frame_records(
                self._describe_rows(rows.assign(reason=_as_objects(reasons, rows.index)), side)[
                    LEFT_OUT_COLUMNS
                ]
            )

    def _few(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows if self.most is None else rows.head(self.most)

    def _describe_rows(self, rows: pd.DataFrame, side: str) -> pd.DataFrame:
        """Add names of units and fields, readable values, and the count in the figure's unit."""
        regions = self.workspace.regions.regions
        names = {
            code: regions[code].name if code in regions else code for code in rows["unit_code"].unique()
        }
        counts = (
            [self._in_unit(count) for count in rows["counts"].tolist()]
            if "counts" in rows
            else [None] * len(rows)
        )
        rows = rows.assign(
            unit_name=rows["unit_code"].map(names),
            side=side,
            counts=pd.Series(counts, rows.index, dtype=object),
        )
        rows["field"], values = rows["named_by"], rows["value"].copy()
        for name, field_name in (
            rows[["ledger", "named_by"]].drop_duplicates().itertuples(index=False, name=None)
        ):
            title, kind, is_private = self._field(name, field_name)
            matches = (rows["ledger"] == name) & (rows["named_by"] == field_name)
            rows.loc[matches, "field"] = title
            if is_private or kind in ("money", "boolean", "date"):
                texts = [_value(raw, kind, is_private=is_private) for raw in values[matches].tolist()]
                values[matches] = pd.Series(texts, values[matches].index, dtype=object)
        return rows.assign(value=values)

    def _field(self, name: str, field: str) -> tuple[str, str, bool]:
        """Return title, kind and privacy of the field shown for a row; a finding names a header, its value
        already masked.
        """
        ledger = self.workspace.ledgers.get(name)
        kind = ledger.column_kinds().get(field) if ledger else None
        if ledger is None or kind is None:
            return field, "", False
        return (
            field_words(ledger, field),
            kind,
            any(column.private for column in ledger.fields if column.name == field),
        )

    def _in_unit(self, counts: int) -> Decimal | int:
        """Convert a count to the unit of the figure: 元 if it is money."""
        is_money = self.indicator.unit == "元" and not self.indicator.is_rate
        return Decimal(counts).scaleb(-2) if is_money else counts

    def _reason(self, row: Mapping[str, Any], parts: Sequence[Part]) -> str:
        code = row["code"]
        if code in ("held_back", "refused"):
            return str(row["message"])
        if code == "condition":
            return self._unmet_words(parts, row["unmet"])
        if code == "out_of_period":
            ledger = self.workspace.ledgers[parts[0].ledger]
            dates = "、".join(field_words(ledger, name) for name in parts[0].dated_by)
            if row["day"]:
                return Sentence("{dates}是 {day}，不在期内", dates=dates, day=row["day"])
            return Sentence("没有填写{dates}", dates=dates)
        regions = self.workspace.regions.regions
        unit = regions[row["other_unit"]].name if row["other_unit"] in regions else row["other_unit"]
        where = Sentence(
            "{unit} {period} 的报送（第 {number} 号）",
            unit=unit, period=row["other_period"], number=row["other_submission"],
        )  # fmt: skip
        if code in ("reread_otherwise", "taken_back"):
            return REASONS[code]
        return {
            "other_unit": Sentence("同一件以{where}为准", where=where),
            "reported_again": Sentence("同一件以{where}为准，只计一次", where=where),
            "replaced": Sentence("已被{where}改写", where=where),
            "withdrawn": Sentence("在{where}中已没有", where=where),
        }[str(code)]

    def _unmet_words(self, parts: Sequence[Part], unmet: Sequence[int]) -> str:
        conditions = [(part, condition) for part in parts for condition in part.where]
        ledgers = self.workspace.ledgers
        words = [
            condition_words(conditions[index][1], ledgers[conditions[index][0].ledger], ledgers)
            for index in unmet
        ]
        return f"不符合条件：{'；'.join(words)}"


def _value(value: Any, kind: str, *, is_private: bool) -> Any:
    """Format a value for a reader: money in 元, private fields masked."""
    if value is None or not kind:
        return value
    if is_private:
        return MASKED
    if kind == "money":
        return Decimal(value).scaleb(-2)
    if kind == "boolean":
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else value


def _group_parts(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Group the parts by ledger and by how they date a row."""
    groups: dict[Any, list[Part]] = {}
    for part in parts:
        groups.setdefault((part.ledger, part.dated_by, part.stock), []).append(part)
    return [tuple(group) for group in groups.values()]


def _as_objects(reasons: Sequence[str], index: pd.Index) -> pd.Series:
    """Return a column that leaves sentences what they are, with their templates."""
    return pd.Series(list(reasons), index=index, dtype=object)
