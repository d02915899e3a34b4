"""What is doubted of whole reports is found among the findings of all rows."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"

_OF_REPORT = text('"row" IS NULL')


def upgrade() -> None:
    op.create_index(
        "findings_of_reports", "findings", ["rule_id"], sqlite_where=_OF_REPORT, postgresql_where=_OF_REPORT
    )


def downgrade() -> None:
    op.drop_index("findings_of_reports", "findings")
