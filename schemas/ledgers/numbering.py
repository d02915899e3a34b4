"""Words and bounds by which numbers of matters (案号、文号、票据号) are understood.

A cell may hold a list or a range of numbers, and a number may be too weak to identify anything.
"""

from __future__ import annotations

#: between two numbers in one cell, besides blanks and line breaks
LIST_SEPARATORS = ("、", ",", ";", "/", "\\", "|", "和", "及", "与", "&", "+", "暨")
#: between the first and the last number of a range
RANGE_WORDS = ("至", "到", "~")
#: counters of documents: 等5份, 共5件
DOCUMENT_COUNTERS = ("份", "件", "个", "起", "宗", "号")
#: a range of more numbers than this is none: 15-2023号
LONGEST_RANGE = 999

#: a number of no more digits than this and nothing else is a serial, which each month or office begins again
LONGEST_SERIAL = 6
#: after a serial: 第1次
SERIAL_COUNTERS = ("号", "次", "期", "批", "场", "届", "件")
#: names of parties up to this length may be of persons, of whom there are many with one name
LONGEST_PERSONAL_NAME = 4
#: within the name of a party, of no weight in a comparison: 冷水江市1号采石场 and 冷水江1号采石场
REGION_SUFFIXES = "市县区"
#: at the end or around the title of a document, of no weight in a comparison
TITLE_MARKS = r"[《》〈〉]|\((?:终稿|定稿|送审稿|修改稿|修订稿|最终稿|印发稿|正式稿|初稿|草案|征求意见稿)\)"
#: how the difference between the keys of two rows of one matter is described
OTHER_NUMBER, ONE_NUMBER, OTHER_SPELLING = (
    "编号却不同（{key}）", "只有一处写明编号", "名称或代码的写法却不同（{key}）",
)  # fmt: skip
#: before the digits of a number, saying only that it is one: No.000000001251
NUMBER_PREFIXES = ("NO", "№", "N°", "编号", "票据号", "票号", "案号", "文号", "序号", "号码")
