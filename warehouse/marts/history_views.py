"""Views of what became of figures and reports: publications, changes, adjustments, timeliness, periods."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)

from schemas.states import ACCEPTED, ZERO
from warehouse.marts.view_spec import (
    ViewColumn,
    ViewSpec,
    as_of_load,
    period_columns,
    unit_columns,
)
from warehouse.schema.refresh_state import COVERAGE
from warehouse.schema.tables import Tables

DECISIONS = "waiver 豁免、correction 更正、confirm 确认、withdraw 撤回"
LEVELS = "province 省、city 市、unit 单位、bureau 本级"
UTC_TIME = "协调世界时（UTC）"


def periods_view(tables: Tables) -> ViewSpec:
    """Define the view of the periods that have figures."""
    figures, regions, published = tables.marts.figures, tables.regions, tables.publications
    top = select(regions.c.region_code).where(regions.c.parent_code.is_(None)).limit(1).scalar_subquery()
    is_top = figures.c.region_code == top
    periods = (
        select(
            figures.c.period,
            func.count().filter(is_top).label("figure_count"),
            func.count().filter(is_top & figures.c.is_provisional.is_(True)).label("provisional_count"),
        )
        .group_by(figures.c.period)
        .subquery("periods")
    )
    c = periods.c
    number = (
        select(func.max(published.c.number))
        .where(published.c.period == c.period, published.c.is_imported.is_(False))
        .scalar_subquery()
    )
    columns = (
        ViewColumn("period", c.period, "期间", "年 2023、季 2023-Q2、月 2023-06", source="系统"),
        *period_columns(c.period),
        ViewColumn("year", cast(func.substr(c.period, 1, 4), Integer), "年", source="系统"),
        ViewColumn("figure_count", c.figure_count, "指标数", "全市的", "个", "计算"),
        ViewColumn("provisional_count", c.provisional_count, "暂定指标数", "全市的，有单位未报齐", "个", "计算"),
        ViewColumn("is_complete", c.provisional_count == 0, "是否报齐", source="计算"),
        ViewColumn("publication", number, "最近公布编号", "没有公布的为空；导入的不算", source="公布"),
        as_of_load(tables),
    )  # fmt: skip
    return ViewSpec("mart_periods", "期间：有数字的各年、季、月", columns, periods, key=("period",))


def publications_view(tables: Tables) -> ViewSpec:
    """Define the view of the publications."""
    table, figures = tables.publications, tables.published_figures
    c = table.c
    count = select(func.count()).where(figures.c.number == c.number).scalar_subquery()
    columns = (
        ViewColumn("number", c.number, "公布编号", source="公布"),
        ViewColumn("period", c.period, "期间", "年 2023、季 2023-Q2、月 2023-06", source="公布"),
        *period_columns(c.period),
        ViewColumn("note", c.note, "说明", source="公布"),
        ViewColumn("is_provisional", c.is_provisional, "是否暂定", "公布时有单位未报齐", source="公布"),
        ViewColumn("is_imported", c.is_imported, "是否导入", "启用本系统以前公布的，从文件录入，不由报送算出", source="公布"),
        ViewColumn("published_at", c.published_at, "公布时间", UTC_TIME, source="系统"),
        ViewColumn("published_load", c.load_id, "公布时的批次", "导入的为空", source="系统"),
        ViewColumn("ruleset", c.ruleset, "规则版本", "导入的为空文字", source="系统"),
        ViewColumn("figure_count", count, "数字个数", "各地区的指标", "个", "公布"),
        as_of_load(tables),
    )  # fmt: skip
    return ViewSpec("mart_publications", "公布：每一次公布", columns, table, key=("number",))


def published_figures_view(tables: Tables) -> ViewSpec:
    """Define the view of the figures as they were published."""
    figures, published = tables.published_figures, tables.publications
    c, figure = figures.c, figures.c.figure
    columns = (
        ViewColumn("number", c.number, "公布编号", "与 mart_publications 对应", source="公布"),
        ViewColumn("period", published.c.period, "期间", source="公布"),
        ViewColumn("indicator_id", c.indicator_id, "指标代号", "公布时的", source="公布"),
        ViewColumn("title", figure["title"].as_string(), "指标名称", "公布时的", source="公布"),
        ViewColumn("unit", figure["unit"].as_string(), "计量单位", "ratio 是 0 到 1 的比率", source="公布"),
        ViewColumn("region_code", c.region_code, "地区代码", source="公布"),
        ViewColumn("region_name", figure["region_name"].as_string(), "地区名称", "公布时的", source="公布"),
        ViewColumn("value", figure["value"].as_float(), "数值", "公布时的", "见 unit", "公布"),
        ViewColumn("display", figure["display"].as_string(), "公布文字", source="公布"),
        ViewColumn("is_imported", published.c.is_imported, "是否导入", "启用本系统以前公布的，从文件录入", source="公布"),
        as_of_load(tables),
    )  # fmt: skip
    rows = figures.join(published, published.c.number == c.number)
    key = ("number", "region_code", "indicator_id")
    return ViewSpec(
        "mart_published_figures", "公布数：每一次公布的各项数字，公布后不再变", columns, rows, key=key
    )


def changes_view(tables: Tables) -> ViewSpec:
    """Define the view of the figures that loads moved."""
    changes, loads, regions = tables.marts.figure_changes, tables.loads, tables.regions
    c = changes.c
    columns = (
        ViewColumn("changed_load", c.load_id, "变动的批次", "同批次的报送见 mart_submissions 的 recorded_load", source="系统"),
        ViewColumn("changed_at", loads.c.recorded_at, "变动时间", UTC_TIME, source="系统"),
        ViewColumn("load_kind", loads.c.kind, "批次种类", "nightly 每夜、rerun 补跑、backfill 重审", source="系统"),
        ViewColumn("indicator_id", c.indicator_id, "指标代号", source="指标定义"),
        ViewColumn("title", c.title, "指标名称", source="指标定义"),
        ViewColumn("unit", c.unit, "计量单位", "ratio 是 0 到 1 的比率", source="指标定义"),
        ViewColumn("region_code", c.region_code, "地区代码", source="单位名录"),
        ViewColumn("region_name", regions.c.region_name, "地区名称", source="单位名录"),
        ViewColumn("region_level", regions.c.level, "地区层级", LEVELS, source="单位名录"),
        ViewColumn("period", c.period, "期间", source="系统"),
        *period_columns(c.period),
        ViewColumn("before", c.value_before, "变动前", "没有数的为空", "见 unit", "计算"),
        ViewColumn("after", c.value_after, "变动后", "没有数的为空", "见 unit", "计算"),
        ViewColumn("display_before", c.display_before, "变动前公布文字", source="计算"),
        ViewColumn("display_after", c.display_after, "变动后公布文字", source="计算"),
        as_of_load(tables),
    )  # fmt: skip
    rows = changes.join(loads, loads.c.load_id == c.load_id)
    rows = rows.outerjoin(regions, regions.c.region_code == c.region_code)
    key = ("changed_load", "indicator_id", "region_code", "period")
    return ViewSpec(
        "mart_changes", "数字变动：已有的数被后来的报送改了多少", columns, rows, (), key,
        lambda load_id: c.load_id > load_id,
    )  # fmt: skip


def adjustments_view(tables: Tables) -> ViewSpec:
    """Define the view of the bureau's decisions, without what may name a person: row, values, reason."""
    table, units = tables.adjustments, tables.units
    c = table.c
    entry = c.entry
    until = func.date(entry["until"].as_string(), type_=Date)
    columns = (
        ViewColumn("adjustment_id", c.adjustment_id, "决定编号", source="市局决定"),
        ViewColumn("kind", entry["kind"].as_string(), "种类", DECISIONS, source="市局决定"),
        *unit_columns(table, units),
        ViewColumn("ledger", c.ledger, "台账代号", source="市局决定"),
        ViewColumn("rule_id", entry["rule"].as_string(), "规则代号", "豁免的才有", source="市局决定"),
        ViewColumn("field", entry["field"].as_string(), "栏目代号", "更正的才有", source="市局决定"),
        ViewColumn("until_on", until, "有效至", "此日及以前收到的文件适用", source="市局决定"),
        ViewColumn("recorded_load", c.recorded_load, "起效的批次", source="系统"),
        ViewColumn("retired_load", c.retired_load, "取消时的批次", "现在有效的为空", source="系统"),
        ViewColumn("is_in_force", c.retired_load.is_(None), "是否有效", source="计算"),
        ViewColumn("rows", c.rows, "生效行数", "最近一次审核时；0 即不再需要", "行", "审核"),
        as_of_load(tables),
    )  # fmt: skip
    rows = table.outerjoin(units, units.c.unit_code == c.unit_code)
    return ViewSpec(
        "mart_adjustments", "更正与豁免：市局对单行和报送的决定", columns, rows, (),
        ("adjustment_id", "recorded_load"),
        lambda load_id: or_(c.recorded_load > load_id, c.retired_load > load_id, c.retired_load.is_(None)),
    )  # fmt: skip


