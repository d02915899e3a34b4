"""Write the sheet 本月无 of a template with several ledgers: those without anything are ticked there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.forms import NOTHING_HEADERS, NOTHING_SHEET
from schemas.ledgers.compiled import LedgerDefinition
from transforms.template import looks
from transforms.template.entry_rules import Lists
from transforms.template.ledger_sheet import LEGEND_ROW, WAYS_OF_NOTHING, Prefilled, write_identity

HEADER_ROW = LEGEND_ROW + 2
TICK = "√"
WIDTHS = (30, 24, 80)
LEGEND = (
    WAYS_OF_NOTHING,
    f"有内容的不打 {TICK}，去填那张工作表。没有填、也没有写明本月没有的台账，这一份就没有报它。",
)


def write_nothing_sheet(
    book: Any, sheet: Any, chosen: Sequence[LedgerDefinition], units: Sequence[str], lists: Lists, prefilled: Prefilled
) -> None:  # fmt: skip
    """Write unit, month and a line for each ledger to `sheet`."""
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    write_identity(book, sheet, NOTHING_SHEET, units, lists, prefilled)
    hint = book.add_format(looks.HINT)
    for row, text in enumerate(LEGEND, start=LEGEND_ROW):
        sheet.write_string(row, 0, text, hint)
    head = book.add_format({**looks.HEAD, "bg_color": looks.EXAMPLE_GROUND})
    for column, text in enumerate(NOTHING_HEADERS):
        sheet.write_string(HEADER_ROW, column, text, head)
    body, entry = book.add_format(looks.BODY), book.add_format({**looks.ENTRY, "align": "center"})
    first = HEADER_ROW + 1
    for row, ledger in enumerate(chosen, start=first):
        sheet.write_url(row, 0, f"internal:'{ledger.title}'!A1", body, ledger.title)
        sheet.write_blank(row, 1, None, entry)
    last = first + len(chosen) - 1
    sheet.data_validation(first, 1, last, 1, {
        "validate": "list", "source": [TICK], "error_type": "warning", "error_title": "请打 √",
        "error_message": f"本月没有的，从下拉列表中选 {TICK}；有的，空着。",
    })  # fmt: skip
    sheet.freeze_panes(first, 0)
    sheet.set_paper(looks.PAPER_A4)
    sheet.fit_to_pages(1, 0)
