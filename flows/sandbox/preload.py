"""Imported by the fork server to warm the catalogue cache (0.5 s) before children fork."""

from __future__ import annotations

from schemas.catalogue import indicators, ledgers

ledgers()
indicators()
