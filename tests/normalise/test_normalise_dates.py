"""Dates in every style that counties write, and the three ways in which a cell can fail to be a date."""

import re
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


#: spellings of 1 June 2023, a Thursday
SPELLINGS_OF_1_JUNE = """
2023-06-01 星期四 | 星期四 2023-06-01 | 2023年6月1日(周四)上午 | 2023年6月1日上午 | 2023/6/1 上午10:30 | 2023年6月1日晚上8点半
2023/6/1 10:30:00 AM | 2023-06-01T08:00:00Z | 2023-06-01T00:00:00.000Z | 2023-06-01 08:00:00 GMT+8
2023-06-01T08:00:00+08:00 | 2023-06-01T08:00:00+0800 | 2023-06-01 08:00 北京时间 | Thu Jun 01 08:00:00 CST 2023
2023-06-01 22:30 | 2023-06-01 22:30 北京时间 | 2023-06-01 21:29+05:30 | 2023-06-01 03:59:00 PM GMT | Thu Jun 01 22:30:00 CST 2023
二〇二三年六月一日 | 二零二三年六月一日 | 二○二三年六月一日 | 2023年六月一日 | 贰零贰叁年零陆月零壹日 | 1 June 2023 | June 1, 2023
1-Jun-2023 | 2023.6.1日 | 2023.6月1日 | 2023年6.1日 | 2023。6。1 | 2023,6,1 | 2023 6 1 | 2023\\6\\1 | 2023.06.01.
"""


@pytest.mark.parametrize("text", [text.strip() for text in re.split(r"[|\n]", SPELLINGS_OF_1_JUNE.strip())])
def test_reads_what_a_person_reads(text: str) -> None:
    parsed = parse(text)
    assert parsed.values[0] == pd.Timestamp("2023-06-01")
    assert parsed.faults.isna().all()
    assert parsed.notices.isna().all()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("二〇二三年十二月三十一日", "2023-12-31"),
        ("二〇二三年六月廿三日", "2023-06-23"),
        ("二〇二三年十月十日", "2023-10-10"),
        ("13/6/2023", "2023-06-13"),
        ("6/13/2023", "2023-06-13"),
        ("6/6/2023", "2023-06-06"),
    ],
)
def test_reads_other_days(text: str, day: str) -> None:
    assert parse(text).values[0] == pd.Timestamp(day)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("day_or_month", "6/1/2023"),
        ("day_or_month", "01-06-2023"),
        ("other_day_by_zone", "2023-05-31T16:00:00.000Z"),
        ("other_day_by_zone", "2023-06-01 20:00:00-05:00"),
        ("other_day_by_zone", "2023-06-01 11:30:00 PM GMT"),
        ("other_day_by_zone", "2023-06-01 21:30+05:30"),
        ("day_missing", "二〇二三年六月"),
        ("no_such_day", "二〇二三年二月三十日"),
        *(
            ("not_a_date", text)
            for text in ["六月一日", "2023.6.1-6.3", "2023年6月1、2日", "2023年6月初", "2023年6月1日左右"]
        ),
        *(
            ("not_a_date", text)
            for text in ["农历二〇二三年六月初一", "2023-06-01 星期四 星期五", "01/06/23"]
        ),
    ],
)
def test_guesses_no_day(fault: str, text: str) -> None:
    parsed = parse(text)
    assert parsed.faults[0] == fault
    assert pd.isna(parsed.values[0])


def test_doubts_a_day_with_another_weekday() -> None:
    parsed = parse("2023-06-01 星期五", "2023-06-01 星期四", "2023-06-01")
    assert parsed.notices.fillna("").tolist() == ["weekday_differs", "", ""]
    assert parsed.values.notna().all()


@given(st.text("0123456789年月日星期四-/. :TZ+〇二三十上午", max_size=24))
def test_reads_any_text_the_same_alone_and_among_others(text: str) -> None:
    alone, among = parse(text), parse("2023-05-06", text, None)
    assert alone.values[0] == among.values[1] or (pd.isna(alone.values[0]) and pd.isna(among.values[1]))
    assert alone.faults[0] == among.faults[1] or (pd.isna(alone.faults[0]) and pd.isna(among.faults[1]))


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
