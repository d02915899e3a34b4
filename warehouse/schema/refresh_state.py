"""The refresh state of each materialised table: which load and which definitions it reflects."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from warehouse.schema.tables import Tables

FIGURES, COVERAGE, SOURCES, VIEWS, MASKS = "figures", "coverage", "sources", "views", "masks"
DEADLINES = "deadlines"
#: names a warehouse that was rebuilt: what was copied from another before must be copied again
REBUILT = "rebuilt"


@dataclass(frozen=True)
class RefreshState:
    """The load that a materialised table reflects, and the fingerprint of the definitions that built it.

    `as_of` is the instant of the refresh, as text, where the content depends on it.
    """

    load_id: int
    fingerprint: str
    as_of: str | None = field(default=None, compare=False)


def refresh_state(connection: Connection, tables: Tables, name: str) -> RefreshState | None:
    """Return the refresh state of a materialised table; None where it was never built."""
    kept = tables.marts.kept
    row = connection.execute(select(kept).where(kept.c.name == name)).first()
    return RefreshState(row.load_id, row.fingerprint, row.as_of) if row else None


def set_refresh_state(connection: Connection, tables: Tables, name: str, state: RefreshState) -> None:
    """Store the refresh state of a materialised result in place of the former one."""
    kept = tables.marts.kept
    connection.execute(delete(kept).where(kept.c.name == name))
    connection.execute(
        insert(kept),
        {"name": name, "load_id": state.load_id, "fingerprint": state.fingerprint, "as_of": state.as_of},
    )
