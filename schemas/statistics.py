"""Definitions of the yearly statistics (行政执法统计年报): the columns of each table and what they count."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import DefinitionError
from schemas.figures.indicator import Part
from schemas.figures.load_toml import check_part
from schemas.ledgers.compiled import LedgerDefinition
from schemas.sentences import Sentence

FILE = "statistics.toml"
#: the ledger of the first table, its field with the kinds of a decision, and the rows that it counts
PENALTIES, KINDS = "penalties", "penalty_kinds"
DECISIONS = Part(ledger=PENALTIES, aggregate="count", dated_by=("decided_on",))
FINES = tuple(
    Part(ledger=PENALTIES, aggregate="sum", field=field, dated_by=("decided_on",))
    for field in ("fine_fen", "confiscated_fen")
)

AmountUnit = Literal["元", "万元"]
Title = Annotated[str, Field(min_length=1)]
SheetName = Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]


class StatisticsError(DefinitionError):
    """The definitions are invalid; the message names file and key."""


@dataclass(frozen=True)
class ColumnHeading:
    """A printed column; `no_source` says why it has no numbers, if no ledger supplies them."""

    title: str
    group: str = ""
    ledgers: frozenset[str] = frozenset()
    no_source: str = ""
    amount_unit: AmountUnit | None = None


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PenaltyColumn(_Closed):
    """Counts decisions whose heaviest kind is in `kinds`; with `only_alone`, decisions of no other kind."""

    title: Title
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    only_alone: bool = False


class PenaltyTable(_Closed):
    """Number and amounts of decisions by their heaviest kind; `columns` run from light to heavy."""

    sheet: SheetName
    title: Title
    group: Title
    columns: Annotated[tuple[PenaltyColumn, ...], Field(min_length=1)]
    total: Title
    amount: Title
    amount_unit: AmountUnit
    notes: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        return f"宗、{self.amount_unit}"

    def by_weight(self) -> list[PenaltyColumn]:
        """Return the columns in the order they are tried for a
        decision: heavy to light, `only_alone` last.
        """
        from_heavy = self.columns[::-1]
        return sorted(from_heavy, key=lambda column: column.only_alone)

    def order(self) -> str:
        named = [column.title for column in self.columns if not column.only_alone]
        return "，".join(f"（{number}）{title}" for number, title in enumerate(named, start=1))

    def heads(self) -> list[ColumnHeading]:
        """List the headings of the columns: one a kind, the total, the amount."""
        source = frozenset({PENALTIES})
        amount = ColumnHeading(
            f"{self.amount}（{self.amount_unit}）", "", source, amount_unit=self.amount_unit
        )
        counted = [*(column.title for column in self.columns), self.total]
        return [*(ColumnHeading(title, self.group, source) for title in counted), amount]


class CountColumn(_Closed):
    """A sum of parts, or the reason why no ledger supplies it.

    Neighbours in one `group` share a heading.
    """

    title: Title
    group: str = ""
    counts: tuple[Part, ...] = ()
    no_source: str = ""

    def head(self) -> ColumnHeading:
        return ColumnHeading(
            self.title,
            self.group,
            frozenset(ledger for part in self.counts for ledger in part.ledgers()),
            self.no_source,
        )


class CountTable(_Closed):
    """A table whose columns are counted independently."""

    sheet: SheetName
    title: Title
    unit: Title
    columns: Annotated[tuple[CountColumn, ...], Field(min_length=1)]
    notes: tuple[str, ...] = ()

    def order(self) -> str:
        return ""

    def heads(self) -> list[ColumnHeading]:
        return [column.head() for column in self.columns]


class Statistics(_Closed):
    """The four tables of the yearly statistics."""

    penalties: PenaltyTable
    permits: CountTable
    coercion: CountTable
    other_acts: CountTable

    def count_tables(self) -> dict[str, CountTable]:
        return {"permits": self.permits, "coercion": self.coercion, "other_acts": self.other_acts}

    def tables(self) -> dict[str, PenaltyTable | CountTable]:
        """Return all tables by name, in printing order."""
        return {"penalties": self.penalties, **self.count_tables()}


def default_statistics(ledgers: Mapping[str, LedgerDefinition]) -> Statistics:
    """Parse the built-in tables."""
    return parse_statistics(FILE, resources.files("schemas").joinpath(FILE).read_text("utf-8"), ledgers)


def parse_statistics(name: str, text: str, ledgers: Mapping[str, LedgerDefinition]) -> Statistics:
    """Parse and validate the tables of one TOML text. Raises StatisticsError with file and key."""
    try:
        statistics = Statistics.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise StatisticsError(f"{name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise StatisticsError(f"{name}: {_format_location(first['loc'])}: {first['msg']}") from error
    complaints = [*_penalty_complaints(statistics.penalties, ledgers), *_table_complaints(statistics)]
    for table_name, table in statistics.count_tables().items():
        complaints += _count_complaints(table_name, table, ledgers)
    if complaints:
        raise StatisticsError(f"{name}: {complaints[0]}")
    return statistics


def _format_location(location: Sequence[Any]) -> str:
    """Format a pydantic location as `permits.columns[2].title`; columns count from 1."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in location).lstrip(".")


def _penalty_complaints(table: PenaltyTable, ledgers: Mapping[str, LedgerDefinition]) -> list[str]:
    """Check that every kind the ledger allows is in exactly one column."""
    allowed = ledgers[PENALTIES].allowed(KINDS)
    covered = Counter(kind for column in table.columns for kind in column.kinds)
    complaints: list[str] = []
    for number, column in enumerate(table.columns, start=1):
        key = f"penalties.columns[{number}].kinds"
        complaints += [
            Sentence(
                "{key}: no kind '{kind}'; there are {allowed}",
                key=key,
                kind=kind,
                allowed=", ".join(allowed),
            )
            for kind in column.kinds
            if kind not in allowed
        ]
        complaints += [
            Sentence("{key}: '{kind}' stands more than once", key=key, kind=kind)
            for kind in column.kinds
            if covered[kind] > 1
        ]
    complaints += [
        Sentence("penalties.columns: no column for '{kind}'", kind=kind)
        for kind in allowed
        if kind not in covered
    ]
    return complaints


def _table_complaints(statistics: Statistics) -> list[str]:
    complaints: list[str] = []
    for name, table in statistics.tables().items():
        titles = Counter(head.title for head in table.heads())
        complaints += [
            Sentence("{name}.columns: two columns are called '{title}'", name=name, title=title)
            for title, times in titles.items()
            if times > 1
        ]
    sheets = Counter(table.sheet for table in statistics.tables().values())
    complaints += [
        Sentence("sheet: two tables are called '{sheet}'", sheet=sheet)
        for sheet, times in sheets.items()
        if times > 1
    ]
    return complaints


def _count_complaints(name: str, table: CountTable, ledgers: Mapping[str, LedgerDefinition]) -> list[str]:
    complaints: list[str] = []
    for number, column in enumerate(table.columns, start=1):
        key = f"{name}.columns[{number}]"
        if bool(column.counts) == bool(column.no_source):
            complaints.append(Sentence("{key}: a column needs either 'counts' or 'no_source'", key=key))
        for part in column.counts:
            if part.aggregate == "sum":
                complaints.append(
                    Sentence("{key}.counts.aggregate: a column counts, it does not add up", key=key)
                )
            elif complaint := check_part(part, ledgers):
                complaints.append(
                    Sentence(
                        "{key}.counts.{part}: {complaint}",
                        key=key,
                        part=complaint[0].strip(chr(34)),
                        complaint=complaint[1],
                    )
                )
    return complaints
