"""The view of the time limits that run, lapsed or were met late: those of a kind, for each of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Numeric,
    Select,
    case,
    cast,
    column,
    literal,
    null,
    select,
    table,
    true,
    union_all,
)

from schemas.deadlines import DEADLINE_WORDS, TimeLimit, deadlines, limits_by_ledger
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_column
from warehouse.marts.ledger_views import YUAN_DIGITS
from warehouse.marts.view_spec import ViewColumn, ViewParts, ViewSpec, as_of_load, source_columns
from warehouse.schema.refresh_state import DEADLINES
from warehouse.schema.tables import Tables, Warehouse

NAME = "mart_deadlines"
Columns = Mapping[str, ColumnElement[Any]]


def deadlines_view(warehouse: Warehouse) -> ViewSpec:
    """Define the view over the ledgers that have limits; a snapshot keeps rows and limits apart."""
    parts = _parts(warehouse)
    here = [query.subquery(name) for name, query in parts.items()]
    there = [
        table(name, *(column(shown.name, shown.type) for shown in query.selected_columns))
        for name, query in parts.items()
    ]
    columns = _columns(warehouse.tables, *here)
    in_snapshot = select(*(shown.labelled() for shown in _columns(warehouse.tables, *there)))
    return ViewSpec(
        NAME,
        "法定期限：未到期、即将到期、已过期和逾期办结的",
        columns,
        _join(*here),
        key=("submission_id", "source_row", "limit_id"),
        parts=ViewParts(parts, in_snapshot.select_from(_join(*there))),
    )


def _parts(warehouse: Warehouse) -> dict[str, Select[Any]]:
    """Select the rows, the limits of their kinds, and what is the same for all."""
    tables, definitions = warehouse.tables, deadlines()
    listed, state = tables.marts.deadlines.c, tables.marts.kept.c
    rows = union_all(
        *(
            _listed_rows(tables, warehouse.ledgers[ledger], limits)
            for ledger, limits in limits_by_ledger(definitions).items()
        )
    ).subquery("listed")
    titles = {name: limit.title for name, limit in definitions.items()}
    sources = {name: limit.source for name, limit in definitions.items()}
    limits = select(
        *listed,
        case(titles, value=listed.limit_id, else_="").label("title"),
        case(sources, value=listed.limit_id, else_="").label("source"),
    )
    moment = select(state.load_id, state.as_of).where(state.name == DEADLINES)
    return {f"{NAME}_rows": select(rows), f"{NAME}_limits": limits, f"{NAME}_moment": moment}


def _listed_rows(tables: Tables, ledger: LedgerDefinition, limits: Sequence[TimeLimit]) -> Select[Any]:
    """Select the rows of a ledger that have limits, each with the number of its kind and what it owes."""
    rows, kinds = tables.ledgers[ledger.name], tables.marts.deadline_rows
    units, shown, c = tables.units, tables.marts.shown_sources, rows.c
    document = masked_column(ledger.field(limits[0].document))
    owed = next((c[limit.paid.owed] for limit in limits if limit.paid), cast(null(), BigInteger))
    joined = (
        kinds.join(rows, c.version_id == kinds.c.version_id)
        .join(units, units.c.unit_code == c.unit_code)
        .outerjoin(shown, shown.c.submission_id == c.submission_id)
    )
    columns = (
        kinds.c.kind_number, c.unit_code, units.c.unit_name, literal(ledger.name).label("ledger"),
        c[document].label("document_no"), owed.label("owed_fen"), c.submission_id,
        shown.c.source_file, shown.c.source_sheet, c.source_row,
    )  # fmt: skip
    return select(*columns).select_from(joined).where(kinds.c.ledger == ledger.name)


def _join(rows: FromClause, limits: FromClause, moment: FromClause) -> FromClause:
    return rows.join(limits, limits.c.kind_number == rows.c.kind_number).join(moment, true())


def _columns(
    tables: Tables, rows: FromClause, limits: FromClause, moment: FromClause
) -> tuple[ViewColumn, ...]:
    c, limit, state = rows.c, limits.c, moment.c
    states = "、".join(f"{code} {word}" for code, word in DEADLINE_WORDS.items())
    amount = c.owed_fen * limit.percent // 100
    yuan = cast(cast(amount, Numeric(*YUAN_DIGITS)) / 100, Numeric(*YUAN_DIGITS))
    return (
        ViewColumn("unit_code", c.unit_code, "单位代码", "报送单位，按单位名录", source="报送"),
        ViewColumn("unit_name", c.unit_name, "单位名称", source="单位名录"),
        ViewColumn("ledger", c.ledger, "台账代号", "与视图 mart_<代号> 对应", source="报送"),
        ViewColumn("document_no", c.document_no, "文号、案号或编号", "可能含人名的不显示", source="报送"),
        ViewColumn("limit_id", limit.limit_id, "期限代号", source="期限定义"),
        ViewColumn("limit", limit.title, "期限", source="期限定义"),
        ViewColumn("source", limit.source, "依据", source="期限定义"),
        ViewColumn("started_on", limit.started_on, "起算日", "自次日起算", source="计算"),
        ViewColumn("due_on", limit.due_on, "届满日", "延长、扣除已计入；日历未及的年份为空", source="计算"),
        ViewColumn("met_on", limit.met_on, "办结日", "没有办结的为空", source="计算"),
        ViewColumn("days_left", limit.days_left, "剩余天数", "负数为逾期天数", "天", "计算"),
        ViewColumn("state", limit.state, "状态", states, source="计算"),
        ViewColumn("amount_fen", amount, "金额", "应缴的罚款，或已加处的罚款；以分计", "分", "计算"),
        ViewColumn("amount_yuan", yuan, "金额", "以元计", "元", "计算"),
        ViewColumn("submission_id", c.submission_id, "报送编号", source="系统"),
        *source_columns(rows),
        ViewColumn("source_row", c.source_row, "原表行号", "与 Excel 相同", source="报送"),
        as_of_load(tables, state.load_id),
        ViewColumn("made_at", state.as_of, "更新时间", "当地时间；期限按这一天计算", source="系统", is_moment=True),
    )  # fmt: skip
