"""Definitions of the views for report tools.

View, comment, dictionary, snapshot and export are built from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, null, or_

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import LONGEST_PLAIN, MASKED
from schemas.ledgers.rules import SEVERITY_WORDS
from schemas.states import CURRENT_STATES, REPORT_WORDS, SUBMISSION_WORDS, Word
from warehouse.marts.catalogue_views import definitions_view, ledgers_view
from warehouse.marts.deadlines_view import deadlines_view
from warehouse.marts.history_views import (
    adjustments_view,
    changes_view,
    periods_view,
    publications_view,
    published_figures_view,
    timeliness_view,
)
from warehouse.marts.ledger_views import ledger_view
from warehouse.marts.plain_text import is_plain_text
from warehouse.marts.series_view import series_view
from warehouse.marts.view_spec import (
    ViewColumn,
    ViewSpec,
    as_of_load,
    period_columns,
    source_columns,
    unit_columns,
)
from warehouse.schema.refresh_state import COVERAGE, FIGURES
from warehouse.schema.tables import Tables, Warehouse

#: kinds of field whose cell values may be shown, if plain
PLAIN_KINDS = ("date", "money", "integer", "number", "boolean")


#: by id of the ledgers, which are kept referenced so that the id stays theirs
_BUILT: dict[int, tuple[Mapping[str, LedgerDefinition], list[ViewSpec]]] = {}


def built_views(warehouse: Warehouse) -> list[ViewSpec]:
    """Return all views, built once per process."""
    key = id(warehouse.ledgers)
    if key not in _BUILT:
        _BUILT[key] = (warehouse.ledgers, list(core_views(warehouse)))
    return _BUILT[key][1]


def core_views(warehouse: Warehouse) -> Iterator[ViewSpec]:
    """Yield all views, those over all ledgers first."""
    tables, titles = warehouse.tables, {name: ledger.title for name, ledger in warehouse.ledgers.items()}
    yield _indicators(tables)
    yield _submissions(tables, titles)
    yield _coverage(tables, titles)
    yield _findings(tables, titles)
    yield _units(tables)
    yield series_view(tables)
    yield definitions_view(tables)
    yield ledgers_view(tables)
    yield periods_view(tables)
    yield publications_view(tables)
    yield published_figures_view(tables)
    yield changes_view(tables)
    yield adjustments_view(tables)
    yield timeliness_view(tables)
    yield deadlines_view(warehouse)
    for ledger in warehouse.ledgers.values():
        yield ledger_view(tables, ledger)
    yield _dictionary(tables)


def _ledger_columns(code: ColumnElement[Any], titles: dict[str, str]) -> tuple[ViewColumn, ViewColumn]:
    title = case(titles, value=code, else_=code)
    return (
        ViewColumn("ledger", code, "台账代号", "与视图 mart_<代号> 对应", source="报送"),
        ViewColumn("ledger_title", title, "台账名称", source="系统"),
    )


def _region_level(regions: FromClause) -> ViewColumn:
    meaning = "province 省、city 市、unit 单位、bureau 本级"
    return ViewColumn("region_level", regions.c.level, "地区层级", meaning, source="单位名录")


def _list_codes(words: Mapping[Any, Word]) -> str:
    """List the codes of a column, each with its word: accepted 收下、…"""
    return "、".join(f"{code} {word.title}" for code, word in words.items())


def _indicators(tables: Tables) -> ViewSpec:
    figures, state, regions = tables.marts.figures, tables.marts.kept, tables.regions
    c = figures.c
    columns = (
        ViewColumn(
            "indicator_id", c.indicator_id, "指标代号", "与 huizong indicators 相同", source="指标定义"
        ),
        ViewColumn("title", c.title, "指标名称", source="指标定义"),
        ViewColumn("unit", c.unit, "计量单位", "ratio 是 0 到 1 的比率", source="指标定义"),
        ViewColumn("region_code", c.region_code, "地区代码", "全市或单位", source="单位名录"),
        ViewColumn("region_name", c.region_name, "地区名称", source="单位名录"),
        ViewColumn("period", c.period, "期间", "年 2023、季 2023-Q2、月 2023-06", source="系统"),
        ViewColumn("value", c.value, "数值", "分母为零或无人报送时为空", "见 unit", "计算"),
        ViewColumn("numerator", c.numerator, "分子", "不是比率的与数值相同", "见 unit", "计算"),
        ViewColumn("denominator", c.denominator, "分母", "只有比率才有", source="计算"),
        ViewColumn("display", c.display, "公布文字", "年报上的写法，没有数的是 —", source="计算"),
        ViewColumn(
            "units_expected", c.units_expected, "应报单位数", "该数所依据的台账应由几个单位报", "个", "计算"
        ),
        ViewColumn("units_reported", c.units_reported, "已报单位数", "其中报齐的", "个", "计算"),
        ViewColumn("is_provisional", c.is_provisional, "是否暂定", "有单位未报齐", source="计算"),
        ViewColumn(
            "as_of", state.c.as_of, "截至时间", "最后一次入库的当地时间", source="系统", is_moment=True
        ),
        _region_level(regions),
        *period_columns(c.period),
        as_of_load(tables, state.c.load_id),
    )
    rows = figures.join(state, state.c.name == FIGURES)
    rows = rows.outerjoin(regions, regions.c.region_code == c.region_code)
    key = ("indicator_id", "region_code", "period")
    return ViewSpec(
        "mart_indicators",
        "指标：各地区各期间的公布数",
        columns,
        rows,
        (),
        key,
        lambda load_id: c.made_load > load_id,
    )


def _submissions(tables: Tables, titles: dict[str, str]) -> ViewSpec:
    reports, shown, units = tables.submissions, tables.marts.shown_sources, tables.units
    c = reports.c
    is_current = c.state.in_(CURRENT_STATES) & c.superseded_load.is_(None)
    columns = (
        ViewColumn("submission_id", c.submission_id, "报送编号", "一张台账一次报送", source="系统"),
        *unit_columns(reports, units), *_ledger_columns(c.ledger, titles),
        ViewColumn("state", c.state, "受理结果", _list_codes(SUBMISSION_WORDS), source="审核"),
        ViewColumn("is_current", is_current, "是否现行", "未被后来的报送代替", source="计算"),
        ViewColumn("delivery", c.delivery, "报送方式", "replace 代替以前的，add 与以前的合并；没有说的为空", source="报送"),
        ViewColumn("rows", c.rows, "收下行数", unit="行", source="审核"),
        ViewColumn("held_back", c.held_back, "扣留行数", "有错误、待改正", "行", "审核"),
        ViewColumn("received_at", c.received_at, "收到时间", "协调世界时（UTC）", source="系统"),
        ViewColumn("is_revalidated", c.is_revalidated, "是否重审", "没有重新报送，因市局决定或规则有变而再审", source="系统"),
        ViewColumn("sha256", c.sha256, "原件摘要", "SHA-256，凭它在归档中找原件", source="系统"),
        *source_columns(shown),
        ViewColumn("recorded_load", c.load_id, "入库时的批次", source="系统"),
        ViewColumn("superseded_load", c.superseded_load, "被代替时的批次", source="系统"),
        ViewColumn("superseded_by", c.superseded_by, "被哪次报送代替", source="系统"),
        as_of_load(tables),
    )  # fmt: skip
    rows = _with_source(reports, shown, units)
    return ViewSpec(
        "mart_submissions", "报送：每一次报送及其结果", columns, rows, (), ("submission_id",),
        lambda load_id: or_(c.load_id > load_id, c.superseded_load > load_id),
    )  # fmt: skip


def _coverage(tables: Tables, titles: dict[str, str]) -> ViewSpec:
    table, state = tables.coverage, tables.marts.kept.c
    c = table.c
    columns = (
        ViewColumn("unit_code", c.unit_code, "单位代码", source="单位名录"),
        ViewColumn("unit_name", c.unit_name, "单位名称", source="单位名录"),
        *_ledger_columns(c.ledger, titles),
        ViewColumn("period", c.period, "填报期间", "年-月", source="系统"),
        ViewColumn("state", c.state, "报送状态", _list_codes(REPORT_WORDS), source="计算"),
        ViewColumn("due_on", c.due_on, "应报日期", source="报送义务"),
        ViewColumn("received_at", c.received_at, "收到时间", "当地时间", source="系统"),
        ViewColumn("days_late", c.days_late, "迟报天数", unit="工作日", source="计算"),
        ViewColumn("submission_id", c.submission_id, "报送编号", source="系统"),
        ViewColumn("rows", c.rows, "收下行数", unit="行", source="审核"),
        ViewColumn("held_back", c.held_back, "扣留行数", unit="行", source="审核"),
        _region_level(tables.regions), *period_columns(c.period),
        as_of_load(tables, state.load_id),
        ViewColumn("made_at", state.as_of, "更新时间", "当地时间", source="系统", is_moment=True),
    )  # fmt: skip
    rows = table.join(tables.marts.kept, state.name == COVERAGE)
    rows = rows.outerjoin(tables.regions, tables.regions.c.region_code == c.unit_code)
    key = ("unit_code", "ledger", "period")
    return ViewSpec("mart_coverage", "报送情况：单位、台账、期间的状态", columns, rows, key=key)


def _findings(tables: Tables, titles: dict[str, str]) -> ViewSpec:
    """Cell values are quoted only where they cannot name a person.

    Messages come from the rule, not the cell.
    """
    findings, rules, reports = tables.findings, tables.marts.rule_texts, tables.submissions
    shown, units, c = tables.marts.shown_sources, tables.units, tables.findings.c
    is_shown = (
        rules.c.field_kind.in_(PLAIN_KINDS)
        & (func.length(c.value) <= LONGEST_PLAIN)
        & is_plain_text(c.value)
    )
    quoted = case((func.coalesce(c.value, "") == "", null()), (is_shown, c.value), else_=MASKED)
    columns = (
        ViewColumn("rule_id", c.rule_id, "规则代号", source="审核规则"),
        ViewColumn("severity", c.severity, "轻重", _list_codes(SEVERITY_WORDS), source="审核规则"),
        *unit_columns(reports, units), *_ledger_columns(reports.c.ledger, titles),
        ViewColumn("submission_id", c.submission_id, "报送编号", "只关文件、不关台账的为空", source="系统"),
        ViewColumn("sheet", shown.c.source_sheet, "工作表", "可能含人名的不显示", source="报送"),
        ViewColumn("row", c.row, "行号", "与 Excel 相同", source="报送"),
        ViewColumn("column", rules.c.header, "栏目", "统一模板上的名称", source="台账定义"),
        ViewColumn("cell", c.cell, "单元格", "如 F17", source="报送"),
        ViewColumn("value", quoted, "所填内容", "只显示数字、日期和是否，其他一律不显示", source="报送"),
        # the general text: the stored one may quote a cell
        ViewColumn("expected", rules.c.expected, "应填内容", source="审核规则"),
        ViewColumn("message", rules.c.message, "说明", "规则的说明，不引用所填内容", source="审核规则"),
        ViewColumn("recorded_load", c.load_id, "发现时的批次", source="系统"),
        as_of_load(tables),
    )  # fmt: skip
    rows = (
        findings.outerjoin(reports, reports.c.submission_id == c.submission_id)
        .outerjoin(shown, shown.c.submission_id == c.submission_id)
        .outerjoin(units, units.c.unit_code == reports.c.unit_code)
        .outerjoin(rules, rules.c.rule_id == c.rule_id)
    )
    moved_after = lambda load_id: c.load_id > load_id  # noqa: E731
    return ViewSpec("mart_findings", "审核发现：哪一格不合哪条规则", columns, rows, moved_after=moved_after)


def _units(tables: Tables) -> ViewSpec:
    regions, parents = tables.regions, tables.regions.alias("parents")
    c = regions.c
    columns = (
        ViewColumn("unit_code", c.region_code, "单位代码", "单位，或它们所属的市、省", source="单位名录"),
        ViewColumn("unit_name", c.region_name, "单位名称", source="单位名录"),
        _region_level(regions),
        ViewColumn("parent_code", c.parent_code, "上级代码", "最上一级为空", source="单位名录"),
        ViewColumn("parent_name", parents.c.region_name, "上级名称", source="单位名录"),
        ViewColumn("valid_from", c.valid_from, "起始日", "空：一直就有", source="单位名录"),
        ViewColumn("valid_to", c.valid_to, "终止日", "最后一天；空：现在还有", source="单位名录"),
        ViewColumn("successor", c.successor, "接续单位代码", "改名、改码、合并的一个，分设的用 ; 隔开", source="单位名录"),
        as_of_load(tables),
    )  # fmt: skip
    rows = regions.outerjoin(parents, parents.c.region_code == c.parent_code)
    return ViewSpec("mart_units", "单位名录：各单位、上级和起止", columns, rows, key=("unit_code",))


def _with_source(reports: FromClause, shown: FromClause, units: FromClause) -> FromClause:
    with_units = reports.outerjoin(units, units.c.unit_code == reports.c.unit_code)
    return with_units.outerjoin(shown, shown.c.submission_id == reports.c.submission_id)


def _dictionary(tables: Tables) -> ViewSpec:
    table = tables.marts.dictionary
    c = table.c
    columns = (
        ViewColumn("view_name", c.view_name, "视图", source="系统"),
        ViewColumn("view_title", c.view_title, "视图内容", source="系统"),
        ViewColumn("place", c.place, "次序", "该栏在视图中排第几", source="系统"),
        ViewColumn("column_name", c.column_name, "栏目代号", source="系统"),
        ViewColumn("title", c.title, "栏目名称", source="台账定义、指标定义"),
        ViewColumn("meaning", c.meaning, "含义", source="台账定义、指标定义"),
        ViewColumn("unit", c.unit, "单位", source="台账定义、指标定义"),
        ViewColumn("type", c.type, "类型", source="系统"),
        ViewColumn("source", c.source, "来源", "该栏取自何处", source="系统"),
        as_of_load(tables),
    )
    return ViewSpec(
        "mart_dictionary", "数据字典：每个视图的每一栏", columns, table, key=("view_name", "place")
    )
