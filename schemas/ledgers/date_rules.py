"""Rules of dates: not too early, not of another year than their number, not long before their report.

`transforms.validate.doubtful_dates` finds the rows that break them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from schemas.ledgers.rules import Rule, Severity
from schemas.periods import day_words

if TYPE_CHECKING:
    from schemas.ledgers.compiled import LedgerDefinition, LedgerField

TOO_EARLY = "too_early"
OTHER_YEAR, BEFORE_NUMBER = "other_year", "before_number"
LONG_BEFORE_PERIOD = "long_before_period"

#: a report of at least that many rows that all lie in one other month is doubted; a single one may be late
FEWEST_OF_OTHER_MONTH = 2

#: the year inside a number: in brackets (〔2023〕), before 年, or before the hyphen of SL-2023-0016
NUMBER_YEAR = r"(?:^|[^0-9])(?P<year>(?:19|20)[0-9]{2})\s*[\])}〕】〗〉年-][^0-9]*[0-9]"


def date_rules(ledger: LedgerDefinition, field: LedgerField) -> Iterator[Rule]:
    """Generate the rules of a date field of a ledger."""
    prefix, earliest = f"{ledger.name}.{field.name}", day_words(ledger.earliest)
    yield Rule(
        f"{prefix}.{TOO_EARLY}",
        Severity.ERROR,
        f"早于{earliest}，这种台账不会有这么早的日期",
        f"{earliest}或以后的日期",
        "请核对年份，写全年、月、日（在日期格式的格子里只填年份，会变成 1905 年的日期）",
    )
    same_year, year_up_to = ledger.numbers_of(field.name)
    if same_year:
        yield Rule(
            f"{prefix}.{OTHER_YEAR}",
            Severity.WARNING,
            f"与{_names(same_year)}里的年份不同",
            "与编号同一年的日期",
            "请核对日期和编号的年份，改正错的一处；两处都无误的，不用改",
        )
    if year_up_to:
        yield Rule(
            f"{prefix}.{BEFORE_NUMBER}",
            Severity.WARNING,
            f"早于{_names(year_up_to)}里的年份",
            "编号那一年或以后的日期",
            "请核对日期和编号的年份，改正错的一处；两处都无误的，不用改",
        )
    if field.name == ledger.dated_by and ledger.doubted_after_months is not None:
        yield Rule(
            f"{prefix}.{LONG_BEFORE_PERIOD}",
            Severity.WARNING,
            f"比填报期间早 {ledger.doubted_after_months} 个月或更久",
            "填报期间内或之前不久的日期",
            "请核对年份；确实是以前发生、这次补报的，不用改",
        )


def _names(fields: list[LedgerField]) -> str:
    return "、".join(f"“{field.header}”" for field in fields)
