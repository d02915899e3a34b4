"""Cases filed: reported in the month of filing, and by some offices again in the month of closing."""

from __future__ import annotations

from flows.sample_year.case_lifecycle import CaseRecord
from flows.sample_year.days import known_by_month
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth, Values

NEEDS: tuple[str, ...] = ()


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    return [
        _make_row(scenario, case_record)
        for case_record in scenario.case_records
        if case_record.filed_on.year == scenario.year
    ]


def _make_row(scenario: Scenario, case_record: CaseRecord) -> ExpectedRow:
    month = case_record.filed_on.month
    ended_on = case_record.withdrawn_on or case_record.closed_on
    first = _make_values(scenario, case_record, month)
    if ended_on is None or ended_on.month <= month:
        return ExpectedRow(case_record.unit, month, first)
    return ExpectedRow(
        case_record.unit, month, first, ended_on.month, _make_values(scenario, case_record, ended_on.month)
    )


def _make_values(scenario: Scenario, case_record: CaseRecord, month: int) -> Values:
    """Return the case as known when the file of a month is written."""
    withdrawn_on, decided_on, closed_on = (
        known_by_month(day, scenario.year, month)
        for day in (case_record.withdrawn_on, case_record.decided_on, case_record.closed_on)
    )
    stages = ((withdrawn_on, "撤案"), (closed_on, "结案"), (decided_on, "已作出处罚决定"))
    return {
        "case_no": case_record.case_no,
        "party_name": case_record.party.name,
        "party_type": case_record.party.kind,
        "party_uscc": case_record.party.uscc,
        "filed_on": case_record.filed_on,
        "cause": case_record.violation.cause,
        "source": case_record.source,
        "stage": next((stage for day, stage in stages if day), "调查取证"),
        "withdrawn_on": withdrawn_on,
        "closed_on": closed_on,
        "handling_unit": scenario.offices[case_record.unit].title,
    }
