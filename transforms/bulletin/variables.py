"""The variables of a bulletin's sentences and of Word templates, by Chinese name and by id of indicator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.catalogue import indicators
from schemas.figures.display import NO_FIGURE
from schemas.figures.indicator import Indicator
from transforms.bulletin.comparison import (
    describe_change,
    describe_incomparable_sections,
    describe_last_year,
    print_last_year,
)
from transforms.bulletin.model import DIGITS_SHOWN, Bulletin, BulletinFigure
from transforms.bulletin.sections import SECTIONS, Section
from transforms.bulletin.words import (
    describe_coverage,
    describe_moves,
    describe_provisional,
    name_period,
    number_in_chinese,
    print_cell,
    print_figure,
    shorten_period,
)

#: headings after those of the sections, by their names in `序`
LAST_HEADINGS = ("指标", "单位", "报送")
#: what stands for a chart or for the statistics tables until the text is rendered
MONTH_MARK, UNIT_MARK, TABLES_MARK = "⟦各月:{}⟧", "⟦各单位:{}⟧", "⟦统计表⟧"
#: the lists that a template may loop over, and what each row of them has besides figures
ROW_NAMES: Mapping[str, tuple[str, ...]] = {
    "指标表": ("类别", "名称", "本期", "上年", "同比", "报齐"),
    "单位表": ("名称",),
    "报送质量": ("单位", "应报", "按时", "迟报", "缺报", "按时率", "一次通过率"),
    "缺报清单": ("内容",),
    "更正清单": ("类别", "单位", "台账", "月份", "行数"),
    "变动清单": ("名称", "原数", "现数", "原因"),
    "说明清单": ("内容",),
}


def names_of(indicator: Indicator) -> tuple[str, ...]:
    """Return the names by which a template may call a figure; a variable's name has no brackets."""
    plain = indicator.title.replace("（", "_").replace("）", "")
    return indicator.indicator_id, plain


def build_variables(bulletin: Bulletin) -> dict[str, Any]:
    """Build all variables; their names do not depend on the figures, so a template fits all or none."""
    figures = list(bulletin.figures.values())
    sections = [section for section in SECTIONS if has_section(bulletin, section)]
    return {
        **_by_name(figures, lambda figure: print_figure(figure.row)),
        "上年": _by_name(figures, lambda figure: figure.last_year.display),
        "同比": _by_name(figures, describe_change),
        "对比": _by_name(figures, describe_last_year),
        "月图": _by_name(figures, lambda figure: MONTH_MARK.format(figure.indicator.indicator_id)),
        "单位图": _by_name(figures, lambda figure: UNIT_MARK.format(figure.indicator.indicator_id)),
        "有": {section.name: section in sections for section in SECTIONS}
        | {"单位表": len(bulletin.units) > 1, "统计表": bool(bulletin.statistics)},
        "序": _numbers(sections, has_units=len(bulletin.units) > 1),
        "上年说明": describe_incomparable_sections(
            {
                section.name: [
                    figure for figure in figures_of(bulletin, section) if section.mentions(figure.indicator)
                ]
                for section in SECTIONS
            }
        ),
        **_texts(bulletin),
        **_lists(bulletin),
        "统计表": TABLES_MARK,
    }


def has_section(bulletin: Bulletin, section: Section) -> bool:
    """Whether the region has any figure of a section; a county has none of what the bureau alone does."""
    return any(figure.is_of_region for figure in figures_of(bulletin, section))


def figures_of(bulletin: Bulletin, section: Section) -> list[BulletinFigure]:
    """List the figures of a section."""
    return [figure for figure in bulletin.figures.values() if figure.indicator.theme in section.themes]


def _by_name(figures: Iterable[BulletinFigure], text: Any) -> dict[str, str]:
    texts = dict.fromkeys((name for each in indicators().values() for name in names_of(each)), NO_FIGURE)
    return texts | {name: text(figure) for figure in figures for name in names_of(figure.indicator)}


def _numbers(sections: Iterable[Section], *, has_units: bool) -> dict[str, str]:
    """Number the headings that there are; the others have none."""
    names = [section.name for section in sections]
    names += [name for name in LAST_HEADINGS if has_units or name != "单位"]
    numbers = {name: number_in_chinese(number) for number, name in enumerate(names, start=1)}
    return dict.fromkeys([*(section.name for section in SECTIONS), *LAST_HEADINGS], "") | numbers


def _texts(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "地区": bulletin.region_name,
        "期间": name_period(bulletin.period),
        "本期": shorten_period(bulletin.period),
        "年度": f"{bulletin.period.year}年",
        "公布": bulletin.publication_words,
        "数据截至": bulletin.as_of,
        "规则版本": bulletin.ruleset,
        "校验码": bulletin.digest[:DIGITS_SHOWN],
        "标识": bulletin.stamp,
        "是暂定": bulletin.is_provisional,
        "暂定说明": describe_provisional(list(bulletin.figures.values())),
        "报送情况": describe_coverage(bulletin),
        "变动说明": describe_moves(bulletin),
    }


def _lists(bulletin: Bulletin) -> dict[str, list[dict[str, Any]]]:
    quality = bulletin.quality
    rows: dict[str, list[tuple[Any, ...]]] = {
        "指标表": [
            (
                figure.indicator.theme, figure.indicator.title, print_cell(figure.row), print_last_year(figure),
                describe_change(figure), figure.coverage,
            )
            for figure in bulletin.figures.values() if figure.is_of_region
        ],
        "报送质量": [
            (each.name, each.due, each.on_time, each.late, each.missing, each.on_time_rate, each.first_pass_rate)
            for each in quality.punctuality
        ],
        "缺报清单": [(line,) for line in quality.missing],
        "更正清单": [(each.kind, each.unit_name, each.ledger_title, each.month, each.rows) for each in quality.adjustments],
        "变动清单": [(each.title, each.before, each.after, each.causes) for each in quality.moved],
        "说明清单": [(note,) for note in bulletin.notes],
    }  # fmt: skip
    lists = {
        name: [dict(zip(ROW_NAMES[name], row, strict=True)) for row in part] for name, part in rows.items()
    }
    by_name = {
        name: indicator.indicator_id for indicator in indicators().values() for name in names_of(indicator)
    }
    lists["单位表"] = [
        {"名称": unit.name}
        | {
            name: print_cell(unit.rows[key]) if key in unit.rows else NO_FIGURE
            for name, key in by_name.items()
        }
        for unit in bulletin.units
    ]
    return lists
