"""Numbers in addresses and forms, none of them greater than databases hold.

Python refuses to read a number of thousands of digits, and databases one of more than ten or nineteen.
"""

from __future__ import annotations

import re

from starlette.convertors import IntegerConvertor

_DIGITS = "[0-9]{1,9}"


class NumberConvertor(IntegerConvertor):
    """A number in an address; one that is too long is none, and the address is not found."""

    regex = _DIGITS


def parse_number(text: str) -> int | None:
    """Return the number that a query or a form holds; None if it is none, or too long."""
    return int(text) if re.fullmatch(_DIGITS, text) else None
