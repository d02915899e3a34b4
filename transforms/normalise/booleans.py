"""Yes and no in the words, signs and figures that counties use.

Clean such a column with `keep_none=True`: 无 is an answer here.
"""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from transforms.normalise.columns import is_null, positions, replace, to_arrow
from transforms.normalise.parsed import Parsed, code_series

#: what a cell says in place of 是: 出庭 or 已出庭; 未出庭, 不出庭 or 没有出庭 in place of 否
_DEEDS = (
    "出庭",
    "出庭应诉",
    "出声",
    "发言",
    "公开",
    "公示",
    "作出",
    "证明",
    "提交",
    "在岗",
    "属实",
    "使用",
)

YES = (
    *("是", "是的", "有", "对", "已", "1", "1.0", "y", "yes", "t", "true", "√", "✓", "✔", "☑", "✅"),
    *_DEEDS,
    *(f"已{deed}" for deed in _DEEDS),
)
NO = (
    *(
        "否",
        "不是",
        "无",
        "没有",
        "未",
        "0",
        "0.0",
        "n",
        "no",
        "f",
        "false",
        "×",
        "✕",
        "✖",
        "✗",
        "✘",
        "╳",
        "❌",
        "x",
    ),
    *(f"{negation}{deed}" for negation in ("未", "不", "没有") for deed in _DEEDS),
)
_VARIATION_SELECTORS = r"[\x{fe0e}\x{fe0f}]"


def parse_booleans(text: pd.Series[str]) -> Parsed:
    """Answers as nullable `boolean`. Fault: `not_yes_or_no`."""
    array = to_arrow(text)
    words = pc.utf8_lower(replace(array, _VARIATION_SELECTORS, ""))
    found = positions(words, [*YES, *NO])
    is_answer = found >= 0
    answers = pd.arrays.BooleanArray(is_answer & (found < len(YES)), ~is_answer)
    faults = {"not_yes_or_no": ~is_answer & ~is_null(array)}
    values = pd.Series(answers, index=text.index, name=text.name)
    return Parsed(values, code_series(text.index, faults), code_series(text.index))
