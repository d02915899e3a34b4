"""Random histories of full lists, halves, single rows and contradicting files, beside what the unit meant.

The model is plain: a dictionary of the rows that the unit wants to count. A file is meant as the whole
report or as an addition; its form says so only sometimes. Whenever the rows that count move away from
those meant, the load says so with a warning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from schemas.catalogue import ledgers
from schemas.ledgers.finding import FINDING_COLUMNS
from schemas.ledgers.rules import SCALED
from schemas.reporting.replacement import SHARE_GONE, Delivery
from tests.conftest import on_each_database
from tests.support.histories import STAR, examples
from tests.support.history_warehouse import Warehouse
from transforms.validate.replacement import ReplacementPolicy
from warehouse.engine import reading
from warehouse.load.record_load import LoadRecord, record_load
from warehouse.load.staging import Batch, staging

KEYS = [f"k{number}" for number in range(1, 9)]
MONTH = "2023-06"
FIRST_NIGHT = datetime(2024, 1, 1)


@dataclass(frozen=True)
class File:
    """A file of payments: its name, its amounts by key, what it is meant as, and whether it says so."""

    name: str
    amounts: Mapping[str, int]
    delivery: Delivery
    is_declared: bool

    def is_meant_last(self) -> bool:
        """Whether its name or its form says that it follows the others of its night."""
        return "更正" in self.name or (self.is_declared and self.delivery is Delivery.ADD)

    def change(self, meant: Mapping[str, int]) -> dict[str, int]:
        """Return the rows that the unit means to count after this file."""
        before = meant if self.delivery is Delivery.ADD else {}
        return {**before, **self.amounts}


amounts = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 3), max_size=8)
files = st.builds(
    File,
    st.sampled_from(["a", "b", "a（更正）"]),
    amounts,
    st.sampled_from(list(Delivery)),
    st.sampled_from([False, False, True]),
)
histories = st.lists(st.lists(files, min_size=1, max_size=3), min_size=1, max_size=4)


def whole(name: str, *keys: int, amount: int = 1, **options: Any) -> File:
    return File(
        name, {f"k{key}": amount for key in keys}, Delivery.REPLACE, **{"is_declared": False, **options}
    )


def part(name: str, *keys: int, amount: int = 1, **options: Any) -> File:
    return File(
        name, {f"k{key}": amount for key in keys}, Delivery.ADD, **{"is_declared": False, **options}
    )


EXAMPLES = {
    "halves of one night": [[part("a", 1, 2, 3), part("b", 4, 5)]],
    "the second half a night later": [[part("a", 1, 2, 3)], [part("b", 4, 5)]],
    "a half that says so, and the first half corrected": [
        [part("a", 1, 2, 3)], [part("b", 4, 5, is_declared=True)], [whole("a", 1, 2, 3, amount=2)],
    ],
    "one corrected row": [[whole("a", 1, 2, 3, 4)], [part("a（更正）", 3, amount=2)]],
    "a full list with one row fewer": [[whole("a", 1, 2, 3, 4)], [whole("b", 1, 2, 3)]],
    "a full list after two parts": [[part("a", 1, 2), part("b", 3, 4)], [whole("c", 1, 2, 3, 4, 5)]],
    "part of a list in the same night": [[whole("a", 1, 2, 3), whole("b", 1, 2)]],
    "nothing after rows": [[whole("a", 1, 2, 3)], [whole("b")]],
    "two versions of one night": [[whole("a", 1, 2), whole("b", 2, 3, amount=2)]],
}  # fmt: skip


def new_batch(night: Sequence[File], arrived: datetime) -> Batch:
    reports = pd.DataFrame(
        [
            {
                "unit_code": STAR, "ledger": "payments", "period": MONTH, "sha256": f"{arrived}{index}",
                "source_file": f"{file.name}.csv", "source_sheet": "", "source_columns": {}, "received_at": arrived,
                "rows": len(file.amounts), "held_back": 0, "state": "accepted" if file.amounts else "zero",
                "is_revalidated": False, "delivery": file.delivery.value if file.is_declared else None,
                "arrived_load": None,
            }
            for index, file in enumerate(night)
        ],
        dtype=object,
    )  # fmt: skip
    rows = pd.DataFrame(
        [
            [date(2023, 6, 3), amount, "x", key, 1, row, index]
            for index, file in enumerate(night)
            for row, (key, amount) in enumerate(file.amounts.items(), start=2)
        ],
        columns=[
            "paid_on", "amount_fen", "decision_no_key", "row_key", "handling_rank", "source_row", "submission",
        ],
    )  # fmt: skip
    held = pd.DataFrame(columns=["submission", "row_key", "is_waiver_revoked"])
    no_findings = pd.DataFrame(columns=["submission", *FINDING_COLUMNS])
    return Batch(reports, {"payments": rows}, {"payments": held}, no_findings)


class Office:
    """A warehouse that takes the files of one unit's report night by night."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse, self.nights = warehouse, 0
        warehouse.clear()

    def night(self, files: Sequence[File]) -> None:
        self.nights += 1
        arrived = FIRST_NIGHT + timedelta(days=self.nights)
        policy = ReplacementPolicy(SHARE_GONE, (), lambda instant: instant.date())
        record = LoadRecord(
            "nightly", arrived, ruleset="", log_entry="", files=pd.DataFrame(), adjustments=(),
            adjusted=pd.DataFrame(columns=["submission", "adjustment_id", "rows"]),
            regions=self.warehouse.regions, policy=policy,
        )  # fmt: skip
        with staging(self.warehouse.engine, self.warehouse.tables, ledgers()) as stage:
            stage.add(new_batch(files, arrived))
            with stage.writing():
                record_load(stage, record)

    def amounts(self) -> dict[str, int]:
        """Return the rows that count, and check that each belongs to a current submission's report once."""
        versions = [
            version for version in self.warehouse.versions("payments") if version.retired_load is None
        ]
        counted = {version.row_key: version.amount_fen for version in versions if version.is_counted}
        assert len(counted) == len(versions)
        return counted

    def warnings(self) -> list[str]:
        """Return the rules of the warnings of the last load about rows that are there or not."""
        table = self.warehouse.tables.findings
        query = select(table.c.rule_id).where(table.c.load_id == self.nights, table.c.severity == "warning")
        with reading(self.warehouse.engine) as connection:
            return [rule_id for rule_id in connection.scalars(query) if rule_id != SCALED]

    def states(self) -> list[tuple[str, bool]]:
        """Return the state of each submission, and whether it is open."""
        table = self.warehouse.tables.submissions
        query = select(table.c.state, table.c.superseded_load.is_(None)).order_by(table.c.submission_id)
        with reading(self.warehouse.engine) as connection:
            return [(state, bool(is_open)) for state, is_open in connection.execute(query)]


