"""Refuse a warehouse that belongs to the archive of another home."""

from __future__ import annotations

from flows.archive.log import ArchiveLog
from flows.errors import FlowError
from schemas.sentences import Sentence
from warehouse.engine import Engine, reading
from warehouse.load.recorded_entries import recorded_entries
from warehouse.schema.tables import Tables


class ForeignArchiveError(FlowError):
    """The warehouse has loads that the archive's log does not know: it belongs to another home."""


def ensure_own_warehouse(engine: Engine, tables: Tables, log: ArchiveLog) -> None:
    """Raise ForeignArchiveError where the log does not tell of a load or publication of the warehouse."""
    with reading(engine) as connection:
        recorded = recorded_entries(connection, tables)
    digests = {entry.digest for entry in log.entries()} if recorded else set()
    unknown = [entry.name for entry in recorded if entry.digest and entry.digest not in digests]
    if unknown:
        raise ForeignArchiveError(
            Sentence(
                "the warehouse has {unknown}, which the log of {archive} does not know: it belongs "
                "to the archive of another home, or the log was put back to an earlier state. Give "
                "each home a warehouse of its own (warehouse_url), or put the newer archive back",
                unknown=unknown[-1],
                archive=log.file.parent,
            )
        )
