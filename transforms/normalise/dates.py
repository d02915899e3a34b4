"""Parse dates in all forms that counties write; a month without a day has its own fault."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from transforms.normalise.columns import BoolMask, as_integers, extract, is_null, match_mask, to_arrow
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


def parse_dates(text: pd.Series[str]) -> Parsed:
    """Parse dates as `datetime64[s]`; a time of day is accepted and dropped.

    Faults: `no_such_day` (2022-09-31), `day_missing` (2023年5月), `not_a_date`.
    """
    array = to_arrow(text)
    days = np.full(len(array), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    is_date = match_mask(array, _DATE)
    if not is_date.all():
        is_date |= match_mask(array, _SPOKEN_WITH_CLOCK) | match_mask(array, _COMPACT_AS_FLOAT)
    days[is_date] = _calendar_days(array.filter(pa.array(is_date)))
    is_other = ~(is_date | is_null(array))
    is_serial, has_no_day = _read_serials(array, is_other, days)
    faults = {
        "no_such_day": is_date & np.isnat(days),
        "day_missing": has_no_day,
        "not_a_date": is_other & ~is_serial & ~has_no_day,
    }
    values = pd.Series(days.astype("datetime64[s]"), index=text.index, name=text.name)
    return Parsed(values, code_series(text.index, faults), code_series(text.index))


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
