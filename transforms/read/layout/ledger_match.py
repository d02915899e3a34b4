"""Choose the ledger of a table by its header and by what names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from transforms.read.containers.grid import UnusableFileError
from transforms.read.layout.header import FEWEST_KNOWN_HEADERS, HeaderIndex
from transforms.read.layout.header_match import HeaderMatch, HeaderRow
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.tables import SheetTable


def choose_ledger(index: HeaderIndex, header: HeaderRow, names: Mapping[str, str]) -> str:
    """Return the ledger of a table, from its header and from what names it.

    `names` maps an origin (工作表名, 表头上方, 文件名) to the ledger named there, the closest first. Raises
    UnusableFileError where they disagree, where required columns are missing, or where the ledger stays
    unknown.
    """
    distinct = set(names.values())
    if len(distinct) > 1:
        detail = "，".join(f"{origin}是“{index.ledgers[name].title}”" for origin, name in names.items())
        raise UnusableFileError("submission.ledger_conflict", detail=detail)
    complete = {
        name: match
        for name, match in header.matches.items()
        if not index.missing_besides_groups(name, header)
    }
    if distinct:
        named = distinct.pop()
        return _check_named(index, header, complete, named, next(iter(names)))
    ranked = sorted(complete or header.matches, key=lambda name: -len(header.matches[name].columns))
    best = [
        candidate
        for candidate in ranked
        if len(header.matches[candidate].columns) == len(header.matches[ranked[0]].columns)
    ]
    if complete and len(best) == 1:
        return best[0]
    if not complete and len(best) == 1 and len(header.matches[best[0]].columns) > FEWEST_KNOWN_HEADERS:
        raise UnusableFileError(
            "sheet.missing_columns", detail="、".join(index.missing(best[0], header.matches[best[0]]))
        )
    raise UnusableFileError(
        "submission.ledger_unknown", detail="、".join(index.ledgers[candidate].title for candidate in best)
    )


def _check_named(
    index: HeaderIndex, header: HeaderRow, complete: Mapping[str, Any], named: str, origin: str
) -> str:
    """Return the named ledger. Raises UnusableFileError where the header is not its header."""
    if named in complete:
        return named
    match = header.matches.get(named, HeaderMatch({}, ()))
    better = [other for other in complete if len(complete[other].columns) > len(match.columns)]
    if better:
        detail = f"{origin}是“{index.ledgers[named].title}”，表头却是“{index.ledgers[better[0]].title}”"
        raise UnusableFileError("submission.ledger_conflict", detail=detail)
    raise UnusableFileError("sheet.missing_columns", detail="、".join(index.missing(named, match)))


def reject_side_by_side(index: HeaderIndex, header: HeaderRow) -> None:
    """Raise UnusableFileError where one row holds the headers of two tables with an empty column between.

    Read as one table, the rows of the right one would be lost, or taken for columns of the left one.
    """
    parts = _parts(header.texts)
    sides = [side for side in (_fit(index, part) for part in parts) if side] if len(parts) > 1 else []
    together = max((len(match.columns) for match in header.matches.values()), default=0)
    apart = sum(len(match.columns) for _, match in sides)
    if len(sides) > 1 and together < apart:
        detail = "、".join(f"“{index.ledgers[name].title}”" for name, _ in sides)
        raise UnusableFileError("sheet.side_by_side", detail=detail)


def _parts(texts: list[str]) -> list[list[str]]:
    """Split the texts of a header at empty columns."""
    parts: list[list[str]] = [[]]
    for text in texts:
        if text:
            parts[-1].append(text)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _fit(index: HeaderIndex, texts: list[str]) -> tuple[str, HeaderMatch] | None:
    """Return the ledger of which these texts are a complete header."""
    fitting = [
        (name, match) for name, match in index.match_all(texts).items() if not index.missing(name, match)
    ]
    return max(fitting, key=lambda pair: len(pair[1].columns), default=None)


def reject_unclear_groups(index: HeaderIndex, header: HeaderRow, ledger: str) -> None:
    """Refuse a header with the title of a field over several columns of which none is known."""
    columns, form = header.matches[ledger].columns, index.ledgers[ledger]
    unclear = []
    for group in header.unclear_groups:
        match = index.match_all([group.title]).get(ledger)
        fields = set(match.columns if match else ()) - columns.keys() - form.free_texts
        if fields:
            unclear.append(f"“{group.title}”下面分成“{'”、“'.join(group.lower)}”")
    if unclear:
        raise UnusableFileError("sheet.group_unclear", detail="，".join(unclear))


def ledger_of_name(index: HeaderIndex, path: str, sheet: str = "") -> str | None:
    """Return the ledger that a file is named for, or its sheet, or a folder that it lies in.

    For files of which nothing else is known; None where all names say none, or several.
    """
    folders, _, name = path.rpartition("/")
    names = [name.rsplit(".", 1)[0], sheet, *reversed(folders.split("/"))]
    return next((ledger for text in names if text and (ledger := _only_named(index, text))), None)


def _only_named(index: HeaderIndex, text: str) -> str | None:
    """Return the only ledger whose title, short title (立案) or identifier a text holds."""
    if (whole := index.named_in(text)) or text in index.ledgers:
        return whole or text
    short_titles = {form.title.removesuffix("台账"): name for name, form in index.ledgers.items()}
    named = {short_titles[title] for title in short_titles if title in text}
    return named.pop() if len(named) == 1 else None


def names_of_ledgers(
    index: HeaderIndex, sheet: SheetRows, tables: Sequence[SheetTable], table: SheetTable, is_only: bool
) -> dict[str, str]:
    """Return the ledgers named on the tab, above the header and, for a file's only table, in the file name.

    The tab of a sheet with several tables names only one of them.
    """
    ledger_names = {}
    file_name = sheet.grid.member or sheet.path
    by_tab = index.named_in(sheet.grid.tab)
    titles = [name for row in table.above for text in sheet.texts[row] if (name := index.named_in(text))]
    is_alone = len(tables) == 1
    match = table.header.matches.get(by_tab or "")
    fits_tab = bool(by_tab and match and not index.missing(by_tab, match))
    if by_tab and (is_alone or (not titles and fits_tab)):
        ledger_names["工作表名"] = by_tab
    if titles:
        ledger_names["表头上方"] = titles[0]
    if is_only and (by_file := index.named_in(file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0])):
        ledger_names["文件名"] = by_file
    return ledger_names
