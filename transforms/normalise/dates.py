"""Parse dates in all forms that counties write; a month without a day has its own fault."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.normalise.columns import (
    BoolMask,
    as_integers,
    extract,
    is_null,
    match_mask,
    match_mask_within,
    positions,
    to_arrow,
)
from transforms.normalise.date_spellings import read_spelling
from transforms.normalise.parsed import Parsed, code_series

_YEAR = r"(?:(?:19|20|21)\d\d|9999)"  # 9999 means "without end" in 处罚有效期
_CLOCK = r"(?:[01]?\d|2[0-3])(?::[0-5]?\d(?::[0-5]?\d(?:\.\d+)?)?|时(?:[0-5]?\d分(?:[0-5]?\d秒)?)?)"
# The same separator twice, because 2023.5-6 is a span of months.
_SEPARATED = "|".join(rf"{_YEAR}\s*{sign}\s*\d{{1,2}}\s*{sign}\s*\d{{1,2}}" for sign in ("-", "/", r"\."))
_SPOKEN = rf"{_YEAR}\s*年\s*\d{{1,2}}\s*月\s*\d{{1,2}}\s*[日号]?"
_DATE = rf"^(?:{_SEPARATED}|{_SPOKEN}|{_YEAR}\d{{4}})(?:[T\s]\s*{_CLOCK})?$"
_SPOKEN_WITH_CLOCK = rf"^{_YEAR}\s*年\s*\d{{1,2}}\s*月\s*\d{{1,2}}\s*[日号]{_CLOCK}$"
_COMPACT_AS_FLOAT = rf"^{_YEAR}\d{{4}}\.0+$"
_PARTS = r"^(?P<year>\d{4})\D*(?P<month>\d{1,2})\D*(?P<day>\d{1,2})"

_MONTH = r"(?:0?[1-9]|1[0-2])"
_NO_DAY = rf"^{_YEAR}(?:\s*[-/.]\s*{_MONTH}|\s*年\s*{_MONTH}\s*月?|(?:0[1-9]|1[0-2])(?:\.0+)?)$"

_SERIAL = r"^(?P<days>[2-5]\d{4}|60000)(?:\.\d+)?$"
_SERIAL_DAY_ZERO = np.datetime64("1899-12-30", "D")

#: a text with a year, in digits or Chinese numerals, may be a rarer spelling; longer ones are prose
_MAY_BE_SPELT = r"^.{0,60}$"
_HAS_YEAR = r"(?:^|[^0-9])(?:19|20|21)\d\d(?:[^0-9]|$)|[0-9〇零○一二两壹贰貳九玖][^年]{3}年"
_SPELLING_FAULTS = ("day_or_month", "other_day_by_zone")


def parse_dates(text: pd.Series[str]) -> Parsed:
    """Parse dates as `datetime64[s]`; a time of day is accepted and dropped.

    Faults: `no_such_day` (2022-09-31), `day_missing` (2023年5月), `day_or_month` (6/1/2023),
    `other_day_by_zone` (2023-05-31T16:00:00Z is 1 June in Beijing), `not_a_date`. Notice: `weekday_differs`
    (2023-06-01 星期五 was a Thursday).
    """
    array = to_arrow(text)
    is_date = match_mask(array, _DATE)
    fault, weekday = np.full(len(array), -1), np.full(len(array), -1)
    if not is_date.all():
        is_date |= match_mask(array, _SPOKEN_WITH_CLOCK) | match_mask(array, _COMPACT_AS_FLOAT)
        may_be_spelt = match_mask_within(~is_date & ~is_null(array), array, _MAY_BE_SPELT)
        may_be_spelt = match_mask_within(may_be_spelt, array, _HAS_YEAR)
        array, fault[may_be_spelt], weekday[may_be_spelt] = _respell(array, may_be_spelt)
        is_date |= match_mask_within(may_be_spelt, array, _DATE)
    days = np.full(len(array), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    days[is_date] = _calendar_days(array.filter(pa.array(is_date)))
    is_other = ~(is_date | is_null(array))
    is_serial, has_no_day = _read_serials(array, is_other, days)
    is_open = {code: fault == index for index, code in enumerate(_SPELLING_FAULTS)}
    faults = {
        "no_such_day": is_date & np.isnat(days),
        "day_missing": has_no_day,
        **is_open,
        "not_a_date": is_other & ~is_serial & ~has_no_day,
    }
    days[fault >= 0] = np.datetime64("NaT", "D")
    differs = (weekday >= 0) & ~np.isnat(days) & (_weekday(days) != weekday)
    values = pd.Series(days.astype("datetime64[s]"), index=text.index, name=text.name)
    return Parsed(
        values, code_series(text.index, faults), code_series(text.index, {"weekday_differs": differs})
    )


def _respell(
    array: pa.Array, mask: BoolMask
) -> tuple[pa.Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Put rarer spellings of `mask` as 2023-6-1; return also their faults and weekdays, −1 without one."""
    encoded = array.filter(pa.array(mask)).dictionary_encode()
    read = [read_spelling(text) for text in encoded.dictionary.to_pylist()]
    indices = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    texts = pa.array([spelling.text for spelling in read], pa.large_string()).take(pa.array(indices))
    faults = positions(pa.array([spelling.fault for spelling in read], pa.large_string()), _SPELLING_FAULTS)
    weekdays = np.array([spelling.weekday for spelling in read], dtype=np.int64)
    return pc.replace_with_mask(array, pa.array(mask), texts), faults[indices], weekdays[indices]


def _weekday(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Return 0 for Monday to 6 for Sunday; 1 January 1970 was a Thursday."""
    weekdays: npt.NDArray[np.int64] = (np.nan_to_num(days.astype(np.int64)) + 3) % 7
    return weekdays


def _calendar_days(array: pa.Array) -> npt.NDArray[np.datetime64]:
    """Convert to calendar days; NaT where the month or day does not exist."""
    parts = {name: as_integers(part) for name, part in extract(array, _PARTS).items()}
    months = ((parts["year"] - 1970) * 12 + parts["month"] - 1).astype("datetime64[M]")
    days: npt.NDArray[np.datetime64] = months.astype("datetime64[D]") + (parts["day"] - 1).astype(
        "timedelta64[D]"
    )
    month_exists = (parts["month"] >= 1) & (parts["month"] <= 12)
    is_real = month_exists & (parts["day"] >= 1) & (days.astype("datetime64[M]") == months)
    days[~is_real] = np.datetime64("NaT", "D")
    return days


def _read_serials(
    array: pa.Array, is_other: BoolMask, days: npt.NDArray[np.datetime64]
) -> tuple[BoolMask, BoolMask]:
    """Fill `days` for Excel serials among the rows `is_other`.

    Return masks of serials and of months without a day.
    """
    is_serial, has_no_day = np.zeros_like(is_other), np.zeros_like(is_other)
    if is_other.any():
        other = array.filter(pa.array(is_other))
        is_serial[is_other] = match_mask(other, _SERIAL)
        has_no_day[is_other] = match_mask(other, _NO_DAY)
        serials = extract(array.filter(pa.array(is_serial)), _SERIAL)["days"]
        days[is_serial] = _SERIAL_DAY_ZERO + as_integers(serials).astype("timedelta64[D]")
    return is_serial, has_no_day
