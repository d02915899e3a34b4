"""What the project's own workbooks carry, so that the reader knows them when a clerk sends them back."""

#: the first sheet of a receipt, the page of instructions of a template, the lists behind its drop-downs: never ledgers
RECEIPT_SHEET = "回执"
INSTRUCTIONS_SHEET = "填报说明"
LISTS_SHEET = "下拉选项"
OWN_SHEETS = (RECEIPT_SHEET, INSTRUCTIONS_SHEET, LISTS_SHEET)

#: stands in the first cell of a template's example row, which is no data
EXAMPLE_MARK = "示例"

#: before the header of a field that must be filled in; the reader drops it
REQUIRED_MARK = "*"
