"""The header of a sheet as it was found: its rows, its texts, and the column of each field."""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

from transforms.read.layout.header_groups import HeaderGroup


@dataclass(frozen=True)
class HeaderColumn:
    """The column of a field in a sheet; `money_units` are those that its header names, readable or not."""

    index: int
    header: str
    money_units: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """The column's letter, as in Excel."""
        letter: str = xl_col_to_name(self.index)
        return letter


@dataclass(frozen=True)
class HeaderMatch:
    """How well a row fits a ledger as its header; `twice` are headers of columns that appear again."""

    columns: dict[str, HeaderColumn]
    twice: tuple[str, ...]

    @property
    def known(self) -> int:
        """Count what is understood of the header; money units count, as they may be in a row of their own."""
        return len(self.columns) + sum(len(column.money_units) for column in self.columns.values())


@dataclass(frozen=True)
class HeaderRow:
    """The header of a sheet: its rows (from 0; `row` is the last), its texts, and its matches."""

    first_row: int
    row: int
    texts: list[str]
    matches: dict[str, HeaderMatch]
    unclear_groups: tuple[HeaderGroup, ...] = ()

    @property
    def known(self) -> int:
        """How many columns of the row some ledger knows."""
        return max((match.known for match in self.matches.values()), default=0)


def better_of(best: HeaderRow | None, other: HeaderRow | None) -> HeaderRow | None:
    """Return the header of which more is understood, the first one where they are equal."""
    return other if other and (best is None or other.known > best.known) else best
