"""What is kept beside the content for readers, and as of which load: figures, coverage, sources as they may be shown, views."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from warehouse.schema.tables import Tables

FIGURES, COVERAGE, SOURCES, VIEWS = "figures", "coverage", "sources", "views"


@dataclass(frozen=True)
class RefreshState:
    """As of which load something stands that is kept, and by which definitions it was made; `as_of` is the instant, as text."""

    load_id: int
    fingerprint: str
    as_of: str | None = field(default=None, compare=False)


def refresh_state(connection: Connection, tables: Tables, name: str) -> RefreshState | None:
    """How something that is kept stands; None where it never was."""
    kept = tables.marts.kept
    row = connection.execute(select(kept).where(kept.c.name == name)).first()
    return RefreshState(row.load_id, row.fingerprint, row.as_of) if row else None


def set_refresh_state(connection: Connection, tables: Tables, name: str, state: RefreshState) -> None:
    kept = tables.marts.kept
    connection.execute(delete(kept).where(kept.c.name == name))
    connection.execute(insert(kept), {"name": name, **vars(state)})
