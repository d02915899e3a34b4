"""${message[0].upper()}${message[1:]}."""

from __future__ import annotations

from alembic import op

from warehouse.migrations.helpers import has_object

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade() -> None:
    # batch, for SQLite makes a table anew where it cannot alter it; `exists`, for a ledger may be younger than a warehouse
    if has_object("a_ledger", "a_field"):
        with op.batch_alter_table("a_ledger") as table:
            table.drop_column("a_field")


def downgrade() -> None:
    """Without the data: the definition brings an empty column back by itself."""
