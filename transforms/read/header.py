"""Which row is the header, which ledger it is of, and which column holds which field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, zip_longest
from typing import Any

from schemas.definition import LedgerDefinition
from transforms.read.containers import Grid, UnusableFile, cell_text

ROWS_SEARCHED = 30
#: a lone word that happens to be a header is no header row
FEWEST_KNOWN_HEADERS = 2
IGNORED_HEADERS = {"序号", "编号", "NO", "NO."}
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
_BRACKETS = str.maketrans("〔[【〈〕]】〉", "(((())))")
_MONEY_UNIT = re.compile(r"(?:\((?:单位:?)?(万元|元)\)|(万元))$")


@dataclass(frozen=True)
class Column:
    """Where a field stands in a sheet; `money_unit` is 元 or 万元 where the header says so."""

    index: int
    header: str
    money_unit: str | None = None

    @property
    def letter(self) -> str:
        return column_letter(self.index)


@dataclass(frozen=True)
class Match:
    """How a row fits a ledger as its header."""

    columns: dict[str, Column]
    twice: tuple[str, ...]

    @property
    def known(self) -> int:
        """How much of the header is understood; a money unit counts, as it may stand in a row of its own."""
        return len(self.columns) + sum(column.money_unit is not None for column in self.columns.values())


@dataclass(frozen=True)
class HeaderRow:
    """The header of a sheet: its rows (from 0; `row` is the last), its texts, its fit with each ledger that knows some."""

    first_row: int
    row: int
    texts: list[str]
    matches: dict[str, Match]

    @property
    def known(self) -> int:
        return max((match.known for match in self.matches.values()), default=0)


def column_letter(index: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@cache
def fold_header(text: str) -> str:
    """A header as it is compared: NFKC, no white space, one kind of bracket, no mark of a required field."""
    compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(_BRACKETS)
    return compact.strip("*:").upper()


@cache
def split_money_unit(header: str) -> tuple[str, str | None]:
    """('罚款金额', '万元') of 罚款金额(万元); the unit is None where the header has none."""
    folded = fold_header(header)
    found = _MONEY_UNIT.search(folded)
    return (folded[: found.start()], found[1] or found[2]) if found else (folded, None)


def _spellings(ledger: LedgerDefinition) -> dict[str, str]:
    """Folded header to field; a money header without its unit."""
    found: dict[str, str] = {}
    for field in ledger.fields:
        for header in field.headers:
            folded = split_money_unit(header)[0] if field.type.kind == "money" else fold_header(header)
            found.setdefault(folded, field.name)
    return found


class HeaderIndex:
    """The headers of all ledgers, made once for a batch."""

    def __init__(self, ledgers: Mapping[str, LedgerDefinition]) -> None:
        self.ledgers = ledgers
        self.spellings = {name: _spellings(ledger) for name, ledger in ledgers.items()}
        self.money = {
            name: {field.name for field in ledger.fields if field.type.kind == "money"} for name, ledger in ledgers.items()
        }

    def match(self, ledger: str, texts: list[str]) -> Match:
        """The columns of a ledger that a header row's texts name."""
        columns: dict[str, Column] = {}
        twice = []
        for index, text in enumerate(texts):
            base, unit = split_money_unit(text)
            field = self.spellings[ledger].get(fold_header(text)) or self.spellings[ledger].get(base)
            if field is None or (unit and field not in self.money[ledger] and base in self.spellings[ledger]):
                continue
            if field in columns:
                twice.append(text)
            else:
                columns[field] = Column(index, text, unit if field in self.money[ledger] else None)
        return Match(columns, tuple(twice))

    def find(self, grid: Grid) -> HeaderRow | None:
        """The row, or the two rows joined top-down, with most known headers among the first rows; or None."""
        rows = [[_LINE_BREAK.sub("", cell_text(cell)) for cell in cells] for cells in grid.rows[: ROWS_SEARCHED + 1]]
        best = self._best(None, [(row, row, texts) for row, texts in enumerate(rows[:ROWS_SEARCHED])])
        pairs = enumerate(pairwise(rows))
        near = [(row, top, below) for row, (top, below) in pairs if best is None or row in (best.row - 1, best.row)]
        return self._best(best, [(row, row + 1, self._joined(top, below)) for row, top, below in near])

    def _best(self, best: HeaderRow | None, candidates: Sequence[tuple[int, int, list[str]]]) -> HeaderRow | None:
        """The first of the candidates (first row, last row, texts) that is understood better than `best` and those before."""
        most = best.known if best else FEWEST_KNOWN_HEADERS - 1
        for first_row, row, texts in candidates:
            if sum(map(bool, texts)) < FEWEST_KNOWN_HEADERS:
                continue
            matches = {name: self.match(name, texts) for name in self.ledgers}
            header = HeaderRow(first_row, row, texts, {name: match for name, match in matches.items() if match.columns})
            if header.known > most:
                best, most = header, header.known
        return best

    def _joined(self, top: list[str], below: list[str]) -> list[str]:
        """Two rows as one header: 罚款金额 over (万元); a group's title over its columns goes on to the right."""
        joined, group = [], ""
        for upper, lower in zip_longest(top, below, fillvalue=""):
            group = upper or group
            candidates = [f"{group}{lower}", lower] if lower else []
            known = (text for text in [*candidates, upper] if self._is_known(text))
            joined.append(next(known, lower or upper))
        return joined

    def _is_known(self, text: str) -> bool:
        folded = {fold_header(text), split_money_unit(text)[0]}
        return any(not folded.isdisjoint(spellings) for spellings in self.spellings.values())

    def missing(self, ledger: str, match: Match) -> list[str]:
        """Headers of the required fields that a match lacks."""
        return [field.header for field in self.ledgers[ledger].fields if field.required and field.name not in match.columns]

    def named_in(self, text: str) -> str | None:
        """The ledger whose title stands in a text (立案台账, or 立案 where it is the whole text)."""
        folded = fold_header(text)
        titles = sorted(((fold_header(ledger.title), name) for name, ledger in self.ledgers.items()), key=lambda t: -len(t[0]))
        for title, name in titles:
            if title in folded or folded == title.removesuffix("台账"):
                return name
        return None


