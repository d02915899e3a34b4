"""Charts: `chart.py` says what one shows; they are drawn as SVG for pages (`svg.py`) and as charts of Excel
that people can edit, in workbooks (`native.py`) and Word documents (`word.py`).
"""
