"""Write the parts of a workbook into a zip without times, so that equal parts give equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice

#: higher levels take twice as long for a tenth less
_LEVEL = 3
#: pieces that are encoded and packed together: a large sheet is never in memory as a whole
PIECES_AT_ONCE = 2_000


def pack_parts(parts: Iterable[tuple[str, bytes | Iterable[str]]]) -> bytes:
    """Return the zip of these parts, given by name; a text may come in pieces."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, content in parts:
            with archive.open(name, "w") as part:
                for piece in [content] if isinstance(content, bytes) else _encode(content):
                    part.write(piece)
    return written.getvalue()


def _encode(pieces: Iterable[str]) -> Iterator[bytes]:
    remaining = iter(pieces)
    while together := list(islice(remaining, PIECES_AT_ONCE)):
        yield "".join(together).encode()
