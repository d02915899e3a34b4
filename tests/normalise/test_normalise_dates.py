"""Dates in every style that counties write, and the three ways in which a cell can fail to be a date."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import Parsed, parse_dates

STYLES: dict[str, Callable[[date], str]] = {
    "dots": lambda day: f"{day.year}.{day.month}.{day.day}",
    "slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "iso": date.isoformat,
    "compact": lambda day: f"{day:%Y%m%d}",
    "spoken": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "spoken with blanks": lambda day: f"{day.year} 年 {day.month:02} 月 {day.day:02} 日",
    "timestamp": lambda day: f"{day} 00:00:00",
    "iso with time": lambda day: f"{day}T08:30",
    "slashes with time": lambda day: f"{day.year}/{day.month}/{day.day} 8:05",
    "spoken with time": lambda day: f"{day.year}年{day.month}月{day.day}日10时30分",
    "compact as float": lambda day: f"{day:%Y%m%d}.0",
}


def parse(*texts: str | None) -> Parsed:
    return parse_dates(pd.Series(list(texts), dtype="str"))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2023.5.6",
            "2023/5/6",
            "2023-05-06",
            "20230506",
            "2023年5月6日",
            "2023年5月6",
            "2023年05月06号",
            "2023. 5. 6",
        ),
        *(
            "2023-05-06 00:00:00",
            "2023-05-06 23:59:59.999",
            "2023-05-06T08:30",
            "45052",
            "45052.0",
            "45052.99",
        ),
    ],
)
def test_reads_date(text: str) -> None:
    parsed = parse(text)
    assert parsed.values[0] == pd.Timestamp("2023-05-06")
    assert parsed.faults.isna().all()


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        *(
            ("no_such_day", text)
            for text in ["2022-09-31", "2023.2.29", "2023年13月1日", "20230230", "2023-0-1"]
        ),
        *(
            ("day_missing", text)
            for text in ["2023年5月", "2023年05", "2023-05", "2023/5", "2023.5", "202305", "202312.0"]
        ),
        *(
            ("not_a_date", text)
            for text in ["不详", "23.5.6", "5月6日", "2023", "2023年", "2023.13", "202313", "12345678"]
        ),
        *(
            ("not_a_date", text)
            for text in ["19999", "60001", "45052.5.1", "2023.5-6", "2023-5/6", "2023-05-06 25:00"]
        ),
        *(("not_a_date", text) for text in ["2023.5.6至2023.5.9", "2023-05-061", "#REF!", "0000-00-00"]),
    ],
)
def test_finds_fault(fault: str, text: str) -> None:
    parsed = parse(text)
    assert parsed.faults[0] == fault
    assert pd.isna(parsed.values[0])


def test_bounds_of_serials() -> None:
    assert parse("20000", "60000").values.dt.strftime("%Y-%m-%d").tolist() == ["1954-10-03", "2064-04-08"]


def test_dtype_and_null() -> None:
    parsed = parse(None, "2023-05-06")
    assert parsed.values.dtype == "datetime64[s]"
    assert parsed.values.isna().tolist() == [True, False]
    assert parsed.faults.isna().all()
    assert parsed.notices.isna().all()


@pytest.mark.parametrize("style", STYLES)
@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_round_trip(style: str, day: date) -> None:
    assert parse(STYLES[style](day)).values[0] == pd.Timestamp(day)


@given(st.dates(date(1954, 10, 3), date(2064, 4, 8)))
def test_round_trip_of_serials(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert parse(str(serial)).values[0] == pd.Timestamp(day)


@given(st.integers(1900, 2199), st.integers(0, 99), st.integers(0, 99))
def test_reads_exactly_the_days_of_the_calendar(year: int, month: int, day: int) -> None:
    parsed = parse(f"{year}-{month}-{day}")
    try:
        expected = date(year, month, day)
    except ValueError:
        assert parsed.faults.tolist() == ["no_such_day"]
    else:
        assert parsed.values[0] == pd.Timestamp(expected)
