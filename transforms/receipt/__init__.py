"""The receipt (回执): a county's own workbook back, every wrong cell coloured and explained, and a first page that sums up."""

from transforms.receipt.make import make_receipt
from transforms.receipt.problems import figures_touched
from transforms.receipt.subject import ReceiptSubject

__all__ = ["ReceiptSubject", "figures_touched", "make_receipt"]
