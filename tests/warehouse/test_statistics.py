"""The yearly statistics over small homes, counted by hand. On SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.pipeline import RunScope, Workspace, ingest
from flows.queries.statistics import YearlyStatistics, yearly_statistics
from schemas.catalogue import ledgers
from schemas.reporting.obligations import Obligation, Obligations
from schemas.statistics import FILE, default_statistics
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from transforms.report.statistics import FilledTable, ReportCounts, StatisticsRow, _cell
from warehouse.engine import reading

CITY, STAR, RIDGE, RIVER, BUREAU = "990100", "990102", "990121", "990181", "9901X0"
MONTHS = [f"2023-{month:02}" for month in range(1, 13)]


def send(
    workspace: Workspace, unit: str, ledger: str, *changes: dict[str, Any], month: str = "2023-06"
) -> None:
    """Put a unit's report of one month into the inbox; without changes it is a zero report."""
    put(
        workspace.home.inbox,
        f"{month}/{unit}/{ledger}.xlsx",
        ledger_bytes(ledger, *changes),
        "2024-01-20T10:00",
    )


def penalty(number: int, kinds: str = "警告", **other_values: Any) -> dict[str, Any]:
    return {
        "decision_no": f"某环罚(星)〔2023〕{number}号",
        "penalty_kinds": kinds,
        "fine_fen": None,
        **other_values,
    }


def ingest_all(workspace: Workspace, now: str = "2024-02-01T00:00") -> None:
    ingest(workspace, RunScope(), datetime.fromisoformat(now))


def tables(workspace: Workspace, region: str = CITY, year: int = 2023) -> YearlyStatistics:
    with reading(workspace.engine) as connection:
        return yearly_statistics(
            workspace,
            workspace.as_of_moment(connection),
            workspace.home.statistics(workspace.ledgers),
            region,
            year,
            date(2024, 2, 2),
        )


def table(workspace: Workspace, name: str, region: str = CITY, year: int = 2023) -> FilledTable:
    return next(filled for filled in tables(workspace, region, year).tables if filled.name == name)


def non_zero_cells(filled: FilledTable, body: str) -> dict[str, str]:
    """Return the cells of a row that are not plain zeros."""
    cells = next(cells for row, cells in filled.rows if row.code == body)
    texts = {head.title: cell.shown + cell.mark for head, cell in zip(filled.heads, cells, strict=True)}
    return {title: text for title, text in texts.items() if text not in ("0", "0*")}


def notes(filled: FilledTable) -> str:
    return "\n".join(filled.notes)


