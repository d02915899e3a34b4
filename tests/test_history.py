"""Random histories against a model in plain dictionaries: what stands, what counts, what was known when."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

import pandas as pd
import pytest
from conftest import drop_warehouse
from counties import ledger_bytes, put
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from flows.arrivals import Found
from flows.night import run
from flows.rebuilding import compare, rebuild
from flows.workplace import Selection, Workplace
from schemas.catalogue import ledgers
from schemas.finding import FINDING_COLUMNS
from schemas.indicator import Indicator, Part
from schemas.periods import Period
from schemas.regions import RegionTable, parse_regions
from schemas.states import ACCEPTED, PARTIAL, REJECTED, ZERO
from warehouse import parts
from warehouse.engine import ensure_tables, open_warehouse, reading, writing
from warehouse.figures import FigureReader
from warehouse.history import touched_months
from warehouse.load import NewLoad, record_load
from warehouse.tables import Tables, build_tables

CITY, STAR, RIVER, BUREAU = "990100", "990102", "990181", "9901X0"
UNITS = [STAR, RIVER, BUREAU]
NAMES = {STAR: "星河区", RIVER: "临江市", BUREAU: "某市本级"}
MONTHS = ["2023-05", "2023-06", "2023-07"]
PERIODS = [Period.parse(text) for text in (*MONTHS, "2023-Q2", "2023-Q3", "2023")]
KEYS = ["k1", "k2"]
DAYS = [date(2023, 5, 20), date(2023, 6, 3), date(2023, 6, 30), date(2023, 7, 1)]
#: the columns that a row's day, amount and group go into
COLUMNS = {"payments": ("paid_on", "amount_fen", "decision_no_key"), "hearings": ("heard_on", "session", "case_no_key")}
HANDLED_HERE, SILENT_COUNTY, SILENT_BUREAU, HANDLED_ELSEWHERE = range(4)


@dataclass(frozen=True)
class Row:
    """A row as far as figures see it."""

    day: date
    amount: int
    group: str
    rank: int


@dataclass(frozen=True)
class Sent:
    """One submission; nothing in it is a zero report, only rows held back (or an unreadable file) make it rejected."""

    ledger: str
    unit: str
    period: str
    rows: Mapping[str, Row]
    held: frozenset[str] = frozenset()
    is_readable: bool = True

    @property
    def report(self) -> tuple[str, str, str]:
        return self.ledger, self.unit, self.period

    @property
    def state(self) -> str:
        if not self.is_readable or (self.held and not self.rows):
            return REJECTED
        return PARTIAL if self.held else ACCEPTED if self.rows else ZERO


@dataclass(frozen=True)
class Counted:
    unit: str
    period: str
    row: Row


@dataclass(frozen=True)
class Known:
    """What the city knew after a load: the row that counts for each (ledger, key), and the reports that stood."""

    counted: Mapping[tuple[str, str], Counted]
    reported: frozenset[tuple[str, str, str]]


@dataclass
class Model:
    """The warehouse as its documents describe it."""

    reports: dict[tuple[str, str, str], dict[str, Row]] = field(default_factory=dict)
    claims: dict[tuple[str, str, str], int] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)

    def load(self, night: Sequence[Sent]) -> None:
        for sent in night:
            if sent.state != REJECTED:
                before = self.reports.get(sent.report, {})
                kept = {key: row for key, row in before.items() if key in sent.held}
                self.reports[sent.report] = {**kept, **sent.rows}
        candidates: dict[tuple[str, str], list[Counted]] = {}
        for (ledger, unit, period), rows in self.reports.items():
            for key, row in rows.items():
                candidates.setdefault((ledger, key), []).append(Counted(unit, period, row))
        held_by = {(*which, one.unit) for which, all_of_key in candidates.items() for one in all_of_key}
        self.claims = {claim: self.claims.get(claim, len(self.known)) for claim in held_by}
        counted = {which: self._owner(which, all_of_key) for which, all_of_key in candidates.items()}
        self.known.append(Known(counted, frozenset(self.reports)))

    def _owner(self, which: tuple[str, str], candidates: Sequence[Counted]) -> Counted:
        """The handling unit's row, else the first reporting unit's; of one unit's rows the latest month's."""

        def place(one: Counted) -> tuple[int, int, str]:
            best = min(other.row.rank for other in candidates if other.unit == one.unit)
            return best, self.claims[(*which, one.unit)], one.unit

        owner = min(candidates, key=place).unit
        return max((one for one in candidates if one.unit == owner), key=lambda one: one.period)


def indicator(name: str, numerator: Part, denominator: Part | None = None) -> Indicator:
    shown: Any = "percent" if denominator else "count"
    return Indicator(
        indicator_id=name, title=name, definition=name, unit="", display=shown, scope="city",
        numerator=numerator, denominator=denominator or (),
    )  # fmt: skip


PAID = Part(ledger="payments", aggregate="sum", field="amount_fen", dated_by="paid_on")
GROUPS = Part(ledger="payments", aggregate="count_distinct", fields=("decision_no",), dated_by="paid_on")
HEARD = Part(ledger="hearings", aggregate="count", dated_by="heard_on")
INDICATORS = [indicator("paid", PAID), indicator("rate", GROUPS, HEARD)]


def model_sum(part: Part, known: Known, units: Sequence[str], period: Period) -> int:
    rows = [
        one.row for (ledger, _), one in known.counted.items()
        if ledger == part.ledger and one.unit in units and period.start_on <= one.row.day < period.end_on
    ]  # fmt: skip
    if part.aggregate == "sum":
        return sum(row.amount for row in rows)
    return len(rows) if part.aggregate == "count" else len({row.group for row in rows})


def model_figure(one: Indicator, known: Known, units: Sequence[str], period: Period) -> tuple[Any, ...]:
    """Numerator, denominator and how many units have reported all that the figure needs."""
    needed = {unit: {(ledger, unit, month) for ledger in one.ledgers() for month in period.months()} for unit in units}
    reported = sum(needed[unit] <= known.reported for unit in units)
    if not any(needed[unit] & known.reported for unit in units):
        return None, None, reported
    sums = [model_sum(part, known, units, period) for part in one.parts()]
    return sums[0], sums[1] if len(sums) > 1 else None, reported


def paid(unit: str, period: str, *keys: str, rank: int = SILENT_COUNTY, **others: Any) -> Sent:
    return Sent("payments", unit, period, {key: Row(DAYS[0], 1, "a", rank) for key in keys}, **others)


#: what random histories meet too seldom
MOVED_TO_A_LATER_MONTH = [[paid(STAR, "2023-05", "k1")], [paid(RIVER, "2023-05", "k1")],
                          [paid(STAR, "2023-05"), paid(STAR, "2023-06", "k1")]]  # fmt: skip
MOVED_TO_AN_EARLIER_MONTH = [[paid(STAR, "2023-06", "k1")], [paid(RIVER, "2023-05", "k1")],
                             [paid(STAR, "2023-05", "k1")], [paid(STAR, "2023-06")]]  # fmt: skip
GIVEN_UP_AND_CLAIMED_AGAIN = [[paid(STAR, "2023-05", "k1")], [paid(RIVER, "2023-05", "k1")],
                              [paid(STAR, "2023-05")], [paid(STAR, "2023-05", "k1")]]  # fmt: skip
HELD_AND_ACCEPTED = [[paid(STAR, "2023-05", "k1")], [paid(STAR, "2023-05", "k1", rank=0, held=frozenset({"k1", "k2"}))]]

RANKS = [SILENT_COUNTY, SILENT_COUNTY, SILENT_COUNTY, HANDLED_HERE, SILENT_BUREAU, HANDLED_ELSEWHERE]

rows = st.builds(Row, st.sampled_from(DAYS), st.integers(1, 3), st.sampled_from("ab"), st.sampled_from(RANKS))
submissions = st.builds(
    Sent,
    ledger=st.sampled_from(["payments", "payments", "hearings"]),
    unit=st.sampled_from(UNITS),
    period=st.sampled_from(MONTHS),
    rows=st.dictionaries(st.sampled_from(KEYS), rows),
    held=st.frozensets(st.sampled_from(KEYS), max_size=1),
    is_readable=st.integers(0, 9).map(bool),
)
histories = st.lists(st.lists(submissions, max_size=6), min_size=1, max_size=4)


def new_load(night: Sequence[Sent], started_at: datetime) -> NewLoad:
    """A night as the flows hand it to the warehouse."""
    taken = [
        {
            "unit_code": one.unit, "ledger": one.ledger, "period": one.period, "sha256": f"{at}", "source_file": f"{at}.csv",
            "source_sheet": "", "source_columns": {}, "received_at": started_at,
            "rows": len(one.rows), "held_back": len(one.held), "state": one.state, "is_judged_again": False,
        }
        for at, one in enumerate(night)
    ]  # fmt: skip
    columns = ["unit_code", "ledger", "period", "sha256", "source_file", "source_sheet", "source_columns", "received_at",
               "rows", "held_back", "state", "is_judged_again"]  # fmt: skip
    accepted, held = {}, {}
    for ledger, names in COLUMNS.items():
        of_ledger = [(at, one) for at, one in enumerate(night) if one.ledger == ledger and one.is_readable]
        accepted[ledger] = pd.DataFrame(
            [
                [row.day, row.amount, row.group, key, row.rank, number, at]
                for at, one in of_ledger
                for number, (key, row) in enumerate(one.rows.items(), start=2)
            ],
            columns=[*names, "row_key", "handling_rank", "source_row", "submission"],
        )
        keys = [[at, key] for at, one in of_ledger for key in one.held]
        held[ledger] = pd.DataFrame(keys, columns=["submission", "row_key"])
    no_findings = pd.DataFrame(columns=["submission", *FINDING_COLUMNS])
    return NewLoad(
        kind="nightly", started_at=started_at, ruleset="", log_entry="",
        submissions=pd.DataFrame(taken, columns=columns, dtype=object),
        rows=accepted, held=held, findings=no_findings, files=pd.DataFrame(), adjustments=(),
        adjusted=pd.DataFrame(columns=["submission", "adjustment_id", "rows"]),
    )  # fmt: skip


class Warehouse:
    """An empty warehouse and what the tests ask of it."""

    def __init__(self, engine: Engine, tables: Tables, regions: RegionTable) -> None:
        self.engine, self.tables, self.regions = engine, tables, regions

    def clear(self) -> None:
        ensure_tables(self.engine, self.tables)
        with writing(self.engine) as connection:
            for table in reversed(self.tables.metadata.sorted_tables):
                connection.execute(table.delete())

    def load(self, night: Sequence[Sent], started_at: datetime) -> None:
        with writing(self.engine) as connection:
            record_load(connection, self.tables, new_load(night, started_at), NAMES)

    def versions(self, ledger: str) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(self.tables.ledgers[ledger].select()))

    def counted(self, ledger: str, load_id: int) -> dict[tuple[str, str], Counted]:
        """The rows that counted when a load had committed; no key twice."""
        day, amount, group = COLUMNS[ledger]
        standing = [one for one in self.versions(ledger) if one.is_counted and stood(one, load_id)]
        found = {
            (ledger, one.row_key): Counted(
                one.unit_code,
                one.period,
                Row(getattr(one, day), getattr(one, amount), getattr(one, group), one.handling_rank),
            )
            for one in standing
        }
        assert len(found) == len(standing)
        return found

    def figures(self, load_id: int) -> dict[tuple[str, str, Period], tuple[Any, ...]]:
        with reading(self.engine) as connection:
            reader = FigureReader(connection, parts.Warehouse(self.tables, ledgers()), self.regions, load_id)
            told = {}
            for one, region, period in asked():
                figure = reader.figure(one, region, period)
                told[one.indicator_id, region, period] = (figure.numerator, figure.denominator, figure.units_reported)
        return told

    def touched(self, load_id: int) -> set[tuple[str, str]]:
        with reading(self.engine) as connection:
            return touched_months(connection, self.tables, {name: [one.dated_by] for name, one in ledgers().items()}, load_id)


def stood(version: Any, load_id: int) -> bool:
    return version.recorded_load <= load_id and (version.retired_load is None or version.retired_load > load_id)


def asked() -> Iterator[tuple[Indicator, str, Period]]:
    return ((one, region, period) for one in INDICATORS for region in (CITY, *UNITS) for period in PERIODS)


def model_figures(known: Known, regions: RegionTable) -> dict[tuple[str, str, Period], tuple[Any, ...]]:
    return {
        (one.indicator_id, region, period): model_figure(one, known, regions.units_below(region), period)
        for one, region, period in asked()
    }


def never_overlap(versions: Sequence[Any]) -> bool:
    """Whether no two versions of one row stood after the same load."""
    by_row: dict[tuple[str, str, str], list[Any]] = {}
    for one in versions:
        by_row.setdefault((one.row_key, one.unit_code, one.period), []).append(one)
    far = max((one.recorded_load for one in versions), default=0) + 1
    spans = {row: [range(one.recorded_load, one.retired_load or far) for one in same] for row, same in by_row.items()}
    return not any(set(one) & set(other) for same in spans.values() for one, other in combinations(same, 2))


def check(warehouse: Warehouse, history: Sequence[Sequence[Sent]]) -> None:
    """Load a history and compare with the model, after each load as of every load so far."""
    warehouse.clear()
    model = Model()
    expected: list[dict[tuple[str, str, Period], tuple[Any, ...]]] = []
    for load_id, night in enumerate(history, start=1):
        warehouse.load(night, datetime(2024, 1, load_id))
        model.load(night)
        expected.append(model_figures(model.known[-1], warehouse.regions))
        for as_of, known in enumerate(model.known, start=1):
            counted = {which: one for ledger in COLUMNS for which, one in warehouse.counted(ledger, as_of).items()}
            assert counted == known.counted, f"counted rows as of load {as_of}, after load {load_id}"
            assert warehouse.figures(as_of) == expected[as_of - 1], f"figures as of load {as_of}, after load {load_id}"
        assert all(never_overlap(warehouse.versions(ledger)) for ledger in COLUMNS)
        before = expected[-2] if load_id > 1 else model_figures(Known({}, frozenset()), warehouse.regions)
        touched = warehouse.touched(load_id)
        moved = {which for which, figure in expected[-1].items() if figure != before[which] and which[2].is_month}
        assert {(region, str(month)) for _, region, month in moved if region != CITY} <= touched


@pytest.fixture(scope="module")
def regions() -> RegionTable:
    lines = [f"{unit},{name},unit,{CITY},," for unit, name in NAMES.items()]
    return parse_regions("\n".join(["code,name,level,parent,document_mark,note", f"{CITY},某市,city,,,", *lines]))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def warehouse(request: pytest.FixtureRequest, regions: RegionTable) -> Iterator[Warehouse]:
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    tables = build_tables(ledgers())
    engine = open_warehouse(url)
    yield Warehouse(engine, tables, regions)
    tables.metadata.drop_all(engine)
    engine.dispose()


def examples(warehouse: Warehouse, on_sqlite: int, on_postgresql: int) -> Any:
    """Settings of a property: many histories where a load takes milliseconds."""
    number = on_sqlite if warehouse.engine.dialect.name == "sqlite" else on_postgresql
    phases = [Phase.explicit, Phase.generate]  # to shrink a history takes minutes
    return settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=phases)


def test_every_history_gives_what_the_model_gives(warehouse: Warehouse) -> None:
    @examples(warehouse, 14, 3)
    @given(histories)
    @example(MOVED_TO_A_LATER_MONTH)
    @example(MOVED_TO_AN_EARLIER_MONTH)
    @example(GIVEN_UP_AND_CLAIMED_AGAIN)
    @example(HELD_AND_ACCEPTED)
    def holds(history: list[list[Sent]]) -> None:
        check(warehouse, history)

    holds()


def test_the_order_of_a_nights_reports_does_not_matter(warehouse: Warehouse) -> None:
    """Only submissions of one report follow each other."""

    names = ("row_key", "unit_code", "period", "is_counted", "recorded_load", "retired_load")

    def content() -> list[list[str]]:
        return [sorted(str([getattr(one, name) for name in names]) for one in warehouse.versions(it)) for it in COLUMNS]

    @examples(warehouse, 8, 2)
    @given(histories, st.randoms(use_true_random=False))
    def holds(history: list[list[Sent]], dice: random.Random) -> None:
        found = []
        for mixed in (False, True):
            warehouse.clear()
            for day, night in enumerate(history, start=1):
                order = {one.report: dice.random() if mixed else 0.0 for one in night}
                warehouse.load(sorted(night, key=lambda one: order[one.report]), datetime(2024, 1, day))
            found.append(content())
        assert found[0] == found[1]

    holds()


#: who is named as handling a case gives its row the rank
HANDLERS = {HANDLED_HERE: lambda unit: NAMES[unit], HANDLED_ELSEWHERE: lambda unit: "长岭县"}


def case_row(key: str, row: Row, unit: str) -> dict[str, Any]:
    named = HANDLERS[row.rank](unit) if row.rank in HANDLERS else None
    return {"case_no": key, "filed_on": f"{row.day}", "party_name": row.group, "handling_unit": named}


def put_case_file(place: Workplace, sent: Sent, number: int) -> None:
    """The submission as a county sends it, arrived after all earlier ones."""
    cases = [case_row(key, row, sent.unit) for key, row in sent.rows.items()]
    cases += [{"case_no": key, "filed_on": "x"} for key in sent.held]
    data = ledger_bytes("cases", *cases, above=[[f"第{number}次报送"]]) if sent.is_readable else f"不是台账{number}".encode()
    arrived = datetime(2023, 8, 1) + timedelta(minutes=number)
    put(place.home.inbox, f"{sent.period}/{sent.unit}/{number * 37 % 100:02}.xlsx", data, arrived.isoformat())


def as_case(sent: Sent) -> Sent:
    """The same as a submission of cases that a real file can carry: ranks and dates as judged."""
    silent = SILENT_BUREAU if sent.unit == BUREAU else SILENT_COUNTY
    may_lie = [day for day in DAYS if day < Period.parse(sent.period).end_on]
    judged = {
        key: Row(min(row.day, may_lie[-1]), 0, row.group, row.rank if row.rank in HANDLERS else silent)
        for key, row in sent.rows.items()
    }
    return Sent("cases", sent.unit, sent.period, judged, sent.held, sent.is_readable)


def make_new(place: Workplace) -> None:
    for folder in (place.home.inbox, place.home.archive):
        shutil.rmtree(folder, ignore_errors=True)
    drop_warehouse(place)
    place.prepare()


def counted_cases(place: Workplace, load_id: int) -> dict[tuple[str, str], Counted]:
    with reading(place.engine) as connection:
        versions = connection.execute(place.tables.ledgers["cases"].select()).all()
    return {
        ("cases", one.case_no): Counted(one.unit_code, one.period, Row(one.filed_on, 0, one.party_name, one.handling_rank))
        for one in versions
        if one.is_counted and stood(one, load_id)
    }


def differs_when_made_anew(place: Workplace) -> list[str]:
    """The tables in which a warehouse made from the archive alone differs."""
    made = rebuild(place.home, "sqlite://", lambda _told: None)
    try:
        return compare(place, made).differing
    finally:
        made.engine.dispose()


def test_histories_of_real_files_give_what_the_model_gives(workplace: Workplace) -> None:
    """Through the whole run, the files of each night listed in any order."""

    def night(day: int, dice: random.Random) -> int | None:
        def call(_name: str, work: Any) -> Any:
            done = work()
            return replace(done, new=dice.sample(done.new, len(done.new))) if isinstance(done, Found) else done

        return run(workplace, "nightly", Selection(), call, datetime(2024, 1, day)).load_id

    @settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(st.lists(st.lists(submissions.map(as_case), max_size=6), min_size=2, max_size=4), st.randoms())
    def holds(history: list[list[Sent]], dice: random.Random) -> None:
        make_new(workplace)
        model, number = Model(), 0
        for day, sent_tonight in enumerate(history, start=1):
            for sent in sent_tonight:
                number += 1
                put_case_file(workplace, sent, number)
            load_id = night(day, dice)
            assert (load_id is None) == (not sent_tonight)
            if load_id is not None:
                model.load(sent_tonight)
                assert load_id == len(model.known)
            for as_of, known in enumerate(model.known, start=1):
                assert counted_cases(workplace, as_of) == known.counted
        assert differs_when_made_anew(workplace) == []

    holds()
