"""Names and marks in this project's own workbooks, by which the reader recognises them."""

#: the first sheet of a receipt, a template's instructions, the lists of its drop-downs: never read as ledgers
RECEIPT_SHEET = "回执"
INSTRUCTIONS_SHEET = "填报说明"
LISTS_SHEET = "下拉选项"
OWN_SHEETS = (RECEIPT_SHEET, INSTRUCTIONS_SHEET, LISTS_SHEET)

#: the sheet of a workbook with several ledgers on which a clerk ticks those without anything to report, and
#: the headers by which it is known
NOTHING_SHEET = "本月无"
NOTHING_HEADERS = ("台账", "本月无")
#: what stands in a ticked cell, beside the signs that tick a box; and what says that there is something
NOTHING_TICKS = ("是", "1", "Y", "YES", "V", "TRUE", "对", "对的", "无", "本月无", "没有", "零", "零报告")
NO_TICKS = ("", "否", "0", "N", "NO", "FALSE", "有", "不", "-", "—", "/")

#: in the first cell of a template's example row, which is not data
EXAMPLE_MARK = "示例"

#: before the header of a required field; the reader strips it
REQUIRED_MARK = "*"
