"""Alembic's environment: revisions run on the connection and
transaction of `warehouse.migrations.upgrade`.
"""

from __future__ import annotations

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit(
        "a warehouse is upgraded by `huizong nightly`; `alembic` here only writes new revisions"
    )
context.configure(connection=connection)
context.run_migrations()
