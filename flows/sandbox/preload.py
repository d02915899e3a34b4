"""Imported once by the fork server, before children fork: what they need, and a warm catalogue (0.5 s)."""

from __future__ import annotations

from flows.quick_imports import without_collection

with without_collection():
    import flows.sandbox.tasks  # noqa: F401
    import transforms.read.read_files
    import transforms.receipt.make
    import transforms.validate.pipeline  # noqa: F401
    from schemas.catalogue import indicators, ledgers

    ledgers()
    indicators()
