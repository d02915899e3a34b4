"""Give a Word document back with a comment at each doubtful number; its own formats stay as they are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from docx.oxml.ns import qn
from docx.text.run import Run

from transforms.proofread.read_docx import DocxRead

AUTHOR, INITIALS = "汇总校对", "汇总"
_RUN, _TEXT, _BOX, _PROPERTIES = qn("w:r"), qn("w:t"), qn("w:txbxContent"), qn("w:rPr")
_ONE_CHARACTER = {qn(name) for name in ("w:tab", "w:br", "w:cr", "w:noBreakHyphen")}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def comment_docx(read: DocxRead, comments: Sequence[tuple[int, int, str]]) -> bytes:
    """Return the document with a comment on each (start, end, text) of its text.

    Word has no comments in headers, notes and text boxes: there the comment stands at the beginning of the
    document, or at the box.
    """
    sources = list(read.sources)
    for start, end, text in comments:
        runs, prefix = _runs_of(sources, start, end), ""
        if runs is None:
            runs, prefix = _anchor(read, sources[start]), f"“{read.text.text[start:end]}”："
        if runs:
            paragraph = runs[0].getparent()
            read.document.add_comment(
                [Run(run, paragraph) for run in runs], prefix + text, author=AUTHOR, initials=INITIALS
            )
    saved = io.BytesIO()
    read.document.save(saved)
    return saved.getvalue()


def _runs_of(sources: list[Any], start: int, end: int) -> list[Any] | None:
    """Return the runs that hold exactly these characters, split where needed; None outside of the body."""
    if (
        any(source is None for source in (sources[start], sources[end - 1]))
        or _box_of(sources[start]) is not None
    ):
        return None
    _split(sources, start)
    _split(sources, end)
    runs = list(dict.fromkeys(source for source in sources[start:end] if source is not None))
    return [runs[0], runs[-1]]


def _box_of(run: Any) -> Any:
    return next((ancestor for ancestor in run.iterancestors() if ancestor.tag == _BOX), None)


def _anchor(read: DocxRead, run: Any) -> list[Any]:
    """Return the run of the body that holds a text box, or else the first run of the body."""
    if run is not None:
        outer = [ancestor for ancestor in run.iterancestors() if ancestor.tag == _RUN]
        return outer[-1:]
    first = next((run for run in read.document.element.body.iter(_RUN) if _box_of(run) is None), None)
    return [first] if first is not None else [read.document.add_paragraph().add_run()._r]


def _split(sources: list[Any], position: int) -> None:
    """Split the run around a position in two, unless a run begins there."""
    if position >= len(sources) or position == 0 or sources[position - 1] is not sources[position]:
        return
    run = sources[position]
    if run is None:
        return
    first = position
    while first > 0 and sources[first - 1] is run:
        first -= 1
    second = _split_run(run, position - first)
    while position < len(sources) and sources[position] is run:
        sources[position] = second
        position += 1


def _split_run(run: Any, length: int) -> Any:
    """Move what follows the first `length` characters of a run into a run of the same format behind it."""
    second = deepcopy(run)
    for child in list(second):
        if child.tag != _PROPERTIES:
            second.remove(child)
    run.addnext(second)
    for child in list(run):
        if child.tag == _PROPERTIES:
            continue
        size = len(child.text or "") if child.tag == _TEXT else int(child.tag in _ONE_CHARACTER)
        if length <= 0:
            second.append(child)
        elif size > length:
            tail = deepcopy(child)
            child.text, tail.text = (child.text or "")[:length], (child.text or "")[length:]
            child.set(_SPACE, "preserve")
            tail.set(_SPACE, "preserve")
            second.append(tail)
        length -= size
    return second
