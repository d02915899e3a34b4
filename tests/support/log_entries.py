"""Entries of an archive's log that a test makes up."""

from __future__ import annotations

from typing import Any

from flows.archive.entry_form import NEWEST

SHA256 = "ab" * 32


def logged_load(load_id: int, **changes: Any) -> dict[str, Any]:
    """Return the keys of a load's entry: a night that took nothing, with these changes."""
    selection = {"unit_code": None, "period": None, "ledger": None, "judges_again": False}
    return {
        "format": NEWEST["load"], "load_id": load_id, "run": "nightly", "started_at": "2024-02-01T00:00:00", "ruleset": "",
        "regions": SHA256, "headers": None, "adjustments": None, "selection": selection, "files": [], "copies": [],
        "resent": [], "moved": {}, "returned": [], "left_behind": [], "replacement_share": 0.8, "outdated": [],
        "unread": [], **changes,
    }  # fmt: skip


def logged_publication(number: int, **changes: Any) -> dict[str, Any]:
    """Return the keys of a publication's entry, with these changes."""
    return {
        "format": 2, "number": number, "load_id": 1, "period": "2023", "note": "", "is_provisional": False, "ruleset": "",
        "published_at": "2024-02-01T00:00:00", "figures": SHA256, **changes,
    }  # fmt: skip


def logged_file(path: str, sha256: str, **changes: Any) -> dict[str, Any]:
    """Return what an entry says of a file that arrived."""
    return {
        "path": path, "sha256": sha256, "received_at": "2024-02-01T00:00:00", "size_bytes": 1, "modified_ns": 1, **changes,
    }  # fmt: skip
