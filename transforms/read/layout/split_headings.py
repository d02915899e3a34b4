"""Read a month that a form spreads over several cells of a row: 2023 | 年 | 5 | 月, or 月份 | 5."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.sheet_words import MONTH_CELLS, MOST_CELLS_OF_HEADING
from transforms.read.containers.grid import cell_text
from transforms.read.layout.identity import ABOVE, IdentityHint
from transforms.read.layout.months import NO_MONTHS, MonthsNamed, read_months
from transforms.read.layout.row_kinds import compact

_LABELLED_YEAR = re.compile(r"年[度份]?:?((?:19|20)\d\d)(?!\d)")
_LABELLED_MONTH = re.compile(r"月[份度]?:?(1[0-2]|0?[1-9])(?![\d.,年月日万元])")


def hints_of_split_months(rows: Sequence[Sequence[object]]) -> list[IdentityHint]:
    """Return the months that the cells of a row name together, where none of them does alone."""
    hints = []
    for cells in rows:
        texts = [compact(cell_text(cell)) for cell in cells]
        filled = [text for text in texts if text]
        if not 1 < len(filled) <= MOST_CELLS_OF_HEADING or not any("月" in text for text in filled):
            continue
        if any(read_months(text).period for text in filled):
            continue
        months = _read_joined(filled)
        if months != NO_MONTHS:
            hints.append(IdentityHint(ABOVE, period=months.period, months=months))
    return hints


def _read_joined(filled: Sequence[str]) -> MonthsNamed:
    joined = "".join(filled)
    months = read_months(joined)
    if months.period or any(read_months(text).month for text in filled):
        return months if months.period else NO_MONTHS
    if any(text.strip(":") in MONTH_CELLS for text in filled):
        year, month = _LABELLED_YEAR.search(joined), _LABELLED_MONTH.search(joined)
        if month:
            period = f"{year[1]}-{int(month[1]):02}" if year else None
            return MonthsNamed(period, None if period else int(month[1]), written=f"月份 {month[1]}")
    return NO_MONTHS
