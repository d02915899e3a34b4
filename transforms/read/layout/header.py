"""Find the header of a sheet, the ledgers that it fits, and the column of each field."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from itertools import islice, zip_longest

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.local_headers import NO_LOCAL_HEADERS, LocalHeaders
from transforms.read.layout.header_edges import HeaderEdges
from transforms.read.layout.header_groups import HeaderGroup, continues, find_groups, own_joins
from transforms.read.layout.header_match import HeaderColumn, HeaderMatch, HeaderRow, better_of
from transforms.read.layout.header_text import fold_header, read_header
from transforms.read.layout.header_windows import MOST_HEADER_ROWS, windows
from transforms.read.layout.ledger_form import form_of, spellings_of

ROWS_SEARCHED = 30
#: a row with this many known headers is a header, even if a required one is missing
SURELY_A_HEADER = 4
#: how many whole headers are remembered with their matches: a year's files have few
HEADERS_REMEMBERED = 256
#: how many groups of rows, and texts, are remembered with what they are as headers: a batch has fewer
WINDOWS_REMEMBERED, TEXTS_REMEMBERED = 4096, 32_768
#: a single word that happens to be a header is no header row
FEWEST_KNOWN_HEADERS = 2
IGNORED_HEADERS = {"序号", "编号", "NO", "NO."}
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")


class HeaderIndex:
    """The headers of all ledgers, built once for a batch."""

    def __init__(
        self, ledgers: Mapping[str, LedgerDefinition], local: LocalHeaders = NO_LOCAL_HEADERS
    ) -> None:
        self.local = local
        self._not_required = {name: local.constant_fields(name) for name in ledgers}
        self.ledgers = {name: form_of(ledger) for name, ledger in ledgers.items()}
        #: folded header to the field that it names, for each ledger that knows it
        self.fields_of: dict[str, dict[str, str]] = {}
        for name, ledger in ledgers.items():
            for spelling, field in spellings_of(ledger, local.headers.get(name, {})).items():
                self.fields_of.setdefault(spelling, {})[name] = field
        self._edges = HeaderEdges(self.fields_of)
        titles = ((fold_header(ledger.title), name) for name, ledger in ledgers.items())
        self._titles = sorted(titles, key=lambda title: -len(title[0]))
        self.money = {
            name: {field for field, kind in form.kinds.items() if kind == "money"}
            for name, form in self.ledgers.items()
        }
        self._matched: dict[tuple[str, ...], dict[str, HeaderMatch]] = {}
        self._joined: dict[tuple[tuple[str, ...], ...], HeaderRow | None] = {}
        self._known: dict[str, bool] = {}

    def match_all(self, texts: Sequence[str]) -> dict[str, HeaderMatch]:
        """Return the columns that the texts of a header name, for each ledger that knows one of them."""
        header = tuple(texts)
        if header not in self._matched:
            if len(self._matched) == HEADERS_REMEMBERED:
                self._matched.clear()
            self._matched[header] = self._match_all(header)
        return self._matched[header]

    def _match_all(self, texts: Sequence[str]) -> dict[str, HeaderMatch]:
        columns: dict[str, dict[str, HeaderColumn]] = {}
        twice: dict[str, list[str]] = {}
        for index, text in enumerate(texts):
            if not text:
                continue
            read = read_header(text)
            by_whole, by_bare = self._fields_of(read.whole), self._fields_of(read.bare)
            for ledger, field in (by_bare | by_whole).items():
                is_money = field in self.money[ledger]
                if not is_money and ledger in by_bare:
                    continue
                matched = columns.setdefault(ledger, {})
                if field in matched:
                    twice.setdefault(ledger, []).append(text)
                else:
                    matched[field] = HeaderColumn(index, text, read.money_units if is_money else ())
        return {
            ledger: HeaderMatch(matched, tuple(twice.get(ledger, ())))
            for ledger, matched in columns.items()
        }

    def _fields_of(self, spellings: Sequence[str]) -> dict[str, str]:
        """Return the field that the first known spelling names, for each ledger that knows one."""
        fields: dict[str, str] = {}
        for spelling in reversed(spellings):
            fields |= self.fields_of.get(spelling, {})
        return fields

    def is_known(self, text: str) -> bool:
        """Return whether a text is a header of any ledger, whatever unit, remark or translation it has."""
        is_known = self._known.get(text)
        if is_known is None:
            if len(self._known) == TEXTS_REMEMBERED:
                self._known.clear()
            is_known = self._known[text] = self._is_known(text)
        return is_known

    def _is_known(self, text: str) -> bool:
        if not self.may_end(text):
            return False
        read = read_header(text)
        return any(spelling in self.fields_of for spelling in (*read.whole, *read.bare))

    def may_end(self, text: str) -> bool:
        """Return quickly whether a header may end in this text; hardly any text in data can."""
        return self._edges.may_end(text)

    def may_begin(self, text: str) -> bool:
        """Return quickly whether a header may begin with this text; hardly any title of a sheet can."""
        return self._edges.may_begin(text)

    def may_end_header(self, texts: Sequence[str]) -> bool:
        """Return quickly whether a row may be a header or the lower part of one."""
        return any(text and self.may_end(text) for text in texts)

    def knows_some(self, texts: Sequence[str]) -> bool:
        """Return whether enough of the texts are headers for a header row."""
        return sum(1 for text in texts if text and self.is_known(text)) >= FEWEST_KNOWN_HEADERS

    def find(self, rows: Sequence[list[str]], hidden: Container[int] = ()) -> HeaderRow | None:
        """Return the first header among the first rows: a row, or two or three joined top-down.

        Where no row surely is a header, return the one with most known headers, or None.
        """
        last = min(len(rows), ROWS_SEARCHED)
        for row in range(last):
            header = self.find_at(rows, row, hidden)
            if header is not None and self.is_sure(header):
                return header
        best: HeaderRow | None = None
        for row in range(last):
            if self.knows_some(rows[row]):
                best = better_of(best, self._window(rows, [row]))
        for window in windows(rows, hidden, last):
            if best is None or best.first_row in window or best.row in window:
                best = better_of(best, self._window(rows, window))
        return best

    def find_at(self, rows: Sequence[list[str]], row: int, hidden: Container[int] = ()) -> HeaderRow | None:
        """Return the header that begins at this row; a title above a header is no part of it."""
        known = sum(1 for text in rows[row] if text and self.is_known(text))
        best = self._window(rows, [row]) if known >= FEWEST_KNOWN_HEADERS else None
        if best and row + 1 < len(rows) and row + 1 not in hidden and continues(best.texts, rows[row + 1]):
            return self._join_header(rows[row : row + 2], [row, row + 1])
        visible = (rows[row_index] for row_index in range(row + 1, len(rows)) if row_index not in hidden)
        below = list(islice(visible, MOST_HEADER_ROWS - 1))
        if (best or not known) and not any(map(self.may_end_header, below)):
            return best
        if not known and below and self._is_no_part(rows[row], below[0]):
            return None
        for window in windows(rows, hidden, row + 1, row):
            deeper = better_of(best, self._window(rows, window))
            if deeper is best or deeper is None:
                continue
            lower = self._window(rows, window[1:])
            if lower is None or lower.known < deeper.known:
                best = deeper
        return best

    def _is_no_part(self, texts: Sequence[str], below: Sequence[str]) -> bool:
        """Return quickly whether a row without a known header adds nothing to a header below it.

        Titles of sheets do not: no header begins as they do, and they divide no group of columns below.
        """
        filled = [column for column, text in enumerate(below) if text]
        if len(filled) < FEWEST_KNOWN_HEADERS:
            return False
        return all(
            (column <= filled[0] or column in filled) and not self.may_begin(text)
            for column, text in enumerate(texts)
            if text
        )

    def is_sure(self, header: HeaderRow) -> bool:
        """Return whether it surely is a header, and no row whose cells happen to be words of headers."""
        columns = {name: len(match.columns) for name, match in header.matches.items()}
        if 2 * max(columns.values()) < sum(map(bool, header.texts)):
            return False
        is_whole = any(not self.missing_besides_groups(name, header) for name in header.matches)
        return is_whole or max(columns.values()) >= SURELY_A_HEADER

    def _window(self, rows: Sequence[list[str]], window: Sequence[int]) -> HeaderRow | None:
        """Join these rows into one header; None where too little of it is understood.

        The first rows of a sheet are joined again and again, and those of many sheets are alike.
        """
        key = tuple(tuple(rows[position]) for position in window)
        if key not in self._joined:
            if len(self._joined) == WINDOWS_REMEMBERED:
                self._joined.clear()
            self._joined[key] = self._join_window(key)
        header = self._joined[key]
        return header and replace(header, first_row=window[0], row=window[-1])

    def _join_window(self, rows: Sequence[tuple[str, ...]]) -> HeaderRow | None:
        parts = [
            [_LINE_BREAK.sub("", text) if "\n" in text or "\r" in text else text for text in row]
            for row in rows
        ]
        if sum(map(any, zip_longest(*parts, fillvalue=""))) < FEWEST_KNOWN_HEADERS:
            return None
        if any(
            self._begins_next_table(parts[:position], parts[position]) for position in range(1, len(parts))
        ):
            return None
        header = self._join_header(parts, range(len(parts)))
        return header if header.known >= FEWEST_KNOWN_HEADERS else None

    def _join_header(self, parts: Sequence[list[str]], window: Sequence[int]) -> HeaderRow:
        """Join the parts of a header, which are these rows of the sheet."""
        groups = find_groups(parts)
        texts = self._join(parts, groups)
        unclear = tuple(group for group in groups if not any(map(self.is_known, group.read(texts))))
        return HeaderRow(window[0], window[-1], texts, self.match_all(texts), unclear)

    def _begins_next_table(self, parts: Sequence[list[str]], below: list[str]) -> bool:
        """Return whether a row below a whole header is that of the next table, as this one has no rows."""
        if not self.knows_some(below):  # as most rows; joining takes longer
            return False
        texts = self._join(parts, find_groups(parts))
        both = [
            upper
            for upper, lower in zip(texts, below, strict=False)
            if upper and lower and self.is_known(lower)
        ]
        if sum(map(self.is_known, both)) < FEWEST_KNOWN_HEADERS:
            return False
        return any(not self.missing(name, match) for name, match in self.match_all(texts).items())

    def _join(self, rows: Sequence[list[str]], groups: Sequence[HeaderGroup]) -> list[str]:
        """Join rows such as 罚款情况 over 罚款金额 over (万元); the title of a group extends to the right."""
        if len(rows) == 1:
            return rows[0]
        titles = {(group.level, group.first) for group in groups}
        pieces = [""] * len(rows)
        texts = []
        for column, own in enumerate(zip_longest(*rows, fillvalue="")):
            filled = [level for level, text in enumerate(own) if text]
            if not filled:
                texts.append("")
                continue
            pieces[filled[0] :] = own[filled[0] :]
            apart = [own[level] for level in filled[:-1] if (level, column) not in titles]
            texts.append(
                self._best_spelling(
                    [piece for piece in pieces[: filled[-1] + 1] if piece], own, [*apart, own[filled[-1]]]
                )
            )
        return texts

    def _best_spelling(self, pieces: Sequence[str], own: Sequence[str], apart: Sequence[str]) -> str:
        """Return the longest join of the pieces of a column that is a header, else its lowest cell.

        `apart` are its own cells that may be its header by themselves, as the title of a group may not. A
        join is a header only where its lowest piece may end one: an amount below 罚款金额 is data, though
        罚款金额：3.5万元 could be read as a header with a unit.
        """
        alone = apart[::-1]
        if not self._edges.may_end(alone[0]):
            return next(filter(self.is_known, alone), alone[0])
        pieces = [
            piece for position, piece in enumerate(pieces) if position == 0 or piece != pieces[position - 1]
        ]
        joins = ["".join(pieces[start:]) for start in range(len(pieces))]
        joins += ["".join(pieces[:1] + pieces[-1:])] if len(pieces) > MOST_HEADER_ROWS - 1 else []
        candidates = dict.fromkeys([*joins, *own_joins(own), *alone])
        return next(filter(self.is_known, candidates), alone[0])

    def missing(self, ledger: str, match: HeaderMatch) -> list[str]:
        """List the headers of required fields that a match lacks and no unit has a constant for."""
        return [
            header
            for field, header in self.ledgers[ledger].required.items()
            if field not in match.columns and field not in self._not_required[ledger]
        ]

    def fields_of_groups(self, ledger: str, header: HeaderRow) -> set[str]:
        """Return the fields whose header stands over several columns of which none is known."""
        matches = (self.match_all([group.title]).get(ledger) for group in header.unclear_groups)
        return {field for match in matches if match for field in match.columns}

    def missing_besides_groups(self, ledger: str, header: HeaderRow) -> list[str]:
        """List the headers that a header lacks, also as the title of a group."""
        grouped = {self.ledgers[ledger].headers[name] for name in self.fields_of_groups(ledger, header)}
        return [text for text in self.missing(ledger, header.matches[ledger]) if text not in grouped]

    def named_in(self, text: str) -> str | None:
        """Return the ledger whose title is in a text (立案台账, or 立案 where it is the whole text)."""
        folded = fold_header(text)
        for title, name in self._titles:
            if title in folded or folded == title.removesuffix("台账"):
                return name
        return None