class TestPenalties:
    @on_each_database
    def test_a_decision_counts_once_under_its_heaviest_kind(self, workspace: Workspace) -> None:
        send(
            workspace, STAR, "penalties",
            penalty(1, "警告"), penalty(2, "警告、罚款", fine_fen=3.5),
            penalty(3, "罚款、没收违法所得、没收非法财物", fine_fen=1, confiscated_fen="0.123456"),
            penalty(4, "罚款、责令关闭", fine_fen=10), penalty(5, "限制从业、吊销许可证件"), penalty(6, "责令关闭、限制从业"),
        )  # fmt: skip
        ingest_all(workspace)
        assert non_zero_cells(table(workspace, "penalties"), STAR) == {
            "警告": "1*", "罚款": "1*", "没收违法所得、没收非法财物": "1*", "责令关闭、限制从业": "2*", "吊销许可证件": "1*",
            "合计（宗）": "6*", "罚没金额（万元）": "14.623456*",
        }  # fmt: skip

    def test_any_named_kind_beats_other(self, workspace: Workspace) -> None:
        send(
            workspace,
            STAR,
            "penalties",
            penalty(1, "警告、其他"),
            penalty(2, "其他"),
            penalty(3, "其他、行政拘留"),
        )
        ingest_all(workspace)
        cells_of_row = non_zero_cells(table(workspace, "penalties"), STAR)
        assert [cells_of_row[title] for title in ("警告", "行政拘留", "其他行政处罚", "合计（宗）")] == [
            "1*",
            "1*",
            "1*",
            "3*",
        ]

    def test_the_same_decision_from_two_units_counts_once(self, workspace: Workspace) -> None:
        send(workspace, BUREAU, "penalties", penalty(1, "罚款", fine_fen=2))
        send(workspace, STAR, "penalties", penalty(1, "罚款", fine_fen=2))
        ingest_all(workspace)
        filled = table(workspace, "penalties")
        assert [non_zero_cells(filled, body).get("罚款", "0") for body in (STAR, BUREAU, CITY)] == [
            "1*",
            "0",
            "1*",
        ]
        assert non_zero_cells(filled, CITY)["罚没金额（万元）"] == "2*"

    @on_each_database
    def test_a_decision_that_was_revoked_later_still_counts(self, workspace: Workspace) -> None:
        send(workspace, STAR, "penalties", penalty(1, "罚款", fine_fen=2))
        send(
            workspace,
            STAR,
            "reconsiderations",
            {"decision_no": penalty(1)["decision_no"], "outcome": "撤销"},
        )
        ingest_all(workspace)
        assert non_zero_cells(table(workspace, "penalties"), CITY)["罚款"] == "1*"
        assert "被撤销的，仍计入" in notes(table(workspace, "penalties"))

    def test_the_year_is_the_decision_s_whatever_month_reported_it(self, workspace: Workspace) -> None:
        send(workspace, STAR, "penalties", penalty(1, decided_on="2022-12-31"), penalty(2, decided_on="2023-01-01"),
             month="2023-01")  # fmt: skip
        send(workspace, STAR, "penalties", penalty(3, decided_on="2023-12-31"), penalty(4, decided_on="2024-01-01"),
             month="2024-01")  # fmt: skip
        ingest_all(workspace)
        cells_of_row = [
            non_zero_cells(table(workspace, "penalties", year=year), STAR)["警告"]
            for year in (2022, 2023, 2024)
        ]
        assert cells_of_row == ["1*", "2*", "1*"]

    def test_amount_unit_and_order_come_from_the_home_s_file(self, workspace: Workspace) -> None:
        send(workspace, STAR, "penalties", penalty(1, "警告、罚款", fine_fen=3.5))
        ingest_all(workspace)
        text = (Path(__file__).parents[2] / "schemas" / FILE).read_text("utf-8")
        warning = '    { title = "警告", kinds = ["警告"] },\n'
        changed_text = text.replace(warning, "").replace(
            '    { title = "其他行政处罚"', f'{warning}    {{ title = "其他行政处罚"'
        )
        (workspace.home.folder / FILE).write_text(
            changed_text.replace('amount_unit = "万元"', 'amount_unit = "元"'), encoding="utf-8"
        )
        filled = table(workspace, "penalties")
        assert non_zero_cells(filled, STAR) == {
            "警告": "1*",
            "合计（宗）": "1*",
            "罚没金额（元）": "35000*",
        }
        assert "（1）通报批评，（2）罚款" in notes(filled)
        assert filled.unit == "宗、元"


@on_each_database
def test_permits(workspace: Workspace) -> None:
    """A permit without a date of application counts by its acceptance. Changes and extensions are permits."""
    send(
        workspace, BUREAU, "permits",
        {"acceptance_no": "S-1"}, {"acceptance_no": "S-2", "result": "变更"}, {"acceptance_no": "S-3", "result": "延续"},
        {"acceptance_no": "S-4", "result": "不予许可", "applied_on": None}, {"acceptance_no": "S-5", "result": "撤销"},
        {"acceptance_no": "S-6", "closed_on": None, "result": None},
        {"acceptance_no": "S-7", "applied_on": "2022-12-30", "accepted_on": "2023-01-03", "closed_on": "2023-01-05"},
    )  # fmt: skip
    ingest_all(workspace)
    expected = {
        "申请数量": "6*",
        "受理数量": "7*",
        "许可数量": "4*",
        "不予许可数量": "1*",
        "撤销许可数量": "1*",
    }
    assert non_zero_cells(table(workspace, "permits"), CITY) == expected


