"""What stands in the cells of listed rows, read again from the archive: amounts may be in 万元 there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from flows.archive.store import archive_path
from flows.language import _
from flows.precheck import read_isolated_file
from flows.workspace import Workspace
from schemas.ledgers.finding import MASKED
from transforms.read import SOURCE_ROW, Submission
from transforms.validate.joined_text import unit_of_column
from warehouse.engine import reading
from warehouse.ops.submissions import submissions_by_number

#: reasons for which a row shows its finding's quotation, which is how it stands in the file
QUOTED = ("held_back", "refused")


def add_cell_texts(workspace: Workspace, rows: Sequence[dict[str, Any]], most_files: int) -> bool:
    """Set `written` of each row of an explanation to what its cell has in the file, an amount with its unit.

    It is empty where the file has no text there, or could not be read. Returns whether all files were read:
    no more than `most_files` are.
    """
    cells: dict[int, set[str]] = {}
    for row in rows:
        row["written"] = str(row["value"] or "") if _is_as_written(row) else ""
        if row["cell"] and not _is_as_written(row):
            cells.setdefault(row["submission_id"], set()).add(row["cell"])
    with reading(workspace.engine) as connection:
        submissions = submissions_by_number(connection, workspace.tables, list(cells))
    texts, is_whole = _read_texts(workspace, submissions, cells, most_files)
    for row in rows:
        row["written"] = row["written"] or texts.get((row["submission_id"], row["cell"]), "")
    return is_whole


def describe_content(row: Mapping[str, Any], counts: Any = None) -> str:
    """Say what a row's cell has, and how it was read where no count beside it says that already."""
    written, value = row.get("written") or "", row["value"]
    read_as = "" if value is None else f"{value:,.2f}元" if isinstance(value, Decimal) else str(value)
    if not written or written == read_as:
        return read_as
    is_said = isinstance(value, Decimal) and value == counts
    return (
        written if is_said else _("{written}, read as {read_as}").format(written=written, read_as=read_as)
    )


def _is_as_written(row: Mapping[str, Any]) -> bool:
    """Whether a row's value needs no reading: it is quoted by a finding, or not shown to anybody."""
    return row.get("code") in QUOTED or row["value"] == MASKED


def _read_texts(
    workspace: Workspace,
    submissions: Sequence[Mapping[str, Any]],
    cells: Mapping[int, Collection[str]],
    most_files: int,
) -> tuple[dict[tuple[int, str], str], bool]:
    """Read the texts of cells by submission and cell; files gone from the archive are passed over."""
    by_file: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for submission in submissions:
        by_file.setdefault((submission["source_file"], submission["sha256"]), []).append(submission)
    paths = {key: archive_path(workspace.home.archive, key[1]) for key in list(by_file)[:most_files]}
    files = {key: path for key, path in paths.items() if path.is_file()}
    readings = read_isolated_file(
        workspace.home, [(key[0], path) for key, path in files.items()], workspace.regions, None
    )
    texts: dict[tuple[int, str], str] = {}
    for key, file in zip(files, readings, strict=True):
        tables = {(table.sheet, table.ledger): table for table in file.submissions if not table.is_rejected}
        for submission in by_file[key]:
            table = tables.get((submission["source_sheet"], submission["ledger"]))
            if table is not None:
                number = submission["submission_id"]
                texts |= {(number, cell): text for cell, text in _texts_of(table, workspace, cells[number])}
    return texts, len(by_file) <= most_files


def _texts_of(table: Submission, workspace: Workspace, cells: Collection[str]) -> list[tuple[str, str]]:
    """Return the texts of some cells (`Q3`) of a table; of private columns nothing."""
    ledger = workspace.ledgers[str(table.ledger)]
    rows = table.rows.drop_duplicates(SOURCE_ROW).set_index(SOURCE_ROW)
    texts = []
    for field in ledger.fields:
        column = table.columns.get(field.name)
        if column is None or field.private:
            continue
        names = column.letter + rows.index.astype(str)
        written = pd.Series(rows[field.name].to_numpy(), names)
        written = written[written.notna() & written.index.isin(list(cells))].astype(str)
        unit = unit_of_column(table, field.name) if field.type.kind == "money" else None
        if unit not in (None, "元"):  # an amount that names its own unit is not in that of the column
            is_bare = written.str.fullmatch(r"\s*[-+]?[0-9.,，\s]+")
            written = written.where(~is_bare, written.str.strip() + f"（{unit}）")
        texts += list(written.items())
    return [(str(cell), text) for cell, text in texts if text.strip()]
