"""Which row is the header, how its texts are understood, and to which ledger it belongs."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.catalogue import ledgers
from schemas.ledgers.finding import compose_message
from tests.support.counties import GOOD_ROWS, sheet_cells
from tests.support.histories import EXAMPLES_TIMES
from tests.support.sheets import SOMEWHERE, case_cells, read_cells, rejection
from tests.support.validation import INDEX, PATH, read_one, validate_all
from transforms.read import HeaderIndex, Submission
from transforms.read.containers.detect import Grid, OpenedFile
from transforms.read.layout.header_text import fold_header, split_money_unit


class TestHeader:
    def test_below_title_rows(self) -> None:
        above = [["临江市2023年6月立案台账"], [], ["（盖章）"]]
        submission = read_cells(case_cells({}, above=above), SOMEWHERE)
        assert (submission.unit_code, submission.period, submission.ledger) == (
            "990181",
            "2023-06",
            "cases",
        )
        assert submission.rows["source_row"].tolist() == [5]

    @pytest.mark.parametrize(("ledger", "definition"), ledgers().items())
    def test_every_alias_is_understood(self, ledger: str, definition: Any) -> None:
        """Write each header in another spelling per sheet: all are read into the same fields."""
        full = GOOD_ROWS[ledger] | {
            field.name: None for field in definition.fields if field.name not in GOOD_ROWS[ledger]
        }
        for turn in range(max(len(field.headers) for field in definition.fields)):
            headers = {
                field.name: field.headers[min(turn, len(field.headers) - 1)] for field in definition.fields
            }
            submission = read_cells(sheet_cells(ledger, [full], headers=headers), tab=definition.title)
            assert submission.findings == ()
            assert {name: column.header for name, column in submission.columns.items()} == headers

    @pytest.mark.parametrize(
        "header",
        [
            "立案 日期",
            "立\n案日期",
            "立案日期\r\n",
            " 立案日期　",
            "*立案日期",
            "立案日期：",
            "立案日期*",
            "立 案 日 期",
        ],
    )
    def test_broken_headers(self, header: str) -> None:
        submission = read_cells(case_cells({}, headers={"filed_on": header}))
        assert submission.rows["filed_on"].tolist() == ["2023-06-03"]
        assert "\n" not in submission.columns["filed_on"].header

    @pytest.mark.parametrize(
        "header", ["行政相对人代码_1（统一社会信用代码）", "行政相对人代码＿１〔统一社会信用代码〕"]
    )
    def test_brackets_and_width_do_not_matter(self, header: str) -> None:
        assert (
            "party_uscc"
            in read_cells(case_cells({"party_uscc": "x"}, headers={"party_uscc": header})).columns
        )

    def test_two_rows_join_top_down(self) -> None:
        top = ["序号", "行政处罚决定书文号", "缴款情况", None, None, None]
        below = [None, None, "缴款日期", "缴款金额", "缴款类别", "票据号"]
        unit = [None, None, None, "(元)", None, None]
        row = [1, "某环罚(星)〔2023〕1号", "2023-06-20", 35000, "罚款", "P-1"]
        submission = read_cells([["2023年6月罚款缴纳台账"], top, below, row], tab="Sheet1")
        assert (submission.findings, submission.rows["source_row"].tolist()) == ((), [4])
        assert submission.rows[["receipt_no", "amount_fen"]].to_numpy().tolist() == [["P-1", "35000"]]
        submission = read_cells([[*top[:2], *below[2:]], unit, row], tab="罚款缴纳台账")
        assert submission.columns["amount_fen"].money_units == ("元",)
        assert submission.rows["source_row"].tolist() == [3]

    def test_columns_in_any_order(self) -> None:
        cells = [row[::-1] for row in case_cells({})]
        submission = read_cells(cells)
        assert submission.rows["case_no"].tolist() == [GOOD_ROWS["cases"]["case_no"]]
        assert submission.columns["case_no"].letter == "E"

    def test_extra_columns_are_ignored_with_a_notice(self) -> None:
        cells = [
            ["序号", *row, "经办\n备注"] if index == 0 else [1, *row, "已归档"]
            for index, row in enumerate(case_cells({}))
        ]
        submission = read_cells(cells)
        (finding,) = submission.findings
        assert (finding["rule_id"], finding["severity"]) == ("sheet.unknown_column", "notice")
        assert compose_message(finding) == "工作表“立案台账”：“G 列 经办备注”不是本台账的栏目，没有读取。"

    def test_missing_required_columns_are_named(self) -> None:
        cells = [row[:3] for row in case_cells({})]
        finding = rejection(read_cells(cells))
        assert finding["rule_id"] == "sheet.missing_columns"
        assert (
            compose_message(finding)
            == "工作表“立案台账”：缺少必填的栏目：立案日期、案由。请补上这些栏目后重报。"
        )

    def test_a_missing_optional_column_is_empty(self) -> None:
        assert read_cells(case_cells({})).rows["closed_on"].isna().all()

    def test_one_column_twice(self) -> None:
        cells = [
            [*row, "立案时间" if index == 0 else "2023-06-04"] for index, row in enumerate(case_cells({}))
        ]
        finding = rejection(read_cells(cells))
        assert finding["rule_id"] == "sheet.duplicate_column"
        assert "“立案时间”这一栏出现了两次" in compose_message(finding)

    @pytest.mark.parametrize("cells", [[["甲", "乙"], ["1", "2"]], [["案号"], ["某环立〔2023〕1号"]]])
    def test_no_header(self, cells: list[list[Any]]) -> None:
        assert rejection(read_cells(cells))["rule_id"] == "sheet.no_header"

    @pytest.mark.parametrize(
        ("header", "base", "unit"),
        [
            ("罚款金额(万元)", "罚款金额", "万元"),
            ("罚款金额（元）", "罚款金额", "元"),
            ("罚款金额[万元]", "罚款金额", "万元"),
            ("罚款金额(单位：元)", "罚款金额", "元"),
            ("罚款金额万元", "罚款金额", "万元"),
            ("罚 款 金 额\n（万元）", "罚款金额", "万元"),
            ("罚款金额", "罚款金额", None),
        ],
    )
    def test_split_money_unit(self, header: str, base: str, unit: str | None) -> None:
        assert split_money_unit(header) == (base, unit)

    @given(st.text(alphabet="案号 \n（(〔】)*：:aＡ１万元"))
    def test_folding_is_stable(self, header: str) -> None:
        assert fold_header(fold_header(header)) == fold_header(header)


class TestLedger:
    @pytest.mark.parametrize("tab", ["立案台账", "立案", "2023年立案台账", "立 案 台 账"])
    def test_by_its_tab(self, tab: str) -> None:
        assert read_cells(case_cells({}), tab=tab).ledger == "cases"

    def test_by_its_title(self) -> None:
        assert read_cells(case_cells({}, above=[["2023年6月立案台账"]]), tab="Sheet1").ledger == "cases"

    def test_by_the_files_name(self) -> None:
        assert read_cells(case_cells({}), "2023-06/临江市/立案台账.xlsx", tab="Sheet1").ledger == "cases"

    @pytest.mark.parametrize(("ledger", "row"), GOOD_ROWS.items())
    def test_by_its_header(self, ledger: str, row: dict[str, Any]) -> None:
        assert read_cells(sheet_cells(ledger, [row]), tab="Sheet1").ledger == ledger

    @pytest.mark.parametrize(
        ("path", "tab", "above", "expected"),
        [
            (PATH, "罚款缴纳台账", [], "工作表名是“罚款缴纳台账”，表头却是“立案台账”"),
            (PATH, "Sheet1", [["罚款缴纳台账"]], "表头上方是“罚款缴纳台账”，表头却是“立案台账”"),
            (PATH, "立案", [["罚款缴纳台账"]], "工作表名是“立案台账”，表头上方是“罚款缴纳台账”"),
            (
                "2023-06/临江市/罚款缴纳台账.xlsx",
                "立案",
                [],
                "工作表名是“立案台账”，文件名是“罚款缴纳台账”",
            ),
        ],
    )
    def test_in_conflict(self, path: str, tab: str, above: list[list[str]], expected: str) -> None:
        finding = rejection(read_cells(case_cells({}, above=above), path, tab))
        assert finding["rule_id"] == "submission.ledger_conflict"
        assert f"：{expected}。应为同一种台账。" in compose_message(finding)

    def test_not_known(self) -> None:
        finding = rejection(read_cells([["案号", "审级"], ["A", "一审"]], tab="Sheet1"))
        assert finding["rule_id"] == "submission.ledger_unknown"
        assert "庭审出庭台账、行政诉讼台账" in compose_message(finding)

    def test_a_finding_names_what_the_nearest_ledger_lacks(self) -> None:
        finding = rejection(read_cells([row[:-1] for row in case_cells({})], tab="Sheet1"))
        assert compose_message(finding) == "工作表“Sheet1”：缺少必填的栏目：案由。请补上这些栏目后重报。"


class TestThreeRows:
    TOP = ("序号", "行政处罚决定书文号", "缴款情况", None, None, None)
    MIDDLE = (None, None, "缴款日期", "缴款\n金额", "缴款类别", "票据号")
    UNIT = (None, None, None, "（ 万元 ）", None, None)
    ROW = (1, "某环罚(星)〔2023〕1号", "2023-06-20", 3.5, "罚款", "P-1")

    def read(self, *rows: Any, hidden: frozenset[int] = frozenset()) -> Submission:
        grid = Grid("罚款缴纳台账", [list(row) for row in rows], hidden_rows=hidden)
        with mock.patch("transforms.read.layout.read_file.open_file", return_value=OpenedFile([grid])):
            return read_one(b"")

    @pytest.mark.parametrize(
        "above", [[], [("2023年6月罚款缴纳台账",)], [("填报单位：临江市",), ()]], ids=str
    )
    def test_join_top_down(self, above: list[Any]) -> None:
        submission = self.read(*above, self.TOP, self.MIDDLE, self.UNIT, self.ROW)
        assert (submission.findings, submission.rows["source_row"].tolist()) == ((), [len(above) + 4])
        headers = {name: (column.header, column.letter) for name, column in submission.columns.items()}
        assert headers == {
            "decision_no": ("行政处罚决定书文号", "B"), "paid_on": ("缴款日期", "C"), "amount_fen": ("缴款金额（ 万元 ）", "D"),
            "kind": ("缴款类别", "E"), "receipt_no": ("票据号", "F"),
        }  # fmt: skip
        assert submission.columns["amount_fen"].money_units == ("万元",)
        assert validate_all([submission]).rows["payments"]["amount_fen"].tolist() == [3_500_000]

    def test_a_groups_title_is_part_of_its_columns_names(self) -> None:
        top = ("案号", "当事人", "行政相对人", "立案", None)
        below = (None, None, "类别", "日期", "案由")
        row = ("A1", "甲", "自然人", "2023-06-03", "超标")
        submission = read_cells([top, below, row])
        assert [column.header for column in submission.columns.values()] == [
            "案号", "当事人", "行政相对人类别", "立案日期", "案由",
        ]  # fmt: skip

    def test_hidden_rows_in_between_are_none_of_it(self) -> None:
        codes = ("no", "decision_no", "paid_on", "amount", "kind", "receipt")
        submission = self.read(
            self.TOP, codes, self.MIDDLE, codes, self.UNIT, self.ROW, hidden=frozenset({1, 3})
        )
        assert (submission.findings, submission.rows["source_row"].tolist()) == ((), [6])
        assert submission.columns["amount_fen"].money_units == ("万元",)

    def test_the_first_row_below_is_data_even_with_the_words_of_a_header(self) -> None:
        header, row = case_cells({"cause": "罚款金额", "party_name": "当事人"})
        assert read_cells([header, row]).rows["source_row"].tolist() == [2]

    def test_unknown_groups_do_not_hide_known_columns(self) -> None:
        header, row = case_cells({})
        submission = read_cells([["基本情况", None, None, "办理情况", None], header, row])
        assert (submission.findings, submission.rows["source_row"].tolist()) == ((), [3])


class IndexWithoutQuickCheck(HeaderIndex):
    """The index without its quick checks of how a text begins and ends."""

    def may_begin(self, text: str) -> bool:  # noqa: ARG002 - every text may
        return True

    def may_end(self, text: str) -> bool:  # noqa: ARG002 - every text may
        return True


CLOSE = IndexWithoutQuickCheck(ledgers())
WORDS = sorted(
    {header for ledger in ledgers().values() for field in ledger.fields for header in field.headers}
)
PIECES = st.sampled_from(
    [*WORDS, *(word[start:] for word in WORDS for start in (1, 2, 3)), *(word[:-2] for word in WORDS)]
)
ENDS = [
    *("万元", "元", "(万元)", "（单位：元）", "*", "：", "号", "3.5万元", "2023-06-05"),
    *("e\u0301", "\n人", " 期", "ｂ", "１", "", "x", "某市立案台账", "填报单位：某局"),
]
TEXTS = st.one_of(
    PIECES,
    st.sampled_from(ENDS),
    st.tuples(PIECES, st.sampled_from(ENDS)).map("".join),
    st.text(max_size=3),
)


@settings(max_examples=75 * EXAMPLES_TIMES, deadline=None)
@example([["缴款金额(万元)："], ["主题", "3.5万元"]], frozenset())
@example([["某市立案台账"], ["", "金额(万元)"], ["x"]], frozenset())
@example([["", "某市"], ["立案", "", ""], ["日期", "案号", "案由"]], frozenset())
@example([["主题"], ["计罚金额(万元)ｂ", "理方式"], ["主题"], ["A"]], frozenset({2}))
@given(
    st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=4),
    st.frozensets(st.integers(0, 3), max_size=1),
)
def test_the_quick_check_misses_no_header(rows: list[list[str]], hidden: frozenset[int]) -> None:
    rows = [[text.strip() for text in row] for row in rows]
    assert [INDEX.is_known(text) for row in rows for text in row] == [
        CLOSE.is_known(text) for row in rows for text in row
    ]
    for row in range(len(rows)):
        assert INDEX.find_at(rows, row, hidden) == CLOSE.find_at(rows, row, hidden)
    assert INDEX.find(rows, hidden) == CLOSE.find(rows, hidden)