@on_each_database
def test_coercion(workspace: Workspace) -> None:
    """Daily penalties and limited production are no coercion; the instalments of a surcharge count once."""
    kinds = ["查封", "查封", "扣押", "限制生产", "停产整治"]
    measures = [
        {"document_no": f"某环查字(星)〔2023〕{index}号", "kind": kind}
        for index, kind in enumerate(kinds, start=1)
    ]
    send(workspace, STAR, "measures", *measures)
    other_decision = {"decision_no": "某环罚(星)〔2023〕2号"}
    surcharge = {"kind": "加处罚款", "amount_fen": 100}
    third = {"receipt_no": "P-4", "decision_no": "某环罚(星)〔2023〕3号"}
    send(
        workspace, STAR, "payments",
        surcharge, {**surcharge, "receipt_no": "P-2"}, {**surcharge, **other_decision, "receipt_no": "P-3"}, third,
    )  # fmt: skip
    send(workspace, STAR, "court_enforcements", {}, other_decision, {"applied_on": "2023-06-25"})
    ingest_all(workspace)
    cells_of_row = non_zero_cells(table(workspace, "coercion"), CITY)
    assert {title: text for title, text in cells_of_row.items() if text != "—"} == {
        "查封场所、设施或者财物": "2*", "扣押财物": "1*", "加处罚款或者滞纳金": "2*", "申请法院强制执行（宗）": "3*",
    }  # fmt: skip
    assert [title for title, text in cells_of_row.items() if text == "—"] == [
        "冻结存款、汇款", "其他行政强制措施",
        "划拨存款、汇款", "拍卖或者依法处理", "排除妨碍、恢复原状", "代履行", "其他强制执行",
    ]  # fmt: skip


@on_each_database
def test_other_acts(workspace: Workspace) -> None:
    """Two tasks in one visit count once, also for two units; the note
    says why the total is less than the sum.
    """
    another_day = {"task_no": "R-4", "inspected_on": "2023-06-13"}
    send(
        workspace,
        STAR,
        "inspections",
        {},
        {"task_no": "R-2"},
        {"task_no": "R-3", "party_name": "乙厂"},
        another_day,
    )
    send(workspace, BUREAU, "inspections", {"task_no": "R-5"})
    send(workspace, STAR, "rewards", {}, {"report_no": "J-2"})
    ingest_all(workspace)
    filled = table(workspace, "other_acts")
    assert [non_zero_cells(filled, body)["行政检查"] for body in (STAR, BUREAU, CITY)] == ["3*", "1*", "3*"]
    assert (non_zero_cells(filled, CITY)["行政奖励"], non_zero_cells(filled, CITY)["行政征收"]) == (
        "2*",
        "—",
    )
    assert "“行政检查”的合计按全市去重" in notes(filled)
    assert (
        "“行政裁决”、“行政给付”、“行政确认”、“行政征收”、“其他”各台账均不登记，以“—”表示，不等于零。"
        in notes(filled)
    )


