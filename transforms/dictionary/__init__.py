"""The dictionary of all that is defined: one content, written as a page, as Markdown and as a workbook."""

from transforms.dictionary.contents import dictionary_of
from transforms.dictionary.markdown import as_markdown
from transforms.dictionary.page import as_html
from transforms.dictionary.structure import Dictionary
from transforms.dictionary.workbook import as_workbook

__all__ = ["Dictionary", "as_html", "as_markdown", "as_workbook", "dictionary_of"]
