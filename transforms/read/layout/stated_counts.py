"""Compare the number of rows that a line below a table states (共2笔) with the rows above it."""

from __future__ import annotations

from typing import Any

from transforms.read.layout.row_kinds import stated_count
from transforms.read.layout.rows import SheetRows, format_rows
from transforms.read.layout.tables import SheetTable


def count_warnings(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    """Return a warning for each line that states another number of rows than stand above it.

    It may count all rows of the table, or those since the total before.
    """
    findings = []
    previous = -1
    for row in table.totals:
        count = stated_count([text for text in sheet.texts[row] if text])
        above = [record for record in table.rows if record < row]
        since = [record for record in above if record > previous]
        if count is not None and above and count not in (len(above), len(since), len(table.rows)):
            rows = format_rows(since or above)
            findings.append(
                sheet.make_finding(
                    "sheet.count_differs", row=row + 1, stated=count, rows=rows, count=len(since or above)
                )
            )
        previous = row
    return findings
