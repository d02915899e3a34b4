"""Cross-ledger rules, and amounts confused between 元 and 万元: each with a breaking and a passing case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from flows.outputs.load_reports import LoadReport
from flows.pipeline import ingest
from flows.queries.cross_checks import find_cross_ledger_findings
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators, ledgers
from schemas.ledgers.cross_ledger_rules import parse_reconciliations, reconciliations
from schemas.ledgers.finding import compose_message, compose_messages
from schemas.reporting.obligations import Obligation, Obligations
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from tests.support.nightly_runs import findings_of
from transforms.validate.unit_errors import differs_by_wan, fits_range_in_other_unit, parse_stated_fen
from warehouse.engine import reading

FOLDER = "2023-06/990102"


def night(workspace: Workspace) -> int | None:
    return ingest(workspace, RunScope(), datetime(2024, 2, 1)).load_id


def send(
    workspace: Workspace, name: str, arrived: str = "2023-07-05T10:00", **sheets: list[dict[str, Any]]
) -> pd.DataFrame:
    """Send rows by ledger, ingest them, and return the cross-ledger findings."""
    cells = {
        ledgers()[ledger].title: sheet_cells(ledger, rows_of(ledger, *rows))
        for ledger, rows in sheets.items()
    }
    put(workspace.home.inbox, f"{FOLDER}/{name}.xlsx", workbook_bytes(cells), arrived)
    night(workspace)
    with reading(workspace.engine) as connection:
        return find_cross_ledger_findings(
            workspace, workspace.as_of_moment(connection), [2023], workspace.regions.unit_codes()
        )


@on_each_database
def test_a_payment_for_an_unknown_decision_is_a_finding_until_the_decision_arrives(
    workspace: Workspace,
) -> None:
    (finding,) = send(workspace, "a", payments=[{}]).itertuples()
    assert (finding.rule_id, finding.severity, finding.unit_code) == (
        "payments.decision_no.not_found",
        "warning",
        "990102",
    )
    assert (finding.file, finding.sheet, finding.row, finding.cell) == (
        f"{FOLDER}/a.xlsx",
        "罚款缴纳台账",
        2,
        "A2",
    )
    assert compose_message(finding._asdict()) == (
        "第 2 行“行政处罚决定书文号”（A2）：填的是“某环罚(星)〔2023〕1号”，在行政处罚决定台账里找不到。"
        "请核对；对方台账补报或改正后，这一提示自动消失。"
    )
    assert send(workspace, "b", penalties=[{}]).empty


def test_a_load_has_the_open_findings_of_its_own_units(workspace: Workspace) -> None:
    send(workspace, "a", payments=[{}])
    put(workspace.home.inbox, "2023-06/990181/b.xlsx", ledger_bytes("complaints", {}), "2023-07-06T10:00")
    load_id = night(workspace)
    assert load_id == 2
    assert LoadReport(workspace, 1, every_region=False).questions["rule_id"].tolist() == [
        "payments.decision_no.not_found"
    ]
    assert LoadReport(workspace, 2, every_region=False).questions.empty


def test_a_ledger_that_nobody_owes_is_not_checked(workspace: Workspace) -> None:
    workspace.obligations = Obligations((Obligation(ledgers=("penalties",), every="never"),))
    assert send(workspace, "a", payments=[{}]).empty
    assert (
        len(send(workspace, "b", penalties=[{"decision_no": "某环罚(星)〔2023〕2号", "case_no": None}]))
        == 1
    ), "one reports it"


def test_a_reference_is_found_in_whatever_spelling(workspace: Workspace) -> None:
    case, decision = {"case_no": "某环立（星）〔2023〕1号"}, {"decision_no": "某环罚(星)〔2023〕9号"}
    findings = send(workspace, "a", hearings=[{}], penalties=[case], court_enforcements=[decision])
    assert sorted(findings["rule_id"]) == [
        "court_enforcements.decision_no.not_found", "hearings.case_no.not_found", "penalties.case_no.not_found",
    ]  # fmt: skip
    spelt_otherwise = {"case_no": "某环立(星)[2023]1号"}, {"decision_no": "某环罚（星）[2023]009号"}
    assert send(
        workspace, "b", lawsuits=[{}], cases=[spelt_otherwise[0]], penalties=[case, spelt_otherwise[1]]
    ).empty


#: payments of one decision, and the rule that they break
PAID = [
    ([{"amount_fen": 35000}], None),
    ([{"amount_fen": 35000}, {"amount_fen": 1}], "payments.amount_fen.over_decided"),
    ([{"amount_fen": 35000, "kind": "加处罚款"}], None),
    ([{"amount_fen": 35000.01, "kind": "加处罚款"}], "payments.amount_fen.surcharge_over_fine"),
    ([{"amount_fen": 10, "kind": "没收"}], "payments.amount_fen.over_decided"),
]


@on_each_database
def test_payments_are_compared_with_the_decision(workspace: Workspace) -> None:
    decisions = [f"某环罚(星)〔2023〕{index}号" for index in range(len(PAID))]
    payments = [
        {"decision_no": decision, **payment, "receipt_no": f"P-{decision}-{index}"}
        for decision, (paid, _) in zip(decisions, PAID, strict=True)
        for index, payment in enumerate(paid)
    ]
    findings = send(
        workspace, "a", penalties=[{"decision_no": decision} for decision in decisions], payments=payments
    )
    broken = sorted({(payments[row.row - 2]["decision_no"], row.rule_id) for row in findings.itertuples()})
    assert broken == [
        (decision, rule_id) for decision, (_, rule_id) in zip(decisions, PAID, strict=True) if rule_id
    ]


def test_an_application_for_a_paid_fine_is_a_finding(workspace: Workspace) -> None:
    """One decision was paid the day before the application, the other the day after."""
    before, after = ({"decision_no": f"某环罚(星)〔2023〕{index}号"} for index in (1, 2))
    paid = [
        {**before, "paid_on": "2023-06-20", "receipt_no": "P-1"},
        {**after, "paid_on": "2023-06-22", "receipt_no": "P-2"},
    ]
    findings = send(
        workspace, "a", penalties=[before, after], payments=paid, court_enforcements=[before, after]
    )
    assert list(zip(findings["rule_id"], findings["row"], strict=True)) == [
        ("court_enforcements.decision_no.already_paid", 2)
    ]


def test_figures_that_do_not_agree_are_findings(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(workspace.home.inbox, "2023-06/9901X0/a.xlsx", ledger_bytes("policy_reviews", {}))
    assert send(workspace, "a", cases=[{}]).empty
    wrong = parse_reconciliations(
        "own.toml",
        '[kinds]\nsentence = "不相等"\ntotal = "policy_review_count"\nrelation = "equals"\n'
        'parts = ["policy_review_contract_count"]',
        indicators(),
    )
    monkeypatch.setattr("flows.queries.cross_checks.reconciliations", lambda: wrong)
    findings = send(workspace, "b", cases=[{}])
    (finding,) = findings.itertuples()
    assert (finding.rule_id, *compose_messages(findings)) == (
        "reconciliation.kinds",
        "某市 2023 年：不相等，现为 1 与 0。请核对所涉各行；改正后这一提示自动消失。",
    )


def test_a_reconciliation_of_an_unknown_figure_is_rejected() -> None:
    text = '[one]\nsentence = "一"\ntotal = "no_such_count"\nrelation = "each_unit"'
    with pytest.raises(ValueError, match=r"own\.toml: \[one\] no indicator 'no_such_count'"):
        parse_reconciliations("own.toml", text, indicators())
    assert reconciliations()


def test_a_load_reports_its_open_cross_checks(workspace: Workspace) -> None:
    put(workspace.home.inbox, f"{FOLDER}/a.xlsx", ledger_bytes("payments", {}))
    load_id = night(workspace)
    assert load_id is not None
    assert LoadReport(workspace, load_id, every_region=False).questions["rule_id"].tolist() == [
        "payments.decision_no.not_found"
    ]


def texts(*values: str) -> pd.Series:
    return pd.Series(values, dtype="str")


def test_the_amount_that_a_text_states() -> None:
    values = texts(
        "罚款 3.5 万元", "处罚款人民币贰拾壹万元整", "罚款210,000元；没收违法所得3000元", "警告", "罚款2万元，罚款3万元",
        "罚款若干元", "罚款人民币贰万捌仟叁佰肆拾贰元陆角柒分。", "罚款壹佰元零伍分", "罚款0.5元",
    )  # fmt: skip
    expected = [3_500_000, 21_000_000, 21_000_000, None, None, None, 2_834_267, 10_005, 50]
    assert [None if pd.isna(amount) else amount for amount in parse_stated_fen(values)] == expected


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("按日连续处罚，每日罚款1万元，共30日，合计30万元", 300_000),
        ("按日连续处罚，每日1万元×30日=30万元", 300_000),
        ("罚款2万元/日，共计15日", 300_000),
        ("每日罚款1万元，连续处罚三十日", 300_000),
        ("对公司罚款5万元，对法定代表人张某罚款1万元，合计罚款陆万元", 60_000),
        ("罚款5万元，罚款1万元，共计人民币60000元", 60_000),
        ("没收违法所得1万元，罚款2万元，合计3万元", 20_000),
        ("罚款2万元，共计1份决定", 20_000),
        ("罚款2万元，15日内缴纳；逾期每日按罚款数额的3%加处罚款", 20_000),
        ("对公司5万元、张某1万元", None),
    ],
)
def test_a_total_counts_before_its_parts(text: str, yuan: int | None) -> None:
    amount = parse_stated_fen(texts(text))[0]
    assert (None if pd.isna(amount) else amount) == (yuan and yuan * 100)


def test_about_ten_thousand_times() -> None:
    amounts = pd.Series([35, 350_000, 36, 35, 0, None], dtype="Int64")
    usual_amounts = pd.Series([350_000, 35, 350_000, 35, 35, 35], dtype="Int64")
    assert differs_by_wan(amounts, usual_amounts).tolist() == [True, True, True, False, False, False]


@pytest.mark.parametrize(
    ("fen", "is_off"),
    [(350, True), (3_500_000, False), (90_000, False), (3 * 10**13, True), (10**10, False)],
)
def test_an_amount_outside_its_units_range(fen: int, is_off: bool) -> None:
    least, greatest = pd.Series([100_000], dtype="Int64"), pd.Series([10**10], dtype="Int64")
    assert fits_range_in_other_unit(pd.Series([fen], dtype="Int64"), least, greatest).tolist() == [is_off]


@on_each_database
def test_an_unusual_amount_is_quarantined_until_its_text_confirms_it(workspace: Workspace) -> None:
    numbers = [f"某环罚(星)〔2023〕{number}号" for number in range(1, 7)]
    usual = [
        {"decision_no": number, "fine_fen": 3.5 + index} | {"penalty_text": "见决定书"}
        for index, number in enumerate(numbers)
    ]
    put(workspace.home.inbox, f"{FOLDER}/a.xlsx", ledger_bytes("penalties", *usual))
    night(workspace)
    odd = {"decision_no": "某环罚(星)〔2023〕9号", "fine_fen": 0.0005, "decided_on": "2023-07-08"}
    for name, text, state in (("b", "见决定书", "rejected"), ("c", "罚款5元", "accepted")):
        data = ledger_bytes("penalties", odd | {"penalty_text": text})
        put(workspace.home.inbox, f"2023-07/990102/{name}.xlsx", data, "2023-08-03T10:00")
        load_id = night(workspace)
        assert load_id is not None
        report = LoadReport(workspace, load_id, every_region=False)
        assert report.submissions["state"].tolist() == [state]
        assert ("penalties.fine_fen.unit_mistaken" in findings_of(report)["rule_id"].tolist()) == (
            state == "rejected"
        )
