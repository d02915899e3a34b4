"""Independent computation of the invented city's figures, from the documented definitions of the indicators.

It shares nothing with the project: no definitions, no frames, no SQL, only dicts, sets and loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.support.second_city import Report, ReportKey
from tests.support.second_city_cases import BUREAU, MARKS, RIVER, STAR, UNITS, Row, key_of, month_end

HOLIDAYS = {  # 国务院办公厅关于2023年部分节假日安排的通知: weekdays off, and weekend days worked
    *(date(2023, 1, day) for day in (2, 23, 24, 25, 26, 27)), date(2023, 4, 5), *(date(2023, 5, day) for day in (1, 2, 3)),
    *(date(2023, 6, day) for day in (22, 23)), date(2023, 9, 29), *(date(2023, 10, day) for day in (2, 3, 4, 5, 6)),
}  # fmt: skip
WORKED = {
    date(2023, month, day)
    for month, day in ((1, 28), (1, 29), (4, 23), (5, 6), (6, 25), (10, 7), (10, 8))
}  # fmt: skip


class Year:
    """The final state of the year: the last arrival of each report, and the row that counts for each key."""

    def __init__(self, reports: Iterable[Report]) -> None:
        versions_by_report: dict[ReportKey, list[Report]] = {}
        for report in sorted(reports, key=lambda report: (report.night, report.arrival)):
            versions_by_report.setdefault((report.unit, report.month, report.ledger), []).append(report)
        self.current_rows = {key: versions[-1].good_rows for key, versions in versions_by_report.items()}
        self.counted: dict[str, list[tuple[str, Row]]] = {}
        for ledger, claims in _collect_claims(versions_by_report).items():
            self.counted[ledger] = [_find_counted_row(ledger, rows) for rows in claims.values()]

    def months(self, unit: str, ledger: str) -> list[int]:
        return [month for unit_, month, name in self.current_rows if (unit_, name) == (unit, ledger)]


@dataclass(frozen=True)
class Claim:
    """One current row, and the run since which its unit has reported its key for the month."""

    unit: str
    month: int
    night: int
    row: Row


def _collect_claims(versions_by_report: dict[ReportKey, list[Report]]) -> dict[str, dict[Any, list[Claim]]]:
    claims_by_key: dict[str, dict[Any, list[Claim]]] = {}
    for (unit, month, ledger), versions in versions_by_report.items():
        by_night = {version.night: version for version in versions}  # the second of two in one run wins
        for row in versions[-1].good_rows:
            key = key_of(ledger, row)
            since = min(
                night
                for night, report in by_night.items()
                if key in [key_of(ledger, row) for row in report.good_rows]
            )
            claims_by_key.setdefault(ledger, {}).setdefault(key, []).append(Claim(unit, month, since, row))
    return claims_by_key


def _find_counted_row(ledger: str, claims: Sequence[Claim]) -> tuple[str, Row]:
    """Return unit and row that count: handling unit, else county, else
    bureau; then first to report; latest month.
    """
    ranks = {
        unit: min(_rank(ledger, claim) for claim in claims if claim.unit == unit)
        for unit in {claim.unit for claim in claims}
    }
    since = {unit: min(claim.night for claim in claims if claim.unit == unit) for unit in ranks}
    unit = min(ranks, key=lambda unit_: (ranks[unit_], since[unit_], unit_))
    return unit, max((claim for claim in claims if claim.unit == unit), key=lambda unit_: unit_.month).row


def _rank(ledger: str, claim: Claim) -> int:
    named = None
    if ledger == "cases":
        named = {name: code for code, name in UNITS.items()}.get(claim.row.get("handling_unit") or "")
    elif ledger not in ("file_reviews", "legal_reviews", "hearings"):
        number = next(
            (claim.row[name] for name in ("decision_no", "document_no") if claim.row.get(name)), ""
        )
        named = next((unit for unit in (STAR, RIVER) if MARKS[unit] in number), None)
    if named is None:
        return 2 if claim.unit == BUREAU else 1
    return 0 if named == claim.unit else 3


@dataclass(frozen=True)
class View:
    """The rows of a year restricted to units and months."""

    year: Year
    units: Sequence[str]
    months: Sequence[int]

    def has(self, day: date | None) -> bool:
        return day is not None and day.year == 2023 and day.month in self.months

    def rows(self, ledger: str) -> list[Row]:
        return [row for unit, row in self.year.counted.get(ledger, []) if unit in self.units]

    def dated(self, ledger: str, date_name: str, **field_values: Any) -> list[Row]:
        """Return the rows of the period whose fields have the value, or one of the values, of a keyword."""
        return [
            row for row in self.rows(ledger)
            if self.has(row.get(date_name)) and all(_matches(row.get(name), value) for name, value in field_values.items())
        ]  # fmt: skip


def _matches(value: Any, expected: Any) -> bool:
    return value in expected if isinstance(expected, tuple) else bool(value == expected)


def _count_distinct(rows: Iterable[Row], *names: str) -> int:
    return len({tuple(row.get(name) for name in names) for row in rows})


def total(rows: Iterable[Row], name: str) -> int:
    return sum(row.get(name) or 0 for row in rows)


def _enterprise(row: Row) -> str:
    return str(row.get("party_uscc") or row["party_name"])


def _sum_pair(rows: Iterable[Row], part: str, whole: str) -> tuple[int, int]:
    """Sum two fields over the rows that have both."""
    complete = [row for row in rows if row.get(part) is not None and row.get(whole) is not None]
    return total(complete, part), total(complete, whole)


def _count_share(rows: Iterable[Row], holds: Callable[[Row], Any]) -> tuple[int, int]:
    rows = list(rows)
    return sum(bool(holds(row)) for row in rows), len(rows)


def working_days(after: date, until: date) -> int:
    """Count working days after one day, up to and including another."""
    days = [after + timedelta(days=offset) for offset in range(1, (until - after).days + 1)]
    return sum((day.weekday() < 5 and day not in HOLIDAYS) or day in WORKED for day in days)


def five_kinds(view: View) -> int:
    handed_over = ("行政拘留", "涉嫌犯罪")
    transfers = view.dated("transfers", "transferred_on", kind=handed_over)
    return len(view.dated("measures", "decided_on")) + _count_distinct(transfers, "document_no", "kind")


def advised(view: View) -> tuple[int, int]:
    """Count decided cases reviewed by counsel, by any unit at any time;
    decisions without case number are skipped.
    """
    decided = {row["case_no"] for row in view.dated("penalties", "decided_on") if row.get("case_no")}
    reviews = [row for _, row in view.year.counted.get("legal_reviews", [])]
    advised = {row["case_no"] for row in reviews if row["reviewer_kind"] in ("法律顾问", "公职律师")}
    return len(decided & advised), len(decided)


def heads_by_case(view: View) -> tuple[int, int]:
    heard = view.dated("hearings", "heard_on")
    present = [row for row in heard if _head_was_there(row)]
    return _count_distinct(present, "case_no", "instance"), _count_distinct(heard, "case_no", "instance")


def _head_was_there(row: Row) -> bool:
    return bool(row["head_appeared"]) and row.get("identity_proven") is not False


def petitions_on_time(view: View) -> tuple[int, int]:
    chosen = []
    for row in view.rows("petitions"):
        due_on = row.get("extended_to") or row.get("due_on") or row["accepted_on"] + timedelta(days=60)
        if view.has(due_on) or view.has(row.get("closed_on")):
            chosen.append(row.get("closed_on") is not None and row["closed_on"] <= due_on)
    return sum(chosen), len(chosen)


def permits_on_time(view: View) -> tuple[int, int]:
    def in_time(row: Row) -> bool:
        extra = (row.get("extension_working_days") or 0) + (row.get("suspended_working_days") or 0)
        return working_days(row["accepted_on"], row["closed_on"]) <= row["limit_working_days"] + extra

    return _count_share(view.dated("permits", "closed_on"), in_time)


def satisfied(view: View) -> tuple[int, int]:
    rated = [row for row in view.dated("permits", "closed_on") if row.get("rating") is not None]
    return _count_share(
        rated, lambda row: str(row["rating"]) in ("3", "4", "5", "非常满意", "满意", "基本满意")
    )


def visits(view: View) -> int:
    mobile = [row for row in view.dated("inspections", "inspected_on") if row.get("is_mobile") is not False]
    return len({(_enterprise(row), row["inspected_on"]) for row in mobile})


def newly_certified(view: View) -> int:
    """Count newly certified officers by each unit's last report; an officer who moved is one person."""
    officers = set()
    for unit in view.units:
        last = {}
        for month in sorted(view.year.months(unit, "officers")):
            last |= {row["officer_no"]: row for row in view.year.current_rows[unit, month, "officers"]}
        officers |= {number for number, row in last.items() if view.has(row["certified_on"])}
    return len(officers)


