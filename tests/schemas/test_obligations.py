"""Who owes which report and by when: rhythms, bounds, the last entry that matches, China's working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import indicators
from schemas.periods import Period, months_between
from schemas.regions import NEVER, MonthSpan
from schemas.reporting.coverage import Reports, has_reported_all, missing_reports, owed_reports
from schemas.reporting.obligations import Obligations
from schemas.reporting.parse_obligations import ObligationError, parse_obligations
from schemas.reporting.working_days import CalendarUnknownError, is_working_day

STAR, RIVER = "990102", "990181"
ANY = (STAR, "cases")


def parse_entries(*entries: dict[str, Any], **holidays: dict[str, Any]) -> Obligations:
    years = {name.removeprefix("y"): overrides for name, overrides in holidays.items()}
    return parse_obligations(entries, years, 5, ["cases", "permits", "officers"], [STAR, RIVER])


@pytest.mark.parametrize(
    ("month", "working_day", "due"),
    [
        ("2023-06", 1, date(2023, 7, 3)),  # the first is a Saturday
        ("2023-06", 5, date(2023, 7, 7)),
        ("2023-09", 1, date(2023, 10, 7)),  # a Saturday worked to make up for the National Day week
        ("2023-09", 2, date(2023, 10, 8)),
        ("2023-09", 5, date(2023, 10, 11)),
        ("2023-12", 1, date(2024, 1, 2)),
        ("2023-04", 1, date(2023, 5, 4)),
        ("2023-04", 3, date(2023, 5, 6)),  # a Saturday worked to make up for Labour Day
        ("2024-01", 5, date(2024, 2, 6)),  # 4 February is a Sunday worked to make up for Spring Festival
    ],
)
def test_due_on(month: str, working_day: int, due: date) -> None:
    assert Obligations(due_working_day=working_day).due_on(*ANY, month) == due


@pytest.mark.parametrize(
    ("due", "received", "days"),
    [
        (date(2023, 7, 7), date(2023, 7, 1), 0),
        (date(2023, 7, 7), date(2023, 7, 7), 0),
        (date(2023, 7, 7), date(2023, 7, 9), 0),  # the Sunday after a Friday
        (date(2023, 7, 7), date(2023, 7, 10), 1),
        (date(2023, 9, 28), date(2023, 10, 6), 0),
        (date(2023, 9, 28), date(2023, 10, 9), 3),
    ],
)
def test_days_late(due: date, received: date, days: int) -> None:
    assert Obligations().days_late(due, received) == days


@pytest.mark.parametrize("year", [1999, 2099])
def test_a_year_without_a_calendar_is_an_error(year: int) -> None:
    with pytest.raises(
        CalendarUnknownError,
        match=rf"the working days of {year} are not known; install a newer chinesecalendar",
    ):
        is_working_day(date(year, 5, 6))
    with pytest.raises(CalendarUnknownError, match=str(year)):
        Obligations().due_on(*ANY, f"{year}-05")


def test_without_entries_every_report_is_owed_every_month() -> None:
    assert all(parse_entries().is_owed(*ANY, f"2023-{month:02}") for month in range(1, 13))


@pytest.mark.parametrize(
    ("every", "owed"),
    [("month", 12), ("quarter", 4), ("half_year", 2), ("year", 1), ("never", 0)],
)
def test_a_rhythm_is_owed_in_the_last_month_of_its_span(every: str, owed: int) -> None:
    obligations = parse_entries({"every": every})
    months = [month for month in Period.parse("2023").months() if obligations.is_owed(*ANY, month)]
    assert len(months) == owed
    assert months[-1:] == (["2023-12"] if owed else [])


def test_a_quarters_report_covers_its_months() -> None:
    obligations = parse_entries({"every": "quarter"})
    assert [obligations.report_for(*ANY, month) for month in ("2023-01", "2023-03", "2023-04")] == [
        "2023-03",
        "2023-03",
        "2023-06",
    ]
    assert [obligations.last_owed(*ANY, month) for month in ("2023-02", "2023-03")] == [
        "2022-12",
        "2023-03",
    ]
    never = parse_entries({"every": "never"})
    assert (never.report_for(*ANY, "2023-01"), never.last_owed(*ANY, "2023-01")) == (None, None)


def test_the_last_entry_that_matches_decides() -> None:
    obligations = parse_entries(
        {"every": "quarter", "due_working_day": 10},
        {"units": [STAR], "ledgers": ["permits"], "every": "never", "from": "2023-04", "until": "2023-09"},
    )
    assert [obligations.is_owed(STAR, "permits", month) for month in ("2023-03", "2023-06", "2023-12")] == [
        True,
        False,
        True,
    ]
    assert obligations.is_owed(RIVER, "permits", "2023-06")
    assert obligations.due_on(RIVER, "permits", "2023-06") == date(2023, 7, 14)


WRONG = {
    "no unit '7'; there are 990102, 990181": {"units": ["7"]},
    "no ledger 'x'; there are cases, permits, officers": {"ledgers": ["x"]},
    "no key 'evry'; there are units, ledgers, every, from, until, due_working_day": {"evry": "month"},
    "'month', 'quarter', 'half_year', 'year' or 'never'": {"every": "week"},
    "'2023' is no month": {"from": "2023"},
    "lies after until": {"from": "2024-01", "until": "2023-01"},
}


@pytest.mark.parametrize("message", WRONG)
def test_a_wrong_entry_is_rejected_with_the_valid_values(message: str) -> None:
    with pytest.raises(ObligationError, match=r"\[\[obligations\]\] 2") as error:
        parse_entries({}, WRONG[message])
    assert message in str(error.value)


def test_a_year_with_holidays_of_the_home() -> None:
    holidays_2027 = {"days_off": ["2027-01-01"], "make_up_days": ["2027-01-03"]}
    assert parse_entries(y2027=holidays_2027).due_on(*ANY, "2026-12") == date(2027, 1, 7)
    with pytest.raises(CalendarUnknownError, match=r"\[holidays.2027\]"):
        parse_entries().due_on(*ANY, "2026-12")


@pytest.mark.parametrize(
    ("message", "holidays"),
    [
        ("is no day of 2027", {"days_off": ["2026-01-01"], "make_up_days": []}),
        ("is no Saturday or Sunday", {"days_off": [], "make_up_days": ["2027-01-04"]}),
        (
            "is both a day off and a make-up day",
            {"days_off": ["2027-01-03"], "make_up_days": ["2027-01-03"]},
        ),
        ("no key 'days'; there are days_off, make_up_days", {"days": []}),
        ("make_up_days: it is missing", {"days_off": []}),
    ],
)
def test_impossible_holidays_are_rejected(message: str, holidays: dict[str, Any]) -> None:
    with pytest.raises(ObligationError, match=message):
        parse_entries(y2027=holidays)


class TestCoverage:
    PERMITS_CLOSED = indicators()["permit_closed_count"]

    def test_a_unit_that_owes_nothing_is_not_expected(self) -> None:
        never = parse_entries({"units": [STAR], "ledgers": ["permits"], "every": "never"})
        year = Period.parse("2023")
        assert not owed_reports(self.PERMITS_CLOSED, STAR, year, never)
        assert owed_reports(self.PERMITS_CLOSED, RIVER, year, never)

    def test_a_month_waits_for_the_report_that_covers_it(self) -> None:
        quarterly = parse_entries({"ledgers": ["permits"], "every": "quarter"})
        january, came = Period.parse("2023-01"), Reports({"permits": {RIVER: {"2023-03"}}}, quarterly)
        assert has_reported_all(self.PERMITS_CLOSED, RIVER, january, came)
        assert missing_reports(self.PERMITS_CLOSED, STAR, january, came) == {("permits", "2023-03")}
        assert missing_reports(self.PERMITS_CLOSED, RIVER, Period.parse("2023-Q2"), came) == {
            ("permits", "2023-06")
        }


class TestUnitsThatBeganOrEnded:
    """Obligations begin and end with units; a span that a unit did not live to the end ends with the unit."""

    ended = replace(
        parse_entries(
            {"ledgers": ["permits"], "every": "quarter"}, {"ledgers": ["officers"], "every": "year"}
        ),
        reporting_months={STAR: MonthSpan("2023-02", "2023-05"), RIVER: NEVER},
    )

    @pytest.mark.parametrize(
        ("ledger", "owed"),
        [("cases", [2, 3, 4, 5]), ("permits", [3, 5]), ("officers", [5])],
    )
    def test_the_last_report_is_that_of_the_last_month(self, ledger: str, owed: list[int]) -> None:
        months = Period.parse("2023").months()
        assert [int(month[5:]) for month in months if self.ended.is_owed(STAR, ledger, month)] == owed
        assert not any(self.ended.is_owed(RIVER, ledger, month) for month in months)

    def test_a_quarter_does_not_wait_for_a_month_after_the_end(self) -> None:
        covering = [self.ended.report_for(STAR, "permits", f"2023-0{month}") for month in range(1, 8)]
        assert covering == [None, "2023-03", "2023-03", "2023-05", "2023-05", None, None]
        assert self.ended.due_on(STAR, "permits", "2023-05") == date(2023, 6, 7)

    def test_a_roster_of_a_unit_that_ended_is_asked_for_no_more(self) -> None:
        assert self.ended.last_owed(STAR, "cases", "2023-05") == "2023-05"
        assert self.ended.last_owed(STAR, "cases", "2023-06") is None

    @given(
        st.integers(2021 * 12, 2024 * 12),
        st.integers(0, 30),
        st.sampled_from(["month", "quarter", "half_year", "year", "never"]),
    )
    def test_the_grid_is_the_answers_for_single_reports(self, first: int, count: int, every: str) -> None:
        lives = MonthSpan(*(f"{month // 12}-{month % 12 + 1:02}" for month in (first, first + count)))
        owed = replace(
            parse_entries({"ledgers": ["permits"], "every": every}),
            reporting_months={STAR: lives, RIVER: NEVER},
        )
        months, units, ledgers = (
            months_between("2022-01", "2024-12"),
            [STAR, RIVER, "990199"],
            ["cases", "permits"],
        )
        table = owed.table(units, ledgers, months)
        assert table["is_owed"].tolist() == [
            owed.is_owed(unit, ledger, month) for month in months for unit in units for ledger in ledgers
        ]


class TestFiguresThatRestOnEarlierReports:
    """A petition that is due in June was accepted, and reported, up to three months before."""

    RATE = indicators()["petition_on_time_rate"]
    JUNE = Period.parse("2023-06")

    def missing(self, *months: str, of_others: str = "2023-01") -> set[str]:
        reports = Reports({"petitions": {STAR: set(months), RIVER: {of_others}}})
        return {month for _, month in missing_reports(self.RATE, STAR, self.JUNE, reports)}

    def test_need_these_too(self) -> None:
        assert self.missing("2023-06", "2023-05", "2023-03") == {"2023-04"}
        assert self.missing("2023-06", "2023-05", "2023-04", "2023-03") == set()

    def test_need_none_from_before_anybody_reported(self) -> None:
        assert self.missing("2023-06", of_others="2023-05") == {"2023-05"}
        assert self.missing("2023-06", of_others="2023-06") == set()

    def test_are_expected_of_units_that_owe_the_period_alone(self) -> None:
        ended = replace(parse_entries(), reporting_months={STAR: MonthSpan("2023-01", "2023-05")})
        assert owed_reports(self.RATE, STAR, self.JUNE, ended, {"petitions": "2023-01"}) == set()
        assert owed_reports(self.RATE, STAR, Period.parse("2023-05"), ended, {"petitions": "2023-04"}) == {
            ("petitions", "2023-04"), ("petitions", "2023-05"),
        }  # fmt: skip

    def test_name_the_ledger_in_which_they_look_rows_up(self) -> None:
        assert indicators()["legal_adviser_review_rate"].months_before() == {
            "penalties": 0,
            "legal_reviews": 3,
        }
