"""Document numbers: real ones in the forms in which they occur, and the spellings of one number."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import clean_text, county_mark, parse_document_no
from transforms.normalise.document_no import ParsedDocumentNo

REAL_NUMBERS = {
    "娄环罚(冷)〔2026〕2号": "娄环|罚|冷|2026|2",
    "娄环罚决字(冷)(2024)1号": "娄环|罚|冷|2024|1",
    "岳汨环罚决字〔2025〕4号": "岳汨环|罚||2025|4",
    "岳县环罚〔2025〕2号": "岳县环|罚||2025|2",
    "株环罚字2024Z-6": "株环|罚||2024|Z-6",
    "济环罚字〔2020〕TQ第Q-4008号": "济环|罚||2020|TQQ-4008",
    "鞍环罚决字[2018]第(11006)号": "鞍环|罚||2018|11006",
    "白环罚字[2017]11号": "白环|罚||2017|11",
    "杏环罚字[2015]10号": "杏环|罚||2015|10",
    "沾环罚[2017]09号": "沾环|罚||2017|9",
    "米环罚【2018】016号": "米环|罚||2018|16",
    "鲁环罚〔2025〕1号": "鲁环|罚||2025|1",
}
BRACKETS = ["〔〕", "[]", "【】", "()", "（）", "［］", "﹝﹞", "〈〉", "{}", "<>"]


def parse(*texts: str | None) -> ParsedDocumentNo:
    return parse_document_no(clean_text(pd.Series(list(texts), dtype="str")))


@pytest.mark.parametrize(("text", "key"), REAL_NUMBERS.items())
def test_reads_real_number(text: str, key: str) -> None:
    parsed = parse(text)
    assert parsed.key.tolist() == [key]
    assert parsed.faults.isna().all()


@pytest.mark.parametrize(
    "spelling",
    [
        "娄环罚决字(冷)〔2024〕1号",
        "娄环罚字（冷）［2024］第001号",
        "娄环罚【冷】【2024】1",
        "娄环罚决(冷)2024年1号",
        "娄环罚(冷)字〔2024〕1号",
        "娄环罚决字冷〔2024〕1号",
        "娄环罚决字(冷〔2024〕1号",
        "娄环罚决字(冷)〔2024 1号",
        "娄环罚决字(冷)2024〕1号",
        "娄环罚决字(冷)2024-1号",
        " 娄环罚决字 (冷) 〔 2024 〕 1 号",
        "娄环罚决字(冷)第〔2024〕第(01)号",
    ],
)
def test_reads_every_spelling_of_one_number(spelling: str) -> None:
    parsed = parse(spelling)
    assert parsed.key.tolist() == ["娄环|罚|冷|2024|1"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("娄环责改字〔2024〕3号", "娄环|责改||2024|3"),
        ("娄环查(扣)字〔2024〕3号", "娄环|查扣||2024|3"),
        ("娄环移〔2024〕3-1号", "娄环|移||2024|3-1"),
        ("娄环罚字〔2024〕冷003号", "娄环|罚||2024|冷3"),
        ("娄环环罚字〔2024〕3号", "娄环环|罚||2024|3"),
        ("娄底市生态环境局冷水江分局罚决字〔2024〕3号", "娄底市生态环境局冷水江分局|罚||2024|3"),
        ("湘农罚字〔2024〕3号", "湘农|罚||2024|3"),
        ("冷政办函〔2024〕3号", "冷政办函|||2024|3"),
        ("株环罚字〔2024〕z-06号", "株环|罚||2024|Z-6"),
    ],
)
def test_reads_other_kinds_and_organs(text: str, key: str) -> None:
    assert parse(text).key.tolist() == [key]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("娄环罚决字（冷）(2024)1号", "娄环罚决字(冷)〔2024〕1号"),
        ("株环罚字2024Z-6", "株环罚字〔2024〕Z-6"),
        ("米环罚【2018】016号", "米环罚〔2018〕016号"),
        ("娄环罚(冷〔2024〕1号", "娄环罚(冷)〔2024〕1号"),
        ("鞍环罚决字[2018]第(11006)号", "鞍环罚决字〔2018〕第(11006)号"),
    ],
)
def test_tidies_brackets_only(text: str, written: str) -> None:
    assert parse(text).values.tolist() == [written]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("娄环罚字〔2024〕1号", "娄环罚字〔2024〕11号"),
        ("娄环罚字〔2024〕1-1号", "娄环罚字〔2024〕11号"),
        ("娄环罚字〔2024〕1(1)号", "娄环罚字〔2024〕11号"),
        ("娄环罚字(冷)〔2024〕1号", "娄环罚字(涟)〔2024〕1号"),
        ("娄环罚字(冷)〔2024〕1号", "娄环罚字〔2024〕1号"),
        ("娄环罚字〔2024〕1号", "娄环责改字〔2024〕1号"),
        ("娄环罚字〔2024〕1号", "娄环罚字〔2023〕1号"),
        ("娄环罚字〔2024〕1号", "岳环罚字〔2024〕1号"),
    ],
)
def test_keeps_different_numbers_apart(first: str, second: str) -> None:
    assert parse(first, second).key.nunique() == 2


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        *(
            ("prior_notice", f"娄环{kind}〔2024〕1号")
            for kind in ["罚告字", "罚告", "罚先告字", "罚告字(冷)", "罚(告)", "罚听告字"]
        ),
        ("prior_notice", "行政处罚事先告知书〔2024〕1号"),
        ("prior_notice", "娄环罚字〔2024〕1号(事先告知书)"),
        *(
            ("unreadable", text)
            for text in ["娄环罚字1号", "娄环罚字第20231号", "娄环罚字〔24〕1号", "娄环罚字〔1824〕1号"]
        ),
        *(
            ("unreadable", text)
            for text in ["娄环罚字〔2024〕号", "娄环罚字〔2024〕", "娄环罚字〔2024〕Z号", "〔2024〕1号"]
        ),
        *(
            ("unreadable", text)
            for text in ["娄环罚字〔20240〕1号", "娄环罚字〔2024〕1号（更正）", "娄环罚字〔2024〕1号、"]
        ),
        *(("unreadable", text) for text in ["2024-1", "不详", "娄环罚|字〔2024〕1号", "#REF!"]),
    ],
)
def test_finds_fault(fault: str, text: str) -> None:
    parsed = parse(text)
    assert parsed.faults.tolist() == [fault]
    assert parsed.values.isna().all()
    assert parsed.key.isna().all()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("娄环罚(新)〔2023〕1301、1302号", "2"),
        ("娄环罚(新)〔2023〕1303号、娄环罚(新)〔2023〕1304号", "2"),
        ("娄环罚(新)〔2023〕512号\n娄环罚(新)〔2023〕513号", "2"),
        ("娄环罚(新)〔2023〕13 14号", "2"),
        ("娄环罚(新)〔2023〕1305号至1307号", "3"),
        ("娄环罚(新)〔2023〕第522至第526号", "5"),
        ("娄环罚(新)〔2023〕612～616号", "5"),
        ("娄环罚(新)〔2023〕5号-9号", "5"),
        ("娄环罚(新)〔2023〕622/623号", "2"),
        ("娄环罚(新)〔2023〕1-3、5号", "4"),
        ("娄环罚(新)〔2023〕632号等5份", "5"),
        ("娄环罚(新)〔2023〕632号等三份", "三"),
        ("娄环罚(新)〔2023〕642号 共5件", "5"),
        ("娄环罚(新)〔2023〕642号等", "不止一"),
        ("1-5号", "5"),
    ],
)
def test_a_list_or_range_has_a_finding_with_its_count(text: str, count: str) -> None:
    parsed = parse(text)
    assert (parsed.faults.tolist(), parsed.values.isna().all()) == (["several_numbers"], True)
    assert parsed.details is not None
    assert parsed.details.tolist() == [count]


@pytest.mark.parametrize(
    "text", ["娄环罚〔2023〕482-486号", "娄环罚〔2023〕285—289号", "娄环罚〔2023〕1-2"]
)
def test_a_possible_range_is_read_with_a_finding(text: str) -> None:
    parsed = parse(text)
    assert (parsed.faults.isna().all(), parsed.notices.tolist()) == (True, ["perhaps_several"])


@pytest.mark.parametrize(
    "text",
    [
        *("娄环移〔2024〕3-1号", "株环罚字2024Z-6", "济环罚字〔2020〕TQ第Q-4008号", "娄环罚(新)2023-572"),
        *("和平环罚〔2023〕5号", "到位环罚〔2023〕5号", "共青环罚〔2023〕5号", "娄环罚字 2023 5号"),
        "娄环罚〔2023〕2024号",
    ],
)
def test_one_number_is_no_list(text: str) -> None:
    parsed = parse(text)
    assert (parsed.faults.isna().all(), parsed.notices.isna().all()) == (True, True)


def test_reminder_is_no_prior_notice() -> None:
    assert parse("娄环罚催告字〔2024〕1号").key.tolist() == ["娄环|罚催告||2024|1"]


def test_county_mark() -> None:
    key = parse("娄环罚(冷)〔2026〕2号", "娄环罚〔2026〕2号", None).key
    assert county_mark(key).fillna("NULL").tolist() == ["冷", "NULL", "NULL"]


@given(
    year_brackets=st.sampled_from(BRACKETS),
    county_brackets=st.sampled_from(BRACKETS),
    kind=st.sampled_from(["罚", "罚字", "罚决", "罚决字"]),
    county=st.sampled_from(["", "冷", "涟", "双峰"]),
    year=st.integers(2000, 2099),
    serial=st.integers(1, 99999),
    width=st.integers(1, 6),
)
def test_brackets_kind_and_zeros_do_not_matter(
    year_brackets: str, county_brackets: str, kind: str, county: str, year: int, serial: int, width: int
) -> None:
    mark = county.join(county_brackets) if county else ""
    text = f"娄环{kind}{mark}{str(year).join(year_brackets)}{serial:0{width}}号"
    assert parse(text).key.tolist() == [f"娄环|罚|{county}|{year}|{serial}"]


@given(st.sampled_from(list(REAL_NUMBERS)))
def test_the_tidied_number_is_the_same_number(text: str) -> None:
    once = parse(text)
    again = parse_document_no(once.values)
    assert (again.key[0], again.values[0]) == (once.key[0], once.values[0])
