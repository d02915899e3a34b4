"""The data dictionary of all definitions, rendered as a web page, Markdown or a workbook."""

from transforms.dictionary.contents import build_dictionary
from transforms.dictionary.markdown import render_markdown
from transforms.dictionary.page import render_html
from transforms.dictionary.structure import Dictionary
from transforms.dictionary.workbook import render_workbook

__all__ = ["Dictionary", "build_dictionary", "render_html", "render_markdown", "render_workbook"]