def certified(view: View) -> tuple[int, int]:
    """Count officers on duty in each unit's last roster, and those certified at the end of the period."""
    last_day, on_duty, certified = month_end(view.months[-1]), set(), set()
    for unit in view.units:
        months = [month for month in view.year.months(unit, "officers") if month <= view.months[-1]]
        for row in view.year.current_rows[unit, max(months), "officers"] if months else []:
            if row["is_on_duty"]:
                on_duty.add(row["officer_no"])
                if row["certificate_no"] and (row["valid_until"] is None or row["valid_until"] >= last_day):
                    certified.add(row["officer_no"])
    return len(certified), len(on_duty)


def published(view: View) -> tuple[int, int]:
    due = [row for row in view.dated("penalties", "decided_on") if row.get("is_publishable") is not False]
    return _count_share(due, lambda row: row.get("published_on"))


def collected(view: View) -> int:
    return total(view.dated("payments", "paid_on", kind="罚款"), "amount_fen")


def legal_reviews(view: View) -> int:
    """Count reviews by the legal section; counsel's are another figure."""
    return len(view.dated("legal_reviews", "reviewed_on", reviewer_kind="法制机构"))


def heads_by_hearing(view: View) -> tuple[int, int]:
    return _count_share(view.dated("hearings", "heard_on"), _head_was_there)


