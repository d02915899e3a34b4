"""A Word template as it is rendered: a mistake that only rendering shows is named with its line."""

from __future__ import annotations

import re
import traceback
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import TemplateError

from transforms.bulletin.template_problems import LONGEST_QUOTE, TemplateProblem, TemplateRefusedError

#: the name of a template's source in tracebacks
_SOURCE = "<template>"
_XML_TAG = re.compile("<[^>]+>")
_LINE_END = re.compile("\r\n|\r|\n")


class TemplateDocument(DocxTemplate):  # type: ignore[misc]
    """Raises TemplateRefusedError for whatever a part of a template makes Python raise."""

    def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> str:
        """Render the text, a header, a footer or the footnotes."""
        try:
            return str(super().render_xml_part(src_xml, part, context, jinja_env))
        except (TemplateError, TemplateRefusedError, MemoryError):
            raise
        except Exception as error:  # 1/0, a text as a number, an endless recursion: whatever stands there
            quote = _quote_line(re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml), error)
            raise TemplateRefusedError([failed(error, quote)]) from error

    def render_properties(self, context: Any, jinja_env: Any = None) -> None:
        """Render title, author and the other properties that may have variables."""
        try:
            super().render_properties(context, jinja_env)
        except (TemplateError, TemplateRefusedError, MemoryError):
            raise
        except Exception as error:
            quote = str(self.docx.core_properties.title)[:LONGEST_QUOTE]
            raise TemplateRefusedError([failed(error, quote)]) from error


def _quote_line(source: str, error: Exception) -> str:
    """Return the text of the line that was being rendered; empty where the error does not say."""
    frames = traceback.extract_tb(error.__traceback__)
    numbers = [frame.lineno for frame in frames if frame.filename == _SOURCE and frame.lineno]
    lines = _LINE_END.split(source)
    if not numbers or numbers[-1] > len(lines):
        return ""
    return _XML_TAG.sub("", lines[numbers[-1] - 1]).strip()[:LONGEST_QUOTE]


def failed(error: Exception, quote: str = "") -> TemplateProblem:
    """Return the problem of what Python could not do, with the line that asked for it."""
    reason = " ".join(str(error).split())[:LONGEST_QUOTE] or type(error).__name__
    return TemplateProblem("failed", f"{quote}: {reason}" if quote else reason)
