"""Time limits: each one met in time, on its last day, a day late, and over holidays with make-up days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from schemas.catalogue import ledgers
from schemas.deadlines import DeadlineError, deadlines, parse_deadlines
from schemas.reporting.working_days import HolidaysOfYear, WorkingCalendar
from transforms.deadlines.compute import SOURCE, compute_deadlines
from warehouse.marts.deadline_kinds import DTYPES

LIMITS = deadlines()
CALENDAR = WorkingCalendar()
#: 2023's longest holiday, and the last day that was worked instead
FIRST_DAY_OFF, LAST_DAY_OFF, WORKED_INSTEAD = "2023-09-29", pd.Timestamp("2023-10-06"), "2023-10-08"
#: the fine of every decision of these tests
FINE = {"decision_no": "D", "=decision_no": "D", "case_no": None, "=case_no": None, "fine_fen": 100_00}
EXTENDED_PERMIT = {"accepted_on": "2023-09-20", "limit_working_days": 20, "extension_working_days": 10}
EXTENDED_PETITION = {"accepted_on": "2023-08-05", "due_on": "2023-10-04", "extended_to": "2023-11-03"}
EXTENDED_SEIZURE = {"kind": "扣押", "decided_on": "2023-09-05", "until_on": "2023-11-04"}
PAID = {"=decision_no": "D", "kind": "罚款", "amount_fen": 100_00}


def frames(rows: dict[str, list[dict[str, Any]]]) -> dict[str, pd.DataFrame]:
    """Build the frames that the limits read, with all their columns."""
    fields: dict[str, list[str]] = {}
    for ledger, field in (pair for limit in LIMITS.values() for pair in limit.fields()):
        fields.setdefault(ledger, []).append(field)
    built = {}
    for ledger, names in fields.items():
        documents = {f"#{limit.document}": "某号" for limit in LIMITS.values() if limit.ledger == ledger}
        columns = list(dict.fromkeys([*SOURCE, *documents, *names, *(f"={name}" for name in names)]))
        records = [
            {"unit_code": "990102", "submission_id": 1, "source_row": number, **documents, "is_publishable": True, **row}
            for number, row in enumerate(rows.get(ledger, []), start=2)
        ]  # fmt: skip
        frame = pd.DataFrame(records, columns=columns, dtype=object)
        kinds = {
            name: DTYPES[kind]
            for name in names
            if (kind := ledgers()[ledger].field(name).type.kind) in DTYPES
        }
        built[ledger] = frame.astype(kinds)
    return built


def listed(
    limit_id: str, rows: dict[str, list[dict[str, Any]]], today: str, **options: Any
) -> list[dict[str, Any]]:
    computed = compute_deadlines(LIMITS, frames(rows), CALENDAR, date.fromisoformat(today), **options)
    return computed[computed["limit_id"] == limit_id].to_dict("records")


#: limit, the ledgers' rows without what meets it, where that is entered, and the last day
CASES: dict[str, tuple[str, dict[str, list[dict[str, Any]]], tuple[str, str], str]] = {
    "decision": ("penalty_decision", {"cases": [{"filed_on": "2023-06-05", "=case_no": "C"}]},
                 ("penalties", "decided_on"), "2023-09-03"),
    "decision, over a holiday": ("penalty_decision", {"cases": [{"filed_on": "2023-07-10", "=case_no": "C"}]},
                                 ("penalties", "decided_on"), "2023-10-08"),
    # 29 September to 6 October were off, Saturday 7 and Sunday 8 October were worked
    "service": ("penalty_service", {"penalties": [{**FINE, "decided_on": "2023-09-27"}]},
                ("penalties", "served_on"), "2023-10-12"),
    "service, no holiday": ("penalty_service", {"penalties": [{**FINE, "decided_on": "2023-06-05"}]},
                            ("penalties", "served_on"), "2023-06-14"),
    "publication": ("penalty_publication", {"penalties": [{**FINE, "decided_on": "2023-09-28"}]},
                    ("penalties", "published_on"), "2023-10-13"),
    "payment": ("fine_payment", {"penalties": [{**FINE, "served_on": "2023-09-20"}]}, ("payments", "paid_on"), "2023-10-05"),
    "surcharge": ("surcharge_cap", {"penalties": [{**FINE, "served_on": "2023-09-20"}]},
                  ("payments", "paid_on"), "2023-11-08"),
    "urging": ("court_urging", {"penalties": [{**FINE, "served_on": "2023-01-10"}]},
               ("court_enforcements", "urged_on"), "2023-09-30"),
    "application": ("court_application", {"penalties": [{**FINE, "served_on": "2023-01-10"}]},
                    ("court_enforcements", "applied_on"), "2023-10-10"),
    "seizure": ("seizure", {"measures": [{"kind": "查封", "decided_on": "2023-09-05"}]},
                ("measures", "released_on"), "2023-10-05"),
    "seizure, extended": ("seizure", {"measures": [EXTENDED_SEIZURE]},
                          ("measures", "released_on"), "2023-11-04"),
    "permit": ("permit", {"permits": [{"accepted_on": "2023-09-20", "limit_working_days": 20}]},
               ("permits", "closed_on"), "2023-10-24"),
    "permit, extended": ("permit", {"permits": [EXTENDED_PERMIT]},
                         ("permits", "closed_on"), "2023-11-07"),
    "petition": ("petition", {"petitions": [{"accepted_on": "2023-08-05"}]}, ("petitions", "closed_on"), "2023-10-04"),
    "petition, extended": ("petition", {"petitions": [EXTENDED_PETITION]},
                           ("petitions", "closed_on"), "2023-11-03"),
    "reconsideration": ("reconsideration", {"reconsiderations": [{"accepted_on": "2023-08-05"}]},
                        ("reconsiderations", "closed_on"), "2023-10-04"),
}  # fmt: skip


def with_met(
    rows: dict[str, list[dict[str, Any]]], where: tuple[str, str], day: date
) -> dict[str, list[dict[str, Any]]]:
    """Enter the day that meets the limit: in the row itself, or in a new one of another ledger."""
    ledger, field = where
    if ledger in rows:
        return {**rows, ledger: [{**rows[ledger][0], field: f"{day}"}]}
    other = {"payments": PAID, "penalties": {**FINE, "=case_no": "C"}}.get(ledger, {"=decision_no": "D"})
    return {**rows, ledger: [{**other, field: f"{day}"}]}


@pytest.mark.parametrize("name", CASES)
def test_a_limit_in_time_on_its_last_day_and_a_day_late(name: str) -> None:
    limit_id, rows, where, last = CASES[name]
    due = date.fromisoformat(last)
    after = due + timedelta(days=1)
    (soon,) = listed(limit_id, rows, last)
    assert (f"{soon['due_on']:%Y-%m-%d}", soon["days_left"], soon["state"]) == (last, 0, "due_soon")
    (running,) = listed(limit_id, rows, f"{due - timedelta(days=2)}", due_soon_days=1)
    assert (running["days_left"], running["state"]) == (2, "running")
    assert listed(limit_id, with_met(rows, where, due - timedelta(days=1)), "2024-06-01") == []
    assert listed(limit_id, with_met(rows, where, due), "2024-06-01") == []
    if limit_id == "reconsideration":
        return  # the ledger has no field for an extension, so it is presumed; below
    (lapsed,) = listed(limit_id, rows, f"{after}")
    assert (lapsed["days_left"], lapsed["state"]) == (-1, "lapsed")
    (late,) = listed(limit_id, with_met(rows, where, after), "2024-06-01")
    assert (late["days_left"], late["state"], f"{late['met_on']:%Y-%m-%d}") == (-1, "met_late", f"{after}")


def test_every_limit_has_a_case_over_a_holiday_with_days_worked_instead() -> None:
    assert {case[0] for case in CASES.values()} == set(LIMITS)
    over_a_holiday = set()
    for limit_id, rows, _where, last in CASES.values():
        (row,) = listed(limit_id, rows, last)
        is_counted_in_working_days = LIMITS[limit_id].working_days is not None
        end = (
            WORKED_INSTEAD if is_counted_in_working_days else FIRST_DAY_OFF
        )  # else it may end in the holiday
        if row["started_on"] <= LAST_DAY_OFF and last > end:
            over_a_holiday.add(limit_id)
    assert over_a_holiday == set(LIMITS)


def test_an_extension_without_a_field_is_presumed() -> None:
    rows: dict[str, list[dict[str, Any]]] = {"reconsiderations": [{"accepted_on": "2023-08-05"}]}
    (extended,) = listed("reconsideration", rows, "2023-10-05")
    assert (f"{extended['due_on']:%Y-%m-%d}", extended["state"]) == ("2023-11-03", "running")
    assert (
        listed(
            "reconsideration",
            {"reconsiderations": [{"accepted_on": "2023-08-05", "closed_on": "2023-11-03"}]},
            "2024-01-01",
        )
        == []
    )
    (late,) = listed(
        "reconsideration",
        {"reconsiderations": [{"accepted_on": "2023-08-05", "closed_on": "2023-11-04"}]},
        "2024-01-01",
    )
    assert (late["state"], late["days_left"]) == ("met_late", -1)


def test_what_has_not_begun_is_over_or_is_not_owed_is_not_listed() -> None:
    assert (
        listed(
            "penalty_decision",
            {"cases": [{"filed_on": "2023-06-05", "withdrawn_on": "2023-12-01"}]},
            "2024-01-01",
        )
        == []
    )
    assert listed("penalty_decision", {"cases": [{"filed_on": "2023-06-05"}]}, "2023-06-04") == []
    assert (
        listed(
            "penalty_publication",
            {"penalties": [{**FINE, "decided_on": "2023-06-05", "is_publishable": False}]},
            "2024-01-01",
        )
        == []
    )
    assert (
        listed(
            "fine_payment",
            {"penalties": [{**FINE, "served_on": "2023-06-05", "fine_fen": 0}]},
            "2024-01-01",
        )
        == []
    )
    assert listed("fine_payment", {"penalties": [FINE]}, "2024-01-01") == []
    assert (
        listed("seizure", {"measures": [{"kind": "限制生产", "decided_on": "2023-06-05"}]}, "2024-01-01")
        == []
    )
    assert (
        listed("court_application", {"penalties": [{**FINE, "served_on": "2023-06-05"}]}, "2023-12-04")
        == []
    )


def test_a_fine_is_paid_when_its_instalments_reach_it() -> None:
    penalty = {"penalties": [{**FINE, "served_on": "2023-06-01"}]}
    instalments = [{**PAID, "amount_fen": 60_00, "paid_on": "2023-06-10"}, {**PAID, "amount_fen": 40_00, "paid_on": "2023-06-20"},
                   {**PAID, "kind": "加处罚款", "amount_fen": 40_00, "paid_on": "2023-06-12"}]  # fmt: skip
    (late,) = listed("fine_payment", {**penalty, "payments": instalments}, "2023-07-01")
    assert (late["state"], late["days_left"], late["amount_fen"]) == ("met_late", -4, 100_00)
    (unpaid,) = listed("fine_payment", {**penalty, "payments": instalments[:1]}, "2023-06-10")
    assert unpaid["state"] == "due_soon"


def test_a_surcharge_runs_by_the_day_to_the_fine_and_stops_during_remedies() -> None:
    penalty = {"penalties": [{**FINE, "served_on": "2023-06-01"}]}  # payable until 16 June
    (ten,) = listed("surcharge_cap", penalty, "2023-06-26")
    assert (ten["amount_fen"], ten["state"], f"{ten['due_on']:%Y-%m-%d}") == (
        30_00,
        "running",
        "2023-07-20",
    )
    (capped,) = listed("surcharge_cap", penalty, "2023-12-01")
    assert (capped["amount_fen"], capped["state"]) == (100_00, "lapsed")
    lawsuit = {"=decision_no": "D", "accepted_on": "2023-06-21", "closed_on": "2023-07-01"}
    (suspended,) = listed("surcharge_cap", {**penalty, "lawsuits": [lawsuit]}, "2023-07-06")
    assert (suspended["amount_fen"], f"{suspended['due_on']:%Y-%m-%d}") == (30_00, "2023-07-30")
    earlier = {"=decision_no": "D", "accepted_on": "2023-06-06"}
    (still,) = listed("surcharge_cap", {**penalty, "reconsiderations": [earlier]}, "2023-09-01")
    assert still["amount_fen"] == 0


def test_an_application_to_the_court_waits_for_the_end_of_remedies() -> None:
    penalty = {"penalties": [{**FINE, "served_on": "2023-01-10"}]}
    lawsuit = {"=decision_no": "D", "accepted_on": "2023-03-01"}
    assert listed("court_application", {**penalty, "lawsuits": [lawsuit]}, "2024-01-01") == []
    closed = lawsuit | {"closed_on": "2023-09-01"}
    (row,) = listed("court_application", {**penalty, "lawsuits": [closed]}, "2023-10-11")
    assert (f"{row['started_on']:%Y-%m-%d}", f"{row['due_on']:%Y-%m-%d}") == ("2023-09-16", "2023-12-16")
    soon_over = lawsuit | {"closed_on": "2023-04-01"}
    (row,) = listed("court_application", {**penalty, "lawsuits": [soon_over]}, "2023-10-01")
    assert f"{row['due_on']:%Y-%m-%d}" == "2023-10-10"


def test_what_is_due_soon_stands_first_and_what_lapsed_next() -> None:
    rows = {
        "petitions": [
            {"accepted_on": day} for day in ("2023-08-01", "2023-05-01", "2023-09-20", "2023-08-05")
        ]
    }
    computed = compute_deadlines(LIMITS, frames(rows), CALENDAR, date(2023, 9, 28))
    assert computed["state"].tolist() == ["due_soon", "due_soon", "lapsed", "running"]
    assert computed["due_on"].is_monotonic_increasing is False
    assert computed["days_left"].tolist()[:2] == [2, 6]
    assert listed("petition", rows, "2023-09-28", due_soon_days=1)[0]["state"] == "lapsed"


def test_a_year_that_no_calendar_knows_has_no_last_day_unless_the_settings_give_it() -> None:
    rows = {"permits": [{"accepted_on": "2026-12-25", "limit_working_days": 20}]}
    (unknown,) = listed("permit", rows, "2027-03-01")
    assert (pd.isna(unknown["due_on"]), unknown["state"]) == (True, "running")
    calendar = WorkingCalendar({2027: HolidaysOfYear((date(2027, 1, 1),), (date(2027, 1, 3),))})
    computed = compute_deadlines(LIMITS, frames(rows), calendar, date(2027, 3, 1))
    assert f"{computed['due_on'][0]:%Y-%m-%d}" == "2027-01-22"


def test_rows_computed_together_are_as_each_by_itself() -> None:
    days = ("2023-06-01", "2023-06-02")
    penalties = [
        {"decision_no": f"{number}号", "=decision_no": f"{number}号", "fine_fen": (number % 3) * 50_01,
         "decided_on": "2023-05-30", "served_on": days[number % 2], "published_on": None, "is_publishable": number % 4 > 0}
        for number in range(14)
    ]  # fmt: skip
    other_rows = {
        "payments": [
            {**PAID, "=decision_no": f"{number}号", "amount_fen": 50_01, "paid_on": "2023-07-09"} for number in range(9)
        ],
        "lawsuits": [{"=decision_no": f"{number}号", "accepted_on": "2023-06-20"} for number in range(6, 12)],
    }  # fmt: skip
    rows = frames({"penalties": penalties, **other_rows})
    for today, parts in ((date(2023, 6, 20), 2), (date(2023, 8, 1), 14), (date(2024, 4, 1), 2)):
        together = compute_deadlines(LIMITS, rows, CALENDAR, today)
        apart = pd.concat(
            compute_deadlines(
                LIMITS, {**rows, "penalties": rows["penalties"].iloc[part::parts]}, CALENDAR, today
            )
            for part in range(parts)
        )
        order = ["source_row", "limit_id"]
        pd.testing.assert_frame_equal(
            together.sort_values(order, ignore_index=True), apart.sort_values(order, ignore_index=True)
        )


def _owing(field: str) -> str:
    return f"""[{field}]
