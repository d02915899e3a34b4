"""The blank workbook of a ledger, made from its definition alone."""

from transforms.template.book import blank_workbook

__all__ = ["blank_workbook"]
