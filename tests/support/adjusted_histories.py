"""Random histories of real files and the bureau's adjustments, and a model of the resulting home."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from flows.workspace import Workspace
from schemas.figures.indicator import Part
from schemas.periods import Period
from schemas.states import REJECTED
from tests.support.counties import WHOLE_REPORT, ledger_bytes, put
from tests.support.histories import (
    BUREAU,
    DAYS,
    HANDLED_ELSEWHERE,
    HANDLED_HERE,
    KEYS,
    NAMES,
    RANKS,
    RIVER,
    SILENT_BUREAU,
    SILENT_COUNTY,
    STAR,
    UNITS,
    Model,
    Row,
    SentReport,
    indicator,
)

#: fewer months than in histories without adjustments, so that adjustments are likely to match rows
MONTHS = ["2023-05", "2023-06"]
#: a row of a file is sound, breaks a rule that a waiver is for, or has
#: no date until a correction gives it one
SOUND, WAIVABLE, DATELESS = "sound", "waivable", "dateless"
WAIVER, CORRECTION = "waiver", "correction"
HELPS = {WAIVABLE: WAIVER, DATELESS: CORRECTION}
#: the handling unit named in a case determines the rank of its row
HANDLERS = {HANDLED_HERE: lambda unit: NAMES[unit], HANDLED_ELSEWHERE: lambda unit: "长岭县"}
CASES = Part(ledger="cases", aggregate="count", dated_by="filed_on")
PARTIES = Part(ledger="cases", aggregate="count_distinct", fields=("party_name",), dated_by="filed_on")
INDICATORS = [indicator("cases", CASES), indicator("rate", PARTIES, CASES)]
FIRST_NIGHT = date(2024, 1, 1)


@dataclass(frozen=True)
class CaseFile:
    """A ledger of cases as a county sends it: rows by key with their condition, and keys of `broken` rows."""

    unit: str
    period: str
    rows: Mapping[str, tuple[str, Row]]
    broken: frozenset[str]
    is_readable: bool
    has_new_name: bool

    @property
    def report(self) -> tuple[str, str, str]:
        return "cases", self.unit, self.period


@dataclass(frozen=True)
class Decision:
    kind: str
    unit: str
    period: str
    key: str
    until: date
    read_as: date

    @property
    def report(self) -> tuple[str, str, str]:
        return "cases", self.unit, self.period

    def is_about(self, case_file: CaseFile, key: str) -> bool:
        return (case_file.report, key) == (self.report, self.key)

    def to_toml(self) -> str:
        """Return the decision as the TOML block that the bureau writes."""
        adjustment = 'rule = "cases.closed_on.before_filing"'
        if self.kind == CORRECTION:
            adjustment = f'field = "filed_on"\nstands = "x"\nread_as = "{self.read_as}"'
        return (
            f'[[{self.kind}]]\nunit = "{self.unit}"\nperiod = "{self.period}"\nledger = "cases"\n{adjustment}\n'
            f'row = {{ case_no = "{self.key}" }}\nreason = "已核对"\napproved_by = "法制科"\nuntil = {self.until}\n'
        )


@dataclass(frozen=True)
class DecisionChange:
    """The bureau decides about a row that needs an adjustment, or revokes it; `pick` chooses the row."""

    pick: int
    until: date
    read_as: date


@dataclass(frozen=True)
class Night:
    """The files that arrive before a pipeline run, and the decisions made or revoked before it."""

    case_files: Sequence[CaseFile]
    decision_changes: Sequence[DecisionChange]


def last_day(period: str) -> date:
    return max(day for day in DAYS if day < Period.parse(period).end_on)


def _restrict_to_file(case_file: CaseFile) -> CaseFile:
    """Return the file with only those days and ranks that a file of cases can contain."""
    silent = SILENT_BUREAU if case_file.unit == BUREAU else SILENT_COUNTY
    rows = {
        key: (
            condition,
            Row(
                min(row.day, last_day(case_file.period)),
                0,
                row.group,
                row.rank if row.rank in HANDLERS else silent,
            ),
        )
        for key, (condition, row) in case_file.rows.items()
    }
    return CaseFile(
        case_file.unit,
        case_file.period,
        rows,
        case_file.broken,
        case_file.is_readable,
        case_file.has_new_name,
    )


rows = st.builds(Row, st.sampled_from(DAYS), st.just(0), st.sampled_from("ab"), st.sampled_from(RANKS))
units_and_months = {"unit": st.sampled_from(UNITS), "period": st.sampled_from(MONTHS)}
case_files = st.builds(
    CaseFile,
    **units_and_months,
    rows=st.dictionaries(
        st.sampled_from(KEYS), st.tuples(st.sampled_from([SOUND, WAIVABLE, WAIVABLE, DATELESS]), rows)
    ),
    broken=st.frozensets(st.sampled_from(KEYS), max_size=1),
    is_readable=st.integers(0, 9).map(bool),
    has_new_name=st.booleans(),
).map(_restrict_to_file)
decision_changes = st.builds(
    DecisionChange,
    st.integers(0, 7),
    st.sampled_from([FIRST_NIGHT, FIRST_NIGHT + timedelta(days=1), FIRST_NIGHT + timedelta(days=9)]),
    st.sampled_from(DAYS[:1]),
)


def _keep_first_readable(case_files: Sequence[CaseFile]) -> list[CaseFile]:
    """Return the files without further readable ones of a report, which would wait where they differ."""
    reports = set()
    remaining = []
    for case_file in case_files:
        if not case_file.is_readable or case_file.report not in reports:
            remaining.append(case_file)
        if case_file.is_readable:
            reports.add(case_file.report)
    return remaining


files_of_night = st.lists(case_files, max_size=4).map(_keep_first_readable)
decided_histories = st.lists(
    st.builds(Night, files_of_night, st.lists(decision_changes, max_size=3)),
    min_size=2,
    max_size=4,
)


def make_case_file(unit: str, *, new: bool = False, **rows: str) -> CaseFile:
    """Make a file of May whose rows differ only in their condition."""
    of_unit = {key: (condition, Row(DAYS[0], 0, "a", SILENT_COUNTY)) for key, condition in rows.items()}
    return _restrict_to_file(CaseFile(unit, MONTHS[0], of_unit, frozenset(), True, new))


def change_decision(pick: int, days: int = 9) -> DecisionChange:
    return DecisionChange(pick, FIRST_NIGHT + timedelta(days=days), DAYS[0])


#: rare in random histories: a report whose two files of one name are revalidated; a waiver revoked after it
#: expired; a waiver that admitted no row, revoked when a file arrives that is rejected
REVOKED_WAIVERS = [
    Night([make_case_file(STAR, k1=SOUND, k2=WAIVABLE), make_case_file(RIVER, k1=WAIVABLE, k2=SOUND),
           make_case_file(BUREAU, k1=SOUND)],
          [change_decision(2, days=0), change_decision(3, days=0)]),
    Night([make_case_file(STAR, k1=WAIVABLE), make_case_file(RIVER, k1=WAIVABLE, k2=SOUND)], []),
    Night([make_case_file(BUREAU, new=True, k2=WAIVABLE)],
          [change_decision(1), change_decision(2), change_decision(3)]),
]  # fmt: skip


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox; its unique `number` is written into it, so that no two files are identical."""

    case_file: CaseFile
    number: int
    name: str
    arrived_at: datetime

    @property
    def path(self) -> str:
        return f"{self.case_file.period}/{self.case_file.unit}/{self.name}.xlsx"

    def put(self, workspace: Workspace) -> None:
        put(workspace.home.inbox, self.path, self.data, self.arrived_at.isoformat())

    @cached_property
    def data(self) -> bytes:
        cells = {
            key: _make_cells(key, condition, row, self.case_file.unit)
            for key, (condition, row) in self.case_file.rows.items()
        }
        # with the other cells of a row of its key: different ones would quarantine that row too
        broken = [
            cells.get(key, {"case_no": key}) | {"filed_on": "无日期"} for key in self.case_file.broken
        ]
        cases = [*cells.values(), *broken]
        above = [[f"第{self.number}次报送"], WHOLE_REPORT]
        return (
            ledger_bytes("cases", *cases, above=above)
            if self.case_file.is_readable
            else f"不是台账{self.number}".encode()
        )

    def submission(self, load_id: int, state: str) -> tuple[Any, ...]:
        """Return the submission as the warehouse stores it."""
        return (
            load_id,
            self.case_file.unit,
            self.case_file.period,
            self.path,
            hashlib.sha256(self.data).hexdigest(),
            state,
        )


