"""Creation of the views for report tools, their comments and
dictionary, whenever their definitions change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, delete, insert, inspect

from schemas.ledgers.compiled import VIEW_PREFIX, LedgerDefinition
from schemas.ledgers.rules import ADJUSTMENT_RULES, SUBMISSION_RULES, Rule
from warehouse.marts.catalogue_views import indicator_texts, ledger_texts
from warehouse.marts.core_views import core_views
from warehouse.marts.view_spec import ViewSpec
from warehouse.schema.refresh_state import VIEWS, RefreshState, refresh_state, set_refresh_state
from warehouse.schema.tables import Tables, Warehouse


def drop_views(connection: Connection) -> None:
    """Drop every view of this project, including those of removed ledgers, so that tables can be changed."""
    for name in mart_views(connection):
        connection.exec_driver_sql(f"DROP VIEW {name}")


def has_views(connection: Connection, warehouse: Warehouse) -> bool:
    """Return True if the views exist and match their definitions."""
    ddl, state = _build_ddl(connection, warehouse), refresh_state(connection, warehouse.tables, VIEWS)
    is_same = state is not None and state.fingerprint == ddl.fingerprint
    return is_same and set(mart_views(connection)) == set(ddl.texts)


def ensure_views(connection: Connection, warehouse: Warehouse) -> None:
    """Recreate all views if any definition changed, within the caller's transaction."""
    if has_views(connection, warehouse):
        return
    ddl = _build_ddl(connection, warehouse)
    drop_views(connection)
    for text in ddl.texts.values():
        connection.exec_driver_sql(text)
    if ddl.comments:
        connection.exec_driver_sql(ddl.comments, execution_options={"no_parameters": True})
    _store_texts(connection, warehouse.tables, ddl)
    set_refresh_state(connection, warehouse.tables, VIEWS, RefreshState(0, ddl.fingerprint))


@dataclass(frozen=True)
class _Made:
    """DDL of the views by name, their comments, and the rows of the text tables.

    The fingerprint hashes the repr: renaming this class or a field makes every warehouse rebuild its views
    once.
    """

    texts: Mapping[str, str]
    comments: str
    dictionary: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, str]]
    indicators: Sequence[Mapping[str, Any]]
    ledgers: Sequence[Mapping[str, Any]]

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


#: by dialect and id of the ledgers, which are kept referenced so that the id stays theirs
_DDL_CACHE: dict[tuple[str, int], tuple[Mapping[str, LedgerDefinition], _Made]] = {}


def _build_ddl(connection: Connection, warehouse: Warehouse) -> _Made:
    """Build the DDL once per process: the slowest step of preparing a run."""
    key = (connection.dialect.name, id(warehouse.ledgers))
    if key not in _DDL_CACHE:
        views = list(core_views(warehouse))
        texts = {view.name: _create_statement(connection, view) for view in views}
        # SQLite has no comments; the dictionary holds the same
        has_comments = connection.dialect.name == "postgresql"
        comments = (
            ";".join(line for view in views for line in _comments(connection, view)) if has_comments else ""
        )
        ddl = _Made(
            texts,
            comments,
            list(_dictionary(views)),
            list(_rule_texts(warehouse.ledgers)),
            list(indicator_texts(warehouse)),
            list(ledger_texts(warehouse.ledgers)),
        )
        _DDL_CACHE[key] = (warehouse.ledgers, ddl)
    return _DDL_CACHE[key][1]


def mart_views(connection: Connection) -> list[str]:
    """List the existing views for report tools."""
    return sorted(name for name in inspect(connection).get_view_names() if name.startswith(VIEW_PREFIX))


def _create_statement(connection: Connection, view: ViewSpec) -> str:
    """Write CREATE VIEW; the barrier hides excluded rows from a reader's own conditions."""
    barrier = " WITH (security_barrier)" if connection.dialect.name == "postgresql" else ""
    query = view.query().compile(connection, compile_kwargs={"literal_binds": True})
    return f"CREATE VIEW {view.name}{barrier} AS {query}"


def _comments(connection: Connection, view: ViewSpec) -> Iterator[str]:
    yield f"COMMENT ON VIEW {view.name} IS {_quoted(view.title)}"
    for column in view.columns:
        name = connection.dialect.identifier_preparer.quote_identifier(column.name)
        yield f"COMMENT ON COLUMN {view.name}.{name} IS {_quoted(column.comment)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _dictionary(views: list[ViewSpec]) -> Iterator[dict[str, Any]]:
    for view in views:
        for position, column in enumerate(view.columns, start=1):
            yield {
                "view_name": view.name, "view_title": view.title, "place": position, "column_name": column.name,
                "title": column.title, "meaning": column.meaning, "unit": column.unit, "type": column.type,
                "source": column.source,
            }  # fmt: skip


def _rule_texts(ledgers: Mapping[str, LedgerDefinition]) -> Iterator[dict[str, str]]:
    """Yield the rules' texts without details filled in from cells, which may hold anything."""
    for rule in (*SUBMISSION_RULES.values(), *ADJUSTMENT_RULES.values()):
        yield _rule_text(rule, "", "", "")
    for ledger in ledgers.values():
        headers = {field.name: (field.header, field.type.kind) for field in ledger.fields}
        for rule in ledger.rules().values():
            field = rule.rule_id.split(".")[1]
            header, kind = headers.get(field, ("", ""))
            is_shown = field in headers and not ledger.field(field).private
            yield _rule_text(rule, field, kind if is_shown else "", header)


def _rule_text(rule: Rule, field: str, kind: str, header: str) -> dict[str, str]:
    texts = rule.in_general()
    column = f"“{header}”" if header else ""
    return {
        "rule_id": rule.rule_id, "field": field, "field_kind": kind, "header": header, "expected": texts.expected,
        "message": f"{column}{texts.problem}。{texts.remedy}",
    }  # fmt: skip


def _store_texts(connection: Connection, tables: Tables, ddl: _Made) -> None:
    marts = tables.marts
    stored = (
        (marts.dictionary, ddl.dictionary),
        (marts.rule_texts, ddl.rules),
        (marts.indicator_texts, ddl.indicators),
        (marts.ledger_texts, ddl.ledgers),
    )
    for table, rows in stored:
        connection.execute(delete(table))
        connection.execute(insert(table), rows)
