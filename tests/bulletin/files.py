"""Read the figures and texts back out of the three kinds of report."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import openpyxl
from docx.document import Document
from lxml import html


def word_text(data: bytes) -> str:
    """Return the text of a document, its tables and its footers."""
    document = docx.Document(io.BytesIO(data))
    return "\n".join(
        [*texts_of(document), *(p.text for s in document.sections for p in s.footer.paragraphs)]
    )


def texts_of(document: Document) -> list[str]:
    tables = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + tables


def word_figures(file: Path) -> dict[str, str]:
    """Return this period's figures of the table of figures, by title."""
    for table in docx.Document(str(file)).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows[0][:2] == ["指标", "本期"]:
            return {row[0]: row[1] for row in rows[1:]}
    return {}


def workbook_figures(file: Path) -> dict[str, str]:
    page = openpyxl.load_workbook(file)["指标"]
    heads = [cell.value for cell in page[1]]
    rows = [
        dict(zip(heads, [cell.value for cell in row], strict=True)) for row in page.iter_rows(min_row=2)
    ]
    return {row["指标"]: row["公布写法"] + ("*" if row["暂定"] else "") for row in rows}


def page_figures(file: Path) -> dict[str, str]:
    [table] = html.fromstring(file.read_text("utf-8")).xpath("//table[@id='figures']")
    return {row.xpath("./th")[0].text: row.xpath("./td")[0].text for row in table.xpath("./tbody/tr")}
