"""List the loads and publications of the warehouse beside the log entries that tell of them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from schemas.sentences import Sentence
from warehouse.schema.tables import Tables


class RecordedEntry(NamedTuple):
    """A load or publication of the warehouse, and the digest of its log entry."""

    is_load: bool
    number: int
    digest: str

    @property
    def name(self) -> Sentence:
        """What it is called, as "load 3"."""
        return name_entry(self.is_load, self.number)


def name_entry(is_load: bool, number: int) -> Sentence:
    """Name a load or publication: entries of one name are repeats."""
    if is_load:
        return Sentence("load {number}", number=number)
    return Sentence("publication {number}", number=number)


def recorded_entries(connection: Connection, tables: Tables) -> list[RecordedEntry]:
    """Read what the archive's log must contain: each load and publication."""
    loads, published = tables.loads, tables.publications
    queries = {
        True: select(loads.c.load_id, loads.c.log_entry),
        False: select(published.c.number, published.c.log_entry),
    }
    return [
        RecordedEntry(is_load, *row)
        for is_load, query in queries.items()
        for row in connection.execute(query)
    ]
