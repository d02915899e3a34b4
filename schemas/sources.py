"""Where a row comes from, told without a person's name: people call files and sheets after whoever made them."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: what clerks call files and sheets, besides ledgers, units and dates
ORDINARY_WORDS = (
    "台账", "汇总", "报表", "月报", "季报", "上报", "补报", "更正", "重报", "修改", "定稿", "终稿", "副本", "附件", "最新",
    "新建", "工作表", "季度", "上半年", "下半年", "年", "月", "日", "号", "第", "次", "份", "表", "sheet",
)  # fmt: skip
UNNAMED_SHEET = "（另名）"
_CONTAINER = re.compile(r"\.(?:xlsx|xlsm|xls|et|csv|txt|html?)$")
_PUNCTUATION = re.compile(r"[\d\s\-_.()（）\[\]【】《》〔〕/、，,:：~～—]")
#: a telephone's or certificate's number
_LONG_NUMBER = re.compile(r"\d{9}")
DIGITS_OF_A_HASH = 12


class MaskedSources:
    """Tells files and sheets by their names where these hold nothing but words that are known."""

    def __init__(self, units: Iterable[str], ledgers: Iterable[str]) -> None:
        self._words = {word.casefold() for word in (*ORDINARY_WORDS, *units, *ledgers)}
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)

    def file(self, path: str, sha256: str, unit: str | None, period: str | None, ledger: str | None) -> str:
        """The path below the inbox, or one by which the archive finds the file."""
        container = _CONTAINER.search(path.casefold())
        stem = path[: container.start()] if container else path
        if self._is_plain(stem):
            return path
        name = f"{ledger or '台账'}-{sha256[:DIGITS_OF_A_HASH]}{container[0] if container else ''}"
        return "/".join((period or "期间不明", unit or "单位不明", name))

    def sheet(self, name: str) -> str:
        return name if self._is_plain(name) else UNNAMED_SHEET

    def _is_plain(self, text: str) -> bool:
        """Whether nothing is left of it but dates, numbers, known words, and at most one Latin letter."""
        rest = _PUNCTUATION.sub("", self._without_words(text.casefold()))
        return not _LONG_NUMBER.search(text) and (rest == "" or (len(rest) == 1 and rest.isascii()))

    def _without_words(self, text: str) -> str:
        """What is left of a text once known words are taken out, the longest at each place first.

        A province has thousands of units: one expression of all their names takes a second to be made.
        """
        rest, at = [], 0
        while at < len(text):
            length = next((one for one in self._lengths if text[at : at + one] in self._words), 0)
            rest += [] if length else [text[at]]
            at += length or 1
        return "".join(rest)