def choose_ledger(index: HeaderIndex, header: HeaderRow, names: Mapping[str, str]) -> str:
    """The ledger of a sheet, from its header and from what names it.

    `names` maps a place that names a ledger (工作表名, 表头上方, 文件名) to the ledger, the closest first. Raises UnusableFile
    where they disagree, where required columns are missing, or where nothing tells.
    """
    distinct = set(names.values())
    if len(distinct) > 1:
        detail = "，".join(f"{place}是“{index.ledgers[name].title}”" for place, name in names.items())
        raise UnusableFile("submission.ledger_conflict", detail=detail)
    complete = {name: match for name, match in header.matches.items() if not index.missing(name, match)}
    if distinct:
        named = distinct.pop()
        return _agreed(index, header, complete, named, next(iter(names)))
    ranked = sorted(complete or header.matches, key=lambda name: -len(header.matches[name].columns))
    best = [one for one in ranked if len(header.matches[one].columns) == len(header.matches[ranked[0]].columns)]
    if complete and len(best) == 1:
        return best[0]
    if not complete and len(best) == 1 and len(header.matches[best[0]].columns) > FEWEST_KNOWN_HEADERS:
        raise UnusableFile("sheet.missing_columns", detail="、".join(index.missing(best[0], header.matches[best[0]])))
    raise UnusableFile("submission.ledger_unknown", detail="、".join(index.ledgers[one].title for one in best))


def _agreed(index: HeaderIndex, header: HeaderRow, complete: Mapping[str, Any], named: str, place: str) -> str:
    """The named ledger, if the header is its header."""
    if named in complete:
        return named
    match = header.matches.get(named, Match({}, ()))
    better = [other for other in complete if len(complete[other].columns) > len(match.columns)]
    if better:
        detail = f"{place}是“{index.ledgers[named].title}”，表头却是“{index.ledgers[better[0]].title}”"
        raise UnusableFile("submission.ledger_conflict", detail=detail)
    raise UnusableFile("sheet.missing_columns", detail="、".join(index.missing(named, match)))
