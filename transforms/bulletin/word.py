"""Write a bulletin as a Word document: fill a template, then put in its charts and statistics tables."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from jinja2 import TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError

from schemas.catalogue import indicators
from transforms.bulletin.charts import month_chart, unit_chart
from transforms.bulletin.model import Bulletin
from transforms.bulletin.sentences import make_environment
from transforms.bulletin.template_document import TemplateDocument, failed
from transforms.bulletin.template_package import drop_foreign
from transforms.bulletin.template_problems import (
    LONGEST_QUOTE,
    Kind,
    TemplateProblem,
    TemplateRefusedError,
    check_names,
    check_paragraphs,
    unknown_name,
)
from transforms.bulletin.variables import MONTH_MARK, TABLES_MARK, UNIT_MARK, build_variables
from transforms.bulletin.word_tables import insert_statistics
from transforms.charts.word import insert_chart
from transforms.read.containers.grid import UnusableFileError
from transforms.read.containers.xlsx_package import check_document

#: why a package is refused that is too large
TOO_LARGE = ("file.too_large", "file.inflated")
#: what takes its whole paragraph away
DIRECTIVE = re.compile(r"\{[%{]p ")
CHART_MARK = re.compile("|".join(mark.format(r"(\w+)") for mark in (MONTH_MARK, UNIT_MARK)))


@dataclass(frozen=True)
class FilledTemplate:
    """A report, and what of its template is not in it: macros, and what would be loaded from elsewhere."""

    data: bytes
    dropped: Sequence[str]


def write_word(bulletin: Bulletin, template: bytes, made_at: datetime) -> bytes:
    """Fill a template. Raises TemplateRefusedError with everything that is wrong with it."""
    return fill_template(bulletin, template, made_at).data


def fill_template(bulletin: Bulletin, template: bytes, made_at: datetime) -> FilledTemplate:
    """Fill a template. Raises TemplateRefusedError with everything that is wrong with it."""
    variables = build_variables(bulletin)
    document, dropped = _open(template)
    _check(document, variables)
    unknown: dict[str, Mapping[str, Any] | None] = {}
    try:
        document.render(variables, make_environment(unknown), autoescape=True)
    except SecurityError as error:
        raise TemplateRefusedError([TemplateProblem("unsafe", str(error))]) from error
    except TemplateError as error:
        raise TemplateRefusedError([_syntax_problem(error)]) from error
    if unknown:
        raise TemplateRefusedError(
            [unknown_name(name, where or variables) for name, where in unknown.items()]
        )
    _insert_charts(document.docx, bulletin)
    _insert_tables(document.docx, bulletin)
    _stamp(document.docx, bulletin, made_at)
    written = io.BytesIO()
    document.save(written)
    return FilledTemplate(written.getvalue(), dropped)


def _open(template: bytes) -> tuple[TemplateDocument, list[str]]:
    """Open a template without what is foreign in it, and name that."""
    try:
        check_document(template)
        document = TemplateDocument(io.BytesIO(template))
        document.init_docx()
        list(_paragraph_texts(document))  # there is a body
        return document, drop_foreign(document.docx)
    except MemoryError:
        raise
    except UnusableFileError as error:
        kind: Kind = "too_large" if error.rule_id in TOO_LARGE else "no_document"
        raise TemplateRefusedError(
            [TemplateProblem(kind, str(error.placeholders.get("detail", "")))]
        ) from error
    except Exception as error:  # whatever a damaged file makes the library raise
        raise TemplateRefusedError([TemplateProblem("no_document", "")]) from error


def _check(document: TemplateDocument, variables: Mapping[str, Any]) -> None:
    """Raise TemplateRefusedError with all that can be seen without rendering."""
    problems = [*check_paragraphs(_paragraph_texts(document)), *_lost_sections(document)]
    if not problems:
        try:
            problems = [
                problem for source in _sources(document) for problem in check_names(source, variables)
            ]
        except TemplateSyntaxError as error:
            problems = [_syntax_problem(error)]
        except RecursionError as error:  # thousands of brackets
            problems = [failed(error)]
    if problems:
        raise TemplateRefusedError(list(dict.fromkeys(problems)))


def _lost_sections(document: TemplateDocument) -> Iterator[TemplateProblem]:
    """Yield the paragraphs that are taken out when they are rendered, and a section of pages with them."""
    for properties in document.docx.element.body.iter(qn("w:sectPr")):
        paragraph = properties.getparent().getparent()
        if paragraph is not None and paragraph.tag == qn("w:p"):
            text = "".join(part.text or "" for part in paragraph.iter(qn("w:t")))
            if DIRECTIVE.search(text):
                yield TemplateProblem("section_break", text.strip()[:LONGEST_QUOTE])


def _sources(document: TemplateDocument) -> Iterator[str]:
    """Yield what is rendered of the text and of each header and footer."""
    yield document.patch_xml(document.get_xml())
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        for _, part in document.get_headers_footers(uri):
            yield document.patch_xml(document.get_part_xml(part))


def _paragraph_texts(document: TemplateDocument) -> Iterator[str]:
    parts = [document.docx.element.body]
    parts += [
        part.element
        for uri in (document.HEADER_URI, document.FOOTER_URI)
        for _, part in document.get_headers_footers(uri)
    ]
    for part in parts:
        for paragraph in part.iter(qn("w:p")):
            yield "".join(text.text or "" for text in paragraph.iter(qn("w:t")))


def _syntax_problem(error: TemplateError) -> TemplateProblem:
    """Name the lines around a mistake, as far as they have any text."""
    around = " ".join(" ".join(getattr(error, "docx_context", ())).split())
    return TemplateProblem("syntax", f"{error.message or ''} {around[:LONGEST_QUOTE]}".strip())


def _insert_charts(document: Document, bulletin: Bulletin) -> None:
    """Put each chart into its paragraph; a paragraph whose chart has nothing to draw is taken out."""
    number = 0
    for element in list(document.element.body.iter(qn("w:p"))):
        paragraph = Paragraph(element, document)
        if not (match := CHART_MARK.search(paragraph.text)):
            continue
        build, name = (month_chart, match[1]) if match[1] else (unit_chart, match[2])
        if name not in indicators():  # somebody wrote what stands for a chart by hand
            raise TemplateRefusedError([unknown_name(name, indicators())])
        chart = build(bulletin, indicators()[name])
        if chart is None:
            _take_out(paragraph)
            continue
        number += 1
        paragraph.clear()  # type: ignore[no-untyped-call]
        # in lines of an exact height, which official documents have, a chart is cut to a strip
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.first_line_indent = 0
        insert_chart(paragraph, chart, number)


def _insert_tables(document: Document, bulletin: Bulletin) -> None:
    for element in list(document.element.body.iter(qn("w:p"))):
        paragraph = Paragraph(element, document)
        if paragraph.text.strip() == TABLES_MARK:
            insert_statistics(document, paragraph, bulletin.statistics)
            _take_out(paragraph)


def _take_out(paragraph: Paragraph) -> None:
    """Remove a paragraph; one that ends a section of pages stays, without its text."""
    paragraph.clear()  # type: ignore[no-untyped-call]
    if not paragraph._p.findall(f"{qn('w:pPr')}/{qn('w:sectPr')}"):
        paragraph._p.getparent().remove(paragraph._p)


def _stamp(document: Document, bulletin: Bulletin, made_at: datetime) -> None:
    """Put what tells this file from others into its properties, with the whole hash."""
    properties = document.core_properties
    properties.subject = bulletin.stamp
    properties.identifier = bulletin.digest
    properties.created = properties.modified = made_at
    properties.revision = 1
