"""The words and colours of receipts, for first page, comments and legend."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.figures.display import FEN_PER_WAN_YUAN, FEN_PER_YUAN
from schemas.ledgers.rules import SEVERITY_WORDS, Severity
from schemas.periods import month_words as month_words
from schemas.sentences import Sentence
from schemas.states import ACCEPTED, AWAITING, PARTIAL, REJECTED, WITHDRAWN, ZERO

HEAVIEST_FIRST = list(Severity)
AUTHOR = "汇总"

#: what XML cannot hold
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: beginnings of texts that Excel would take for formulas when someone edits the cell
FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class SeverityStyle:
    """How a severity looks: its colour, and a pattern that is distinct in black and white."""

    word: str
    meaning: str
    fill: str
    ground: str  # shows between the stripes; empty for a solid fill
    tab: str

    def fills(self) -> set[str]:
        """Return the fill, and the mixed colour that programs without stripes turn it into."""
        mixed = (
            f"{(int(self.fill[offset : offset + 2], 16) + 3 * int(self.ground[offset : offset + 2], 16)) // 4:02X}"
            for offset in (0, 2, 4)
        )
        return {self.fill, "".join(mixed)} if self.ground else {self.fill}


#: other fills in a workbook are unlikely to be exactly these, so they show which marks a returned receipt
#: has
TONES = {
    Severity.FATAL: SeverityStyle(*SEVERITY_WORDS[Severity.FATAL], "F28B82", "", "C00000"),
    Severity.ERROR: SeverityStyle(*SEVERITY_WORDS[Severity.ERROR], "F8B4AE", "", "C00000"),
    Severity.WARNING: SeverityStyle(*SEVERITY_WORDS[Severity.WARNING], "FFD54A", "FFF6D6", "E0A100"),
    Severity.NOTICE: SeverityStyle(*SEVERITY_WORDS[Severity.NOTICE], "CFDAE6", "", "7F93A8"),
}
COLOUR_NAMES = {Severity.ERROR: "红色底", Severity.WARNING: "黄色斜纹底", Severity.NOTICE: "灰蓝色底"}

#: in place of a unit or month that could not be read
UNKNOWN = "未识别"
#: of a submission that another one has replaced by the end of its load
SUPERSEDED = "superseded"
STATE_WORDS = {
    ACCEPTED: "√ 已收下", PARTIAL: "△ 部分收下", ZERO: "○ 零报告", REJECTED: "× 退回",
    AWAITING: "？ 待确认", WITHDRAWN: "－ 已撤回",
    SUPERSEDED: "－ 已被代替",
}  # fmt: skip
#: the same before sending
CHECK_WORDS = {
    ACCEPTED: Sentence("√ 可以报送"), PARTIAL: Sentence("△ 部分可报"), ZERO: Sentence("○ 零报告"),
    REJECTED: Sentence("× 会退回"), AWAITING: Sentence("？ 会待确认"), WITHDRAWN: Sentence("－ 已撤回"),
}  # fmt: skip
STATE_LOOKS = {
    ACCEPTED: "good", PARTIAL: "fair", ZERO: "good", REJECTED: "bad", AWAITING: "fair", WITHDRAWN: "fair",
    SUPERSEDED: "fair",
}  # fmt: skip


def clean(text: str) -> str:
    """Remove the characters that a workbook cannot hold."""
    return _ILLEGAL.sub("", text)


def is_clean(text: str) -> bool:
    """Whether a text holds no character that a workbook cannot store."""
    return _ILLEGAL.search(text) is None


def money_words(fen: int) -> str:
    """Write an amount as 12.5 万元, cut to two decimals, or in 元 below 1 万元."""
    divisor, unit = (FEN_PER_WAN_YUAN, "万元") if fen >= FEN_PER_WAN_YUAN else (FEN_PER_YUAN, "元")
    whole, hundredths = divmod(fen * 100 // divisor, 100)
    return f"{whole:,}.{hundredths:02}".rstrip("0").rstrip(".") + f" {unit}"


def source_words(path: str, sheet: str) -> str:
    """Name a sheet of a file, or the file alone where it has no sheets."""
    file = f"“{path.rsplit('/', 1)[-1]}”"
    return f"{file}的工作表“{sheet}”" if sheet else file