title="a"\nwords="a"\nsource="a"\nledger="penalties"\ndocument="decision_no"\nstart="served_on"\ndays=1
paid={{ledger="payments", number="decision_no", own="decision_no", owed="{field}", date="paid_on", amount="amount_fen"}}
"""


#: what every limit has, to which a test adds
BASE = 'title="a"\nwords="a"\nsource="a"\nledger="cases"\ndocument="case_no"\nmet=["closed_on"]\n'
PENALTY = (
    BASE.replace("cases", "penalties").replace("case_no", "decision_no").replace("closed", "published")
)
PAYMENT = 'ledger="payments", number="decision_no", own="decision_no", owed="fine_fen", date="paid_on", amount="amount_fen"'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f'{PENALTY}days=1\nwhere={{is_publishable=["是"]}}',
         "[x] where.is_publishable: 'penalties.is_publishable' is never '是'"),
        (f'{PENALTY}days=1\nwhere={{fine_fen=["5"]}}', "[x] where.fine_fen: 'penalties.fine_fen' is never '5'"),
        (f'{PENALTY}days=1\npaid={{{PAYMENT}, where={{kind=["罚金"]}}}}',
         "[x] paid.where.kind: 'payments.kind' is never '罚金'"),
        (f'{PENALTY}working_days=1\nstated=["served_on"]', "[x] Value error, 'stated' is read beside 'days' only"),
        (f'{PENALTY}months=1\nstated=["served_on"]\nmost_days=3', "'stated' is read beside 'days' only"),
        (f"{PENALTY}days=1\nmost_days=3", "'most_days' is read beside 'stated' only"),
        (f'{PENALTY}days=1\nallowed=["decision_no"]', "'allowed' is read beside 'working_days' only"),
        (f"{PENALTY}days=1\ndaily_percent=3", "'daily_percent' is read beside 'paid' only"),
        (f"{PENALTY.replace('met=', 'over=')}days=1", "[x] Value error, it needs one of 'met'"),
        (f"{PENALTY}days=0", "[x] days: Input should be greater than 0"),
        (f"{PENALTY}working_days=-1", "[x] working_days: Input should be greater than 0"),
        (f"{PENALTY}days=1\nbefore_days=-1", "[x] before_days: Input should be greater"),
    ],
)  # fmt: skip
def test_what_could_never_hold_or_is_never_read_is_refused(text: str, problem: str) -> None:
    with pytest.raises(DeadlineError) as error:
        parse_deadlines(f'[x]\nstart="decided_on"\n{text}', ledgers())
    assert problem in str(error.value)


def test_a_file_in_the_wrong_form_is_refused() -> None:
    limit = f'[x]\nstart="decided_on"\ndays=1\nwhere={{is_publishable=[true]}}\n{PENALTY}'
    assert list(parse_deadlines(limit, ledgers())) == ["x"]
    for text, problem in [
        (f"days=1\n{limit}", "deadlines.toml: days: a key stands above the first table"),
        (f"{limit}{limit}", "deadlines.toml, line 11, column 3: the key or table stands there already"),
    ]:
        with pytest.raises(DeadlineError) as error:
            parse_deadlines(text, ledgers())
        assert problem in str(error.value)


def test_a_wrong_definition_names_file_table_and_key() -> None:
    good = BASE
    by_source = 'met_by=[{ledger="penalties", number="case_no", own="source", date="decided_on"}]'
    fine = f'{PENALTY}start="served_on"\ndays=1\n'
    paid = 'paid={ledger="payments", number="decision_no", own="decision_no", owed="fine_fen", date="paid_on", amount="kind"}'
    for text, problem in [
        (f'[x]\n{good}start="filed_on"\ndays=1\nwrong=1', "deadlines.toml: [x] wrong: Extra inputs"),
        (f'[x]\n{good}start="filed"\ndays=1', "[x] start: no field 'cases.filed'"),
        (f'[x]\n{good}start="filed_on"', "needs one of 'days'"),
        (f"[x]\n{good}days=1", "needs one of 'start'"),
        (f'[x]\n{good}after="y"\ndays=1', "[x] no limit 'y'"),
        (f'[x]\n{good}start="case_no"\ndays=1', "[x] start: 'cases.case_no' is no date"),
        (
            f'[x]\n{good}start="filed_on"\nworking_days=1\nallowed=["filed_on"]',
            "[x] allowed: 'cases.filed_on' is no whole",
        ),
        (
            f'[x]\n{good}start="filed_on"\ndays=1\n{by_source}',
            "[x] met_by.own: 'cases.source' is not a number by",
        ),
        (f"[x]\n{fine}{paid}", "[x] paid.amount: 'payments.kind' is no amount of money"),
        (
            f'[x]\n{good.replace("case_no", "filed_on")}start="filed_on"\ndays=1',
            "[x] document: 'cases.filed_on' is nothing that",
        ),
        (
            _owing("fine_fen") + _owing("confiscated_fen"),
            "[confiscated_fen] rows of its ledger already owe",
        ),
        (
            f'[x]\n{good}start="filed_on"\ndays=1\n[y]\n{good.replace("case_no", "decision_no")}start="filed_on"\ndays=1',
            "[y] document: no field 'cases.decision_no'",
        ),
        (
            f"{_owing('fine_fen')}[y]\n{fine.replace('decision_no', 'case_no')}",
            "[y] rows of its ledger already show another number",
        ),
    ]:
        with pytest.raises(DeadlineError) as error:
            parse_deadlines(text, ledgers())
        assert problem in str(error.value)
