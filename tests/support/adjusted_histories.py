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
from tests.support.counties import ledger_bytes, put
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
    Sent,
    indicator,
)

#: fewer months than in histories without adjustments, so that adjustments are likely to match rows
MONTHS = ["2023-05", "2023-06"]
#: a row of a file is sound, breaks a rule that a waiver is for, or has no date until a correction gives it one
SOUND, DOUBTED, DATELESS = "sound", "doubted", "dateless"
WAIVER, CORRECTION = "waiver", "correction"
HELPS = {DOUBTED: WAIVER, DATELESS: CORRECTION}
#: the handling unit named in a case determines the rank of its row
HANDLERS = {HANDLED_HERE: lambda unit: NAMES[unit], HANDLED_ELSEWHERE: lambda unit: "长岭县"}
CASES = Part(ledger="cases", aggregate="count", dated_by="filed_on")
PARTIES = Part(ledger="cases", aggregate="count_distinct", fields=("party_name",), dated_by="filed_on")
INDICATORS = [indicator("cases", CASES), indicator("rate", PARTIES, CASES)]
FIRST_NIGHT = date(2024, 1, 1)


@dataclass(frozen=True)
class Filed:
    """A ledger of cases as a county sends it: rows by key with their condition, and keys of `broken` rows."""

    unit: str
    period: str
    rows: Mapping[str, tuple[str, Row]]
    broken: frozenset[str]
    is_readable: bool
    is_named_anew: bool

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

    def is_about(self, filed: Filed, key: str) -> bool:
        return (filed.report, key) == (self.report, self.key)

    def to_toml(self) -> str:
        """Return the decision as the TOML block that the bureau writes."""
        fate = 'rule = "cases.closed_on.before_filing"'
        if self.kind == CORRECTION:
            fate = f'field = "filed_on"\nstands = "x"\nread_as = "{self.read_as}"'
        return (
            f'[[{self.kind}]]\nunit = "{self.unit}"\nperiod = "{self.period}"\nledger = "cases"\n{fate}\n'
            f'row = {{ case_no = "{self.key}" }}\nreason = "已核对"\napproved_by = "法制科"\nuntil = {self.until}\n'
        )


@dataclass(frozen=True)
class Turn:
    """The bureau decides about a row that needs an adjustment, or revokes it; `pick` chooses the row."""

    pick: int
    until: date
    read_as: date


@dataclass(frozen=True)
class Night:
    """The files that arrive before a pipeline run, and the decisions made or revoked before it."""

    filed: Sequence[Filed]
    turns: Sequence[Turn]


def last_day(period: str) -> date:
    return max(day for day in DAYS if day < Period.parse(period).end_on)


def _restrict_to_file(filed: Filed) -> Filed:
    """Return the file with only those days and ranks that a file of cases can contain."""
    silent = SILENT_BUREAU if filed.unit == BUREAU else SILENT_COUNTY
    rows = {
        key: (
            what,
            Row(
                min(row.day, last_day(filed.period)),
                0,
                row.group,
                row.rank if row.rank in HANDLERS else silent,
            ),
        )
        for key, (what, row) in filed.rows.items()
    }
    return Filed(filed.unit, filed.period, rows, filed.broken, filed.is_readable, filed.is_named_anew)


rows = st.builds(Row, st.sampled_from(DAYS), st.just(0), st.sampled_from("ab"), st.sampled_from(RANKS))
places = {"unit": st.sampled_from(UNITS), "period": st.sampled_from(MONTHS)}
filed = st.builds(
    Filed,
    **places,
    rows=st.dictionaries(
        st.sampled_from(KEYS), st.tuples(st.sampled_from([SOUND, DOUBTED, DOUBTED, DATELESS]), rows)
    ),
    broken=st.frozensets(st.sampled_from(KEYS), max_size=1),
    is_readable=st.integers(0, 9).map(bool),
    is_named_anew=st.booleans(),
).map(_restrict_to_file)
turns = st.builds(
    Turn,
    st.integers(0, 7),
    st.sampled_from([FIRST_NIGHT, FIRST_NIGHT + timedelta(days=1), FIRST_NIGHT + timedelta(days=9)]),
    st.sampled_from(DAYS[:1]),
)
decided_histories = st.lists(
    st.builds(Night, st.lists(filed, max_size=4), st.lists(turns, max_size=3)), min_size=2, max_size=4
)


