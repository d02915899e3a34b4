"""Write what has to be published as the upload file of the credit-publicity system (双公示)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter

from flows.workspace import Workspace
from schemas.disclosure import DisclosureTemplate, disclosure_templates
from schemas.periods import Period
from transforms.foreign_text import fit_workbook
from transforms.report.disclosure import DisclosedRow, choose_rows, empty_columns, fill_template
from warehouse.marts.deadline_kinds import read_fields
from warehouse.schema.as_of import AsOf

CHECKED = "核对"
CHECKED_COLUMNS = [
    ("单位", 16), ("文号或编号", 28), ("决定日期", 12), ("应公开日期", 12), ("剩余天数", 10),
    ("会被退回的原因", 60), ("提示", 60),
]  # fmt: skip
FONT = {"font_name": "宋体", "font_size": 10, "valign": "top"}
DAY = {**FONT, "num_format": "yyyy/mm/dd"}


@dataclass(frozen=True)
class Disclosure:
    """The decisions to publish, and the columns of the template that the ledger does not have."""

    template: DisclosureTemplate
    rows: Sequence[DisclosedRow]
    empty: Sequence[str]

    @property
    def refused(self) -> list[DisclosedRow]:
        """Those that the system would refuse."""
        return [row for row in self.rows if row.refusals]


def read_disclosure(
    workspace: Workspace, as_of: AsOf, kind: str, period: Period | None, today: date
) -> Disclosure:
    """Read the decisions of one kind that have to be published and are not yet, as of a load."""
    template = disclosure_templates()[kind]
    ledger = workspace.ledgers[template.ledger]
    rows = read_fields(as_of, ledger, template.fields(), [template.document])
    chosen = choose_rows(template, rows, period, today, workspace.obligations.calendar)
    return Disclosure(template, fill_template(template, chosen), empty_columns(template))


def build_disclosure_workbook(workspace: Workspace, disclosure: Disclosure, today: date) -> bytes:
    """Build the workbook: the template's sheet alone first, then the one to check it by."""
    written = io.BytesIO()
    # text is never a formula or a link, whatever it begins with
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(written, options) as book:
        forms = {
            "text": book.add_format(FONT), "day": book.add_format(DAY),
            "amount": book.add_format({**FONT, "num_format": "0.######"}),
            "head": book.add_format({**FONT, "bold": True, "bottom": 1, "text_wrap": True}),
        }  # fmt: skip
        template = disclosure.template
        page = book.add_worksheet(template.title)
        heads = [(column.header, 18) for column in template.columns]
        _write_table(page, heads, [row.cells for row in disclosure.rows], forms, first=0)
        page = book.add_worksheet(CHECKED)
        if disclosure.empty:
            notes = f"台账没有以下栏目，上传前请补填：{'、'.join(disclosure.empty)}"
            page.write_string(0, 0, notes, forms["text"])
        checked = [_checked(workspace, row, today) for row in disclosure.rows]
        _write_table(page, CHECKED_COLUMNS, checked, forms, first=1 if disclosure.empty else 0)
    return written.getvalue()


def _checked(workspace: Workspace, row: DisclosedRow, today: date) -> tuple[Any, ...]:
    days_left = (row.due_on - today).days if row.due_on else None
    name = workspace.regions.name_of(row.unit_code)
    refusals, remarks = "；".join(row.refusals), "；".join(row.remarks)
    return name, row.document_no, row.decided_on, row.due_on, days_left, refusals, remarks


def _write_table(
    page: Any, heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]], forms: Any, *, first: int
) -> None:
    """Write rows under a frozen heading that begins at row `first`."""
    for column, (title, width) in enumerate(heads):
        page.set_column(column, column, width)
        page.write_string(first, column, title, forms["head"])
    page.freeze_panes(first + 1, 0)
    for number, row in enumerate(rows, start=first + 1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(number, column, value, forms["day"])
            elif isinstance(value, str) and value:
                page.write_string(number, column, fit_workbook(value), forms["text"])
            elif value is not None and value != "":
                page.write_number(number, column, value, forms["amount"])
