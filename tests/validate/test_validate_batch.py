"""The result of a batch of submissions: states, duplicates, natural keys, handling unit, dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from schemas.catalogue import ledgers
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, compose_message, compose_messages
from schemas.regions import parse_regions
from tests.support.counties import GOOD_ROWS, csv_bytes, ledger_bytes, rows_of, sheet_cells
from tests.support.validation import CITY, list_findings, read_one, submit, validate_all, validate_rows
from transforms.validate.batch import ValidationInput
from transforms.validate.keys import (
    BUREAU_SAYS_NOTHING,
    COUNTY_SAYS_NOTHING,
    HANDLED_ELSEWHERE,
    HANDLED_HERE,
)
from transforms.validate.pipeline import validate_batch


def case(number: int, **other_fields: Any) -> dict[str, Any]:
    return {"case_no": f"某环立〔2023〕{number}号", **other_fields}


@pytest.mark.parametrize(
    ("changes", "state", "rows", "quarantined"),
    [
        ([case(1), case(2)], "accepted", 2, 0),
        ([case(1), case(2, filed_on="待定")], "partial", 1, 1),
        ([case(1, filed_on="待定"), case(2, cause=None)], "rejected", 0, 2),
        ([], "zero", 0, 0),
        ([case(1), case(1)], "accepted", 1, 0),
        ([case(1), case(1, cause="未批先建")], "rejected", 0, 2),
    ],
)
def test_states(changes: list[dict[str, Any]], state: str, rows: int, quarantined: int) -> None:
    result = validate_all([read_one(ledger_bytes("cases", *changes))])
    assert result.submissions.to_dict("records") == [
        {"rows": rows, "held_back": quarantined, "state": state}
    ]
    assert sum(len(frame) for frame in result.rows.values()) == rows
    assert sum(len(frame) for frame in result.quarantined.values()) == quarantined


def test_a_file_that_cannot_be_read_is_rejected_with_its_finding() -> None:
    result = validate_all([read_one(b"")])
    assert result.submissions.loc[0].tolist() == [0, 0, "rejected"]
    assert list_findings(result) == [("file.empty", None)]


def test_a_submission_without_an_acceptable_row_has_one_finding_that_says_so() -> None:
    result = validate_rows("cases", case(1, filed_on="待定"), case(2, filed_on="待定"))
    findings = result.findings[result.findings["rule_id"].eq("submission.all_rows_held")]
    assert findings["severity"].tolist() == ["fatal"]
    assert (
        compose_messages(findings).item()
        == "工作表“立案台账”：全部 2 行都有错误，没有一行可以收下。请按各行的提示改正后重报。"
    )


def test_an_empty_batch_has_all_its_columns() -> None:
    result = validate_all([])
    assert result.findings.columns.tolist() == BATCH_FINDING_COLUMNS
    assert result.submissions.columns.tolist() == ["rows", "held_back", "state"]
    assert (result.rows, result.quarantined) == ({}, {})


def test_findings_have_all_their_columns_whatever_found_them() -> None:
    bad_rows = submit(
        "cases", *rows_of("cases", case(1, filed_on="待定"), case(2), case(2)), path="2023-06/临江市/a.xlsx"
    )
    unreadable = read_one(b"PK\x03\x04", "2023-06/临江市/b.xlsx")
    result = validate_all([unreadable, bad_rows])
    assert result.findings.columns.tolist() == BATCH_FINDING_COLUMNS
    assert list_findings(result) == [
        ("file.unreadable", None),
        ("cases.filed_on.not_a_date", 2),
        ("row.repeated", 4),
    ]
    assert result.findings.sort_values("submission")["submission"].tolist() == [0, 1, 1]
    assert (
        result.findings[["rule_id", "severity", "file", "problem", "expected", "remedy"]]
        .notna()
        .all(axis=None)
    )


def test_submissions_of_a_batch_do_not_affect_each_other() -> None:
    """The same case from two units is no duplicate here: the warehouse decides which of them counts."""
    mine = submit("cases", *rows_of("cases", case(1), case(2)), path="2023-06/临江市/a.xlsx")
    theirs = submit("cases", *rows_of("cases", case(1, cause="未批先建")), path="2023-06/长岭县/a.xlsx")
    payments = submit("payments", GOOD_ROWS["payments"], path="2023-06/长岭县/b.xlsx")
    result = validate_all([mine, theirs, payments])
    assert result.findings.empty
    assert result.rows["cases"][["submission", "source_row"]].to_numpy().tolist() == [
        [0, 2],
        [0, 3],
        [1, 2],
    ]
    assert result.rows["payments"]["submission"].tolist() == [2]
    assert result.submissions["rows"].tolist() == [2, 1, 1]


class TestDuplicates:
    def test_an_equal_row_counts_once_and_has_a_notice(self) -> None:
        result = validate_rows("cases", case(1), case(2), case(1))
        assert result.rows["cases"]["source_row"].tolist() == [2, 3]
        (finding,) = result.findings.itertuples()
        assert (finding.rule_id, finding.severity, finding.row) == ("row.repeated", "notice", 4)
        assert (
            compose_message(finding._asdict()) == "工作表“立案台账”第 4 行：与第 2 行完全相同，只计一次。"
        )

    def test_every_further_equal_row_names_the_first(self) -> None:
        result = validate_rows("cases", case(1), case(1), case(1))
        assert list_findings(result) == [("row.repeated", 3), ("row.repeated", 4)]
        assert compose_messages(result.findings).str.contains("与第 2 行完全相同").all()

    def test_other_content_under_one_key_quarantines_both_and_names_the_key_as_written(self) -> None:
        result = validate_rows("cases", case(1), case(1, cause="未批先建"), case(2))
        assert result.rows["cases"]["source_row"].tolist() == [4]
        assert list_findings(result) == [("row.duplicate_key", 2), ("row.duplicate_key", 3)]
        assert result.findings["severity"].eq("error").all()
        assert compose_messages(result.findings).iloc[0] == (
            "工作表“立案台账”第 2 行：第 2、3 行的“案号”（某环立〔2023〕1号）相同，“案由”却不同，看不出是一件还是几件。"
            "应为一件一行，不同的事项编号不同。是同一件的，请合成一行；不是同一件的，请改正填错的编号。"
        )

    def test_equal_and_different_rows_of_one_key(self) -> None:
        result = validate_rows("cases", case(1), case(1), case(1, cause="未批先建"))
        assert [pair for pair in list_findings(result) if pair[1]] == [
            ("row.duplicate_key", 2),
            ("row.repeated", 3),
            ("row.duplicate_key", 4),
        ]
        by_row = dict(zip(result.findings["row"], compose_messages(result.findings), strict=True))
        assert "第 2、4 行的“案号”" in by_row[2]
        assert "与第 2 行完全相同" in by_row[3]
        assert "第 2、4 行的“案号”" in by_row[4]
        assert result.submissions.loc[0, ["rows", "held_back"]].tolist() == [0, 2]

    def test_other_spellings_of_one_number_are_one_key(self) -> None:
        numbers = ["某环罚决字(星)〔2023〕1号", "某环罚字（星）[2023]001号"]
        result = validate_rows(
            "penalties", *({"decision_no": number, "penalty_text": number} for number in numbers)
        )
        assert list_findings(result)[1:] == [("row.duplicate_key", 2), ("row.duplicate_key", 3)]
        message = compose_messages(result.findings).iloc[0]
        assert (
            f"“行政处罚决定书文号”（写作 {'、'.join(numbers)}，是同一个编号）相同，“处罚内容”却不同"
            in message
        )

    def test_a_row_with_an_error_does_not_quarantine_its_twin(self) -> None:
        result = validate_rows("cases", case(1, filed_on="待定"), case(1))
        assert result.rows["cases"]["source_row"].tolist() == [3]
        assert list_findings(result) == [("cases.filed_on.not_a_date", 2)]

    def test_a_contradiction_with_a_row_that_has_an_error_is_reported_with_that_error(self) -> None:
        result = validate_rows("cases", case(1, filed_on="待定"), case(1, party_name="乙某"))
        assert list_findings(result) == [
            ("cases.filed_on.not_a_date", 2),
            ("row.contradicted_key", 2),
            ("row.contradicted_key", 3),
        ]
        assert "“当事人”却不同" in compose_messages(result.findings).iloc[1]
        assert result.rows["cases"]["source_row"].tolist() == [3], "accepted until the other is corrected"

    def test_equal_rows_with_the_same_error_are_reported_as_equal(self) -> None:
        result = validate_rows("cases", case(1, filed_on="待定"), case(1, filed_on="待定"), case(2))
        assert list_findings(result) == [
            ("cases.filed_on.not_a_date", 2),
            ("cases.filed_on.not_a_date", 3),
            ("row.repeated", 3),
        ]
        assert result.submissions.loc[0, ["rows", "held_back"]].tolist() == [1, 2]

    def test_parties_of_one_case_in_several_rows_are_asked_about_not_thrown_away(self) -> None:
        result = validate_rows("cases", case(1), case(1, party_name="乙某"))
        messages = compose_messages(result.findings)
        assert messages.str.contains("合成一行").sum() == 2
        assert not messages.str.contains("只保留|删").any()

    def test_the_same_party_with_another_decision_is_no_duplicate(self) -> None:
        assert validate_rows("cases", case(1), case(2), case(3)).findings.empty


class TestNaturalKey:
    def keys(self, *changes: dict[str, Any]) -> list[str]:
        keys: list[str] = validate_rows("payments", *changes).rows["payments"]["row_key"].tolist()
        return keys

    def test_a_receipt_is_enough(self) -> None:
        assert self.keys({"receipt_no": "P-1"}, {"receipt_no": "P-2"}) == ["票据号 P-1", "票据号 P-2"]

    def test_without_a_receipt_the_key_is_decision_day_amount_and_instalment(self) -> None:
        no_receipt = {"receipt_no": None}
        keys = self.keys(no_receipt | {"instalment": 1}, no_receipt | {"instalment": 2}, no_receipt)
        assert len(set(keys)) == 3
        assert all(key.startswith("行政处罚决定书文号 ") for key in keys)

    def test_the_same_receipt_in_another_spelling_is_the_same_key(self) -> None:
        assert self.keys({"receipt_no": "ｐ－1"}) == self.keys({"receipt_no": "P-1"})

    def test_a_conflict_without_receipt_is_reported_in_the_countys_words(self) -> None:
        result = validate_rows("payments", {"receipt_no": None}, {"receipt_no": None, "kind": "没收"})
        assert (
            "“行政处罚决定书文号、缴款日期、缴款金额(元)”（某环罚(星)〔2023〕1号，2023-06-20，35000）"
            in compose_messages(result.findings).iloc[0]
        )

    def test_a_case_number_is_compared_as_document_numbers_are(self) -> None:
        numbers = ["某环立(临)〔2023〕5号", "某环立（临）字[2023]第005号", "某环立(临)2023-5"]
        keys = {
            key
            for number in numbers
            for key in validate_rows("cases", {"case_no": number}).rows["cases"]["row_key"]
        }
        assert keys == {"某环立(临)(2023)5号"}

    @pytest.mark.parametrize("receipt_no", ["电子缴款", "1", "2.02306000000001E+16"])
    def test_a_receipt_that_identifies_nothing_is_not_the_key(self, receipt_no: str) -> None:
        changes = {"receipt_no": receipt_no}, {"receipt_no": receipt_no, "amount_fen": 1000}
        result = validate_rows("payments", *changes)
        assert result.rows["payments"]["row_key"].str.startswith("行政处罚决定书文号 ").all()
        weak, *twice = result.findings.sort_values("rule_id").to_dict("records")
        assert weak["severity"] == "warning"
        assert "本表 2 行如此" in weak["problem"]
        assert [finding["rule_id"] for finding in twice] == ["row.serial_twice"] * (receipt_no == "1")

    def test_a_serial_is_completed_by_unit_party_and_day(self) -> None:
        days = [{"petition_no": "1"}, {"petition_no": "1", "accepted_on": "2023-06-03"}]
        keys = [key for day in days for key in validate_rows("petitions", day).rows["petitions"]["row_key"]]
        assert keys == ["1 / 2023-06-02 / 990181", "1 / 2023-06-03 / 990181"]

    def test_one_task_over_several_objects_is_as_many_visits(self) -> None:
        changes = [{"party_name": name} for name in ("甲厂", "乙厂")]
        result = validate_rows("inspections", *changes, {"inspected_on": "2023-06-20"})
        assert (len(result.rows["inspections"]), result.findings.empty) == (3, True)

    def test_a_hearing_without_session_is_the_first(self) -> None:
        result = validate_rows("hearings", {"session": None}, {"session": 1}, {"session": 2})
        assert result.rows["hearings"]["session"].tolist() == [1, 2]
        assert list_findings(result) == [("row.repeated", 3)]

    @pytest.mark.parametrize("ledger", ledgers())
    def test_every_accepted_row_has_a_key(self, ledger: str) -> None:
        assert validate_rows(ledger, {}).rows[ledger]["row_key"].notna().all()


@pytest.mark.parametrize(
    ("ledger", "path", "change", "rank"),
    [
        ("penalties", "2023-06/990102/a.xlsx", {}, HANDLED_HERE),
        ("penalties", "2023-06/990181/a.xlsx", {}, HANDLED_ELSEWHERE),
        ("penalties", "2023-06/990181/a.xlsx", {"decision_no": "某环罚〔2023〕1号"}, COUNTY_SAYS_NOTHING),
        ("penalties", "2023-06/9901X0/a.xlsx", {"decision_no": "某环罚〔2023〕1号"}, BUREAU_SAYS_NOTHING),
        ("penalties", "2023-06/9901X0/a.xlsx", {}, HANDLED_ELSEWHERE),
        ("cases", "2023-06/990181/a.xlsx", {}, COUNTY_SAYS_NOTHING),
        ("cases", "2023-06/9901X0/a.xlsx", {}, BUREAU_SAYS_NOTHING),
        ("cases", "2023-06/990181/a.xlsx", {"handling_unit": "某市生态环境局临江分局"}, HANDLED_HERE),
        ("cases", "2023-06/990181/a.xlsx", {"handling_unit": "长岭县"}, HANDLED_ELSEWHERE),
        ("cases", "2023-06/990181/a.xlsx", {"handling_unit": "执法大队"}, COUNTY_SAYS_NOTHING),
        ("hearings", "2023-06/990181/a.xlsx", {}, COUNTY_SAYS_NOTHING),
    ],
)
def test_handling_rank(ledger: str, path: str, change: dict[str, Any], rank: int) -> None:
    result = validate_all([submit(ledger, GOOD_ROWS[ledger] | change, path=path)])
    assert result.rows[ledger]["handling_rank"].tolist() == [rank]


def test_a_city_without_bureau_ranks_too() -> None:
    regions = parse_regions("code,name,level,parent\n990100,某市,city,\n990181,临江市,unit,990100\n")
    submission = submit("cases", GOOD_ROWS["cases"])
    result = validate_batch(ValidationInput([submission], [date(2023, 7, 5)], regions, ledgers()))
    assert result.rows["cases"]["handling_rank"].tolist() == [COUNTY_SAYS_NOTHING]


class TestDates:
    def rules_broken_on(self, received_on: date, **change: Any) -> list[str]:
        submission = submit("cases", GOOD_ROWS["cases"] | change)
        findings = validate_batch(ValidationInput([submission], [received_on], CITY, ledgers())).findings
        return [rule_id for rule_id in findings["rule_id"] if rule_id.startswith("cases.")]

    @pytest.mark.parametrize(
        ("filed_on", "rule_ids"),
        [
            ("2023-06-30", []),
            ("2023-07-01", ["cases.filed_on.after_period"]),
            ("2023-07-05", ["cases.filed_on.after_period"]),
            ("2023-07-06", ["cases.filed_on.in_future"]),
            ("2023-05-31", []),  # a late discovery counts where it happened
            ("2019-01-01", ["cases.filed_on.other_year"]),
            ("1905-07-15", ["cases.filed_on.too_early"]),
        ],
    )
    def test_the_counting_date(self, filed_on: str, rule_ids: list[str]) -> None:
        assert self.rules_broken_on(date(2023, 7, 5), filed_on=filed_on) == rule_ids

    @pytest.mark.parametrize(
        ("change", "rule_ids"),
        [
            ({"filed_on": "2022-07-01"}, []),
            ({"filed_on": "2022-06-30"}, ["cases.filed_on.long_before_period"]),
            ({"filed_on": "2022-06-30", "closed_on": "2022-06-30"}, ["cases.filed_on.long_before_period"]),
            ({"filed_on": "2022-06-30", "closed_on": "2023-06-20"}, []),  # closed after long
        ],
    )
    def test_a_date_long_before_the_period_is_doubted(
        self, change: dict[str, str], rule_ids: list[str]
    ) -> None:
        number = {"case_no": "某环立〔2022〕1号"}
        assert self.rules_broken_on(date(2023, 7, 5), **number, **change) == rule_ids

    def test_a_number_without_a_year_tells_nothing(self) -> None:
        for number in ("20231号", "立案2022", "2022"):
            assert self.rules_broken_on(date(2023, 7, 5), case_no=number) in (
                [],
                ["cases.case_no.serial_only"],
            )

    def test_one_serial_with_one_party_in_two_rows_is_doubted_unless_they_are_alike(self) -> None:
        def rules(*changes: dict[str, str]) -> list[str]:
            rows = [{"case_no": "5", "party_name": "甲厂", **change} for change in changes]
            return [rule_id for rule_id, _ in list_findings(validate_rows("cases", *rows))]

        other_day, other_party = {"filed_on": "2023-06-04"}, {"party_name": "乙厂"}
        assert rules({}, other_day).count("row.serial_twice") == 1
        assert "row.serial_twice" not in rules({}, {}) + rules({}, {**other_day, **other_party})
        same_code = {"party_uscc": "91000000MA0000001R"}
        assert "row.serial_twice" in rules(same_code, same_code | other_day | other_party)

    def test_a_row_with_an_unreadable_date_is_not_doubted_too(self) -> None:
        assert self.rules_broken_on(date(2023, 7, 5), filed_on="2022-06-31") == [
            "cases.filed_on.no_such_day"
        ]

    @pytest.mark.parametrize(
        ("name", "kind", "is_lacking"),
        [
            ("某某化工有限公司", "企业", True),
            ("某某化工有限公司（一分厂）", None, True),
            ("甲某", "企业", False),
            ("某某化工有限公司", "个体工商户", False),
        ],
    )
    def test_an_organisation_without_code_is_known_although_its_kind_is_not(
        self, name: str, kind: str | None, is_lacking: bool
    ) -> None:
        broken = self.rules_broken_on(date(2023, 7, 5), party_name=name, party_type=kind)
        assert ("cases.party_uscc.required" in broken) == is_lacking

    def test_a_late_decision_of_court_is_no_surprise(self) -> None:
        year = {"case_no": "(2022)某01行初1号", "heard_on": "2022-05-25"}
        assert list_findings(validate_rows("hearings", year)) == []

    def test_other_dates_may_lie_after_the_period_but_not_after_the_arrival(self) -> None:
        assert self.rules_broken_on(date(2023, 7, 5), closed_on="2023-07-05") == []
        assert self.rules_broken_on(date(2023, 7, 5), closed_on="2023-07-06") == [
            "cases.closed_on.in_future"
        ]

    def test_each_file_is_validated_by_its_own_day(self) -> None:
        early, late = (
            submit(
                "cases",
                GOOD_ROWS["cases"] | {"closed_on": "2023-07-08"},
                path=f"2023-06/临江市/{name}.xlsx",
            )
            for name in "ab"
        )
        result = validate_batch(
            ValidationInput([early, late], [date(2023, 7, 5), date(2023, 7, 10)], CITY, ledgers())
        )
        assert result.submissions["state"].tolist() == ["rejected", "accepted"]

    def test_a_deadline_may_be_in_the_future(self) -> None:
        assert validate_rows(
            "penalties", {"valid_until": "9999-12-31", "public_until": "2026-06-08"}
        ).findings.empty


def test_typed_rows_keep_the_schemas_types() -> None:
    for name, definition in ledgers().items():
        frame = validate_rows(name, {}).rows[name]
        for column, kind in definition.stored_columns().items():
            assert frame[column].dtype == kind.type, column


def test_a_row_with_too_many_cells_is_quarantined() -> None:
    data = "案号,当事人,行政相对人类别,立案日期,案由\nA1,甲某,自然人,2023-06-03,超标,排放\nA2,乙某,自然人,2023-06-03,超标\n"
    result = validate_all([read_one(data.encode(), "2023-06/临江市/立案台账.csv")])
    assert list_findings(result) == [("row.ragged", 2)]
    assert result.submissions.loc[0].tolist() == [1, 1, "partial"]
    assert (
        compose_messages(result.findings)
        .iloc[0]
        .startswith("文件“立案台账.csv”第 2 行：这一行比表头多出 1 格内容")
    )


def test_the_batch_is_the_sum_of_its_files() -> None:
    """A file has the same rows and findings, whether it is validated alone or in a batch."""
    files = [
        submit(
            "cases",
            *rows_of("cases", case(1), case(1), case(2, filed_on="待定")),
            path="2023-06/临江市/a.xlsx",
        ),
        submit(
            "cases", *rows_of("cases", case(1, party_type="公民"), case(3)), path="2023-06/长岭县/a.xlsx"
        ),
        submit(
            "payments",
            *rows_of("payments", {}, {"receipt_no": "P-2", "amount_fen": "-1"}),
            path="2023-06/长岭县/b.xlsx",
        ),
    ]
    together = validate_all(files)
    for index, submission in enumerate(files):
        alone = validate_all([submission])
        pd.testing.assert_series_equal(
            together.submissions.loc[index], alone.submissions.loc[0], check_names=False
        )
        messages = compose_messages(together.findings[together.findings["submission"].eq(index)])
        assert sorted(messages) == sorted(compose_messages(alone.findings))


class TestRulesOverSeveralFields:
    @pytest.mark.parametrize(
        ("kinds", "expected"),
        [
            ("警告", [("penalties.fine_fen.not_among_kinds", 2)]),
            ("说不清", [("penalties.penalty_kinds.allowed", 2)]),
        ],
    )
    def test_are_silent_where_one_could_not_be_read(
        self, kinds: str, expected: list[tuple[str, int]]
    ) -> None:
        cells = sheet_cells("penalties", rows_of("penalties", {"penalty_kinds": kinds, "fine_fen": 3.5}))
        findings = list_findings(validate_all([read_one(csv_bytes(cells))]))
        assert [(rule_id, row) for rule_id, row in findings if row is not None] == expected
