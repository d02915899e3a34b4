"""Text from outside, escaped where it leaves: a name or cell of a county is shown, never obeyed.

Each border has one function: `make_visible` for a line on a terminal, in a log, a notification or a page,
`make_lines_visible` for several; `escape_markdown`; `escape_json`; `neutralise_formula` for CSV;
`fit_workbook` for a cell of a workbook (a county's own cells in its receipt stay as they were:
`receipt/workbook/cell_xml.py`); `safe_stem` for the name of a file.
"""

from __future__ import annotations

import html
import re

#: what a terminal, an editor or a page obeys or hides: control characters, line separators, changes of the
#: writing direction, characters without a width, and halves of characters, which cannot be written at all
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff"
)
_NOT_SEEN = re.compile(f"[{_UNSEEN}]")
_NOT_SEEN_IN_LINES = re.compile(f"(?!\n)[{_UNSEEN}]")
#: a line end in a cell of CSV is quoted, and Windows programs write it as two characters
_NOT_SEEN_IN_CSV = re.compile(f"(?![\t\n\r])[{_UNSEEN}]")

#: what a spreadsheet takes for the start of a formula, in East Asian editions also in full width
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: what Markdown reads as markup, and addresses, of which it makes links; not _ within a word, so names
#: stay readable
_MARKUP = re.compile(r"[\\`*\[\]|~$@]|(?<!\w)_|_(?!\w)|^[#+\-=]|(?<=:)/(?=/)|(?<=www)\.")

#: a file's name may take 255 bytes on most disks; 180 are sixty Chinese characters
LONGEST_STEM, LONGEST_STEM_BYTES = 60, 180
#: Excel refuses a workbook with a longer text in a cell
LONGEST_TEXT = 32_767
_NOT_IN_NAMES = re.compile(f'[\\\\/:*?"<>|{_UNSEEN}]')
#: names of devices, which Windows opens instead of a file
_DEVICE = re.compile(r"(?i)^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")


def make_visible(text: str) -> str:
    """Write what a terminal would obey or hide as \\x1b, \\u202e, \\n; one line stays one line."""
    return _NOT_SEEN.sub(_code, text) if not text.isascii() or not text.isprintable() else text


def make_lines_visible(text: str) -> str:
    """Do the same for a text of several lines."""
    return _NOT_SEEN_IN_LINES.sub(_code, text)


def _code(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def escape_json(text: str) -> str:
    """Escape the same characters within the strings of a JSON text, which stays equal."""
    return _NOT_SEEN_IN_LINES.sub(lambda match: _json_code(ord(match[0])), text)


def _json_code(number: int) -> str:
    if number < 0x10000:
        return f"\\u{number:04x}"
    return f"\\u{0xD7C0 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def neutralise_formula(text: str) -> str:
    """Make a text safe in a cell of CSV: an apostrophe before what a spreadsheet would run (OWASP's way)."""
    text = _NOT_SEEN_IN_CSV.sub(_code, text)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def fit_workbook(text: str) -> str:
    """Make a text that a cell of a workbook can hold; it is for the writer to write it as text."""
    return make_lines_visible(text)[:LONGEST_TEXT]


def escape_markdown(text: str) -> str:
    """Escape Markdown and HTML markup in a text; a line break becomes a blank."""
    visible = make_visible(text.replace("\n", " "))
    return _MARKUP.sub(r"\\\g<0>", html.escape(visible, quote=False))


def safe_stem(file_name: str) -> str:
    """Return a county's file name without its extension, safe in a file name on any system."""
    stem = _NOT_IN_NAMES.sub("_", file_name.rpartition(".")[0] or file_name).strip(" .")[:LONGEST_STEM]
    stem = _DEVICE.sub(r"_\g<0>", stem)
    return stem.encode()[:LONGEST_STEM_BYTES].decode(errors="ignore")
