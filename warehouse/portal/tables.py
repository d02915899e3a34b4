"""The portal's own small database: accounts, sessions, uploads and the audit log.

It is apart from the warehouse, so that a clerk never waits for the write of a nightly run. It holds nothing
that the warehouse has: of a file only what its check and its preview say.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from schemas.sentences import Sentence
from warehouse.engine import Engine, open_warehouse, writing
from warehouse.errors import WarehouseError

#: version of these tables, stored in the file; a newer one is refused
FORMAT = 1

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("unit_codes", JSON, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("has_first_password", Boolean, nullable=False),
    Column("is_disabled", Boolean, nullable=False, default=False),
    Column("created_at", DateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("last_seen_at", DateTime, nullable=False),
    Column("address", Text, nullable=False),
    Index("ix_sessions_account", "account_id"),
)

failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    Column("failed_sign_in_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("failed_at", DateTime, nullable=False),
    Index("ix_failed_sign_ins_name", "name", "failed_at"),
    Index("ix_failed_sign_ins_address", "address", "failed_at"),
)

#: one row for each file that a clerk gave the portal; its content lies in the home, named by its hash
uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("uploaded_at", DateTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("verdict", JSON),
    Column("inbox_path", Text),
    Column("sent_at", DateTime),
    Column("taken_back_at", DateTime),
    Index("ix_uploads_unit", "unit_code", "uploaded_at"),
)

#: uploads on their way into the inbox or out of it
inbox_moves = Table(
    "inbox_moves",
    metadata,
    Column("upload_id", ForeignKey("uploads.upload_id"), primary_key=True),
    Column("action", Text, nullable=False),
    Column("account_name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("inbox_path", Text, nullable=False),
    Column("begun_at", DateTime, nullable=False),
)

#: what a clerk asked of an upload: which figures it would move
previews = Table(
    "previews",
    metadata,
    Column("upload_id", ForeignKey("uploads.upload_id"), primary_key=True),
    Column("asked_at", DateTime, nullable=False),
    Column("outcome", JSON),
)

#: one row for each piece of work that an operator ordered, and what became of it
jobs = Table(
    "jobs",
    metadata,
    Column("job_id", Integer, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("subject", JSON, nullable=False),
    Column("account_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ordered_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("ended_at", DateTime),
    Column("state", Text, nullable=False),
    Column("outcome", JSON),
)

#: mails that were taken out of the mailbox
mails = Table(
    "mails",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("unit_codes", JSON, nullable=False),
    Column("taken_at", DateTime, nullable=False),
    Column("answer", Text, nullable=False),
    Column("receipts", JSON, nullable=False),
    Column("answered_at", DateTime),
    Column("sender", Text, nullable=False, server_default=""),
)

#: the latest arrival of what mails brought under a path of the inbox
mailed_paths = Table(
    "mailed_paths",
    metadata,
    Column("inbox_path", Text, primary_key=True),
    Column("arrived_at", DateTime, nullable=False),
    Column("uid", Integer, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("happened_at", DateTime, nullable=False),
    Column("account_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)

#: the audit log refuses every change of what it holds
_APPEND_ONLY = [
    f"CREATE TRIGGER IF NOT EXISTS audit_log_refuses_{change.lower()} BEFORE {change} ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    for change in ("UPDATE", "DELETE")
]


class PortalStoreError(WarehouseError):
    """The portal's database cannot be used; the message says what to do."""


def open_portal_store(file: Path) -> Engine:
    """Open the portal's database, making it if it is not there. Raises PortalStoreError if it is newer."""
    engine = open_warehouse(f"sqlite:///{file}")
    with writing(engine) as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > FORMAT:
            raise PortalStoreError(
                Sentence(
                    "{file} is of a newer version of this program (format {version}, known is "
                    "{known}); install that version",
                    file=file,
                    version=version,
                    known=FORMAT,
                )
            )
        metadata.create_all(connection)
        columns = connection.exec_driver_sql("PRAGMA table_info(mails)").all()
        if "sender" not in {column[1] for column in columns}:  # made before senders were stored
            connection.exec_driver_sql("ALTER TABLE mails ADD COLUMN sender TEXT NOT NULL DEFAULT ''")
        for trigger in _APPEND_ONLY:
            connection.exec_driver_sql(trigger)
        connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
    return engine
