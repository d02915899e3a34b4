"""The first page of a receipt: results, the problems to correct first, and the figures that each touches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.catalogue import indicators, ledgers
from schemas.ledgers.rules import Severity
from tests.support.counties import ledger_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.receipts import TITLE, bad_cells, open_receipt, page_of, receipt_of, subject_of
from transforms.receipt import ReceiptSubject
from transforms.receipt.make import make_receipt
from transforms.receipt.marks import comment_height_px, comment_of
from transforms.receipt.problems import WORST_PROBLEMS, count_indicators, group_problems, worst_problems
from transforms.receipt.subject import ReceiptFinding, SheetResult
from transforms.receipt.summary import RenderMode, summary_lines
from transforms.receipt.words import money_words, month_words


class TestFiguresTouched:
    @pytest.mark.parametrize("ledger", ledgers())
    def test_a_field_is_never_read_by_more_figures_than_its_ledger(self, ledger: str) -> None:
        whole = count_indicators(ledger)
        assert whole > 0
        assert all(count_indicators(ledger, field) <= whole for field in ledgers()[ledger].field_names())

    def test_figures_read_the_date_of_their_ledger(self) -> None:
        assert count_indicators("penalties", "decided_on") > 0
        assert count_indicators("penalties", "remark") == 0

    def test_figures_read_the_fields_that_another_ledger_refers_to(self) -> None:
        looked_into = [
            (condition.ledger, condition.matching)
            for indicator in indicators().values() for part in indicator.parts() for condition in part.where if condition.ledger
        ]  # fmt: skip
        assert looked_into
        assert all(count_indicators(str(ledger), field) for ledger, field in looked_into)

    def test_figures_read_the_fields_behind_a_derived_column(self) -> None:
        derived = {
            (name, column.name): column for name, ledger in ledgers().items() for column in ledger.derived
        }
        for (ledger, name), column in derived.items():
            sources = [
                field
                for field in ledgers()[ledger].field_names()
                if field in column.compute.__code__.co_consts
            ]
            if sources and count_indicators(ledger, name):
                assert all(count_indicators(ledger, field) for field in sources)


def make_finding(
    rule_id: str, severity: Severity, row: int, sheet: str = "甲", fen: int = 0
) -> ReceiptFinding:
    return ReceiptFinding(
        rule_id,
        severity,
        sheet,
        row,
        "栏",
        f"B{row}",
        "x",
        "不对",
        "",
        "请改",
        fen,
    )


def rank_rules(*findings: ReceiptFinding) -> list[str]:
    subject = subject_of(workbook_bytes({TITLE: bad_cells()}))
    outcomes = [
        SheetResult(sheet, ledger, "", "", "", 0, 0)
        for sheet, ledger in (("甲", "penalties"), ("乙", "payments"))
    ]
    problems = group_problems(replace(subject, outcomes=outcomes, findings=findings))
    return [worst_problem.rule_id for worst_problem in worst_problems(problems)]


class TestWorst:
    def test_a_rule_that_rejects_a_sheet_comes_first(self) -> None:
        errors = [make_finding("a.b.c", Severity.ERROR, row) for row in range(2, 9)]
        assert rank_rules(*errors, make_finding("sheet.no_header", Severity.FATAL, 0)) == [
            "sheet.no_header",
            "a.b.c",
        ]

    def test_then_the_most_quarantined_rows_times_figures(self) -> None:
        one_row, two_rows = (
            [make_finding("a.b.one", Severity.ERROR, 2)],
            [make_finding("a.b.two", Severity.ERROR, row) for row in (3, 4)],
        )
        assert rank_rules(*one_row, *two_rows) == ["a.b.two", "a.b.one"]

    def test_then_the_most_money(self) -> None:
        poor, rich = (
            make_finding("a.b.poor", Severity.ERROR, 2, fen=1),
            make_finding("a.b.rich", Severity.ERROR, 3, fen=2),
        )
        assert rank_rules(poor, rich) == ["a.b.rich", "a.b.poor"]

    def test_notices_are_not_listed(self) -> None:
        assert rank_rules(make_finding("a.b.c", Severity.NOTICE, 2)) == []

    def test_consequences_of_other_errors_are_not_listed(self) -> None:
        follows = make_finding("submission.all_rows_held", Severity.FATAL, 0)
        assert rank_rules(follows, make_finding("a.b.c", Severity.ERROR, 2)) == ["a.b.c"]

    def test_the_list_is_short(self) -> None:
        assert (
            len(rank_rules(*(make_finding(f"a.b.c{row}", Severity.ERROR, row) for row in range(2, 20))))
            == WORST_PROBLEMS
        )

    def test_a_quarantined_row_touches_all_figures_of_its_ledger_a_warning_those_of_its_field(self) -> None:
        subject = subject_of(workbook_bytes({TITLE: bad_cells()}))
        problems = {problem.rule_id: problem for problem in group_problems(subject)}
        assert problems["penalties.decided_on.no_such_day"].figures == count_indicators("penalties")
        warned = problems["penalties.fine_fen.differs_from_text"]
        assert warned.figures == count_indicators("penalties", "fine_fen")
        assert warned.rows_quarantined == 0


class TestPage:
    def test_it_says_the_result_of_each_sheet_and_what_to_correct_first(self) -> None:
        data = workbook_bytes({TITLE: bad_cells(), "立案台账": sheet_cells("cases", rows_of("cases", {}))})
        page = page_of(receipt_of(data, notes=("免填送达日期至八月底。",)))
        for phrase in ("台账接收回执", "报表.xlsx", "2023-07-05 10:00", "0.1.0-abc", "△ 部分收下", "√ 已收下",
                     "临江市", "2023年6月", "先改这几处", f"{TITLE}!", "影响", "项公布指标", "下一步", "免填送达日期至八月底。",
                     "红色底：这一行不能收下"):  # fmt: skip
            assert phrase in page, phrase

    def test_every_problem_is_listed_if_not_all_are_among_the_first(self) -> None:
        few = workbook_bytes({TITLE: bad_cells()})
        assert "全部问题" not in page_of(receipt_of(few))
        subject = subject_of(few)
        notice = subject.findings[0]._replace(rule_id="a.b.c", severity=Severity.NOTICE)
        page = page_of(make_receipt(few, replace(subject, findings=[*subject.findings, notice])))
        assert "全部问题" in page
        assert f"提示\n{TITLE}" in page

    def test_the_heading_says_what_to_do_and_of_how_many_these_are_the_first(self) -> None:
        subject = subject_of(workbook_bytes({TITLE: bad_cells()}))
        first = subject.findings[0]
        many = [first._replace(rule_id=f"a.b.c{number}", severity=Severity.ERROR) for number in range(7)]
        assert "先改这几处：共 7 种问题，这里是前 5 种" in page_of(
            make_receipt(b"", replace(subject, findings=many))
        )
        doubts = [item._replace(severity=Severity.WARNING) for item in many]
        page = page_of(make_receipt(b"", replace(subject, findings=doubts[:2])))
        assert "先核对这几处（按对公布数字的影响排列）" in page
        assert "先改" not in page

    def test_money_at_stake_is_counted_once_a_row(self) -> None:
        subject = subject_of(workbook_bytes({TITLE: bad_cells()}))
        at_stake = [
            finding._replace(at_stake_fen=0 if index == 0 else 12_500_000)
            for index, finding in enumerate(subject.findings)
        ]
        page = page_of(make_receipt(b"", replace(subject, findings=at_stake)))
        assert "按所填的算，涉及金额 12.5 万元" in page

    @pytest.mark.parametrize(
        ("changes", "words"),
        [([{}], ["1 张表全部已收下", "√ 已收下", "没有需要改的地方", "不用重报"]), ([], ["○ 零报告", "全部已收下"]),
         ([{"cause": None}], ["× 退回", "这份文件没有收下", "需要改正"])],
    )  # fmt: skip
    def test_the_verdict(self, changes: list[dict[str, None]], words: list[str]) -> None:
        page = page_of(receipt_of(ledger_bytes("cases", *changes)))
        assert [word for word in words if word not in page] == []

    def test_before_sending_it_does_not_say_accepted(self) -> None:
        for changes in ([{}], [{"cause": None}], [{}, {"case_no": "某环立(星)〔2023〕2号", "cause": None}]):
            page = page_of(receipt_of(ledger_bytes("cases", *changes), received_at=""))
            assert "尚未报送" in page
            assert "已收下" not in page

    def test_other_units_sheets_are_only_counted(self) -> None:
        data = workbook_bytes({TITLE: bad_cells(), "立案台账": sheet_cells("cases", rows_of("cases", {}))})
        assert "另有 1 张别的单位的工作表" in page_of(receipt_of(data, withheld_sheets=("立案台账",)))

    def test_it_prints_on_a4(self) -> None:
        sheet = open_receipt(receipt_of(workbook_bytes({TITLE: bad_cells()})))["回执"]
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in (
            (9, 1, 0),
            ("9", 1, 0),
        )
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$2"

    def test_no_findings_and_no_submissions_still_make_a_page(self) -> None:
        subject = subject_of(workbook_bytes({TITLE: bad_cells()}))
        empty = replace(subject, outcomes=[], findings=[])
        assert isinstance(empty, ReceiptSubject)
        assert "没有收下" in page_of(make_receipt(b"x", empty))


def test_a_full_stop_inside_a_problem_does_not_end_it() -> None:
    waived = make_finding("row.waived", Severity.NOTICE, 3)
    waived = waived._replace(problem="已准予收下（理由：原件遗失。见说明）", remedy="")
    assert "问题：已准予收下（理由：原件遗失。见说明）" in comment_of([waived]).splitlines()
    assert "改法" not in comment_of([waived])


class TestWords:
    def test_money_and_months(self) -> None:
        assert [money_words(fen) for fen in (12_500_000, 35_000, 1_234, 1_000_000, 123_456_700_00)] == [
            "12.5 万元", "350 元", "12.34 元", "1 万元", "12,345.67 万元",
        ]  # fmt: skip
        assert [month_words(text) for text in ("2023-06", "", "x")] == ["2023年6月", "", "x"]

    def test_a_longer_comment_is_taller(self) -> None:
        assert comment_height_px("某" * 100) > comment_height_px("某")


def verdict_and_next_step(subject: ReceiptSubject) -> tuple[str, str]:
    texts = [
        run.text for page_line in summary_lines(subject, RenderMode.IN_PLACE) for run in page_line.pieces
    ]
    return str(texts[texts.index("各表结果") - 1]), str(texts[texts.index("下一步") + 1])


class TestAFileThatDoesNotCount:
    def subject(self, state: str, *findings: ReceiptFinding, unit: str = "临江市") -> ReceiptSubject:
        outcome = SheetResult("甲", "cases", unit, "2023-06", state, 3, 0)
        return replace(
            subject_of(b""), received_at="2023-07-05 10:00", outcomes=[outcome], findings=list(findings)
        )

    def test_says_so_in_its_headline_and_asks_for_nothing(self) -> None:
        withdrawn = make_finding("submission.withdrawn", Severity.WARNING, 0)
        verdict, step = verdict_and_next_step(self.subject("withdrawn", withdrawn))
        assert verdict == "这份文件已由市局撤回，不再计入。"
        assert "不用再改" in step
        assert "改正标色" not in step
        verdict, step = verdict_and_next_step(self.subject("superseded"))
        assert verdict == "这份文件已由另一份代替，不再计入。"
        assert "不用再改" in step

    def test_is_not_sent_back_for_cells_that_are_not_coloured(self) -> None:
        no_header = make_finding("sheet.no_header", Severity.FATAL, 0)
        verdict, step = verdict_and_next_step(self.subject("rejected", no_header))
        assert "以前收下过的照旧有效" in verdict
        assert "标色" not in step
        in_a_cell = make_finding("cases.filed_on.no_such_day", Severity.ERROR, 4)
        assert "标色" in verdict_and_next_step(self.subject("rejected", in_a_cell))[1]

    def test_of_an_unknown_unit_has_no_earlier_one(self) -> None:
        verdict, _ = verdict_and_next_step(
            self.subject(
                "rejected", make_finding("submission.unit_unknown", Severity.FATAL, 0), unit="未识别"
            )
        )
        assert verdict == "这份文件没有收下。需要改正 1 处。"
