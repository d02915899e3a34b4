"""${message[0].upper()}${message[1:]}."""

from __future__ import annotations

from alembic import op

from warehouse.migrations.helpers import is_there

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade() -> None:
    # batch, for SQLite makes a table anew where it cannot alter it; `is_there`, for a ledger may be younger than a warehouse
    if is_there("a_ledger", "a_field"):
        with op.batch_alter_table("a_ledger") as table:
            table.drop_column("a_field")


def downgrade() -> None:
    """Without the data: the definition brings an empty column back by itself."""
