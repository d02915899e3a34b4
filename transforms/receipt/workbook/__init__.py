"""Write the workbook of a receipt: the county's own with marks, or its sheets redrawn; `render` is the
entry.

There is one writer. Cells are written as XML text (`cell_xml`), everything around them by openpyxl (in
place) or XlsxWriter (redrawn). The libraries' own cell writers give the same workbooks, which a property in
`tests/receipt/test_receipt_workbooks.py` checks by reading both back with openpyxl; but they make several
objects and calls for each cell and take two and a half times as long. Receipts are more than half of a
night's work, so a second, slower writer would never be switched on.
"""
