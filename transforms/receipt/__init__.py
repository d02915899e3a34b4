"""The receipt (回执): the county's workbook with every wrong cell coloured and explained, and a first page.

`make_receipt` is in `transforms.receipt.make`, so that only callers who render receipts import the
libraries for workbooks.
"""

from transforms.receipt.subject import ReceiptSubject

__all__ = ["ReceiptSubject"]
