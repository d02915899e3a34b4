"""Loads say by which headers of the city's own they were read; two columns have the names of the glossary."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

from warehouse.migrations.helpers import has_object

revision = "0010"
down_revision = "0009"

#: table, name until this revision, name since
RENAMED = (
    ("submissions", "is_judged_again", "is_revalidated"),
    ("runs", "is_whole_look", "is_complete_scan"),
)


def upgrade() -> None:
    op.add_column("loads", Column("headers", Text))
    for table, former, name in RENAMED:
        _rename(table, former, name)


def downgrade() -> None:
    for table, former, name in RENAMED:
        _rename(table, name, former)
    op.drop_column("loads", "headers")


def _rename(table: str, old_name: str, new_name: str) -> None:
    # both databases do this in place; a batch would rebuild the table, to which every ledger refers
    if has_object(table, old_name):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old_name} TO {new_name}")