def timeliness_view(tables: Tables) -> ViewSpec:
    """Define the view of how many reports of a unit and month were on time, and right at the first try."""
    reports, state = _reports(tables), tables.marts.kept.c
    c, regions = reports.c, tables.regions
    columns = (
        ViewColumn("unit_code", c.unit_code, "单位代码", source="单位名录"),
        ViewColumn("unit_name", c.unit_name, "单位名称", source="单位名录"),
        ViewColumn("region_level", regions.c.level, "地区层级", "unit 单位、bureau 本级", source="单位名录"),
        ViewColumn("period", c.period, "填报期间", "年-月", source="系统"),
        *period_columns(c.period),
        ViewColumn("due", c.due, "应报数", "期限已到的台账", "个", "计算"),
        ViewColumn("on_time", c.on_time, "按时数", "期限内收到并收下的，后来改报的也算", "个", "计算"),
        ViewColumn("late", c.late, "迟报数", unit="个", source="计算"),
        ViewColumn("missing", c.missing, "未报数", unit="个", source="计算"),
        ViewColumn("rejected", c.rejected, "退回数", "报来的都没有收下", "个", "计算"),
        ViewColumn("on_time_rate", _rate(c.on_time, c.due), "按时率", "按时数比应报数，0 到 1", source="计算"),
        ViewColumn("received", c.received, "报来数", "报来过的台账", "个", "计算"),
        ViewColumn("first_pass", c.first_pass, "一次通过数", "第一次报来就全部收下，零报告也算", "个", "计算"),
        ViewColumn("first_pass_rate", _rate(c.first_pass, c.received), "一次通过率", "一次通过数比报来数，0 到 1", source="计算"),
        as_of_load(tables, state.load_id),
        ViewColumn("made_at", state.as_of, "更新时间", "当地时间", source="系统", is_moment=True),
    )  # fmt: skip
    rows = reports.join(tables.marts.kept, state.name == COVERAGE)
    rows = rows.outerjoin(regions, regions.c.region_code == c.unit_code)
    title = "报送时效：各单位各月的按时率、一次通过率"
    return ViewSpec("mart_timeliness", title, columns, rows, key=("unit_code", "period"))


