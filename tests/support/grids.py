"""Helpers for tests of containers: the grid read from bytes, its cells by name, its findings."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from schemas.ledgers.finding import compose_message, finding
from transforms.read.containers.detect import Grid, UnusableFileError, open_file


def open_single_grid(data: bytes) -> Grid:
    (grid,) = open_file(data).grids
    assert grid.refused is None
    return grid


def filled_cells(data: bytes) -> dict[str, Any]:
    """Return the non-empty cells, by name."""
    rows = enumerate(open_single_grid(data).rows)
    return {
        xl_rowcol_to_cell(row, column): cell
        for row, cells in rows
        for column, cell in enumerate(cells)
        if cell != ""
    }


def list_findings(data: bytes) -> list[tuple[str, str]]:
    return [(rule_id, sheet) for rule_id, sheet, _ in open_file(data).notices]


def opens_or_explains(data: bytes) -> bool:
    """Check that `open_file` returns grids, or raises an error with a message, whatever the bytes."""
    try:
        opened = open_file(data)
    except UnusableFileError as unusable:
        return bool(compose_message(finding(unusable.rule_id, file="报表.xlsx", **unusable.placeholders)))
    problems = [
        *opened.notices,
        *(
            (grid.refused.rule_id, grid.name, grid.refused.placeholders)
            for grid in opened.grids
            if grid.refused
        ),
    ]
    return all(
        compose_message(finding(rule_id, file="报表.xlsx", sheet=sheet, **placeholders))
        for rule_id, sheet, placeholders in problems
    )