def heads_speaking(view: View) -> tuple[int, int]:
    """Count heads who spoke; without proof of identity a head counts as absent."""
    return _count_share(
        view.dated("hearings", "heard_on"), lambda row: _head_was_there(row) and row.get("head_spoke")
    )


def entered(view: View) -> tuple[int, int]:
    return _count_share(view.dated("lawsuits", "accepted_on"), lambda row: row.get("platform_entered_on"))


def corrected(view: View) -> int:
    outcomes = ("撤销", "部分撤销", "变更", "确认违法", "确认无效", "责令履行")
    return len(view.dated("reconsiderations", "closed_on", outcome=outcomes))


def unqualified(view: View) -> int:
    """Count distinct unqualified case files."""
    return _count_distinct(view.dated("file_reviews", "reviewed_on", grade="不合格"), "case_no")


def exam_sessions(view: View) -> int:
    return _count_distinct(view.dated("exams", "held_on", kind="执法资格"), "session_no")


def trained(view: View) -> tuple[int, int]:
    return _sum_pair(view.dated("activities", "held_on", kind="法治培训"), "attended", "expected")


Rule = Callable[[View], Any]


def exam_share(part: str, whole: str) -> Rule:
    return lambda view: _sum_pair(view.dated("exams", "held_on", kind="学法考法"), part, whole)


def transferred(kind: str) -> Rule:
    return lambda view: _count_distinct(view.dated("transfers", "transferred_on", kind=kind), "document_no")


def persons(kind: str, counted: str) -> Rule:
    return lambda view: total(view.dated("transfers", "transferred_on", kind=kind), counted)


def reviewed(**field_values: str) -> Rule:
    return lambda view: len(view.dated("policy_reviews", "reviewed_on", **field_values))


def activities_held(kind: str) -> Rule:
    return lambda view: len(view.dated("activities", "held_on", kind=kind))


def measures_taken(*kinds: str) -> Rule:
    return lambda view: len(view.dated("measures", "decided_on", kind=kinds))


def enterprises(*kinds: str) -> Rule:
    return lambda view: len(
        {_enterprise(row) for row in view.dated("leniencies", "decided_on", kind=kinds)}
    )