def sent(unit: str, *, new: bool = False, **rows: str) -> Filed:
    """Make a file of May whose rows differ only in their condition."""
    of_unit = {key: (what, Row(DAYS[0], 0, "a", SILENT_COUNTY)) for key, what in rows.items()}
    return _restrict_to_file(Filed(unit, MONTHS[0], of_unit, frozenset(), True, new))


def about(pick: int, days: int = 9) -> Turn:
    return Turn(pick, FIRST_NIGHT + timedelta(days=days), DAYS[0])


#: rare in random histories: a report whose two files of one name are revalidated; a waiver revoked after it
#: expired; a waiver that admitted no row, revoked when a file arrives that is rejected
TAKEN_BACK = [
    Night([sent(STAR, k1=SOUND, k2=DOUBTED), sent(RIVER, k1=DOUBTED, k2=SOUND), sent(BUREAU, k1=SOUND)],
          [about(2, days=0), about(3, days=0)]),
    Night([sent(STAR, k1=DOUBTED), sent(RIVER, k1=DOUBTED, k2=SOUND)], []),
    Night([sent(BUREAU, new=True, k2=DOUBTED)], [about(1), about(2), about(3)]),
]  # fmt: skip


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox; its unique `number` is written into it, so that no two files are identical."""

    filed: Filed
    number: int
    name: str
    at: datetime

    @property
    def path(self) -> str:
        return f"{self.filed.period}/{self.filed.unit}/{self.name}.xlsx"

    def put(self, workspace: Workspace) -> None:
        put(workspace.home.inbox, self.path, self.data, self.at.isoformat())

    @cached_property
    def data(self) -> bytes:
        cases = [
            _make_cells(key, what, row, self.filed.unit) for key, (what, row) in self.filed.rows.items()
        ]
        cases += [{"case_no": key, "filed_on": "无日期"} for key in self.filed.broken]
        above = [[f"第{self.number}次报送"]]
        return (
            ledger_bytes("cases", *cases, above=above)
            if self.filed.is_readable
            else f"不是台账{self.number}".encode()
        )

    def taken(self, load_id: int, state: str) -> tuple[Any, ...]:
        """Return the submission as the warehouse stores it."""
        return (
            load_id,
            self.filed.unit,
            self.filed.period,
            self.path,
            hashlib.sha256(self.data).hexdigest(),
            state,
        )


def _make_cells(key: str, what: str, row: Row, unit: str) -> dict[str, Any]:
    named = HANDLERS[row.rank](unit) if row.rank in HANDLERS else None
    cells = {"case_no": key, "filed_on": f"{row.day}", "party_name": row.group, "handling_unit": named}
    return cells | {DOUBTED: {"closed_on": "2023-01-01"}, DATELESS: {"filed_on": "x"}, SOUND: {}}[what]


def arrivals(night: Night, day: date, number: int) -> Iterator[Arrival]:
    """Yield the files of a run in the order of arrival. Some reuse the name of an earlier file of the same report."""
    names = set()
    for index, one in enumerate(night.filed):
        name = (
            "报送"
            if not one.is_named_anew and one.report not in names
            else f"{(number + index) * 37 % 100:02}"
        )
        names.add(one.report)
        yield Arrival(one, number + index, name, datetime(day.year, day.month, day.day, 1, index))


@dataclass
class Home:
    """The model of a home: the current reports, the decisions applied by the last load, the rows admitted by waiver."""

    model: Model = field(default_factory=Model)
    kept: frozenset[Decision] = frozenset()
    #: the current file of each report and those rejected since
    since: dict[tuple[str, str, str], list[Arrival]] = field(default_factory=dict)
    standing: dict[tuple[str, str, str], Arrival] = field(default_factory=dict)
    waived: set[tuple[tuple[str, str, str], str]] = field(default_factory=set)
    #: every submission: load, unit, month, path, hash, state
    taken: list[tuple[Any, ...]] = field(default_factory=list)

    def night(self, arrived: Sequence[Arrival], decided: frozenset[Decision]) -> bool:
        """Ingest the files of a run; return whether there was anything to ingest."""
        changed, paths = {one.report for one in self.kept ^ decided}, {one.path for one in arrived}
        waiting = {one for one in changed if paths & {file.path for file in self.since.get(one, ())}}
        again = [file for one in sorted(changed - waiting) for file in self.since.get(one, ())]
        if not arrived and not again:
            return False
        valid_decisions = {one for one in decided if one.report not in waiting} | {
            one for one in self.kept if one.report in waiting
        }
        withdrawn = {one for one in self.kept - valid_decisions if one.kind == WAIVER}
        current = list(self.standing.values())
        self.model.load(
            [self._take(one, valid_decisions, withdrawn, one in current) for one in (*again, *arrived)]
        )
        self.kept = frozenset(valid_decisions)
        return True

    def _take(
        self, arrival: Arrival, valid_decisions: set[Decision], withdrawn: set[Decision], has_stood: bool
    ) -> Sent:
        filed, report = arrival.filed, arrival.filed.report
        helping = {key: self._help(arrival, key, valid_decisions) for key in filed.rows}
        accepted = {
            key: Row(help_.read_as, 0, row.group, row.rank) if help_ and what == DATELESS else row
            for key, (what, row) in filed.rows.items()
            if (help_ := helping[key]) or what == SOUND
        }
        lost = {
            key
            for one in withdrawn
            for key in KEYS
            if one.is_about(filed, key) and (report, key) in self.waived
        }
        held = frozenset(filed.rows.keys() - accepted.keys() | filed.broken)
        stands = has_stood and any(one.report == report for one in withdrawn)
        sent = Sent(
            "cases", filed.unit, filed.period, accepted, held, filed.is_readable, frozenset(lost), stands
        )
        if filed.is_readable:
            self.taken.append(arrival.taken(len(self.model.known) + 1, sent.state))
        if sent.state == REJECTED:
            if filed.is_readable and arrival not in self.since.setdefault(
                report, []
            ):  # an unreadable file belongs to no report
                self.since[report].append(arrival)
            return sent
        self.since[report], self.standing[report] = [arrival], arrival
        is_let_in = {(report, key) for key in accepted if filed.rows[key][0] == DOUBTED}
        kept = {(report, key) for key in held - accepted.keys() - lost}
        self.waived = {one for one in self.waived if one[0] != report or one in kept} | is_let_in
        return sent

    def _help(self, arrival: Arrival, key: str, valid_decisions: set[Decision]) -> Decision | None:
        wanted = HELPS.get(arrival.filed.rows[key][0])
        arrived_on = arrival.at.date()
        return next(
            (
                valid_decision
                for valid_decision in valid_decisions
                if valid_decision.kind == wanted
                and valid_decision.is_about(arrival.filed, key)
                and arrived_on <= valid_decision.until
            ),
            None,
        )


def decided_by(history: Sequence[Night]) -> Iterator[frozenset[Decision]]:
    """Yield the decisions in force in each run. A decision may precede its row."""
    asking = sorted({
        (HELPS[what], one.unit, one.period, key)
        for night in history for one in night.filed for key, (what, _) in one.rows.items() if what in HELPS
    })  # fmt: skip
    standing: dict[tuple[str, ...], Decision] = {}
    for night in history:
        for turn in night.turns if asking else ():
            row = asking[turn.pick % len(asking)]
            if standing.pop(row, None) is None:
                standing[row] = Decision(*row, turn.until, turn.read_as)
        yield frozenset(standing.values())
