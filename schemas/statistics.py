"""The yearly statistics (行政执法统计年报) as data: which columns stand in which table, and what each of them counts."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.figures.indicator import Part
from schemas.figures.load_toml import check_part
from schemas.ledgers.compiled import LedgerDefinition

FILE = "statistics.toml"
#: the ledger behind the first table, the field that names the kinds of a decision, and the rows that it counts
PENALTIES, KINDS = "penalties", "penalty_kinds"
DECISIONS = Part(ledger=PENALTIES, aggregate="count", dated_by=("decided_on",))
FINES = tuple(
    Part(ledger=PENALTIES, aggregate="sum", field=field, dated_by=("decided_on",))
    for field in ("fine_fen", "confiscated_fen")
)

AmountUnit = Literal["元", "万元"]
Title = Annotated[str, Field(min_length=1)]
SheetName = Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]


class StatisticsError(ValueError):
    """The tables cannot be used; the message names file and key."""


@dataclass(frozen=True)
class ColumnHeading:
    """A column of a table as it is printed; `no_source` says why nothing can stand in it."""

    title: str
    group: str = ""
    ledgers: frozenset[str] = frozenset()
    no_source: str = ""
    amount_unit: AmountUnit | None = None


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PenaltyColumn(_Closed):
    """Decisions whose heaviest kind is one of `kinds`; with `only_alone` a decision that has no other kind."""

    title: Title
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    only_alone: bool = False


class PenaltyTable(_Closed):
    """Decisions by their heaviest kind, their number and their amounts; `columns` from light to heavy."""

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
        """The columns in the order in which a decision looks for its own: heavy to light, then what counts only alone."""
        from_heavy = self.columns[::-1]
        return sorted(from_heavy, key=lambda column: column.only_alone)

    def order(self) -> str:
        named = [column.title for column in self.columns if not column.only_alone]
        return "，".join(f"（{at}）{title}" for at, title in enumerate(named, start=1))

    def heads(self) -> list[ColumnHeading]:
        source = frozenset({PENALTIES})
        amount = ColumnHeading(
            f"{self.amount}（{self.amount_unit}）", "", source, amount_unit=self.amount_unit
        )
        counted = [*(column.title for column in self.columns), self.total]
        return [*(ColumnHeading(title, self.group, source) for title in counted), amount]


class CountColumn(_Closed):
    """A number that its parts add up to, or the reason why no ledger gives it; neighbours of one `group` share a heading."""

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
    """A table whose columns are counted each for itself."""

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
    """The four tables."""

    penalties: PenaltyTable
    permits: CountTable
    coercion: CountTable
    other_acts: CountTable

    def count_tables(self) -> dict[str, CountTable]:
        return {"permits": self.permits, "coercion": self.coercion, "other_acts": self.other_acts}

    def tables(self) -> dict[str, PenaltyTable | CountTable]:
        """All tables by name, in their order."""
        return {"penalties": self.penalties, **self.count_tables()}


def default_statistics(ledgers: Mapping[str, LedgerDefinition]) -> Statistics:
    """The tables that come with the project."""
    return parse_statistics(FILE, resources.files("schemas").joinpath(FILE).read_text("utf-8"), ledgers)


def parse_statistics(name: str, text: str, ledgers: Mapping[str, LedgerDefinition]) -> Statistics:
    """The tables of one TOML text. Raises StatisticsError with file and key."""
    try:
        statistics = Statistics.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise StatisticsError(f"{name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise StatisticsError(f"{name}: {_key(first['loc'])}: {first['msg']}") from error
    complaints = [*_penalty_complaints(statistics.penalties, ledgers), *_table_complaints(statistics)]
    for table_name, table in statistics.count_tables().items():
        complaints += _count_complaints(table_name, table, ledgers)
    if complaints:
        raise StatisticsError(f"{name}: {complaints[0]}")
    return statistics


def _key(place: Sequence[Any]) -> str:
    """A place in the file as people write it: permits.columns[2].title; columns count from 1."""
    return "".join(f"[{one + 1}]" if isinstance(one, int) else f".{one}" for one in place).lstrip(".")


def _penalty_complaints(table: PenaltyTable, ledgers: Mapping[str, LedgerDefinition]) -> list[str]:
    """Every kind that the ledger allows must stand in one column."""
    allowed = ledgers[PENALTIES].allowed(KINDS)
    covered = Counter(kind for column in table.columns for kind in column.kinds)
    told = []
    for at, column in enumerate(table.columns, start=1):
        key = f"penalties.columns[{at}].kinds"
        told += [
            f"{key}: no kind '{kind}'; there are {', '.join(allowed)}"
            for kind in column.kinds
            if kind not in allowed
        ]
        told += [f"{key}: '{kind}' stands more than once" for kind in column.kinds if covered[kind] > 1]
    return told + [f"penalties.columns: no column for '{kind}'" for kind in allowed if kind not in covered]


def _table_complaints(statistics: Statistics) -> list[str]:
    told = []
    for name, table in statistics.tables().items():
        titles = Counter(head.title for head in table.heads())
        told += [
            f"{name}.columns: two columns are called '{title}'"
            for title, times in titles.items()
            if times > 1
        ]
    sheets = Counter(table.sheet for table in statistics.tables().values())
    return told + [
        f"sheet: two tables are called '{sheet}'" for sheet, times in sheets.items() if times > 1
    ]


def _count_complaints(name: str, table: CountTable, ledgers: Mapping[str, LedgerDefinition]) -> list[str]:
    told = []
    for at, column in enumerate(table.columns, start=1):
        key = f"{name}.columns[{at}]"
        if bool(column.counts) == bool(column.no_source):
            told.append(f"{key}: a column needs either 'counts' or 'no_source'")
        for part in column.counts:
            if part.aggregate == "sum":
                told.append(f"{key}.counts.aggregate: a column counts, it does not add up")
            elif complaint := check_part(part, ledgers):
                told.append(f"{key}.counts.{complaint[0].strip(chr(34))}: {complaint[1]}")
    return told
