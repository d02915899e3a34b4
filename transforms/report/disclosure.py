"""Choose what has to be published and is not yet, fill in the template, and say what it would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from schemas.disclosure import NATURAL_PERSON, WORKING_DAYS, DisclosedColumn, DisclosureTemplate
from schemas.periods import Period
from schemas.reporting.working_days import WorkingCalendar
from transforms.report.personal_cells import REPLACEMENT, hide_numbers

FEN_PER_WAN_YUAN = 1_000_000
PERSON = "行政相对人是自然人：证件号码不由本系统输出，请在公示系统中填写；公示时隐去"


@dataclass(frozen=True)
class DisclosedRow:
    """A decision: its cells in the template's order, when it is due, and why it would be refused."""

    unit_code: str
    document_no: str
    decided_on: date
    due_on: date | None
    cells: tuple[Any, ...]
    refusals: tuple[str, ...]
    remarks: tuple[str, ...]


def choose_rows(
    template: DisclosureTemplate,
    rows: pd.DataFrame,
    period: Period | None,
    today: date,
    calendar: WorkingCalendar,
) -> pd.DataFrame:
    """Return the decisions that have to be published and are not yet, with `due_on`, the first due first.

    A ledger without a field for the publication does not say what was published: then they are those of the
    period, without one those whose days have not passed.
    """
    decided = rows[template.decided]
    due_on = calendar.after_working_days(decided, WORKING_DAYS)
    is_chosen = decided.notna()
    if template.publishable:
        is_chosen &= rows[template.publishable].ne(False)
    for name, values in template.where.items():
        is_chosen &= rows[name].isin(list(values))
    if period is not None:
        is_chosen &= decided.ge(pd.Timestamp(period.start_on)) & decided.lt(pd.Timestamp(period.end_on))
    if template.published:
        is_chosen &= rows[template.published].isna()
    elif period is None:
        is_chosen &= due_on.isna() | due_on.ge(pd.Timestamp(today))
    chosen = rows.assign(due_on=due_on)[is_chosen]
    return chosen.sort_values(["due_on", template.decided, "unit_code"], kind="stable", ignore_index=True)


def fill_template(template: DisclosureTemplate, chosen: pd.DataFrame) -> list[DisclosedRow]:
    """Fill in the template for each decision."""
    columns = {
        name: chosen[name].astype(object).where(chosen[name].notna(), None) for name in chosen.columns
    }
    records = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [_fill(template, record) for record in records]


def _fill(template: DisclosureTemplate, record: Mapping[str, Any]) -> DisclosedRow:
    is_person = record.get(template.party_type or "") == NATURAL_PERSON
    kind = "persons" if is_person else "organisations"
    unmasked = [_cell(column, record, kind) for column in template.columns]
    cells = tuple(
        _without_numbers(column, cell) for column, cell in zip(template.columns, unmasked, strict=True)
    )
    each = list(zip(template.columns, unmasked, cells, strict=True))
    refusals = [text for column, cell, shown in each if (text := _refusal(column, cell, shown, kind))]
    remarks = [text for column, cell, shown in each if (text := _remark(column, cell, shown))]
    due_on = record["due_on"]
    return DisclosedRow(
        record["unit_code"],
        record[f"#{template.document}"] or "（文号不显示）",
        record[template.decided].date(),
        due_on.date() if due_on is not None else None,
        cells,
        tuple(refusals),
        (PERSON, *remarks) if is_person else tuple(remarks),
    )


def _cell(column: DisclosedColumn, record: Mapping[str, Any], kind: str) -> Any:
    """Return a value as the template writes it: dates as days, amounts in 万元."""
    if column.field is None or column.of not in ("", kind):
        return None
    value = record[column.field]
    if isinstance(value, pd.Timestamp):
        return value.date()
    if column.field.endswith("_fen") and value is not None:
        return Decimal(int(value)) / FEN_PER_WAN_YUAN
    return value


def _without_numbers(column: DisclosedColumn, cell: Any) -> Any:
    """Return a cell as it is written: without the numbers of persons; None where there is nothing else."""
    return hide_numbers(cell, is_code=column.is_code) or None if isinstance(cell, str) else cell


def _refusal(column: DisclosedColumn, cell: Any, shown: Any, kind: str) -> str:
    if cell is None or cell == "":
        return f"没有填“{column.header}”" if column.required in ("always", kind) else ""
    if shown is None:
        return f"“{column.header}”里只有个人的证件号码、电话或车牌，没有写出"
    if column.longest is not None and len(str(shown)) > column.longest:
        return f"“{column.header}”有{len(str(shown))}个字，系统最多收{column.longest}个"
    return ""


def _remark(column: DisclosedColumn, cell: Any, shown: Any) -> str:
    if shown is None or shown == cell:
        return ""
    return f"“{column.header}”里的个人证件号码、电话或车牌没有写出，写成了{REPLACEMENT}"


def empty_columns(template: DisclosureTemplate) -> list[str]:
    """List the columns that the system asks for and the ledger does not have."""
    return [column.header for column in template.columns if column.missing]
