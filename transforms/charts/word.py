"""Charts in a Word document that people can edit there, each with a small workbook of its numbers inside."""

from __future__ import annotations

import io
import zipfile
from typing import cast

import xlsxwriter
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.package import Package
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from lxml import etree

from transforms.charts.chart import Chart
from transforms.charts.native import make_native_chart, write_chart_numbers

CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/"
CHART, MAIN = f"{DRAWING}chart", f"{DRAWING}main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = "数据"
LABEL_KINDS = ("showLegendKey", "showVal", "showCatName", "showSerName", "showPercent", "showBubbleSize")
#: of a chart on a page; bars need room for each unit
WIDTH, LINE_HEIGHT, BAR_HEIGHT, AROUND_BARS = Mm(150), Mm(58), Mm(7), Mm(18)
#: ids of drawings in one document must differ; those of Word's own begin at 1
FIRST_ID = 9001


def insert_chart(paragraph: Paragraph, chart: Chart, number: int) -> None:
    """Put a chart into an empty paragraph; `number` tells the charts of a document apart, from 1."""
    package = cast(Package, paragraph.part.package)
    book, drawing = _build(chart)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART_TYPE, b"", package)
    relation = part.relate_to(_numbers_part(package, book, number), RELATIONSHIP_TYPE.PACKAGE)
    part._blob = _complete(drawing, relation)
    inline = _inline(chart, paragraph.part.relate_to(part, RELATIONSHIP_TYPE.CHART), number)
    paragraph.add_run()._r.append(parse_xml(inline))


def _build(chart: Chart) -> tuple[bytes, bytes]:
    """Build the workbook of the numbers, and the XML of the chart over it."""
    plain, charted = (_numbers_book(chart, is_drawn=is_drawn) for is_drawn in (False, True))
    with zipfile.ZipFile(io.BytesIO(charted)) as package:
        return plain, package.read("xl/charts/chart1.xml")


def _numbers_book(chart: Chart, *, is_drawn: bool) -> bytes:
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        page = book.add_worksheet(SHEET)
        write_chart_numbers(page, chart, 0, 0, {"head": None, "text": None, "number": None})
        page.set_column(0, 0, 18)
        if is_drawn:
            page.insert_chart("F2", make_native_chart(book, SHEET, chart, 0, 0))
    return written.getvalue()


def _numbers_part(package: Package, book: bytes, number: int) -> Part:
    return Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), BOOK_TYPE, book, package)


def _complete(drawing: bytes, relation: str) -> bytes:
    """Say what Word takes otherwise where it is left out, and name the workbook of the numbers.

    XlsxWriter leaves out what Excel assumes; by the schema a line is smooth and a gap is a zero.
    """
    root = etree.fromstring(drawing)
    for settings in root.findall(f"{{{CHART}}}printSettings"):
        root.remove(settings)
    for line_chart in root.iter(f"{{{CHART}}}lineChart"):
        for line in line_chart.findall(f"{{{CHART}}}ser"):
            if line.find(f"{{{CHART}}}smooth") is None:
                etree.SubElement(line, f"{{{CHART}}}smooth", val="0")
    for labels in root.iter(f"{{{CHART}}}dLbls"):
        _show_values_only(labels)
    for plot in root.iter(f"{{{CHART}}}plotVisOnly"):
        if plot.getnext() is None or plot.getnext().tag != f"{{{CHART}}}dispBlanksAs":
            blanks = etree.Element(f"{{{CHART}}}dispBlanksAs", val="gap")
            plot.addnext(blanks)
    external = etree.SubElement(root, f"{{{CHART}}}externalData", {f"{{{RELATIONSHIPS}}}id": relation})
    etree.SubElement(external, f"{{{CHART}}}autoUpdate", val="0")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _show_values_only(labels: etree._Element) -> None:
    """Say of each kind of label whether it is shown, in the order of the schema."""
    for name in LABEL_KINDS:
        for element in labels.findall(f"{{{CHART}}}{name}"):
            labels.remove(element)
        etree.SubElement(labels, f"{{{CHART}}}{name}", val="1" if name == "showVal" else "0")


def _inline(chart: Chart, relation: str, number: int) -> bytes:
    """Return the element that shows a chart in the text, with its description for those who do not see it."""
    height = int(LINE_HEIGHT)
    if chart.kind == "bars":
        height = AROUND_BARS + BAR_HEIGHT * len(chart.series[0].points)
    word = f"{DRAWING}wordprocessingDrawing"
    namespaces = {"wp": word, "a": MAIN, "c": CHART, "r": RELATIONSHIPS}
    inline = etree.Element(
        f"{{{word}}}inline", dict.fromkeys(("distT", "distB", "distL", "distR"), "0"), nsmap=namespaces
    )
    etree.SubElement(inline, f"{{{word}}}extent", cx=str(int(WIDTH)), cy=str(height))
    about = {"id": str(FIRST_ID + number), "name": f"图 {number}", "descr": chart.description}
    etree.SubElement(inline, f"{{{word}}}docPr", about)
    etree.SubElement(inline, f"{{{word}}}cNvGraphicFramePr")
    graphic = etree.SubElement(inline, f"{{{MAIN}}}graphic")
    data = etree.SubElement(graphic, f"{{{MAIN}}}graphicData", uri=CHART)
    etree.SubElement(data, f"{{{CHART}}}chart", {f"{{{RELATIONSHIPS}}}id": relation})
    drawing = etree.Element("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}drawing")
    drawing.append(inline)
    return bytes(etree.tostring(drawing))
