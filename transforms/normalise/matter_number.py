"""Numbers of matters that are no document numbers of a fixed form: 案号, 信访编号, 票据号.

Two spellings of one number have one key. A number may be too weak to identify anything: a serial that
each month begins again, a word in place of a number, a long number whose last digits Excel has lost.
"""

from __future__ import annotations

import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.ledgers.numbering import LONGEST_SERIAL, NUMBER_PREFIXES, SERIAL_COUNTERS
from transforms.normalise.columns import (
    is_null,
    match_mask,
    replace_pattern,
    rewrite,
    to_arrow,
    to_series,
)
from transforms.normalise.document_no import write_uniformly
from transforms.normalise.parsed import code_series
from transforms.normalise.text import fold_array

_PREFIX = rf"^(?:{'|'.join(map(re.escape, NUMBER_PREFIXES))})[.:#]*([0-9A-Z])"
_SERIAL = rf"^[\p{{Han}}(]*(?:[0-9]{{1,{LONGEST_SERIAL}}}|0+)[)]*(?:{'|'.join(SERIAL_COUNTERS)})?(?:\.0+)?$"
#: a whole number of 16 digits or more, as Excel shows it
_LOST_DIGITS = r"^[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}$"


def number_key(text: pd.Series[str]) -> pd.Series[str]:
    """Return the form by which numbers are compared: 某环立字[2023]第005号 is 某环立(2023)5号."""
    array, uniform = to_arrow(text), write_uniformly(text)
    is_other = is_null(uniform) & ~is_null(array)
    key = rewrite(pc.coalesce(uniform, array), is_other, _fold_other)
    return to_series(key, text.index, text.name)


def _fold_other(array: pa.Array) -> pa.Array:
    """Fold numbers that are no document numbers: No. 000001251 is 000001251."""
    folded = replace_pattern(fold_array(array), "[‐‑‒–—―−─]+", "-")
    folded = replace_pattern(folded, _PREFIX, r"\1")
    return replace_pattern(folded, "第?0*([1-9][0-9]*号)$", r"\1")


def weak_numbers(key: pd.Series[str]) -> pd.Series[str]:
    """Return why a number identifies nothing, null where it identifies something.

    Codes: `serial_only`, `word_only`, `digits_lost`.
    """
    array = to_arrow(key)
    is_lost, is_serial = match_mask(array, _LOST_DIGITS), match_mask(array, _SERIAL)
    is_word = ~match_mask(array, r"[0-9０-９一二三四五六七八九十]") & key.notna().to_numpy()
    return code_series(key.index, {"digits_lost": is_lost, "serial_only": is_serial, "word_only": is_word})
