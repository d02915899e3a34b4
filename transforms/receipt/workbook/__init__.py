"""Write the workbook of a receipt: the county's own with marks, or its sheets redrawn; `render` is the
entry.

Cells are written as XML text (`cell_xml`), what is around them by `package` (redrawn) or openpyxl (in place).
The libraries' own cell writers give the same workbooks, which a property in
`tests/receipt/test_receipt_workbooks.py` checks by reading both back with openpyxl; but they make several
objects and calls for each cell and take more than twice as long. Receipts are much of a night's work, so a
second, slower writer would never be switched on.
"""
