"""Names and marks in this project's own workbooks, by which the reader recognises them."""

#: the first sheet of a receipt, a template's instructions, the lists of its drop-downs: never read as ledgers
RECEIPT_SHEET = "回执"
INSTRUCTIONS_SHEET = "填报说明"
LISTS_SHEET = "下拉选项"
OWN_SHEETS = (RECEIPT_SHEET, INSTRUCTIONS_SHEET, LISTS_SHEET)

#: in the first cell of a template's example row, which is not data
EXAMPLE_MARK = "示例"

#: before the header of a required field; the reader strips it
REQUIRED_MARK = "*"
