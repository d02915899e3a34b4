"""Words for units of money, as they stand in headers, labels and cells; only data.

A word that is not in these lists is no unit that can be read: amounts under it are held, never guessed.
"""

from __future__ import annotations

#: a unit as the program names it → how many places the decimal point moves to reach 分
UNIT_POWERS = {
    "元": 2, "十元": 3, "百元": 4, "千元": 5, "万元": 6, "十万元": 7, "百万元": 8, "千万元": 9, "亿元": 10,
}  # fmt: skip

#: a word for a multiple, as it may precede 元 or stand for it → its power of ten
SCALES = {
    "十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "萬": 4, "十万": 5, "拾万": 5, "百万": 6, "佰万": 6,
    "千万": 7, "仟万": 7, "亿": 8, "億": 8,
    "K": 3, "THOUSAND": 3, "'000": 3, "W": 4, "WAN": 4, "TENTHOUSAND": 4, "MILLION": 6, "MN": 6,
}  # fmt: skip
#: multiples that say 元 by themselves, in brackets or behind a label: （万）
SCALES_ALONE = frozenset({"千", "仟", "万", "萬", "十万", "百万", "千万", "亿", "億"})
CURRENCIES = ("元", "圆", "圓", "块", "YUAN", "RMB", "CNY", "人民币")
#: names of the currency that alone say nothing of the multiple
CURRENCY_NAMES = frozenset({"RMB", "CNY", "人民币"})
FOREIGN_CURRENCIES = (
    "美元",
    "美金",
    "港元",
    "港币",
    "澳门元",
    "新台币",
    "欧元",
    "日元",
    "英镑",
    "USD",
    "HKD",
    "EUR",
    "JPY",
)

#: words for a unit behind an amount in a cell → how many places the decimal point moves to reach 分
CELL_POWERS = {
    **UNIT_POWERS,
    "圆": 2,
    "块": 2,
    "万": 6,
    "W": 6,
    "w": 6,
    "十万": 7,
    "百万": 8,
    "千万": 9,
    "亿": 10,
    "K": 5,
    "k": 5,
}

#: a unit as it stands alone in a cell
UNIT_WORDS = frozenset({*UNIT_POWERS, *(f"人民币{unit}" for unit in UNIT_POWERS), "圆", "万圆"})
#: in the header of a column that gives each row's unit of money
UNIT_COLUMN_SIGNS = ("单位", "元", "币", "量级", "UNIT")

#: how an amount may be written under a unit; where there is none, with its unit
EXAMPLES = {"元": "35000", "十元": "3500", "百元": "350", "千元": "35", "万元": "3.5", "亿元": "0.5"}
EXAMPLE_WITH_UNIT = "35000元 或 3.5万元"

#: in brackets beside a header, they say how to fill it in and nothing else
HEADER_REMARKS = frozenset({
    "必填", "必填项", "*必填", "必填*", "必须填写", "必录", "必录项", "选填", "选填项", "可选", "非必填", "可不填", "可空",
    "下拉选择", "下拉", "请选择", "单选", "多选", "可多选", "年月日", "年/月/日", "年-月-日", "小写", "保留两位小数",
})  # fmt: skip
#: signs at the ends of a header that mark what must be filled in
HEADER_MARKS = "*★☆※●▲△◆#:"
