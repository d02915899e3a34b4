"""The receipt (回执): a county's own workbook back, every wrong cell coloured and explained, and a first page that sums up.

`make_receipt` stands in `transforms.receipt.make`, with the libraries that draw workbooks: only who draws imports them.
"""

from transforms.receipt.subject import ReceiptSubject

__all__ = ["ReceiptSubject"]
