"""The words and colours of a receipt, the same on its first page, in its comments and in its legend."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.figures.display import FEN_PER_WAN_YUAN, FEN_PER_YUAN
from schemas.ledgers.rules import SEVERITY_WORDS, Severity
from schemas.states import ACCEPTED, PARTIAL, REJECTED, ZERO

HEAVIEST_FIRST = list(Severity)
AUTHOR = "汇总"

#: what XML cannot hold
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: how a text begins that Excel would take for a formula once someone edits the cell
FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class SeverityStyle:
    """How a severity looks: a colour of its own, distinct from the others in black and white by its pattern."""

    word: str
    meaning: str
    fill: str
    ground: str  # shows between the stripes; empty for a solid fill
    tab: str

    def fills(self) -> set[str]:
        """The fill as it comes back: a program that knows no stripes mixes their colours, one part to three."""
        mixed = (
            f"{(int(self.fill[offset : offset + 2], 16) + 3 * int(self.ground[offset : offset + 2], 16)) // 4:02X}"
            for offset in (0, 2, 4)
        )
        return {self.fill, "".join(mixed)} if self.ground else {self.fill}


#: no other fill in a workbook is likely to be exactly one of these: by them a receipt that comes back is known
TONES = {
    Severity.FATAL: SeverityStyle(*SEVERITY_WORDS[Severity.FATAL], "F28B82", "", "C00000"),
    Severity.ERROR: SeverityStyle(*SEVERITY_WORDS[Severity.ERROR], "F8B4AE", "", "C00000"),
    Severity.WARNING: SeverityStyle(*SEVERITY_WORDS[Severity.WARNING], "FFD54A", "FFF6D6", "E0A100"),
    Severity.NOTICE: SeverityStyle(*SEVERITY_WORDS[Severity.NOTICE], "CFDAE6", "", "7F93A8"),
}
COLOUR_NAMES = {Severity.ERROR: "红色底", Severity.WARNING: "黄色斜纹底", Severity.NOTICE: "灰蓝色底"}

STATE_WORDS = {ACCEPTED: "√ 已收下", PARTIAL: "△ 部分收下", ZERO: "○ 零报告", REJECTED: "× 退回"}
#: the same before sending: nothing has been taken yet
CHECK_WORDS = {ACCEPTED: "√ 可以报送", PARTIAL: "△ 部分可报", ZERO: "○ 零报告", REJECTED: "× 会退回"}
STATE_LOOKS = {ACCEPTED: "good", PARTIAL: "fair", ZERO: "good", REJECTED: "bad"}


def clean(text: str) -> str:
    """A text without what a workbook cannot hold."""
    return _ILLEGAL.sub("", text)


def is_clean(text: str) -> bool:
    return _ILLEGAL.search(text) is None


def money_words(fen: int) -> str:
    """125,000 元 as 12.5 万元, cut to two decimals; what is less than 1 万元 in 元."""
    divisor, unit = (FEN_PER_WAN_YUAN, "万元") if fen >= FEN_PER_WAN_YUAN else (FEN_PER_YUAN, "元")
    whole, rest = divmod(fen * 100 // divisor, 100)
    return f"{whole:,}.{rest:02}".rstrip("0").rstrip(".") + f" {unit}"


def month_words(period: str) -> str:
    """2023年6月 of 2023-06; anything else as it is."""
    match = re.fullmatch(r"(\d{4})-(\d{2})", period)
    return f"{match[1]}年{int(match[2])}月" if match else period
