"""The bulletin: what `huizong report` writes about a period as a Word document, a workbook or a web page.

`model.py` has its contents, `sections.py` its sentences; `word.py`, `workbook.py` and `page.py` write it.
"""
