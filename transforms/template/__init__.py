"""Blank workbooks (templates) of ledgers, generated from their definitions."""

from transforms.template.book import blank_workbook, name_of_month, workbook_of_month
from transforms.template.ledger_sheet import BLANK, Prefilled

__all__ = ["BLANK", "Prefilled", "blank_workbook", "name_of_month", "workbook_of_month"]
