"""Names of files and sheets: which are no deliveries, and how they are masked, as they often contain the name
of the person who made them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from schemas.personal_texts import (
    FOREIGN_NAME_WITHIN,
    NUMBER_FORM,
    PERSONAL,
    PERSONAL_NUMBER,
    REPLACED_NUMBER,
)

#: words that clerks use in names of files and sheets, in addition to ledgers, units and dates
ORDINARY_WORDS = (
    "台账", "汇总", "报表", "月报", "季报", "上报", "补报", "更正", "重报", "修改", "定稿", "终稿", "副本", "附件", "最新",
    "处罚", "立案", "罚款", "缴款", "检查", "许可", "信访", "投诉", "举报", "诉讼", "开庭", "复议", "强制", "移送", "审核",
    "评查", "案件",     "新建", "工作表", "季度", "上半年", "下半年", "年", "月", "日", "号", "第", "次", "份", "表", "sheet",
)  # fmt: skip
#: what office programs and copying programs leave behind
TEMPORARY_PREFIXES = ("~$", ".", "Thumbs.db", "desktop.ini", "__MACOSX")
TEMPORARY_SUFFIXES = (".tmp", ".part", ".crdownload")
UNNAMED_SHEET = "（另名）"
HIDDEN_TEXT = "（不显示）"
#: where sentences list rows that a report lacks or has otherwise
_ROW_LIST = re.compile("(?<=行这次没有（)[^）]*|(?<=行（)[^）]*|(?<=已不再计入：)[^。]*")
NUMBER, PERSONS = re.compile(NUMBER_FORM), re.compile(f"{PERSONAL}|{FOREIGN_NAME_WITHIN}")
_QUOTED = re.compile("“([^”]*)”")
_PERSONS_NUMBER = re.compile(REPLACED_NUMBER)
_CONTAINER = re.compile(r"\.(?:xlsx|xlsm|xls|et|ods|fods|csv|txt|html?|zip)$")
_PUNCTUATION = re.compile(r"[\d\s\-_.()（）\[\]【】《》〔〕/、，,:：~～—]")
#: as long as a telephone or certificate number
_LONG_NUMBER = re.compile(r"\d{9}|" + PERSONAL_NUMBER)
DIGITS_OF_A_HASH = 12


def is_number(text: str) -> bool:
    """Return whether a text has the form of a document's number and names no person beside it."""
    return bool(re.search("[0-9]", text) and NUMBER.search(text) and not PERSONS.search(text))


def is_temporary(path: str) -> bool:
    """Return whether a path names what a program left behind, in any of its folders."""
    names = [part for part in path.split("/") if part != ".."]
    return any(name.startswith(TEMPORARY_PREFIXES) for name in names) or path.lower().endswith(
        TEMPORARY_SUFFIXES
    )


def _stem(name: str) -> str:
    container = _CONTAINER.search(name.casefold())
    return name[: container.start()] if container else name


def _unnamed(name: str) -> str:
    container = _CONTAINER.search(name.casefold())
    return UNNAMED_SHEET + (container[0] if container else "")


class MaskedSources:
    """Shows names of files and sheets that consist of known words only, and replaces all others."""

    def __init__(self, units: Iterable[str], ledgers: Iterable[str], own_words: Iterable[str] = ()) -> None:
        """`own_words`: what the program itself quotes in its sentences."""
        self._own_words = frozenset(own_words)
        self._words = {word.casefold() for word in (*ORDINARY_WORDS, *units, *ledgers)}
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)

    def file(self, path: str, sha256: str, unit: str | None, period: str | None, ledger: str | None) -> str:
        """Return the path below the inbox, or a neutral one with the
        hash by which the archive finds the file.
        """
        container = _CONTAINER.search(path.casefold())
        stem = path[: container.start()] if container else path
        if self._is_plain(stem):
            return path
        name = f"{ledger or '台账'}-{sha256[:DIGITS_OF_A_HASH]}{container[0] if container else ''}"
        return "/".join((period or "期间不明", unit or "单位不明", name))

    def path(self, path: str) -> str:
        """Return a path with each folder and file that may name a person replaced; the ending stays."""
        return "/".join(part if self._is_plain(_stem(part)) else _unnamed(part) for part in path.split("/"))

    def sentence(self, text: str, file_names: Collection[str] = ()) -> str:
        """Return a sentence on a report without the names of files and sheets and the texts that it quotes,
        unless they are plain, and without the numbers of persons.

        `file_names` stay: at the bureau's own command line, where the files have to be found.
        """
        text = _ROW_LIST.sub(lambda match: self._rows(match[0]), text)
        shown = frozenset(file_names)
        masked = _QUOTED.sub(
            lambda match: (
                match[0] if match[1] in shown or self._is_quotable(match[1]) else f"“{HIDDEN_TEXT}”"
            ),
            text,
        )
        parts = re.split("(“[^”]*”)", masked) if shown else [masked]
        hidden = (part if part[1:-1] in shown else _PERSONS_NUMBER.sub(HIDDEN_TEXT, part) for part in parts)
        return "".join(hidden).replace(f"（{HIDDEN_TEXT}）", HIDDEN_TEXT)  # within brackets of the sentence

    def _rows(self, keys: str) -> str:
        """Return the rows that a sentence lists; those that are all hidden are named once."""
        rows = [self._row(key) for key in keys.split("、")]
        return HIDDEN_TEXT if set(rows) == {HIDDEN_TEXT} else "、".join(rows)

    def _row(self, key: str) -> str:
        """Return the key of a row by which a sentence names it, if each part is a number or a day."""
        parts = key.removesuffix(" 等").split(" / ")
        return key if all(map(is_number, parts)) else HIDDEN_TEXT

    def _is_quotable(self, text: str) -> bool:
        name = text.rsplit("/", 1)[-1]
        return text in self._own_words or self._is_plain(_stem(name))

    def sheet(self, name: str) -> str:
        """Return a sheet's name as report tools may see it."""
        return name if self._is_plain(name) else UNNAMED_SHEET

    def _is_plain(self, text: str) -> bool:
        """True if the text consists of dates, numbers, known words, and at most one Latin letter."""
        remaining = _PUNCTUATION.sub("", self._without_words(text.casefold()))
        return not _LONG_NUMBER.search(text) and (
            remaining == "" or (len(remaining) == 1 and remaining.isascii())
        )

    def _without_words(self, text: str) -> str:
        """Remove known words from a text, the longest at each position first.

        Not a regular expression: compiling one of the thousands of unit names of a province takes a second.
        """
        remaining, position = [], 0
        while position < len(text):
            length = next(
                (
                    candidate
                    for candidate in self._lengths
                    if text[position : position + candidate] in self._words
                ),
                0,
            )
            remaining += [] if length else [text[position]]
            position += length or 1
        return "".join(remaining)
