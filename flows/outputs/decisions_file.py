"""Add an entry at the end of `adjustments.toml`, if it is valid; everything else stays as it stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.file_modes import set_mode
from flows.settings import ADJUSTMENTS_FILE
from flows.workspace import Workspace
from schemas.adjustments import Adjustment, AdjustmentError, parse_adjustments

#: keys in the order in which they are written
KEYS = (
    "unit", "period", "ledger", "file", "mode", "row", "rule", "field", "stands", "read_as", "reason",
    "approved_by", "until",
)  # fmt: skip


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
            raise DecisionsChangedError(
                f"{ADJUSTMENTS_FILE} 刚被别人改过，没有写入。请重新打开这一页看过再写。"
            )
        separator = b"\n" if present.endswith(b"\n") or not present else b"\n\n"
        added = separator * bool(present) + f"# {_one_line(comment)}\n{text}".encode()
        parse_adjustments(ADJUSTMENTS_FILE, (present + added).decode("utf-8-sig"), workspace.ledgers, units)
    except (AdjustmentError, UnicodeError) as error:
        raise DecisionRefusedError(str(error)) from error
    _write(workspace, present + added)
    return adjustment


def _one_line(comment: str) -> str:
    """Return a comment without what would end it, or what TOML forbids in one."""
    return "".join(character if character.isprintable() else " " for character in comment)


def _write(workspace: Workspace, content: bytes) -> None:
    file = workspace.home.folder / ADJUSTMENTS_FILE
    mode = file.stat().st_mode & 0o777 if file.exists() else None
    write_atomic(file, content, is_durable=True)
    if mode is not None:
        set_mode(file, mode)
