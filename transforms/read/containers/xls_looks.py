"""Find the cells of an xls that look unusual: struck through, or showing nothing."""

from __future__ import annotations

import xlrd

from transforms.normalise.number_formats import shows_nothing


def find_struck_cells(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> frozenset[tuple[int, int]]:
    """Return the cells whose text, or a part of it, is struck through."""
    fonts = {index for index, font in enumerate(book.font_list) if font.struck_out}
    if not fonts:
        return frozenset()
    formats = {index for index, format_ in enumerate(book.xf_list) if format_.font_index in fonts}
    partly = {
        cell for cell, runs in sheet.rich_text_runlist_map.items() if any(font in fonts for _, font in runs)
    }
    return frozenset(partly) | frozenset(
        (row, column)
        for row in range(sheet.nrows)
        for column in range(sheet.row_len(row))
        if sheet.cell_xf_index(row, column) in formats
    )


def find_partly_struck_cells(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> frozenset[tuple[int, int]]:
    """Return the cells of whose text one part is struck through and another is not."""
    struck = [bool(font.struck_out) for font in book.font_list]
    cells = set()
    for (row, column), runs in sheet.rich_text_runlist_map.items() if any(struck) else ():
        own = book.xf_list[sheet.cell_xf_index(row, column)].font_index
        fonts = [*([own] if runs and runs[0][0] > 0 else []), *(font for _, font in runs)]
        if len({struck[font] for font in fonts}) > 1:
            cells.add((row, column))
    return frozenset(cells)


def find_unseen_cells(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> frozenset[tuple[int, int]]:
    """Return the cells with white text on white ground, or a format that shows nothing."""
    white = {index for index, colour in book.colour_map.items() if colour == (255, 255, 255)}
    fonts = {index for index, font in enumerate(book.font_list) if font.colour_index in white}
    empty = {key for key, entry in book.format_map.items() if shows_nothing(entry.format_str or "")}
    if not (fonts or empty):
        return frozenset()
    styles = {
        index
        for index, style in enumerate(book.xf_list)
        if style.format_key in empty
        or (
            style.font_index in fonts
            and (style.background.fill_pattern == 0 or style.background.pattern_colour_index in white)
        )
    }
    return frozenset(
        (row, column)
        for row in range(sheet.nrows if styles else 0)
        for column in range(sheet.row_len(row))
        if sheet.cell_xf_index(row, column) in styles
    )
