"""Expected rows of the sample year: consistent with each other and varied."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from flows.sample_year.days import last_known_day
from flows.sample_year.ledgers import build_truth
from flows.sample_year.scenario import ExpectedRow, Truth
from schemas.catalogue import ledgers
from schemas.periods import Period
from tests.sample_year.test_sample_year import YEAR, make_scenario
from tests.support.regions import default_regions

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.fixture(scope="module")
def truth() -> Truth:
    return build_truth(make_scenario(default_regions()))


class TestTruth:
    def test_payments_come_after_the_decision_and_never_exceed_it(self, truth: Truth) -> None:
        decisions = {row.values["decision_no"]: row.values for row in truth["penalties"]}
        paid: Counter[tuple[str, str]] = Counter()
        for row in truth["payments"]:
            decision = decisions[row.values["decision_no"]]
            assert decision["decided_on"] <= row.values["paid_on"] <= date(YEAR, 12, 31)
            paid[row.values["decision_no"], row.values["kind"]] += row.values["amount_fen"]
        for (number, kind), fen in paid.items():
            limit = "confiscated_fen" if kind == "没收" else "fine_fen"
            assert fen <= decisions[number][limit]
        assert {kind for _, kind in paid} == {"罚款", "没收", "加处罚款"}
        assert {number for number, _ in paid} < set(decisions), "some decisions are unpaid"

    @pytest.mark.parametrize("ledger", ledgers())
    def test_keys_are_unique(self, truth: Truth, ledger: str) -> None:
        """In the whole year; for officers, who are in every roster, in each month."""

        def key(row: ExpectedRow) -> tuple[object, ...]:
            filled = {**row.values, "unit": row.unit}
            for parts in ledgers()[ledger].natural_key:
                fields = tuple(
                    next((filled[name] for name in part if filled[name] is not None), None)
                    for part in parts
                )
                if None not in fields:
                    return fields
            return fields

        keys = [key(row) + ((row.month,) if ledger == "officers" else ()) for row in truth[ledger]]
        assert len(set(keys)) == len(keys)

    @pytest.mark.parametrize("ledger", ledgers())
    def test_rows_have_no_dates_after_their_file(self, truth: Truth, ledger: str) -> None:
        definition = ledgers()[ledger]
        dates = [
            field.name
            for field in definition.fields
            if field.type.kind == "date" and not field.may_be_in_future
        ]
        for row in truth[ledger]:
            for month, values in ((row.month, row.values), (row.later_month, row.later_values)):
                if month is None or values is None:
                    continue
                assert all(values[date_] <= last_known_day(YEAR, month) for date_ in dates if values[date_])
                dated_on = values[definition.dated_by]
                assert dated_on is None or dated_on < Period.of_month(YEAR, month).end_on

    def test_new_rows_are_reported_in_the_month_that_dates_them(self, truth: Truth) -> None:
        """Except ledgers reported while matters are open, the roster, and matters of the year before."""
        for name in set(truth) - {"officers", "petitions", "permits", "complaints"}:
            assert all(row.values[ledgers()[name].dated_by].month == row.month for row in truth[name]), name

    def test_later_reports_come_later(self, truth: Truth) -> None:
        again = [row for rows in truth.values() for row in rows if row.later_month is not None]
        reported_again = {name for name, rows in truth.items() if any(row.later_month for row in rows)}
        assert reported_again >= {"cases", "petitions", "permits", "complaints", "reconsiderations"}
        assert all(
            row.month < (row.later_month or 0) <= 12 and row.later_values != row.values for row in again
        )

    def test_rows_hold_the_fields_of_their_ledger(self, truth: Truth) -> None:
        for name, rows in truth.items():
            assert all(set(row.values) == set(ledgers()[name].field_names()) for row in rows)

    def test_penalties_are_varied(self, truth: Truth) -> None:
        penalties = [row.values for row in truth["penalties"]]
        fines = [penalty["fine_fen"] for penalty in penalties if penalty["fine_fen"] is not None]
        assert 2_000_00 <= min(fines) < 10_000_00
        assert 500_000_00 < max(fines) <= 1_000_000_00
        assert 0 < sum(fen % 100_00 != 0 for fen in fines) < len(fines) / 4
        assert {penalty["party_type"] for penalty in penalties} == {
            "法人及非法人组织",
            "个体工商户",
            "自然人",
        }
        assert any(penalty["fine_fen"] is None for penalty in penalties)
        assert any(
            penalty["is_publishable"] is False and penalty["published_on"] is None for penalty in penalties
        )
        assert any(f"〔{YEAR - 1}〕" in penalty["case_no"] for penalty in penalties)
        assert any(penalty["id_no"] for penalty in penalties)
        assert any(row.values["instalment"] for row in truth["payments"])
        undecided = {row.values["case_no"] for row in truth["cases"]} - {
            penalty["case_no"] for penalty in penalties
        }
        assert undecided

    def test_codes_are_valid_and_nobodys(self, truth: Truth) -> None:
        codes = {
            row.values[name] for row in truth["penalties"] for name in ("party_uscc", "authority_uscc")
        } - {None}
        assert len(codes) > 100
        for code in codes:
            total = sum(
                USCC_ALPHABET.index(sign) * pow(3, index, 31) for index, sign in enumerate(code[:17])
            )
            assert len(code) == 18
            assert USCC_ALPHABET.index(code[17]) == (31 - total % 31) % 31
        for number in {row.values["id_no"] for row in truth["penalties"]} - {None}:
            weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
            total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
            assert number[17] == "10X98765432"[total % 11]
            assert number.startswith("999999")

    def test_the_words_of_a_decision_agree_with_its_amount(self, truth: Truth) -> None:
        for row in truth["penalties"]:
            fen, text = row.values["fine_fen"], row.values["penalty_text"]
            assert ("罚款" in text) == (fen is not None)
            if fen is not None and "人民币" not in text:
                amount = text.rsplit("罚款", 1)[1].rstrip("。").removesuffix("元")
                assert (
                    round(float(amount.removesuffix("万")) * (1_000_000 if amount.endswith("万") else 100))
                    == fen
                )


class TestLedgersAgree:
    """Consistency between ledgers."""

    def test_decisions_that_other_ledgers_name_are_known(self, truth: Truth) -> None:
        known = {row.values["decision_no"] for row in truth["penalties"]}
        for name in ("payments", "lawsuits", "reconsiderations", "court_enforcements"):
            assert {row.values["decision_no"] for row in truth[name]} <= known, name
        milder = {
            row.values["decision_no"] for row in truth["leniencies"] if row.values["kind"] != "不予处罚"
        }
        assert milder <= known

    def test_cases_that_other_ledgers_name_were_filed(self, truth: Truth) -> None:
        filed = {row.values["case_no"]: row for row in truth["cases"]}
        for row in truth["transfers"]:
            case = filed[row.values["case_no"]]
            assert (case.unit, case.values["party_name"]) == (row.unit, row.values["party_name"])
            assert case.values["filed_on"] <= row.values["transferred_on"]
        decided = {row.values["case_no"] for row in truth["penalties"]}
        assert all(case in filed or f"〔{YEAR - 1}〕" in case for case in decided)
        assert {
            row.values["case_no"] for name in ("legal_reviews", "file_reviews") for row in truth[name]
        } <= decided
        heard = {(row.values["case_no"], row.values["instance"]) for row in truth["hearings"]}
        assert heard <= {(row.values["case_no"], row.values["instance"]) for row in truth["lawsuits"]}

    def test_reviews_come_before_the_decision_and_grades_after(self, truth: Truth) -> None:
        decided_on = {row.values["case_no"]: row.values["decided_on"] for row in truth["penalties"]}
        assert all(
            row.values["reviewed_on"] <= decided_on[row.values["case_no"]] for row in truth["legal_reviews"]
        )
        assert all(
            row.values["reviewed_on"] > decided_on[row.values["case_no"]] for row in truth["file_reviews"]
        )
        assert max(row.values["round"] or 1 for row in truth["legal_reviews"]) == 2

    def test_courts_enforce_what_is_owed_and_was_urged(self, truth: Truth) -> None:
        paid: Counter[str] = Counter()
        for row in truth["payments"]:
            paid[row.values["decision_no"]] += (
                row.values["amount_fen"] if row.values["kind"] == "罚款" else 0
            )
        fines = {row.values["decision_no"]: row.values["fine_fen"] for row in truth["penalties"]}
        disputed = {
            row.values["decision_no"] for name in ("lawsuits", "reconsiderations") for row in truth[name]
        }
        for row in truth["court_enforcements"]:
            number = row.values["decision_no"]
            assert number not in disputed
            assert 0 < fines[number] - paid[number] <= row.values["amount_fen"] <= 2 * fines[number]
            assert row.values["applied_on"] - row.values["urged_on"] >= timedelta(days=10)

    def test_officers_are_certified_after_they_pass_the_exam(self, truth: Truth) -> None:
        exams = [row for row in truth["exams"] if row.values["kind"] == "执法资格"]
        passed = Counter(row.unit for row in exams for _ in range(row.values["passed"]))
        rosters = [row for row in truth["officers"] if row.month == 12 and row.values["certified_on"]]
        assert passed == Counter(row.unit for row in rosters if row.values["certified_on"].year == YEAR)

    def test_a_name_has_one_code(self, truth: Truth) -> None:
        codes: dict[str, set[object]] = {}
        for name in ("cases", "penalties", "measures", "inspections", "leniencies"):
            for row in truth[name]:
                if row.values.get("party_type") != "自然人" and len(row.values["party_name"]) > 4:
                    codes.setdefault(row.values["party_name"], set()).add(row.values["party_uscc"])
        assert all(len(codes_of_name) == 1 for codes_of_name in codes.values())


class TestSituations:
    """Situations in which a figure is more than a row count."""

    def test_cases_and_people_are_not_the_same(self, truth: Truth) -> None:
        detained = [
            row.values["persons_detained"] for row in truth["transfers"] if row.values["kind"] == "行政拘留"
        ]
        assert {0, 1, 2} <= set(detained)

    def test_one_visit_can_be_two_rows_and_some_are_on_paper(self, truth: Truth) -> None:
        visits = Counter(
            (row.values["party_name"], row.values["inspected_on"]) for row in truth["inspections"]
        )
        assert {1, 2} == set(visits.values())
        assert {row.values["is_mobile"] for row in truth["inspections"]} == {True, False, None}

    def test_petitions_run_over_months_and_years(self, truth: Truth) -> None:
        petitions = truth["petitions"]
        assert any(row.values["accepted_on"].year == YEAR - 1 for row in petitions)
        assert any(row.later_values and row.later_values["extended_to"] for row in petitions)
        assert {row.values["due_on"] is None for row in petitions} == {True, False}
        open_ones = [
            row for row in petitions if row.values["closed_on"] is None and row.later_month is None
        ]
        assert open_ones
        assert all(row.values["accepted_on"] > date(YEAR, 11, 1) for row in open_ones)

    def test_rosters_change(self, truth: Truth) -> None:
        rosters = {
            month: [row for row in truth["officers"] if row.month == month] for month in range(1, 13)
        }
        june, december = ({row.values["officer_no"] for row in rosters[month]} for month in (6, 12))
        assert june - december, "somebody leaves"
        off_duty = [row.values for row in rosters[12] if not row.values["is_on_duty"]]
        assert any(officer["certificate_no"] is None for officer in off_duty)
        assert any(officer["valid_until"] and officer["valid_until"].year < YEAR for officer in off_duty)

    def test_enterprises_come_twice(self, truth: Truth) -> None:
        spared = Counter(
            row.values["party_name"] for row in truth["leniencies"] if row.values["kind"] == "不予处罚"
        )
        assert max(spared.values()) == 2

    def test_counties_have_what_only_the_bureau_is_counted_for(self, truth: Truth) -> None:
        bureau = default_regions().bureau
        for name in ("permits", "policy_reviews", "activities"):
            assert {row.unit == bureau.code for row in truth[name] if bureau} == {True, False}
