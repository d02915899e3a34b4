"""Find the cells of an xlsx whose text, or a part of it, is struck through; calamine gives no formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from xlsxwriter.utility import xl_cell_to_rowcol

_SIGN = b"strike"
_STRIKE = re.compile(rb"<(?:\w+:)?strike(?:\s+val=[\"'](?!0|false)[^\"']*[\"'])?\s*/?>")
_FONTS = re.compile(rb"<(?:\w+:)?fonts[\s>](.*?)</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:\w+:)?font(?:\s*/>|>(.*?)</(?:\w+:)?font>)", re.DOTALL)
_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs[\s>](.*?)</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\s([^<>]*)>")
_FONT_ID = re.compile(rb"fontId=[\"'](\d{1,6})[\"']")
_TEXT = re.compile(rb"<(?:\w+:)?si[\s>/]")
_RUN = re.compile(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_WRITTEN = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)</(?:\w+:)?t>")
_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>(?:\s*<(?:\w+:)?v>(\d{1,9})<|(\s*<(?:\w+:)?is>.*?</(?:\w+:)?is>))?", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"(\w+)=[\"']([^\"']*)[\"']")


@dataclass(frozen=True)
class StruckStyles:
    """The formats of cells and the shared texts that are struck through, by position."""

    formats: frozenset[bytes] = frozenset()
    texts: frozenset[bytes] = frozenset()
    partly: frozenset[bytes] = frozenset()

    def find_cells(self, sheet: bytes) -> frozenset[tuple[int, int]]:
        """Return the cells (row, column, from 0) of a sheet's XML that are struck through."""
        if not (self.formats or self.texts or _SIGN in sheet):
            return frozenset()
        return frozenset(
            xl_cell_to_rowcol(name.decode())
            for attributes, shared, inline in _CELL.findall(sheet)
            if (name := self._struck_name(dict(_ATTRIBUTE.findall(attributes)), shared, inline))
        )

    def find_partly(self, sheet: bytes) -> frozenset[tuple[int, int]]:
        """Return the cells of whose text one part is struck through and another is not."""
        if not (self.partly or _SIGN in sheet):
            return frozenset()
        cells = set()
        for attributes, shared, inline in _CELL.findall(sheet):
            known = dict(_ATTRIBUTE.findall(attributes))
            if (known.get(b"t") == b"s" and shared in self.partly) or _is_partly_struck(inline):
                cells.add(known.get(b"r", b"").decode())
        return frozenset(xl_cell_to_rowcol(cell) for cell in cells if cell)

    def _struck_name(self, attributes: dict[bytes, bytes], shared: bytes, inline: bytes) -> bytes:
        is_struck = (
            attributes.get(b"s") in self.formats
            or (attributes.get(b"t") == b"s" and shared in self.texts)
            or _STRIKE.search(inline) is not None
        )
        return attributes.get(b"r", b"") if is_struck else b""


def read_struck_styles(styles: bytes, shared_texts: bytes) -> StruckStyles:
    """Read which formats and shared texts are struck through; either part may be empty."""
    return StruckStyles(
        _struck_formats(styles) if _SIGN in styles else frozenset(),
        _texts_that(shared_texts, lambda text: _STRIKE.search(text) is not None),
        _texts_that(shared_texts, _is_partly_struck),
    )


def _struck_formats(styles: bytes) -> frozenset[bytes]:
    fonts, formats = _FONTS.search(styles), _FORMATS.search(styles)
    if fonts is None or formats is None:
        return frozenset()
    struck = {b"%d" % index for index, font in enumerate(_FONT.findall(fonts[1])) if _STRIKE.search(font)}
    ids = [font[1] if (font := _FONT_ID.search(text)) else b"" for text in _FORMAT.findall(formats[1])]
    return frozenset(b"%d" % index for index, font in enumerate(ids) if font in struck)


def _texts_that(shared_texts: bytes, test: Callable[[bytes], bool]) -> frozenset[bytes]:
    """Return the positions of the shared texts that pass a test."""
    items = _TEXT.split(shared_texts)[1:] if _SIGN in shared_texts else []
    return frozenset(b"%d" % index for index, item in enumerate(items) if test(item))


def _is_partly_struck(text: bytes) -> bool:
    """Return whether some runs of a text are struck through, and some are not."""
    if not _STRIKE.search(text):
        return False
    runs = [run for run in _RUN.findall(text) if b"".join(_WRITTEN.findall(run)).strip()]
    return len({_STRIKE.search(run) is not None for run in runs}) > 1
