"""Why a figure is what it is: its rule, each unit's share, the rows behind it and those left out, each with its cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flows.figures import figure_reader, figure_rows
from flows.workplace import Workplace
from schemas.finding import MASKED
from schemas.indicator import Indicator, Part
from schemas.indicator_words import condition_words, field_words, rule_words
from schemas.periods import Period
from warehouse.engine import Connection
from warehouse.explain import FoundRow
from warehouse.left_out import LeftOut, LeftOutReader
from warehouse.load import last_load
from warehouse.parts import Warehouse

ROW_COLUMNS = [
    "unit_code", "unit_name", "source_file", "source_sheet", "source_row", "cell", "value", "submission_id",
    "side", "counts", "month", "period", "ledger", "field",
]  # fmt: skip
LEFT_OUT_COLUMNS = [*ROW_COLUMNS, "code", "reason"]
#: what a code of a reason means, in the order in which they are told
REASONS = {
    "held_back": "有错误，暂不收",
    "refused": "整份报送被退回",
    "other_unit": "同一件以另一单位所报的为准",
    "reported_again": "本单位在别的月份也报了同一件，只计一次",
    "replaced": "已被本单位后来的报送改写",
    "withdrawn": "本单位后来的报送中已没有",
    "out_of_period": "日期不在期内",
    "condition": "不符合条件",
    "empty": "没有填写所计的内容",
    "no_report": "没有一个单位报送本期的台账，不出数",
}
SIDES = ("numerator", "denominator")


def explanation(
    place: Workplace,
    connection: Connection,
    indicator: Indicator,
    region_code: str,
    period: Period,
    as_of: datetime | None = None,
) -> dict[str, Any]:
    """The object that `explain --json` prints, as of the last load at or before `as_of` (UTC without a zone)."""
    load_id, _ = last_load(connection, place.tables, as_of)
    (figure,) = figure_rows(place, connection, [indicator], region_code, period, as_of)
    figures = figure_reader(place, connection, load_id)
    units = figures.units(indicator, region_code)
    warehouse = Warehouse(place.tables, place.ledgers)
    reader = LeftOutReader(connection, warehouse, units, period, load_id)
    teller = _Teller(place, indicator)
    rows, unused = teller.counted(reader)
    if figure["numerator"] is None:
        rows, unused = [], [*unused, *(one | {"code": "no_report", "reason": REASONS["no_report"]} for one in rows)]
    left_out = [*teller.left_out(reader), *unused]
    missing = list(_lacking(indicator, units, period, figures.reports(indicator)))
    rule = rule_words(indicator, place.ledgers)
    return {
        "indicator_id": indicator.indicator_id,
        "definition": f"{indicator.definition}算法：{''.join(rule)}",
        "source": indicator.source,
        **{name: figure[name] for name in ("value", "numerator", "denominator", "display")},
        "by_unit": _by_unit(place, rows, units, period, missing, is_rate=indicator.is_rate),
        "rows": rows,
        "left_out": left_out,
        "left_out_counts": teller.numbers(unused),
        **{name: figure[name] for name in ("title", "unit", "region_code", "region_name", "period")},
        "rule": rule,
        **{name: figure[name] for name in ("units_expected", "units_reported", "is_provisional", "as_of")},
        "missing": [_missing(place, *one) for one in missing],
    }


class _Teller:
    """Tells the rows of one indicator, and why others are left out."""

    def __init__(self, place: Workplace, indicator: Indicator) -> None:
        self.place, self.indicator = place, indicator
        self._numbers: list[dict[str, Any]] = []
        self._fields: dict[tuple[str, str], tuple[str, str, bool]] = {}

    def counted(self, reader: LeftOutReader) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The rows that add to each side, and those with nothing to add."""
        told, empty = [], []
        for side, parts in self._sides():
            for part in parts:
                rows, without = reader.counted(part)
                told += [self._row(one, side) for one in rows]
                empty += [self._left_out(one, side, (part,)) for one in without]
        return told, empty

    def left_out(self, reader: LeftOutReader) -> list[dict[str, Any]]:
        """Rows left out; what fails a condition by side, for a row may be in the whole and not in the part."""
        told = self._listed(reader.held_back({part.ledger for part in self.indicator.parts()}), "", ())
        for parts in _alike(self.indicator.parts()):
            told += self._listed(reader.passed_over(parts), "", parts)
        for side, all_parts in self._sides():
            for parts in _alike(all_parts):
                told += self._listed(reader.not_meeting(parts), side, parts)
        return told

    def numbers(self, unused: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """How many rows were left out for each reason, listed or not; `unused` are listed without a limit."""
        further = Counter((one["code"], one["side"], one["reason"]) for one in unused)
        told = [
            {"code": code, "side": side, "reason": reason, "rows": number} for (code, side, reason), number in further.items()
        ]
        return sorted([*self._numbers, *told], key=lambda one: list(REASONS).index(one["code"]))

    def _sides(self) -> Iterator[tuple[str, tuple[Part, ...]]]:
        yield SIDES[0], self.indicator.numerator
        yield SIDES[1], self.indicator.denominator

    def _listed(self, left: LeftOut, side: str, parts: Sequence[Part]) -> list[dict[str, Any]]:
        for (code, unmet), number in left.numbers.items():
            words = self._unmet_words(parts, unmet) if unmet else REASONS[code]
            self._numbers.append({"code": code, "side": side, "reason": words, "rows": number})
        return [self._left_out(one, side, parts) for one in left.rows]

    def _row(self, row: FoundRow, side: str) -> dict[str, Any]:
        regions = self.place.regions.regions
        title, kind, is_private = self._field(row)
        return {
            "unit_code": row.unit_code,
            "unit_name": regions[row.unit_code].name if row.unit_code in regions else row.unit_code,
            "source_file": row.source_file,
            "source_sheet": row.source_sheet,
            "source_row": row.source_row,
            "cell": row.cell,
            "value": _value(row.value, kind, is_private=is_private),
            "submission_id": row.submission_id,
            "side": side,
            "counts": self._in_unit(row.counts),
            "month": row.month,
            "period": row.period,
            "ledger": row.ledger,
            "field": title,
        }

    def _field(self, row: FoundRow) -> tuple[str, str, bool]:
        """Title, kind and privacy of the field that speaks for a row; a finding names a header, and has masked its value."""
        key = (row.ledger, row.named_by)
        if key not in self._fields:
            ledger = self.place.ledgers.get(row.ledger)
            kind = ledger.column_kinds().get(row.named_by) if ledger else None
            if ledger is None or kind is None:
                return row.named_by, "", False
            is_private = any(one.private for one in ledger.fields if one.name == row.named_by)
            self._fields[key] = (field_words(ledger, row.named_by), kind, is_private)
        return self._fields[key]

    def _left_out(self, row: FoundRow, side: str, parts: Sequence[Part]) -> dict[str, Any]:
        return {**self._row(row, side), "code": row.code, "reason": self._reason(row, parts)}

    def _in_unit(self, counts: int | None) -> Decimal | int | None:
        """In the unit of the figure's sums: 元 where the figure is money."""
        is_money = self.indicator.unit == "元" and not self.indicator.is_rate
        return Decimal(counts).scaleb(-2) if is_money and counts is not None else counts

    def _reason(self, row: FoundRow, parts: Sequence[Part]) -> str:
        if row.code in ("held_back", "refused"):
            return row.message
        if row.code == "condition":
            return self._unmet_words(parts, row.unmet)
        ledger = self.place.ledgers[row.ledger]
        if row.code == "empty":
            return f"没有填写{field_words(ledger, row.named_by)}"
        if row.code == "out_of_period":
            dates = "、".join(field_words(ledger, name) for name in parts[0].dated_by)
            return f"{dates}是 {row.day}，不在期内" if row.day else f"没有填写{dates}"
        name = self.place.regions.regions
        unit = name[row.other_unit].name if row.other_unit in name else row.other_unit
        where = f"{unit} {row.other_period} 的报送（第 {row.other_submission} 号）"
        return {
            "other_unit": f"同一件以{where}为准",
            "reported_again": f"同一件以{where}为准，只计一次",
            "replaced": f"已被{where}改写",
            "withdrawn": f"在{where}中已没有",
        }[row.code]

    def _unmet_words(self, parts: Sequence[Part], unmet: Sequence[int]) -> str:
        asked = [(part, one) for part in parts for one in part.where]
        ledgers = self.place.ledgers
        words = [condition_words(asked[at][1], ledgers[asked[at][0].ledger], ledgers) for at in unmet]
        return f"不符合条件：{'；'.join(words)}"


def _value(value: Any, kind: str, *, is_private: bool) -> Any:
    """As a person reads it: money in 元; nothing of a private field."""
    if value is None or not kind:
        return value
    if is_private:
        return MASKED
    if kind == "money":
        return Decimal(value).scaleb(-2)
    if kind == "boolean":
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else value


def _alike(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """The parts by ledger and by how they date a row."""
    groups: dict[Any, list[Part]] = {}
    for part in parts:
        groups.setdefault((part.ledger, part.dated_by, part.stock), []).append(part)
    return [tuple(group) for group in groups.values()]


def _by_unit(
    place: Workplace, rows: Sequence[Mapping[str, Any]], units: Sequence[str], period: Period,
    missing: Sequence[tuple[str, str, str]], *, is_rate: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Each unit's share by month, adding up to the figure's sums; None where nothing counts and a report is missing."""
    sums: dict[tuple[str, str, str], Any] = {}
    for row in rows:
        key = (row["unit_code"], row["month"], row["side"])
        sums[key] = sums.get(key, 0) + row["counts"]
    lacking = {(unit, month) for unit, _, month in missing}
    months = sorted({*period.months(), *(month for _, month, _ in sums)})
    shares = []
    for unit in units:
        for month in months:
            found = [sums.get((unit, month, side)) for side in SIDES]
            has_any = any(one is not None for one in found)
            if month not in period.months() and not has_any:
                continue
            zero = 0 if has_any or (unit, month) not in lacking else None
            numerator, denominator = (zero if one is None else one for one in found)
            shares.append({
                "unit_code": unit, "unit_name": place.regions.name_of(unit), "month": month, "numerator": numerator,
                "denominator": denominator if is_rate else None, "has_reported": (unit, month) not in lacking,
            })  # fmt: skip
    return shares


def _lacking(
    indicator: Indicator, units: Sequence[str], period: Period, reports: Mapping[str, Mapping[str, Collection[str]]]
) -> Iterator[tuple[str, str, str]]:
    """(unit, ledger, month) of every report that the figure needs and that does not stand; a state needs the last month's."""
    months = period.months()[-1:] if all(part.stock for part in indicator.parts()) else period.months()
    for unit in units:
        for ledger in sorted(reports):
            yield from ((unit, ledger, month) for month in months if month not in reports[ledger].get(unit, ()))


def _missing(place: Workplace, unit: str, ledger: str, month: str) -> dict[str, str]:
    name, title = place.regions.name_of(unit), place.ledgers[ledger].title
    return {"unit_code": unit, "unit_name": name, "ledger": ledger, "ledger_title": title, "month": month}
