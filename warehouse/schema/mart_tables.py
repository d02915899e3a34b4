"""Materialised tables for report tools.

They are derived from the content, so comparisons of warehouses skip them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Index, Integer, MetaData, Table, Text
from sqlalchemy.schema import SchemaItem

#: marks a table or column without content: nothing in it was submitted or published
OF_NO_CONTENT = {"is_content": False}


def is_content(item: SchemaItem) -> bool:
    """Return True if a table or column holds what was submitted or published, not what follows from it."""
    return bool(item.info.get("is_content", True))


@dataclass(frozen=True)
class MartTables:
    """The tables that only views read; `kept` holds their refresh states."""

    kept: Table
    figures: Table
    shown_sources: Table
    rule_texts: Table
    dictionary: Table
    figure_changes: Table
    indicator_texts: Table
    ledger_texts: Table
    deadlines: Table
    deadline_rows: Table


def build_mart_tables(metadata: MetaData) -> MartTables:
    kept = Table(
        "kept", metadata,
        Column("name", Text, primary_key=True, comment="what is kept: figures, views"),
        Column("fingerprint", Text, nullable=False, comment="of all that it was made by, except for the rows"),
        Column("load_id", Integer, nullable=False, comment="as of which it stands"),
        Column("as_of", Text, comment="when that load was recorded: local time with its offset"),
        info=OF_NO_CONTENT,
    )  # fmt: skip
    figures = Table(
        "figures", metadata,
        *(Column(name, Text, primary_key=True) for name in ("period", "indicator_id", "region_code")),
        *(Column(name, Text, nullable=False) for name in ("title", "unit", "region_name", "display")),
        Column("value", Double), Column("numerator", Double), Column("denominator", BigInteger),
        Column("units_expected", Integer, nullable=False), Column("units_reported", Integer, nullable=False),
        Column("is_provisional", Boolean, nullable=False),
        Column("numerator_sum", BigInteger, nullable=False, comment="分, or a count; 0 where there is none"),
        Column("denominator_sum", BigInteger, nullable=False, comment="likewise"),
        Column("units_heard", Integer, nullable=False, comment="that sent any report that it rests on"),
        Column("made_load", Integer, nullable=False, comment="with which it became what it is"),
        Index("figures_by_load", "made_load"),
        info=OF_NO_CONTENT,
    )  # fmt: skip
    shown_sources = Table(
        "shown_sources", metadata,
        Column("submission_id", Integer, primary_key=True, autoincrement=False),
        Column("source_file", Text, nullable=False, comment="the path, or one made up where a name in it may be a person's"),
        Column("source_sheet", Text, nullable=False, comment="likewise"),
        info=OF_NO_CONTENT,
    )  # fmt: skip
    return MartTables(
        kept, figures, shown_sources, _rule_texts(metadata), _dictionary(metadata),
        _figure_changes(metadata), _indicator_texts(metadata), _ledger_texts(metadata), _deadlines(metadata),
        _deadline_rows(metadata),
    )  # fmt: skip


def _deadlines(metadata: MetaData) -> Table:
    """The time limits that run, lapsed or were met late, by kind of rows; the refresh state has the day.

    A kind are rows of a ledger that agree in all that its limits depend on. `percent` is the open share of
    what a row owes.
    """
    return Table(
        "deadlines", metadata,
        Column("kind_number", Integer, primary_key=True, autoincrement=False),
        Column("limit_id", Text, primary_key=True),
        Column("state", Text, nullable=False),
        Column("started_on", Date, nullable=False), Column("due_on", Date), Column("met_on", Date),
        Column("days_left", Integer), Column("percent", Integer),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _deadline_rows(metadata: MetaData) -> Table:
    """The rows that such limits are of."""
    return Table(
        "deadline_rows", metadata,
        Column("ledger", Text, primary_key=True),
        Column("version_id", BigInteger, primary_key=True, autoincrement=False),
        Column("kind_number", Integer, nullable=False),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _figure_changes(metadata: MetaData) -> Table:
    """What loads changed of figures that were there before; new definitions change without a line here."""
    return Table(
        "figure_changes", metadata,
        Column("load_id", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, primary_key=True) for name in ("period", "indicator_id", "region_code")),
        *(Column(name, Text, nullable=False) for name in ("title", "unit", "display_before", "display_after")),
        Column("value_before", Double), Column("value_after", Double),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _indicator_texts(metadata: MetaData) -> Table:
    return Table(
        "indicator_texts", metadata,
        Column("indicator_id", Text, primary_key=True),
        Column("place", Integer, nullable=False), Column("adds_up", Boolean, nullable=False),
        *(
            Column(name, Text, nullable=False)
            for name in ("theme", "title", "unit", "display", "scope", "definition", "rule", "legal_source", "ledgers", "fields")
        ),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _ledger_texts(metadata: MetaData) -> Table:
    return Table(
        "ledger_texts", metadata,
        Column("ledger", Text, primary_key=True), Column("field_count", Integer, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("title", "row_is", "natural_key", "dated_by", "view_name")),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _rule_texts(metadata: MetaData) -> Table:
    return Table(
        "rule_texts", metadata,
        Column("rule_id", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in ("field", "field_kind", "header", "expected", "message")),
        info=OF_NO_CONTENT,
    )  # fmt: skip


def _dictionary(metadata: MetaData) -> Table:
    return Table(
        "dictionary", metadata,
        Column("view_name", Text, primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        *(
            Column(name, Text, nullable=False)
            for name in ("view_title", "column_name", "title", "meaning", "unit", "type", "source")
        ),
        info=OF_NO_CONTENT,
    )  # fmt: skip