def test_what_nobody_owes_is_not_called_unreported() -> None:
    tables = default_statistics(ledgers()).tables().values()
    head = next(head for table in tables for head in table.heads() if head.ledgers)
    never = Obligation.model_validate({"ledgers": tuple(head.ledgers), "units": (RIDGE,), "every": "never"})
    reports = ReportCounts(["2023-01"], obligations=Obligations((never,)))
    row = {code: StatisticsRow(code, code, (code,)) for code in (RIDGE, STAR)}
    cells = {code: _cell(head, {code: 0}, row[code], reports) for code in row}
    assert [(cells[code].state, cells[code].shown) for code in (RIDGE, STAR)] == [
        ("not_owed", "—"), ("not_reported", "未报"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("today", "state", "shown", "missing"),
    [
        (date(2023, 1, 20), "not_due", "未到期", []),  # January is not over
        (date(2023, 2, 7), "not_due", "未到期", []),  # the fifth working day
        (date(2023, 2, 8), "not_reported", "未报", ["2023-01"]),
        (date(2033, 2, 8), "not_reported", "未报", ["2023-01", "2023-02"]),
    ],
)
def test_what_is_not_due_yet_is_not_called_unreported(
    today: date, state: str, shown: str, missing: list[str]
) -> None:
    tables = default_statistics(ledgers()).tables().values()
    head = next(head for table in tables for head in table.heads() if head.ledgers)
    reports = ReportCounts(["2023-01", "2023-02"], today=today)
    cell = _cell(head, {STAR: 0}, StatisticsRow(STAR, STAR, (STAR,)), reports)
    assert (cell.state, cell.shown) == (state, shown)
    ledger = next(iter(head.ledgers))
    assert reports.missing(STAR, ledger) == missing
    assert reports.lacks_all(STAR, ledger) == (len(missing) == 2)
    partly = ReportCounts(["2023-01", "2023-02"], {(STAR, ledger): {"2023-01"}}, today=today)
    assert partly.lacking(STAR, ledger) == ["2023-02"]


def test_in_a_year_without_calendar_a_month_is_due_when_it_is_over() -> None:
    reports = ReportCounts(["2098-01", "2098-02"], today=date(2098, 2, 1))
    assert reports.missing(STAR, "cases") == ["2098-01"]


def test_a_zero_a_missing_month_and_a_missing_year_look_different(workspace: Workspace) -> None:
    for month in MONTHS:
        send(workspace, STAR, "rewards", month=month)
        if month not in ("2023-02", "2023-03", "2023-04", "2023-07"):
            send(workspace, RIVER, "rewards", month=month)
    send(workspace, BUREAU, "penalties", penalty(1, decided_on="2023-02-30"), penalty(2))
    ingest_all(workspace)
    filled = table(workspace, "other_acts")
    states = {body.code: (cells[1].value, cells[1].state) for body, cells in filled.rows}
    assert states == {
        STAR: (0, "counted"), RIVER: (0, "incomplete"), RIDGE: (None, "not_reported"), BUREAU: (None, "not_reported"),
        CITY: (0, "incomplete"),
    }  # fmt: skip
    assert "未报情况（有奖举报台账）：某市本级全年未报；长岭县全年未报；临江市缺2—4月、7月。" in notes(
        filled
    )
    assert "未报情况（执法检查台账）：各单位全年未报。" in notes(filled)
    text = notes(table(workspace, "penalties"))
    assert "有错误待更正的行（行政处罚决定台账）：某市本级 1 行。这些行现在的内容暂未计入；" in text
    assert "以前收下过的，仍按以前的计入。" in text


def test_a_complete_year_has_no_marks(workspace: Workspace) -> None:
    for unit in workspace.regions.unit_codes():
        for month in MONTHS:
            send(workspace, unit, "penalties", month=month)
    send(workspace, STAR, "penalties", penalty(1))
    ingest_all(workspace)
    filled = table(workspace, "penalties")
    assert {cell.state for _, cells in filled.rows for cell in cells} == {"counted"}
    assert non_zero_cells(filled, CITY) == {"警告": "1", "合计（宗）": "1"}
    assert "未报" not in notes(filled)
    assert filled.notes[-1] == "数据截至 2024-02-01 08:00。"


def test_a_unit_s_tables_have_only_its_row(workspace: Workspace) -> None:
    send(workspace, STAR, "penalties", penalty(1), penalty(2))
    ingest_all(workspace)
    filled = table(workspace, "penalties", STAR)
    assert [body.name for body, _ in filled.rows] == ["星河区"]
    assert filled.title == "星河区2023年度行政处罚实施情况统计表"
    assert non_zero_cells(filled, STAR)["警告"] == "2*"
    assert "长岭县" not in notes(filled)
