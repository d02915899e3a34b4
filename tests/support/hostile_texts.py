"""Texts that a careless or hostile county may write, each meant for another border."""

from __future__ import annotations

import re
import unicodedata

HOSTILE = (
    # terminals: markup of rich, sequences that colour, retitle and clear, line ends that forge a line
    "[/]", "[red]红[/red]", "[link=http://evil.invalid]点[/link]", ":smile:", "\\[red]", "\x1b[31m红\x1b[0m",
    "\x1b]0;题\x07", "\x9b2J", "甲\rOK", "甲\nLoad 2: 0 findings.", "甲\u2028乙", "甲\x85乙", "\x08\x08\x7f",
    # what readers do not see
    "\u202e倒写", "\u2066隔开\u2069", "\u200b隐\ufeff形\u00ad", "\U000e0041标签", "\ud800半", "\ufffe非",
    # pages
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&amp;lt;b&amp;gt;", "{{7*7}}{%raw%}",
    # Markdown
    "![图](http://evil.invalid/a.png)", "[点](javascript:alert(1))", "http://evil.invalid/x", "www.evil.invalid",
    "a@evil.invalid", "`代码`", "**粗**_斜_~~删~~", "|甲|乙|", "# 大题", "- 项", "=== ", "$x^2$", "\\",
    # spreadsheets
    "=cmd|'/c calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠A", "_x0041_",
    "长" * 40_000,
    # mails, commands, formats, names of files
    "题\r\nBcc: all@evil.invalid", "%s%n%(x)s", "{0}{name}", "$(id)`id`", "../../etc/passwd", "C:\\x", "CON", "LPT1.x",
    "con ", '"引"', "'单'", "\x00零",
)  # fmt: skip

#: one text with something for every border, short enough for the name of a file or sheet
MIXED = "星[/][red]\x1b[31m\u202e<b>|*`=\n乙"


def find_unseen(text: str, allowed: str = "\n") -> set[str]:
    """Return the characters of a text that a terminal obeys or hides, by Unicode's own categories."""
    return {
        character
        for character in set(text) - set(allowed)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }


def plain(text: str) -> str:
    """Return a text without blanks and line ends, to compare what was meant with what is shown."""
    return re.sub(r"\s", "", text)
