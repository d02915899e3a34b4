"""What the project's own workbooks carry, so that the reader knows them when a clerk sends them back."""

#: the first sheet of a receipt, and the page of instructions of a template: never ledgers
RECEIPT_SHEET = "回执"
INSTRUCTIONS_SHEET = "填报说明"
OWN_SHEETS = (RECEIPT_SHEET, INSTRUCTIONS_SHEET)

#: stands in the first cell of a template's example row, which is no data
EXAMPLE_MARK = "示例"
