"""The form of a log entry: which keys it has, and what each holds.

What reads entries relies on it: a line without the form of an entry is named and passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

#: the kinds of entries
LOAD, PUBLICATION = "load", "publication"
#: the newest form of each kind that this program writes; an entry without `format` is of form 1
NEWEST = {LOAD: 8, PUBLICATION: 3}
HASH = re.compile("[0-9a-f]{64}")

Check = Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 31


def _is_size(value: Any) -> bool:
    return type(value) is int


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _is_list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _has(keys: Mapping[str, Check], **optional: Check) -> Check:
    """Return the check of an object with these keys."""
    return lambda value: (
        isinstance(value, dict)
        and all(name in value and check(value[name]) for name, check in keys.items())
        and all(name not in value or check(value[name]) for name, check in optional.items())
    )


def _is_share(value: Any) -> bool:
    return type(value) in (int, float)


def _is_mapping_of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


_ARRIVAL: dict[str, Check] = {
    "path": _is_text, "sha256": _is_hash, "received_at": _is_instant, "size_bytes": _is_size, "modified_ns": _is_size,
}  # fmt: skip
_SELECTION: dict[str, Check] = {
    "unit_code": _or_none(_is_text), "period": _or_none(_is_text), "ledger": _or_none(_is_text),
    "judges_again": _is_yes_or_no,
}  # fmt: skip

#: by kind and key: the form since which entries have it, and its check
KEYS: dict[str, dict[str, tuple[int, Check]]] = {
    LOAD: {
        "load_id": (1, _is_number),
        "run": (1, _is_text),
        "started_at": (1, _is_instant),
        "ruleset": (1, _is_text),
        "regions": (1, _is_hash),
        "adjustments": (1, _or_none(_is_hash)),
        "selection": (1, _has(_SELECTION)),
        "files": (1, _is_list_of(_has(_ARRIVAL, died=_is_text))),
        "copies": (1, _is_list_of(_has(_ARRIVAL | {"of": _is_text}))),
        "resent": (1, _is_list_of(_is_text)),
        "outdated": (1, _is_list_of(_is_list_of(_or_none(_is_text)))),
        "unread": (2, _is_list_of(_has({"path": _is_text, "sha256": _is_hash}, died=_is_text))),
        "headers": (3, _or_none(_is_hash)),
        "replacement_share": (4, _or_none(_is_share)),
        "moved": (6, _is_mapping_of_texts),
        "returned": (6, _is_list_of(_is_text)),
        "left_behind": (8, _is_list_of(_is_text)),
    },
    PUBLICATION: {
        "number": (1, _is_number),
        "load_id": (1, _is_number),
        "period": (1, _is_text),
        "note": (1, _is_text),
        "is_provisional": (1, _is_yes_or_no),
        "ruleset": (1, _is_text),
        "published_at": (1, _is_instant),
        "figures": (1, _is_hash),
        "is_imported": (3, _is_yes_or_no),
    },
}


def has_form(payload: Mapping[str, Any]) -> bool:
    """Whether an object has the keys of an entry, each as it should be; of a newer form few are known."""
    kind, form = payload.get("kind"), payload.get("format", 1)
    keys = KEYS.get(kind) if isinstance(kind, str) else None
    if keys is None or not _is_number(form):
        return False
    if form > NEWEST[str(kind)]:
        keys = {name: keys[name] for name in ("load_id", "number") if name in keys}
    return all(
        check(payload[name]) if name in payload else since > form for name, (since, check) in keys.items()
    )