def _reports(tables: Tables) -> FromClause:
    """Count the reports of each unit and month by what became of them."""
    coverage, sent = tables.coverage, tables.submissions
    first = (
        select(func.min(sent.c.submission_id).label("submission_id"))
        .where(sent.c.is_revalidated.is_(False), sent.c.ledger.is_not(None))
        .group_by(sent.c.unit_code, sent.c.ledger, sent.c.period)
        .subquery("first")
    )
    firsts = (
        select(sent.c.unit_code, sent.c.ledger, sent.c.period, sent.c.state)
        .join(first, first.c.submission_id == sent.c.submission_id)
        .subquery("firsts")
    )
    c = coverage.c
    is_due = and_(c.due_on.is_not(None), c.state != "not_due")
    is_taken = and_(is_due, c.state.not_in(("missing", "rejected")))
    is_late = func.coalesce(c.days_late, 0) > 0
    counted: dict[str, ColumnElement[bool]] = {
        "due": is_due,
        "on_time": and_(is_taken, ~is_late),
        "late": and_(is_taken, is_late),
        "missing": and_(is_due, c.state == "missing"),
        "rejected": and_(is_due, c.state == "rejected"),
        "received": firsts.c.state.is_not(None),
        "first_pass": firsts.c.state.in_((ACCEPTED, ZERO)),
    }
    same_report = and_(*(firsts.c[name] == c[name] for name in ("unit_code", "ledger", "period")))
    return (
        select(
            c.unit_code, func.max(c.unit_name).label("unit_name"), c.period,
            *(func.count().filter(is_counted).label(name) for name, is_counted in counted.items()),
        )
        .select_from(coverage.outerjoin(firsts, same_report))
        .group_by(c.unit_code, c.period)
        .subquery("reports")
    )  # fmt: skip


def _rate(numerator: Any, denominator: Any) -> ColumnElement[Any]:
    return case((denominator > 0, cast(numerator, Double) / cast(denominator, Double)))
