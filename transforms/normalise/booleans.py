"""Parse yes and no in the words, signs and digits that counties use.

Clean such a column with `keep_none=True`, because 无 means no here.
"""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from transforms.normalise.columns import is_null, positions, replace_pattern, to_arrow
from transforms.normalise.parsed import Parsed, code_series

#: 出庭 or 已出庭 means 是; 未出庭, 不出庭 or 没有出庭 means 否
_ACTIONS = (
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
    *_ACTIONS,
    *(f"已{action}" for action in _ACTIONS),
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
    *(f"{negation}{action}" for negation in ("未", "不", "没有") for action in _ACTIONS),
)
_VARIATION_SELECTORS = r"[\x{fe0e}\x{fe0f}]"


def parse_booleans(text: pd.Series[str]) -> Parsed:
    """Parse answers as nullable `boolean`. Fault: `not_yes_or_no`."""
    array = to_arrow(text)
    words = pc.utf8_lower(replace_pattern(array, _VARIATION_SELECTORS, ""))
    word_positions = positions(words, [*YES, *NO])
    is_answer = word_positions >= 0
    answers = pd.arrays.BooleanArray(is_answer & (word_positions < len(YES)), ~is_answer)
    faults = {"not_yes_or_no": ~is_answer & ~is_null(array)}
    values = pd.Series(answers, index=text.index, name=text.name)
    return Parsed(values, code_series(text.index, faults), code_series(text.index))
