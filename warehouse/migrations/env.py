"""What Alembic asks for: revisions go over the connection, and within the transaction, that `warehouse.upgrade` hands in."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit(
        "a warehouse is upgraded by `huizong nightly`; `alembic` here only writes new revisions"
    )
context.configure(connection=connection)
context.run_migrations()