def error(counted: Mapping[str, int], meant: Mapping[str, int]) -> dict[str, int]:
    """Return by key how far the rows that count are from those that are meant."""
    keys = counted.keys() | meant.keys()
    return {
        key: counted.get(key, 0) - meant.get(key, 0)
        for key in sorted(keys)
        if counted.get(key, 0) != meant.get(key, 0)
    }


def check(office: Office, history: Sequence[Sequence[File]]) -> None:
    meant: dict[str, int] = {}
    before: dict[str, int] = {}
    for night in history:
        office.night(night)
        for file in sorted(night, key=File.is_meant_last):
            meant = file.change(meant)
        now = error(office.amounts(), meant)
        assert now.items() <= before.items() or office.warnings(), (night, now)
        before = now


@pytest.fixture
def office(history_warehouse: Warehouse) -> Office:
    return Office(history_warehouse)


@on_each_database
def test_no_row_counts_otherwise_than_meant_without_a_warning(office: Office) -> None:
    @examples(8 if office.warehouse.engine.dialect.name == "sqlite" else 2)
    @given(histories)
    @example(EXAMPLES["a half that says so, and the first half corrected"])
    @example(EXAMPLES["part of a list in the same night"])
    def check_history(history: list[list[File]]) -> None:
        check(Office(office.warehouse), history)

    check_history()


@pytest.mark.parametrize(
    ("name", "counted", "warnings", "last_state"),
    [
        ("halves of one night", 5, 2, ("accepted", True)),
        ("the second half a night later", 3, 1, ("awaiting", True)),
        ("a half that says so, and the first half corrected", 8, 1, ("accepted", True)),
        ("one corrected row", 4, 1, ("awaiting", True)),
        ("a full list with one row fewer", 3, 1, ("accepted", True)),
        ("a full list after two parts", 5, 0, ("accepted", True)),
        ("part of a list in the same night", 3, 2, ("accepted", False)),
        ("nothing after rows", 3, 1, ("awaiting", True)),
        ("two versions of one night", 2, 2, ("awaiting", True)),
    ],
)
def test_examples(office: Office, name: str, counted: int, warnings: int, last_state: Any) -> None:
    check(office, EXAMPLES[name])
    assert sum(office.amounts().values()) == counted
    assert (len(office.warnings()), office.states()[-1]) == (warnings, last_state)
