"""The sample year adds up: each published figure computed again from the expected rows, for any city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from flows.sample_year import published_figures
from flows.sample_year.ledgers import build_truth
from flows.sample_year.published import Targets
from flows.sample_year.scenario import Scenario, Truth
from schemas.catalogue import ledgers
from schemas.reporting.working_days import is_working_day
from tests.sample_year.test_sample_year import YEAR, make_city, make_scenario
from tests.support.regions import default_regions

Row = Mapping[str, Any]
SATISFIED = {"5", "4", "3", "非常满意", "满意", "基本满意"}
CORRECTED = {"撤销", "部分撤销", "变更", "确认违法", "确认无效", "责令履行"}
COUNSEL = {"法律顾问", "公职律师"}


@pytest.fixture(scope="module")
def truth() -> Truth:
    return build_truth(make_scenario(default_regions()))


def published_text(indicator_id: str) -> str:
    return next(
        published_figure.published_text
        for published_figure in published_figures()
        if published_figure.indicator_id == indicator_id
    )


def format_wan(fen: int) -> str:
    """Format 分 as published: 万元 truncated to two decimals, 余 if something was cut off."""
    whole, remainder = divmod(fen, 100 * 100)
    return f"{whole // 100}.{whole % 100:02}万{'余' if remainder else ''}元"


def format_rate(parts: Iterable[bool]) -> str:
    answers = list(parts)
    return format_ratio(sum(answers), len(answers))


def format_ratio(part: int, whole: int) -> str:
    assert whole, "a rate of nothing is no rate"
    return f"{100 * part // whole}%"


class Reports:
    """All rows reported in the year, each with its last reported values."""

    def __init__(self, truth: Truth, *, all_carry_over: bool) -> None:
        self.truth = truth
        self.all_carry_over = all_carry_over

    def rows(
        self, ledger: str, dated_by: str, unit: str | None = None, **field_values: str | set[str]
    ) -> list[Row]:
        """Return rows dated in the year, of one unit or all, whose fields match."""
        results = []
        for row in self.truth[ledger]:
            is_reported_again = row.is_reported_again or self.all_carry_over
            values = row.later_values if is_reported_again and row.later_values else row.values
            if unit in (None, row.unit) and values[dated_by] is not None and values[dated_by].year == YEAR:
                results.append(values)
        return [
            row
            for row in results
            if all(row[name] in to_set(value) for name, value in field_values.items())
        ]

    def count(
        self,
        ledger: str,
        dated_by: str,
        word: str,
        *fields: str,
        unit: str | None = None,
        **field_values: Any,
    ) -> str:
        rows = self.rows(ledger, dated_by, unit, **field_values)
        return (
            f"{len({tuple(row[name] for name in fields) for row in rows}) if fields else len(rows)}{word}"
        )


def to_set(value: str | set[str]) -> set[str]:
    return {value} if isinstance(value, str) else value


def count_cases(reports: Reports) -> dict[str, str]:
    hearings = reports.rows("hearings", "heard_on")
    proven = {
        (hearing["case_no"], hearing["instance"])
        for hearing in hearings
        if hearing["head_appeared"] and hearing["identity_proven"] is not False
    }
    heard = {(hearing["case_no"], hearing["instance"]) for hearing in hearings}
    penalties = reports.rows("penalties", "decided_on")
    due = [penalty for penalty in penalties if penalty["is_publishable"] is not False]
    reviewed = {
        row["case_no"] for row in reports.rows("legal_reviews", "reviewed_on", reviewer_kind=COUNSEL)
    }
    fines = reports.rows("payments", "paid_on", kind="罚款")
    lawsuits = reports.rows("lawsuits", "accepted_on")
    return {
        "case_filed_count": reports.count("cases", "filed_on", "件", "case_no"),
        "fine_imposed_amount": format_wan(sum(penalty["fine_fen"] or 0 for penalty in penalties)),
        "fine_collected_amount": format_wan(sum(fine["amount_fen"] for fine in fines)),
        "lawsuit_count": reports.count("lawsuits", "accepted_on", "起", "case_no", "instance"),
        "head_appearance_rate": format_rate(case in proven for case in heard),
        "head_speaking_rate": format_rate(hearing["head_spoke"] for hearing in hearings),
        "lawsuit_platform_entry_rate": format_rate(
            lawsuit["platform_entered_on"] is not None for lawsuit in lawsuits
        ),
        "penalty_publication_rate": format_rate(penalty["published_on"] is not None for penalty in due),
        "legal_review_count": reports.count("legal_reviews", "reviewed_on", "次", reviewer_kind="法制机构"),
        "legal_adviser_review_rate": format_rate(
            case in reviewed for case in {penalty["case_no"] for penalty in penalties}
        ),
        "file_review_unqualified_count": reports.count("file_reviews", "reviewed_on", "件", grade="不合格"),
        "reconsideration_count": reports.count("reconsiderations", "accepted_on", "件", "case_no"),
        "reconsideration_corrected_count": reports.count(
            "reconsiderations", "closed_on", "件", "case_no", outcome=CORRECTED
        ),
        "court_enforcement_count": reports.count("court_enforcements", "applied_on", "起"),
    }


def count_measures(reports: Reports) -> dict[str, str]:
    def transfers(kind: str) -> str:
        return reports.count("transfers", "transferred_on", "件", "document_no", kind=kind)

    def people(kind: str, field: str) -> str:
        return f"{sum(row[field] or 0 for row in reports.rows('transfers', 'transferred_on', kind=kind))}人"

    def enterprises(kinds: str | set[str]) -> str:
        rows = reports.rows("leniencies", "decided_on", kind=kinds)
        return f"{len({row['party_uscc'] or row['party_name'] for row in rows})}家"

    return {
        "detention_transfer_case_count": transfers("行政拘留"),
        "detained_person_count": people("行政拘留", "persons_detained"),
        "criminal_transfer_case_count": transfers("涉嫌犯罪"),
        "criminal_filed_person_count": people("涉嫌犯罪", "persons_filed"),
        "market_transfer_count": transfers("市场监管"),
        "seizure_count": reports.count("measures", "decided_on", "件", kind={"查封", "扣押"}),
        "production_limit_count": reports.count(
            "measures", "decided_on", "件", kind={"限制生产", "停产整治"}
        ),
        "no_penalty_enterprise_count": enterprises("不予处罚"),
        "lenient_penalty_enterprise_count": enterprises({"从轻处罚", "减轻处罚"}),
    }


def count_public_matters(reports: Reports) -> dict[str, str]:
    def last_day(petition: Row) -> date:
        return petition["extended_to"] or petition["due_on"] or petition["accepted_on"] + timedelta(days=60)

    petitions = [*reports.rows("petitions", "accepted_on")]
    petitions += [
        values
        for values in (row.values for row in reports.truth["petitions"])
        if values["accepted_on"].year < YEAR
    ]
    due = [petition for petition in petitions if last_day(petition).year == YEAR or petition["closed_on"]]
    visits = [row for row in reports.rows("inspections", "inspected_on") if row["is_mobile"] is not False]
    inspected = {(visit["party_uscc"] or visit["party_name"], visit["inspected_on"]) for visit in visits}
    upheld = [row for row in reports.rows("complaints", "closed_on") if row["is_upheld"]]
    rewards = reports.rows("rewards", "paid_on")
    return {
        "report_reward_count": reports.count("rewards", "paid_on", "起", "report_no"),
        "report_reward_amount": f"{sum(reward['amount_fen'] for reward in rewards) // 100}元",
        "petition_accepted_count": reports.count("petitions", "accepted_on", "件", "petition_no"),
        "petition_on_time_rate": format_rate(
            petition["closed_on"] is not None and petition["closed_on"] <= last_day(petition)
            for petition in due
        ),
        "inspection_count": f"{len(inspected)}家次",
        "enforcement_complaint_count": f"{len(upheld)}件",
    }


def count_officers(reports: Reports) -> dict[str, str]:
    at_the_end = [
        row.values for row in reports.truth["officers"] if row.month == 12 and row.values["is_on_duty"]
    ]
    law = reports.rows("exams", "held_on", kind="学法考法")
    took = sum(exam["took"] for exam in law)
    return {
        "certification_exam_session_count": reports.count(
            "exams", "held_on", "次", "session_no", kind="执法资格"
        ),
        "newly_certified_officer_count": reports.count("officers", "certified_on", "人", "officer_no"),
        "officer_certified_rate": format_rate(
            exam["certificate_no"] is not None and exam["valid_until"] >= date(YEAR, 12, 31)
            for exam in at_the_end
        ),
        "exam_violation_count": f"{sum(row['violations'] for row in reports.rows('exams', 'held_on'))}起",
        "law_exam_participation_rate": format_ratio(took, sum(exam["expected"] for exam in law)),
        "law_exam_pass_rate": format_ratio(sum(exam["passed"] for exam in law), took),
    }


def count_working_days(first: date, last: date) -> int:
    return sum(is_working_day(first + timedelta(days=days)) for days in range(1, (last - first).days + 1))


def is_in_time(permit: Row) -> bool:
    limit = sum(permit[f"{name}_working_days"] or 0 for name in ("limit", "extension", "suspended"))
    return count_working_days(permit["accepted_on"], permit["closed_on"]) <= limit


def count_bureau_matters(reports: Reports, bureau: str) -> dict[str, str]:
    def count_reviews(**field_values: str) -> str:
        return reports.count("policy_reviews", "reviewed_on", "件", unit=bureau, **field_values)

    def count_activities(kind: str, word: str) -> str:
        return reports.count("activities", "held_on", word, unit=bureau, kind=kind)

    permits = reports.rows("permits", "closed_on", bureau)
    trainings = reports.rows("activities", "held_on", bureau, kind="法治培训")
    results = {
        "revised": "修订",
        "repealed": "废止",
        "passed": "通过",
        "exception": "适用例外",
        "violation": "违背",
    }
    return {
        "permit_closed_count": reports.count("permits", "closed_on", "件", "acceptance_no", unit=bureau),
        "permit_satisfaction_rate": format_rate(
            permit["rating"] in SATISFIED for permit in permits if permit["rating"]
        ),
        "permit_on_time_rate": format_rate(is_in_time(permit) for permit in permits),
        "policy_review_count": count_reviews(),
        "policy_review_policy_count": count_reviews(kind="政策措施"),
        "policy_review_contract_count": count_reviews(kind="合同"),
        **{f"policy_review_{name}_count": count_reviews(result=result) for name, result in results.items()},
        "party_study_count": count_activities("党组研究", "次"),
        "theory_study_count": count_activities("理论学习", "次"),
        "lecture_count": count_activities("专题讲座", "场次"),
        "leader_training_rate": format_ratio(
            sum(training["attended"] for training in trainings),
            sum(training["expected"] for training in trainings),
        ),
    }


def compute_figures(scenario: Scenario, truth: Truth, *, all_carry_over: bool = False) -> dict[str, str]:
    """Compute the figures of a year, the bureau's own too if there is a bureau."""
    reports = Reports(truth, all_carry_over=all_carry_over)
    results = (
        count_cases(reports)
        | count_measures(reports)
        | count_public_matters(reports)
        | count_officers(reports)
    )
    return results | count_bureau_matters(reports, scenario.bureau) if scenario.bureau else results


