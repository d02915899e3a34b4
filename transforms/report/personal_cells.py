"""Take the numbers of persons (documents, telephones, plates) out of texts that go to the public."""

from __future__ import annotations

import re

from schemas.personal_texts import REPLACED_NUMBER

#: stands in place of a number
REPLACEMENT = "*"
_PERSONS_NUMBER = re.compile(REPLACED_NUMBER)
#: codes of organisations may have fifteen to eighteen digits themselves: only a resident's number, which has
#: a month of birth (GB 11643), and a mobile number are none
_WITHIN_CODE = re.compile(
    r"(?<!\d)(?:[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[0-9Xx]|1[3-9]\d{9})(?!\d)"
)
#: as input methods for Chinese write them; each has one character, so that positions stay
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
_LETTER_OR_DIGIT = re.compile(r"\w")


def hide_numbers(text: str, *, is_code: bool = False) -> str:
    """Return the text with each number of a person replaced; empty where nothing else is in it.

    `is_code`: it should be the code of an organisation.
    """
    pattern = _WITHIN_CODE if is_code else _PERSONS_NUMBER
    kept, end = [], 0
    for match in pattern.finditer(text.translate(_FULL_WIDTH)):
        kept += [text[end : match.start()], REPLACEMENT]
        end = match.end()
    if not kept:
        return text
    hidden = "".join([*kept, text[end:]])
    return hidden if _LETTER_OR_DIGIT.search(hidden) else ""
