"""Add an entry at the end of `adjustments.toml`, or cancel one; everything else stays as it stands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.file_modes import set_mode
from flows.home import ADJUSTMENTS_FILE
from flows.workspace import Workspace
from schemas.adjustments import KINDS, Adjustment, AdjustmentError, parse_adjustments

#: keys in the order in which they are written
KEYS = (
    "unit", "period", "ledger", "file", "mode", "row", "rule", "field", "stands", "read_as", "reason",
    "approved_by", "until",
)  # fmt: skip
#: the first line of an entry; it ends before the next such line, or at the end of the file
_HEADER = re.compile(rf"[ \t]*\[\[[ \t]*({'|'.join(KINDS)})[ \t]*\]\]")
_BOM = "\ufeff"
_CHANGED = f"{ADJUSTMENTS_FILE} 刚被别人改过，没有写入。请重新打开这一页看过再写。"
_OF_ITS_OWN = f"{ADJUSTMENTS_FILE} 里这一条不是单独的一段，门户改不了。请直接在文件里删去。"


class DecisionsChangedError(FlowError):
    """Somebody changed the file between showing what would be added and adding it."""


class DecisionRefusedError(FlowError):
    """The entry is not valid; the message is for its writer."""


def fingerprint(workspace: Workspace) -> str:
    """Return what identifies the present content of the file."""
    return hashlib.sha256(_read(workspace)).hexdigest()


def _read(workspace: Workspace) -> bytes:
    file = workspace.home.folder / ADJUSTMENTS_FILE
    return file.read_bytes() if file.exists() else b""


def entry_text(kind: str, entry: Mapping[str, Any]) -> str:
    """Write an entry as TOML."""
    lines = [f"{key} = {_value(entry[key])}" for key in KEYS if entry.get(key) is not None]
    return "\n".join([f"[[{kind}]]", *lines]) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(text)}" for name, text in value.items()) + " }"
    # a basic string of TOML is one of JSON, except that DEL has to be escaped
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def add_decision(
    workspace: Workspace, kind: str, entry: Mapping[str, Any], seen: str, comment: str
) -> Adjustment | None:
    """Append an entry with a comment above it; return it, or None if it was there before.

    `seen` is the fingerprint of the file as its writer saw it. Raises DecisionsChangedError,
    DecisionRefusedError, OSError.
    """
    units = workspace.regions.unit_codes()
    try:
        text = entry_text(kind, entry)
        [adjustment] = parse_adjustments(ADJUSTMENTS_FILE, text, workspace.ledgers, units)
    except (AdjustmentError, UnicodeError) as error:
        raise DecisionRefusedError(str(error)) from error
    present = _read(workspace)
    try:
        before = parse_adjustments(ADJUSTMENTS_FILE, present.decode("utf-8-sig"), workspace.ledgers, units)
        if adjustment in before:
            return None
        if hashlib.sha256(present).hexdigest() != seen:
            raise DecisionsChangedError(_CHANGED)
        separator = b"\n" if present.endswith(b"\n") or not present else b"\n\n"
        added = separator * bool(present) + f"# {_one_line(comment)}\n{text}".encode()
        parse_adjustments(ADJUSTMENTS_FILE, (present + added).decode("utf-8-sig"), workspace.ledgers, units)
    except (AdjustmentError, UnicodeError) as error:
        raise DecisionRefusedError(str(error)) from error
    _write(workspace, present + added)
    return adjustment


def cancel_decision(workspace: Workspace, decision_id: str, seen: str, comment: str) -> Adjustment | None:
    """Turn an entry into comments below one that says who cancelled it and why; return it.

    None if there is no such entry (any more). Raises DecisionsChangedError, DecisionRefusedError, OSError.
    """
    present = _read(workspace)
    try:
        text = present.decode()
        bom, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
        before = _parse(workspace, body)
        cancelled = next((item for item in before if item.adjustment_id == decision_id), None)
        if cancelled is None:
            return None
        if hashlib.sha256(present).hexdigest() != seen:
            raise DecisionsChangedError(_CHANGED)
        changed = _comment_out(workspace, body, cancelled, comment)
        remaining = [item for item in before if item != cancelled]
        if changed is None or list(_parse(workspace, changed)) != remaining:
            raise DecisionRefusedError(_OF_ITS_OWN)
    except (AdjustmentError, UnicodeError) as error:
        raise DecisionRefusedError(str(error)) from error
    _write(workspace, (bom + changed).encode())
    return cancelled


def _parse(workspace: Workspace, text: str) -> tuple[Adjustment, ...]:
    return parse_adjustments(ADJUSTMENTS_FILE, text, workspace.ledgers, workspace.regions.unit_codes())


def _comment_out(workspace: Workspace, text: str, entry: Adjustment, comment: str) -> str | None:
    """Return the text with the lines of an entry as comments; None if it has no lines of its own."""
    lines = text.split("\n")
    headers = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    for start, end in pairwise([*headers, len(lines)]):
        try:
            is_entry = _parse(workspace, "\n".join([*lines[start:end], ""])) == (entry,)
        except AdjustmentError:
            continue
        if is_entry:
            of_entry = [f"# {line}" if _has_content(line) else line for line in lines[start:end]]
            return "\n".join([*lines[:start], f"# {_one_line(comment)}", *of_entry, *lines[end:]])
    return None


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _one_line(comment: str) -> str:
    """Return a comment without what would end it, or what TOML forbids in one."""
    return "".join(character if character.isprintable() else " " for character in comment)


def _write(workspace: Workspace, content: bytes) -> None:
    file = workspace.home.folder / ADJUSTMENTS_FILE
    mode = file.stat().st_mode & 0o777 if file.exists() else None
    write_atomic(file, content, is_durable=True)
    if mode is not None:
        set_mode(file, mode)
