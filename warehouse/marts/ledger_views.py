"""Views over the ledgers' current counted rows: private fields excluded, names masked, money also in 元."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Numeric, case, cast, or_

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.masking import HIDDEN, MASKED_BY, masked_column, masking_policy
from warehouse.marts.view_spec import ViewColumn, ViewSpec, as_of_load, source_columns, unit_columns
from warehouse.schema.tables import Tables

#: precision and scale of an amount in 元
YUAN_DIGITS = (20, 2)


def ledger_view(tables: Tables, ledger: LedgerDefinition) -> ViewSpec:
    """Define the view of one ledger."""
    rows, reports, shown, units = (
        tables.ledgers[ledger.name],
        tables.submissions,
        tables.marts.shown_sources,
        tables.units,
    )
    columns = (
        *unit_columns(rows, units), *_fields(rows, ledger),
        ViewColumn("submission_id", rows.c.submission_id, "报送编号", source="系统"),
        *source_columns(shown),
        ViewColumn("source_row", rows.c.source_row, "原表行号", "与 Excel 相同", source="报送"),
        as_of_load(tables),
    )  # fmt: skip
    is_counted = (rows.c.retired_load.is_(None), rows.c.is_counted.is_(True))
    joined = (
        rows.join(reports, reports.c.submission_id == rows.c.submission_id)
        .join(units, units.c.unit_code == rows.c.unit_code)
        .outerjoin(shown, shown.c.submission_id == rows.c.submission_id)
    )
    title = f"{ledger.title}：现行、计数的各行"
    key = ("submission_id", "source_row")
    return ViewSpec(
        ledger.view, title, columns, joined, is_counted, key,
        lambda load_id: or_(rows.c.recorded_load > load_id, rows.c.retired_load > load_id),
    )  # fmt: skip


def _fields(rows: FromClause, ledger: LedgerDefinition) -> Iterator[ViewColumn]:
    for field in (field for field in ledger.fields if not field.private):
        source = f"{ledger.title}“{field.header}”"
        if field.type.kind == "money":
            yield ViewColumn(field.name, rows.c[field.name], _title(field), "以分计", "分", source)
            yuan = cast(cast(rows.c[field.name], Numeric(*YUAN_DIGITS)) / 100, Numeric(*YUAN_DIGITS))
            yield ViewColumn(field.yuan_name, yuan, _title(field), "以元计", "元", source)
            continue
        policy = masking_policy(field) or ""
        yield ViewColumn(
            field.name,
            _shown_text(rows, field, policy),
            _title(field),
            MASKED_BY.get(policy, field.hint),
            source=source,
            masked_as=policy,
        )
    for derived in ledger.derived:
        title, _, meaning = derived.title.partition("：")
        yield ViewColumn(derived.name, rows.c[derived.name], title, meaning, source="计算")


def _shown_text(rows: FromClause, field: LedgerField, policy: str) -> ColumnElement[Any]:
    """Select a field as the view may show it: the stored mask; the field itself where no policy applies."""
    if policy == "own_words":
        return case((rows.c[field.name].is_not(None), HIDDEN))
    return rows.c[masked_column(field) if policy else field.name]


def _title(field: LedgerField) -> str:
    """Return the header without its unit of money."""
    return field.header.removesuffix("(万元)").removesuffix("(元)")
