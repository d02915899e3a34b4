"""How a receipt marks its comments, so that one that is sent again is read as the county wrote it."""

from __future__ import annotations

from schemas.ledgers.rules import SEVERITY_WORDS

#: what the comments of a receipt begin with
OWN_HEADINGS = tuple(f"【{word}】" for word, _ in SEVERITY_WORDS.values())
#: what stands above a comment that was the county's own
OLD_HEADING = "【原表批注】"


def county_comment(text: str, *, is_own: bool = False) -> str:
    """Return what a county wrote in a comment: not what an earlier receipt wrote there.

    `is_own`: the author is known to be this program; not every program keeps the author.
    """
    text = text.strip()
    if is_own or text.startswith(OWN_HEADINGS):
        return text.partition(OLD_HEADING)[2].strip()
    return text.removeprefix(OLD_HEADING).strip()
