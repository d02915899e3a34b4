"""Blank workbooks (templates) of ledgers, generated from their definitions."""

from transforms.template.book import blank_workbook

__all__ = ["blank_workbook"]
