"""What is noticed about a table that can be read: doubts about unit and month, odd cells, formats, counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.reporting.replacement import Delivery
from transforms.read.layout.constants import constant_notices
from transforms.read.layout.cumulative_titles import find_cumulative_titles
from transforms.read.layout.draft_marks import find_draft_marks
from transforms.read.layout.evidence import Source, TableHints, find_doubts
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.identity import IdentityHint
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.refunds import find_refunds
from transforms.read.layout.reporting_unit import settled_unit_placeholders
from transforms.read.layout.rows import SheetRows, cell_notices, format_warnings, zero_report_notices
from transforms.read.layout.side_columns import doubt_side_columns
from transforms.read.layout.stated_counts import count_warnings
from transforms.read.layout.tables import SheetTable
from transforms.read.layout.unit_columns import doubt_unit_columns
from transforms.read.layout.unseen_cells import find_comments, find_unseen_cells

Findings = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class IdentifiedTable:
    """A table whose ledger, unit, month and columns are known.

    `named` are the hints to unit and month by which they were settled, `around` those beside the table.
    """

    source: Source
    sheet: SheetRows
    named: Sequence[IdentityHint]
    around: TableHints
    ledger: str
    unit_code: str
    period: str
    columns: dict[str, HeaderColumn]
    money_unit: str | None
    constants: Mapping[str, str]
    delivery: Delivery | None

    @property
    def form(self) -> LedgerForm:
        """What the reader knows of the table's ledger."""
        return self.source.index.ledgers[self.ledger]


def find_table_findings(
    identified: IdentifiedTable, table: SheetTable, of_hollow_rows: Findings, of_doubtful_rows: Findings
) -> tuple[dict[str, Any], ...]:
    """Return what is noticed about a table, in the order in which a clerk reads it."""
    sheet, columns, period = identified.sheet, identified.columns, identified.period
    form, money = identified.form, identified.source.index.money[identified.ledger]
    return (
        *_findings_of_identity(identified, table),
        *of_hollow_rows,
        *cell_notices(sheet, table, columns),
        *of_doubtful_rows,
        *find_unseen_cells(sheet, table, columns, form),
        *find_comments(sheet, table),
        *find_refunds(sheet, table, columns, form),
        *format_warnings(sheet, table, columns, money, identified.money_unit),
        *zero_report_notices(sheet, table),
        *count_warnings(sheet, table),
        *constant_notices(sheet, identified.constants, form.headers),
        *doubt_side_columns(sheet, table, columns, period),
        *doubt_unit_columns(sheet, table, columns, identified.unit_code, identified.source.regions),
    )


def _findings_of_identity(identified: IdentifiedTable, table: SheetTable) -> Iterator[dict[str, Any]]:
    """Yield what is doubted about unit and month, and whether the table is a draft or adds up months."""
    source, sheet, named = identified.source, identified.sheet, identified.named
    unit_code, period = identified.unit_code, identified.period
    if placeholders := settled_unit_placeholders(named, unit_code, period, source.regions):
        yield sheet.make_finding("submission.unit_settled", **placeholders)
    yield from find_doubts(source, sheet, table, named, identified.around, unit_code, period)
    yield from find_draft_marks(sheet, table)
    yield from find_cumulative_titles(sheet, table, period)
