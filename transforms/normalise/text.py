"""Clean the text of cells: uniform characters, and null where a cell only says that it is empty."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.normalise.columns import (
    as_mask,
    match_mask,
    once_per_distinct,
    replace_pattern,
    rewrite,
    to_arrow,
    to_series,
)

#: for a character class: characters that need no cleaning (not …, which NFKC turns into three dots)
_PLAIN = r" -~\x{4e00}-\x{9fff}、。〔〕【】《》〈〉“”‘’—·×√"
_NEEDS_WORK = rf"[^{_PLAIN}]|^ | $|  "

_INVISIBLE = r"[\p{Cf}\x00-\x08\x0e-\x1f\x7f-\x{84}\x{86}-\x{9f}]+"
_BLANKS = r"[\s\x0b\x{85}\p{Z}]+"
_CIRCLED = "\u2460-\u2473\u24ea\u24f5-\u24ff\u3251-\u325f\u32b1-\u32bf"
#: raised and lowered characters, and digits with a full stop: 35000², x₁, 5⒈
_RAISED = "\u00b2\u00b3\u00b9\u2070-\u209c\u2488-\u249b"
RAISED = f"[{_RAISED}]"
#: the mark of a footnote is never a digit of the number before it, so these are not folded
_MARKS = _CIRCLED + _RAISED
_PARTS_AROUND_MARKS = re.compile(f"([{_MARKS}]+)")

_DASHES = r"\-‐‑‒–—―−─━ー"
_EMPTY_WORDS = rf"|/|\*|[{_DASHES}][{_DASHES} ]*|空|暂无|n/?a|null|none"
_NULL = rf"(?i)^(?:{_EMPTY_WORDS}|无)$"
_NULL_KEEPING_NONE = rf"(?i)^(?:{_EMPTY_WORDS})$"

#: round, square, lenticular and angle brackets; not 《 》, the quotation marks of titles
OPENING_BRACKETS = r"[(\[{〔【〖〘〚〈]"
CLOSING_BRACKETS = r"[)\]}〕】〗〙〛〉]"


def clean_text(raw: pd.Series[str], keep_none: bool = False) -> pd.Series[str]:
    """Clean the text of cells for parsing; null for an empty cell.

    Folds compatibility forms (NFKC, except circled, raised and lowered numbers: 3①号 is not 31号), drops
    invisible characters and collapses white space and line breaks to one space. `keep_none`
    keeps 无, which is an answer in a yes-or-no column.
    """
    array = to_arrow(raw)
    array = rewrite(array, match_mask(array, _NEEDS_WORK), _tidy)
    is_nothing = pc.match_substring_regex(array, _NULL_KEEPING_NONE if keep_none else _NULL)
    cleaned = pc.if_else(is_nothing, pa.scalar(None, pa.large_string()), array)
    return to_series(cleaned, raw.index, raw.name)


def fold_key(text: pd.Series[str]) -> pd.Series[str]:
    """Fold the text of a natural key so that different spellings of the same thing are equal."""
    return to_series(fold_array(to_arrow(text)), text.index, text.name)


def fold_array(array: pa.Array) -> pa.Array:
    """Fold texts as `fold_key` does."""
    array = rewrite(array, match_mask(array, f"[^{_PLAIN}]"), _compatibility_fold)
    array = replace_pattern(array, _BLANKS, "")
    array = replace_pattern(array, OPENING_BRACKETS, "(")
    array = replace_pattern(array, CLOSING_BRACKETS, ")")
    return pc.utf8_upper(array)


def _tidy(array: pa.Array) -> pa.Array:
    folded = _compatibility_fold(replace_pattern(array, _INVISIBLE, ""))
    return pc.utf8_trim(replace_pattern(folded, _BLANKS, " "), characters=" ")


def _compatibility_fold(array: pa.Array) -> pa.Array:
    has_marks = as_mask(pc.match_substring_regex(array, f"[{_MARKS}]"))
    folded = pc.utf8_normalize(array, form="NFKC")
    if not has_marks.any():
        return folded
    around_marks = rewrite(array, has_marks, once_per_distinct(_fold_around_marks))
    return pc.if_else(pa.array(has_marks), around_marks, folded)


def _fold_around_marks(text: str) -> str:
    parts = _PARTS_AROUND_MARKS.split(text)
    return "".join(
        part if index % 2 else unicodedata.normalize("NFKC", part) for index, part in enumerate(parts)
    )
