"""The tables, built from the ledgers' definitions.

Changing one that is not a ledger's also needs a revision.
Those of ledgers are in `warehouse.schema.ledger_tables`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    text,
)

from schemas.ledgers.compiled import LedgerDefinition
from warehouse.schema.ledger_tables import SERIAL, find_looked_up, ledger_table
from warehouse.schema.mart_tables import OF_NO_CONTENT, MartTables, build_mart_tables
from warehouse.schema.regions import regions_table


@dataclass(frozen=True)
class Tables:
    """All tables of a warehouse; `ledgers` by name."""

    metadata: MetaData
    units: Table
    regions: Table
    loads: Table
    inbox_files: Table
    submissions: Table
    awaiting_rows: Table
    findings: Table
    adjustments: Table
    publications: Table
    published_figures: Table
    coverage: Table
    runs: Table
    notices: Table
    marts: MartTables
    schema_form: Table
    ledgers: Mapping[str, Table]


@dataclass(frozen=True)
class Warehouse:
    """The tables and the ledger definitions that they were built from: what a query is built of."""

    tables: Tables
    ledgers: Mapping[str, LedgerDefinition]


def build_tables(ledgers: Mapping[str, LedgerDefinition]) -> Tables:
    """Build the tables for these ledgers on new metadata."""
    metadata = MetaData()
    loads = Table(
        "loads", metadata,
        Column("load_id", Integer, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False, comment="nightly, rerun, backfill"),
        Column("recorded_at", DateTime(timezone=False), nullable=False, comment="UTC"),
        Column("ruleset", Text, nullable=False, comment="version of ledgers, rules and indicators"),
        Column("log_entry", Text, nullable=False, comment="digest of the entry in the archive's log"),
        # no content, as loads of earlier versions lack it; the archive's log has it too
        Column("headers", Text, comment="hash of headers.toml; null: there was none", info=OF_NO_CONTENT),
        # no content either: for `verify` alone
        Column(
            "recorded_rows", JSON(none_as_null=True), comment="how many rows it recorded, by ledger", info=OF_NO_CONTENT
        ),
    )  # fmt: skip
    inbox_files = Table(
        "inbox_files", metadata,
        Column("path", Text, primary_key=True, comment="below the inbox"),
        Column("size_bytes", BigInteger, nullable=False),
        Column("modified_ns", BigInteger, nullable=False),
        Column("sha256", Text, nullable=False, index=True),
        Column("received_at", DateTime(timezone=False), nullable=False, comment="UTC"),
        Column("load_id", ForeignKey("loads.load_id"), nullable=False),
    )  # fmt: skip
    return Tables(
        metadata=metadata,
        units=Table(
            "units",
            metadata,
            Column("unit_code", Text, primary_key=True),
            Column("unit_name", Text, nullable=False),
        ),
        regions=regions_table(metadata),
        loads=loads,
        inbox_files=inbox_files,
        submissions=_submissions(metadata),
        awaiting_rows=_awaiting_rows(metadata),
        findings=_findings(metadata),
        adjustments=_adjustments(metadata),
        publications=_publications(metadata),
        published_figures=_published_figures(metadata),
        coverage=_coverage(metadata),
        runs=_runs(metadata),
        notices=_notices(metadata),
        marts=build_mart_tables(metadata),
        schema_form=_schema_form(metadata),
        ledgers={
            name: ledger_table(metadata, name, ledger, find_looked_up(ledgers, ledger))
            for name, ledger in ledgers.items()
        },
    )


def _submissions(metadata: MetaData) -> Table:
    return Table(
        "submissions", metadata,
        Column("submission_id", Integer, primary_key=True, autoincrement=False),
        Column("load_id", ForeignKey("loads.load_id"), nullable=False),
        Column("unit_code", Text), Column("ledger", Text), Column("period", Text),
        Column("state", Text, nullable=False, comment="accepted, partial, zero, rejected, awaiting, withdrawn"),
        Column("rows", Integer, nullable=False), Column("held_back", Integer, nullable=False),
        Column("sha256", Text, nullable=False), Column("source_file", Text, nullable=False),
        Column("source_sheet", Text, nullable=False),
        Column("source_columns", JSON, nullable=False, comment="field to column letter"),
        Column("received_at", DateTime(timezone=False), nullable=False, comment="UTC"),
        Column("is_revalidated", Boolean, nullable=False, comment="not sent again, but revalidated"),
        Column("delivery", Text, comment="what its form or the bureau says of the earlier ones: replace, add; null: nothing"),
        Column("arrived_load", Integer, comment="the load that its file first came with; null: its own"),
        Column("superseded_load", ForeignKey("loads.load_id")),
        Column("superseded_by", ForeignKey("submissions.submission_id")),
        Index("submissions_by_report", "ledger", "period", "unit_code"),
        Index("submissions_by_file", "sha256"),
        Index("submissions_by_load", "load_id"),
    )  # fmt: skip


def _awaiting_rows(metadata: MetaData) -> Table:
    """Keys of the rows of a submission that waits: a later one that has them all settles it."""
    return Table(
        "awaiting_rows", metadata,
        Column("submission_id", ForeignKey("submissions.submission_id"), primary_key=True),
        Column("row_key", Text, primary_key=True),
    )  # fmt: skip


def _findings(metadata: MetaData) -> Table:
    is_of_report = text('"row" IS NULL')
    return Table(
        "findings", metadata,
        Column("finding_id", SERIAL, primary_key=True, autoincrement=True),
        Column("load_id", ForeignKey("loads.load_id"), nullable=False),
        Column("submission_id", ForeignKey("submissions.submission_id"), index=True),
        Column("rule_id", Text, nullable=False), Column("severity", Text, nullable=False),
        Column("file", Text, nullable=False), Column("sheet", Text), Column("row", Integer), Column("column", Text),
        Column("cell", Text), Column("value", Text),
        # filled-in texts of the rule; what a rule lacks is empty
        *(Column(name, Text, nullable=False) for name in ("problem", "expected", "remedy")),
        Column("at_stake_fen", BigInteger, comment="money of the row that it is about"),
        Index("findings_by_load", "load_id"),
        # partial: findings of whole reports are few
        Index("findings_of_reports", "rule_id", sqlite_where=is_of_report, postgresql_where=is_of_report),
    )  # fmt: skip


def _adjustments(metadata: MetaData) -> Table:
    """Every adjustment ever in effect, with the loads that first and no longer read it."""
    return Table(
        "adjustments", metadata,
        Column("adjustment_id", Text, primary_key=True),
        Column("recorded_load", ForeignKey("loads.load_id"), primary_key=True),
        Column("retired_load", ForeignKey("loads.load_id")),
        *(Column(name, Text, nullable=False) for name in ("unit_code", "ledger", "period")),
        Column("entry", JSON, nullable=False),
        Column("rows", Integer, comment="rows of the last validation in which it took effect; 0: no longer needed"),
    )  # fmt: skip


def _publications(metadata: MetaData) -> Table:
    return Table(
        "publications", metadata,
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("period", Text, nullable=False), Column("note", Text, nullable=False),
        Column("is_provisional", Boolean, nullable=False, comment="a unit was missing"),
        Column("load_id", ForeignKey("loads.load_id"), comment="null: it rests on none, as it was imported"),
        Column("ruleset", Text, nullable=False, comment="empty if it was imported"),
        Column("published_at", DateTime(timezone=False), nullable=False, comment="UTC"),
        Column("log_entry", Text, nullable=False, comment="digest of the entry in the archive's log"),
        Column("is_imported", Boolean, nullable=False, server_default=false(), comment="published before this system existed"),
    )  # fmt: skip


def _published_figures(metadata: MetaData) -> Table:
    return Table(
        "published_figures", metadata,
        Column("number", ForeignKey("publications.number"), primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column("region_code", Text, nullable=False), Column("indicator_id", Text, nullable=False),
        Column("figure", JSON, nullable=False, comment="as it was published"),
    )  # fmt: skip


def _coverage(metadata: MetaData) -> Table:
    """The materialised coverage; its refresh state is in `kept`."""
    return Table(
        "coverage", metadata,
        *(Column(name, Text, primary_key=True) for name in ("period", "unit_code", "ledger")),
        *(Column(name, Text, nullable=False) for name in ("unit_name", "state")),
        Column("due_on", Date, comment="null while the month is not over, and where no report is owed"),
        Column("received_at", Text, comment="local time with its offset"),
        Column("days_late", Integer, comment="working days"), Column("submission_id", Integer),
        Column("rows", Integer), Column("held_back", Integer),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _runs(metadata: MetaData) -> Table:
    """The log of runs; not part of the content."""
    return Table(
        "runs", metadata,
        Column("run_id", SERIAL, primary_key=True, autoincrement=True),
        Column("kind", Text, nullable=False, comment="nightly, rerun, backfill"),
        Column("subject", Text, nullable=False, comment="what it was about; empty: all"),
        Column("host", Text, nullable=False), Column("process_id", Integer, nullable=False),
        Column("started_at", DateTime(timezone=False), nullable=False, comment="UTC"),
        Column("ended_at", DateTime(timezone=False), comment="UTC"),
        Column("outcome", Text, comment="nothing_new, loaded, loaded_with_rejections, failed, interrupted"),
        Column("load_id", Integer),
        Column("is_complete_scan", Boolean, comment="of everything, and it left nothing in the inbox unread"),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _notices(metadata: MetaData) -> Table:
    """The notifications; the table has its first name."""
    return Table(
        "notices", metadata,
        Column("occasion", Text, primary_key=True, comment="notified once"),
        *(Column(name, Text, nullable=False) for name in ("event", "title", "body")),
        Column("counts", JSON, nullable=False),
        Column("noticed_at", DateTime(timezone=False), nullable=False, comment="UTC"),
        Column("sent_at", DateTime(timezone=False), comment="UTC; null: not yet"),
        Column("reached", JSON, comment="the addresses that got it while others could not be reached, as hashes"),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _schema_form(metadata: MetaData) -> Table:
    """One row: the fingerprint of the definitions that the tables fit
    (`warehouse.migrations.fingerprint`).
    """
    return Table("schema_form", metadata, Column("fingerprint", Text, primary_key=True), info=OF_NO_CONTENT)
