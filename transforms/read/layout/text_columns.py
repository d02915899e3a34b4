"""Arrow columns of text, as frames of rows hold them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

#: the type in which pandas holds its strings
TEXT = pa.large_string()
_MISSING = pa.scalar(None, TEXT)


def empty_to_missing(column: pa.Array) -> pa.Array:
    """Replace empty texts by missing values."""
    return pc.if_else(pc.equal(column, ""), _MISSING, column)
