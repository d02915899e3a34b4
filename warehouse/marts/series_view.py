"""The view of the indicators by month, with last year's month, last month, and the year to date beside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    null,
    select,
)

from warehouse.marts.view_spec import ViewColumn, ViewSpec, as_of_load, period_columns
from warehouse.schema.as_of import LoadId
from warehouse.schema.refresh_state import FIGURES
from warehouse.schema.tables import Tables

RATE, MONEY = "ratio", "元"
LEVELS = "province 省、city 市、unit 单位、bureau 本级"
DIFFERENCE = "比率为差（0.01 即 1 个百分点）；不可比的为空"
GROWTH = "0.1 即增长 10%；比率类、对比期为零和不可比的为空"
TO_DATE = "一月至本月；有月份没有数的为空。去重计的数不能由各月相加，只在一、三、十二月有"
#: why a change is empty, by code
NOT_COMPARABLE = {
    "no_figure": "本期无数",
    "provisional": "本期未报齐",
    "no_earlier_figure": "对比期无数",
    "earlier_provisional": "对比期未报齐",
}


def series_view(tables: Tables) -> ViewSpec:
    """Define the view: one row an indicator, region and month."""
    figures, state = tables.marts.figures, tables.marts.kept.c
    month, last_year, last_month = (_months(tables, name) for name in ("month", "last_year", "last_month"))
    c = month.c
    same = [(c.indicator_id, "indicator_id"), (c.region_code, "region_code")]
    rows = (
        month.join(tables.marts.kept, state.name == FIGURES)
        .outerjoin(tables.regions, tables.regions.c.region_code == c.region_code)
        .outerjoin(last_year, and_(
            last_year.c.month_count == c.month_count - 12, *(mine == last_year.c[name] for mine, name in same)))
        .outerjoin(last_month, and_(
            last_month.c.month_count == c.month_count - 1, *(mine == last_month.c[name] for mine, name in same)))
    )  # fmt: skip
    meaning = "见 unit"
    reasons = "、".join(f"{code} {word}" for code, word in NOT_COMPARABLE.items())
    columns = (
        ViewColumn("indicator_id", c.indicator_id, "指标代号", "与 huizong indicators 相同", source="指标定义"),
        ViewColumn("title", c.title, "指标名称", source="指标定义"),
        ViewColumn("unit", c.unit, "计量单位", "ratio 是 0 到 1 的比率", source="指标定义"),
        ViewColumn("region_code", c.region_code, "地区代码", "全市或单位", source="单位名录"),
        ViewColumn("region_name", c.region_name, "地区名称", source="单位名录"),
        ViewColumn("region_level", tables.regions.c.level, "地区层级", LEVELS, source="单位名录"),
        ViewColumn("period", c.period, "月份", "年-月", source="系统"),
        *period_columns(c.period),
        ViewColumn("value", c.value, "本月数", "分母为零或无人报送时为空", meaning, "计算"),
        ViewColumn("display", c.display, "本月公布文字", "年报上的写法，没有数的是 —", source="计算"),
        ViewColumn("is_provisional", c.is_provisional, "是否暂定", "有单位未报齐", source="计算"),
        ViewColumn("last_year_value", last_year.c.value, "上年同月数", "上年同月没有数的为空", meaning, "计算"),
        ViewColumn("last_year_is_provisional", last_year.c.is_provisional, "上年同月是否暂定", source="计算"),
        ViewColumn("change_on_last_year", _change(c, last_year.c), "同比增减", DIFFERENCE, meaning, "计算"),
        ViewColumn("change_rate_on_last_year", _change_rate(c, last_year.c), "同比增长率", GROWTH, source="计算"),
        ViewColumn("not_comparable_with_last_year", _reason(c, last_year.c), "同比为何为空", reasons, source="计算"),
        ViewColumn("last_month_value", last_month.c.value, "上月数", "上月没有数的为空", meaning, "计算"),
        ViewColumn("change_on_last_month", _change(c, last_month.c), "环比增减", DIFFERENCE, meaning, "计算"),
        ViewColumn("change_rate_on_last_month", _change_rate(c, last_month.c), "环比增长率", GROWTH, source="计算"),
        ViewColumn("not_comparable_with_last_month", _reason(c, last_month.c), "环比为何为空", reasons, source="计算"),
        ViewColumn("year_to_date", c.to_date, "本年累计", TO_DATE, meaning, "计算"),
        ViewColumn("year_to_date_is_provisional", c.to_date_is_provisional, "本年累计是否暂定", source="计算"),
        ViewColumn("last_year_to_date", last_year.c.to_date, "上年同期累计", unit=meaning, source="计算"),
        ViewColumn("change_rate_to_date", _rate_to_date(c, last_year.c), "累计同比增长率", GROWTH, source="计算"),
        ViewColumn("as_of", state.as_of, "截至时间", "最后一次入库的当地时间", source="系统", is_moment=True),
        as_of_load(tables, state.load_id),
    )  # fmt: skip

    def moved_after(load_id: LoadId) -> ColumnElement[bool]:
        """A month moves with any figure of its indicator and region in its year and the one before it."""
        moved = figures.alias("moved")
        years = (func.substr(c.period, 1, 4), cast(c.year - 1, Text))
        return (
            select(moved.c.period)
            .where(
                moved.c.made_load > load_id,
                moved.c.indicator_id == c.indicator_id,
                moved.c.region_code == c.region_code,
                func.substr(moved.c.period, 1, 4).in_(years),
            )
            .correlate(month)
            .exists()
        )

    return ViewSpec(
        "mart_indicator_series", "指标序列：各月的数，及上年同月、同比、环比、本年累计", columns, rows, (),
        ("indicator_id", "region_code", "period"), moved_after, state.name == FIGURES,
    )  # fmt: skip


def _months(tables: Tables, name: str) -> Subquery:
    """Select the figures of months, each with the sum of its year up to it."""
    figures, definitions, whole = (
        tables.marts.figures,
        tables.marts.indicator_texts,
        tables.marts.figures.alias("whole"),
    )
    c = figures.c
    year, number = cast(func.substr(c.period, 1, 4), Integer), cast(func.substr(c.period, 6, 2), Integer)
    window: dict[str, Any] = {"partition_by": [c.indicator_id, c.region_code, year], "order_by": c.period}
    sums = [
        cast(func.sum(column).over(**window), Double) for column in (c.numerator_sum, c.denominator_sum)
    ]
    to_date = case(
        (c.unit == RATE, sums[0] / func.nullif(sums[1], 0.0)),
        (c.unit == MONEY, sums[0] / 100.0),
        else_=sums[0],
    )
    is_whole = func.count(c.numerator).over(**window) == number
    provisional = func.max(cast(c.is_provisional, Integer)).over(**window)
    year_text = func.substr(c.period, 1, 4)
    as_one = case((number == 1, c.period), (number == 3, year_text + "-Q1"), (number == 12, year_text))
    rows = (
        figures.join(definitions, definitions.c.indicator_id == c.indicator_id)
        .outerjoin(whole, and_(
            definitions.c.adds_up.is_(False), whole.c.period == as_one,
            whole.c.indicator_id == c.indicator_id, whole.c.region_code == c.region_code))
    )  # fmt: skip
    return (
        select(
            c.indicator_id, c.title, c.unit, c.region_code, c.region_name, c.period, c.value, c.display,
            c.is_provisional, c.numerator_sum, year.label("year"), (year * 12 + number).label("month_count"),
            case((definitions.c.adds_up, case((is_whole, to_date))), else_=whole.c.value).label("to_date"),
            case(
                (definitions.c.adds_up, case((is_whole, provisional == 1))), else_=whole.c.is_provisional
            ).label("to_date_is_provisional"),
        )
        .select_from(rows)
        .where(func.length(c.period) == len("2023-06"), c.period.not_like("%-Q%"))
        .subquery(name)
    )  # fmt: skip


def _is_comparable(now: Any, before: Any) -> ColumnElement[bool]:
    return and_(
        now.value.is_not(None),
        before.value.is_not(None),
        now.is_provisional.is_(False),
        before.is_provisional.is_(False),
    )


def _change(now: Any, before: Any) -> ColumnElement[Any]:
    """Select the difference; of sums as whole numbers, so that none has digits that no figure has."""
    difference = cast(now.numerator_sum - before.numerator_sum, Double)
    of_kind = case(
        (now.unit == RATE, now.value - before.value),
        (now.unit == MONEY, difference / 100.0),
        else_=difference,
    )
    return case((_is_comparable(now, before), of_kind))


def _change_rate(now: Any, before: Any) -> ColumnElement[Any]:
    is_rated = and_(_is_comparable(now, before), now.unit != RATE, before.numerator_sum != 0)
    difference = cast(now.numerator_sum - before.numerator_sum, Double)
    return case((is_rated, difference / cast(before.numerator_sum, Double)))


def _rate_to_date(now: Any, before: Any) -> ColumnElement[Any]:
    is_rated = and_(
        now.unit != RATE,
        now.to_date_is_provisional.is_(False),
        before.to_date_is_provisional.is_(False),
        before.to_date != 0,
    )
    return case((is_rated, (now.to_date - before.to_date) / before.to_date))


def _reason(now: Any, before: Any) -> ColumnElement[Any]:
    return case(
        (now.value.is_(None), "no_figure"),
        (now.is_provisional.is_(True), "provisional"),
        (before.value.is_(None), "no_earlier_figure"),
        (before.is_provisional.is_(True), "earlier_provisional"),
        else_=null(),
    )
