"""Write the workbook of a receipt: the county's own with marks, or its sheets redrawn; see `render`.

One writer (`package`, `comment_boxes`, `page_sheet`) serves both. Sheets are redrawn as text, by column; the
county's own are patched where they have to be. Libraries that write workbooks make several objects and calls
for each cell and take three times as long to redraw a sheet, six times to mark one; a second, slower writer
would never be switched on. That the results are equal is checked by properties in
`tests/receipt/test_receipt_workbooks.py`, which read both back with openpyxl.
"""