def published_or_computed(results: Mapping[str, str]) -> dict[str, str]:
    return {indicator_id: published_text(indicator_id) for indicator_id in results}


class TestPublished:
    def test_all_rows_of_the_year_are_packaged(self) -> None:
        rows = published_figures()
        assert len(rows) == 50
        assert len({row.indicator_id for row in rows}) == 50
        assert published_text("fine_imposed_amount") == "3446.52万余元"

    def test_an_unknown_indicator_is_named(self) -> None:
        with pytest.raises(KeyError, match="no_such"):
            Targets(published_figures()).count("no_such")


class TestFigures:
    @pytest.mark.parametrize("all_carry_over", [False, True])
    def test_the_rows_add_up_to_all_that_is_published(self, truth: Truth, all_carry_over: bool) -> None:
        assert set(truth) == set(ledgers())
        results = compute_figures(make_scenario(default_regions()), truth, all_carry_over=all_carry_over)
        assert set(results) == {published_figure.indicator_id for published_figure in published_figures()}
        assert results == published_or_computed(results)

    @pytest.mark.parametrize("units", [1, 2, 3, 14])
    @pytest.mark.parametrize("has_bureau", [True, False])
    def test_the_rows_add_up_for_any_number_of_units(self, units: int, has_bureau: bool) -> None:
        scenario = make_scenario(make_city(units, has_bureau=has_bureau))
        results = compute_figures(scenario, build_truth(scenario))
        assert results == published_or_computed(results)

    def test_the_figures_follow_the_table_and_not_the_code(self) -> None:
        changed = {
            "case_filed_count": ("97", "97件"), "fine_imposed_amount": ("8001200", "800.12万元"),
            "fine_collected_amount": ("5000000", "500.00万余元"), "lawsuit_count": ("3", "3起"),
            "legal_review_count": ("150", "150次"), "file_review_unqualified_count": ("2", "2件"),
            "reconsideration_corrected_count": ("1", "1件"), "court_enforcement_count": ("7", "7起"),
            "detention_transfer_case_count": ("3", "3件"), "detained_person_count": ("8", "8人"),
            "seizure_count": ("11", "11件"), "production_limit_count": ("0", "0件"),
            "report_reward_amount": ("21000", "21000元"), "petition_accepted_count": ("77", "77件"),
            "inspection_count": ("500", "500家次"), "certification_exam_session_count": ("0", "0次"),
            "newly_certified_officer_count": ("5", "5人"), "exam_violation_count": ("3", "3起"),
            "enforcement_complaint_count": ("2", "2件"), "permit_closed_count": ("31", "31件"),
            "policy_review_count": ("4", "4件"), "policy_review_policy_count": ("1", "1件"),
            "policy_review_contract_count": ("3", "3件"), "policy_review_revised_count": ("1", "1件"),
            "policy_review_passed_count": ("3", "3件"), "no_penalty_enterprise_count": ("40", "40家"),
            "lenient_penalty_enterprise_count": ("99", "99家"), "lecture_count": ("5", "5场次"),
            "leader_training_rate": ("0.5", "50%"), "permit_on_time_rate": ("0", "0%"),
            "petition_on_time_rate": ("0.99", "98%"), "legal_adviser_review_rate": ("0.5", "50%"),
        }  # fmt: skip
        figures_by_id = {
            published_figure.indicator_id: published_figure for published_figure in published_figures()
        }
        for name, (value, text) in changed.items():
            figures_by_id[name] = replace(figures_by_id[name], value=value, published_text=text)
        scenario = Scenario(YEAR, default_regions(), Targets(figures_by_id.values()))
        results = compute_figures(scenario, build_truth(scenario))
        assert {name: results[name] for name in changed} == {
            name: text for name, (_, text) in changed.items()
        }

    def test_impossible_figures_are_rejected(self) -> None:
        too_much = {"fine_collected_amount": {"value": "99999900"}}
        table = [
            replace(published_figure, **too_much.get(published_figure.indicator_id, {}))
            for published_figure in published_figures()
        ]
        with pytest.raises(ValueError, match="less than"):
            build_truth(Scenario(YEAR, default_regions(), Targets(table)))
