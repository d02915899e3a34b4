"""Find dates that may have a wrong year: beside a number of another year, or long before their report."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.date_rules import BEFORE_NUMBER, LONG_BEFORE_PERIOD, NUMBER_YEAR, OTHER_YEAR
from transforms.normalise.columns import as_integers, extract, to_arrow


class DoubtfulDates(NamedTuple):
    """A date field, the code of the rule that it breaks, and a mask of the rows."""

    field: str
    code: str
    mask: np.ndarray


def find_doubtful_dates(
    ledger: LedgerDefinition, values: pd.DataFrame, period_end: pd.Series
) -> Iterator[DoubtfulDates]:
    """Find the dates of a ledger that may have a wrong year, each for one reason only.

    `period_end`: the first day after the period of each row.
    """
    for field in ledger.fields:
        if field.type.kind != "date":
            continue
        same_year, year_up_to = ledger.numbers_of(field.name)
        is_dated_by = field.name == ledger.dated_by and ledger.doubted_after_months is not None
        if not (same_year or year_up_to or is_dated_by):
            continue
        year = values[field.name].dt.year.to_numpy(dtype="float64", na_value=np.nan)
        differs, is_before = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
        for number in same_year:
            distance = _number_years(values, number) - year  # NaN, and no difference, where one has no year
            differs |= (distance > 0) | (distance < 0)
        for number in year_up_to:
            is_before |= ~differs & (_number_years(values, number) > year)
        if same_year:
            yield DoubtfulDates(field.name, OTHER_YEAR, differs)
        if year_up_to:
            yield DoubtfulDates(field.name, BEFORE_NUMBER, is_before)
        if is_dated_by:
            is_old = _is_long_before(ledger, values, period_end) & ~differs & ~is_before
            yield DoubtfulDates(field.name, LONG_BEFORE_PERIOD, is_old)


def _number_years(values: pd.DataFrame, number: LedgerField) -> np.ndarray:
    """Return the years inside the numbers of a column; NaN where a number has none."""
    years = as_integers(extract(to_arrow(values[number.name]), NUMBER_YEAR)["year"]).astype("float64")
    years[years == 0] = np.nan
    return years


def _is_long_before(ledger: LedgerDefinition, values: pd.DataFrame, period_end: pd.Series) -> np.ndarray:
    """Mark rows whose date and later steps all lie long before the period, in calendar months."""
    steps = [values[name].to_numpy() for name in (ledger.dated_by, *ledger.late_steps)]
    months = [dates.astype("datetime64[M]") for dates in (period_end.to_numpy(), reduce(np.fmax, steps))]
    # The period's last month, as a count of months, is one less than that of the day after it.
    passed = months[0] - months[1] - np.timedelta64(1, "M")
    is_old: np.ndarray = passed >= np.timedelta64(ledger.doubted_after_months or 0, "M")
    return is_old
