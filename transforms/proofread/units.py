"""Units of figures in classes: what is counted in 件 may be written in 起, never in 人."""

from __future__ import annotations

from schemas.figures.indicator import Indicator

CASES, PERSONS, ENTERPRISES, TIMES, VISITS = "cases", "persons", "enterprises", "times", "visits"
MONEY, PERCENT, POINTS, OTHER = "money", "percent", "points", "other"

#: each unit that is written behind a number, with the classes that it may count
CLASSES: dict[str, frozenset[str]] = {
    **dict.fromkeys(["件", "起", "宗", "例", "桩", "份", "项", "部", "件次", "本", "条", "卷", "笔"], frozenset({CASES})),
    "个": frozenset({CASES, ENTERPRISES}),
    **dict.fromkeys(["人", "名", "位", "个人"], frozenset({PERSONS})),
    **dict.fromkeys(["家", "户"], frozenset({ENTERPRISES})),
    **dict.fromkeys(["次", "场次", "场", "期", "堂", "节", "轮", "批次", "批", "回"], frozenset({TIMES})),
    **dict.fromkeys(["家次", "户次", "厂次", "点次", "家（次）", "家(次)"], frozenset({VISITS})),
    **dict.fromkeys(["元", "块钱"], frozenset({MONEY})),
    "%": frozenset({PERCENT}),
    "个百分点": frozenset({POINTS}),
    **dict.fromkeys(
        ["成", "人次", "台", "套", "吨", "亩", "公里", "篇", "处"], frozenset({OTHER})),
}  # fmt: skip
#: a character after a unit that makes it the beginning of another word: 项目, 部门, 名单
NO_UNIT_BEFORE = {
    "件": "套", "起": "来草诉点到", "例": "如会行", "份": "额", "项": "目", "部": "门分署级委", "本": "级市区县年省",
    "个": "月工小百", "人": "民均大口", "名": "单称录牌", "位": "于置", "家": "庭园长", "户": "均籍外", "次": "日要生",
    "场": "所地景", "节": "约能假日目省点气奏", "期": "间限末内", "元": "月旦", "条": "件例款热路河街", "处": "罚理置",
    "台": "账", "成": "半一二三四五六七八九立员果效功为本都就", "批": "评准复", "回": "复访应头来去答音报", "卷": "宗入烟",
    "笔": "试录记者",
}  # fmt: skip


#: measure words that writers use for others, each with the unit that is meant beside an indicator's own words
OTHER_MEASURES = {
    "次": "件", "人": "起", "名": "起", **dict.fromkeys(["件", "起", "个", "份", "宗"], "次"),
}  # fmt: skip


def classes_of_unit(unit: str) -> frozenset[str]:
    """Return what a number with this unit may count; nothing for one without."""
    return CLASSES.get(unit, frozenset())


def class_of(indicator: Indicator) -> str:
    """Return the class of an indicator's unit."""
    if indicator.is_rate:
        return PERCENT
    return next(iter(CLASSES.get(indicator.unit, frozenset({OTHER}))))


def fits(indicator: Indicator, unit: str, further_units: tuple[str, ...] = ()) -> bool:
    """Whether a number with this unit may state the indicator; without a unit it is no amount and no rate."""
    if not unit:
        return class_of(indicator) not in (PERCENT, MONEY)
    return unit == indicator.unit or unit in further_units or class_of(indicator) in CLASSES.get(unit, ())