def _make_cells(key: str, condition: str, row: Row, unit: str) -> dict[str, Any]:
    named = HANDLERS[row.rank](unit) if row.rank in HANDLERS else None
    cells = {"case_no": key, "filed_on": f"{row.day}", "party_name": row.group, "handling_unit": named}
    return (
        cells | {WAIVABLE: {"closed_on": "2023-01-01"}, DATELESS: {"filed_on": "x"}, SOUND: {}}[condition]
    )


def arrivals(night: Night, day: date, number: int) -> Iterator[Arrival]:
    """Yield the files of a run in the order of arrival; some reuse the
    name of an earlier file of the report.
    """
    names = set()
    for index, case_file in enumerate(night.case_files):
        name = (
            "报送"
            if not case_file.has_new_name and case_file.report not in names
            else f"{(number + index) * 37 % 100:02}"
        )
        names.add(case_file.report)
        yield Arrival(case_file, number + index, name, datetime(day.year, day.month, day.day, 1, index))


@dataclass
class Home:
    """The model of a home: current reports, decisions of the last load, rows admitted by waiver."""

    model: Model = field(default_factory=Model)
    decisions: frozenset[Decision] = frozenset()
    #: the current file of each report and those rejected since
    since: dict[tuple[str, str, str], list[Arrival]] = field(default_factory=dict)
    current_files: dict[tuple[str, str, str], Arrival] = field(default_factory=dict)
    waived: set[tuple[tuple[str, str, str], str]] = field(default_factory=set)
    #: every submission: load, unit, month, path, hash, state
    submissions: list[tuple[Any, ...]] = field(default_factory=list)

    def night(self, arrived: Sequence[Arrival], decided: frozenset[Decision]) -> bool:
        """Ingest the files of a run; return whether there was anything to ingest."""
        changed, paths = (
            {decision.report for decision in self.decisions ^ decided},
            {arrival.path for arrival in arrived},
        )
        waiting = {
            report for report in changed if paths & {file.path for file in self.since.get(report, ())}
        }
        again = [file for report in sorted(changed - waiting) for file in self.since.get(report, ())]
        if not arrived and not again:
            return False
        valid_decisions = {decision for decision in decided if decision.report not in waiting} | {
            decision for decision in self.decisions if decision.report in waiting
        }
        withdrawn = {decision for decision in self.decisions - valid_decisions if decision.kind == WAIVER}
        current = list(self.current_files.values())
        self.model.load(
            [
                self._ingest(arrival, valid_decisions, withdrawn, arrival in current)
                for arrival in (*again, *arrived)
            ]
        )
        self.decisions = frozenset(valid_decisions)
        return True

    def _ingest(
        self, arrival: Arrival, valid_decisions: set[Decision], withdrawn: set[Decision], is_current: bool
    ) -> SentReport:
        case_file, report = arrival.case_file, arrival.case_file.report
        helping = {key: self._help(arrival, key, valid_decisions) for key in case_file.rows}
        accepted = {
            key: Row(help_.read_as, 0, row.group, row.rank) if help_ and condition == DATELESS else row
            for key, (condition, row) in case_file.rows.items()
            if (help_ := helping[key]) or condition == SOUND
        }
        dropped = {
            key
            for decision in withdrawn
            for key in KEYS
            if decision.is_about(case_file, key) and (report, key) in self.waived
        }
        quarantined = frozenset(case_file.rows.keys() - accepted.keys() | case_file.broken)
        may_be_empty = is_current and any(decision.report == report for decision in withdrawn)
        sent = SentReport(
            "cases",
            case_file.unit,
            case_file.period,
            accepted,
            quarantined,
            case_file.is_readable,
            frozenset(dropped),
            may_be_empty,
        )
        if case_file.is_readable:
            self.submissions.append(arrival.submission(len(self.model.known) + 1, sent.state))
        if sent.state == REJECTED:
            if case_file.is_readable and arrival not in self.since.setdefault(
                report, []
            ):  # an unreadable file belongs to no report
                self.since[report].append(arrival)
            return sent
        self.since[report], self.current_files[report] = [arrival], arrival
        admitted = {(report, key) for key in accepted if case_file.rows[key][0] == WAIVABLE}
        still_quarantined = {(report, key) for key in quarantined - accepted.keys() - dropped}
        self.waived = {
            row for row in self.waived if row[0] != report or row in still_quarantined
        } | admitted
        return sent

    def _help(self, arrival: Arrival, key: str, valid_decisions: set[Decision]) -> Decision | None:
        kind = HELPS.get(arrival.case_file.rows[key][0])
        arrived_on = arrival.arrived_at.date()
        return next(
            (
                valid_decision
                for valid_decision in valid_decisions
                if valid_decision.kind == kind
                and valid_decision.is_about(arrival.case_file, key)
                and arrived_on <= valid_decision.until
            ),
            None,
        )


def decided_by(history: Sequence[Night]) -> Iterator[frozenset[Decision]]:
    """Yield the decisions in force in each run. A decision may precede its row."""
    adjustable = sorted({
        (HELPS[condition], case_file.unit, case_file.period, key)
        for night in history for case_file in night.case_files
        for key, (condition, _) in case_file.rows.items() if condition in HELPS
    })  # fmt: skip
    in_force: dict[tuple[str, ...], Decision] = {}
    for night in history:
        for change in night.decision_changes if adjustable else ():
            row = adjustable[change.pick % len(adjustable)]
            if in_force.pop(row, None) is None:
                in_force[row] = Decision(*row, change.until, change.read_as)
        yield frozenset(in_force.values())
