"""Making the views for report tools, their comments and their dictionary, whenever what they are made from is another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, delete, insert, inspect, select

from schemas.ledgers.compiled import VIEW_PREFIX, LedgerDefinition
from schemas.ledgers.rules import ADJUSTMENT_RULES, SUBMISSION_RULES, Rule
from warehouse.figures.filters import Warehouse
from warehouse.marts.core_views import core_views
from warehouse.marts.view_spec import ViewSpec
from warehouse.schema.refresh_state import VIEWS, RefreshState, refresh_state, set_refresh_state
from warehouse.schema.tables import Tables


def drop_views(connection: Connection) -> None:
    """Drop every view of ours, those of ledgers that are no more too, so that tables can be changed."""
    for name in mart_views(connection):
        connection.exec_driver_sql(f"DROP VIEW {name}")


def has_views(connection: Connection, warehouse: Warehouse) -> bool:
    """Whether the views are there and as they are to be."""
    made, before = _made(connection, warehouse), refresh_state(connection, warehouse.tables, VIEWS)
    is_same = before is not None and before.fingerprint == made.fingerprint
    return is_same and set(mart_views(connection)) == set(made.texts)


def ensure_views(connection: Connection, warehouse: Warehouse) -> None:
    """Make all views anew if any of them is to be another, within the caller's transaction."""
    if has_views(connection, warehouse):
        return
    made = _made(connection, warehouse)
    drop_views(connection)
    for text in made.texts.values():
        connection.exec_driver_sql(text)
    if made.comments:
        connection.exec_driver_sql(made.comments, execution_options={"no_parameters": True})
    _keep_texts(connection, warehouse.tables, made)
    set_refresh_state(connection, warehouse.tables, VIEWS, RefreshState(0, made.fingerprint))


@dataclass(frozen=True)
class _Made:
    """What follows from the definitions: the views' texts by name, their comments, and the rows of the two tables of texts."""

    texts: Mapping[str, str]
    comments: str
    dictionary: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, str]]

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


#: by dialect and ledgers, which are held so that no others can take their place in memory
_MADE: dict[tuple[str, int], tuple[Mapping[str, LedgerDefinition], _Made]] = {}


def _made(connection: Connection, warehouse: Warehouse) -> _Made:
    """Made once a process: it takes longer than all else that a run prepares."""
    which = (connection.dialect.name, id(warehouse.ledgers))
    if which not in _MADE:
        all_of_them = list(core_views(warehouse))
        texts = {one.name: _text(connection, one) for one in all_of_them}
        has_comments = (
            connection.dialect.name == "postgresql"
        )  # SQLite keeps none; there the dictionary says the same
        comments = (
            ";".join(line for one in all_of_them for line in _comments(connection, one))
            if has_comments
            else ""
        )
        made = _Made(texts, comments, list(_dictionary(all_of_them)), list(_rule_texts(warehouse.ledgers)))
        _MADE[which] = (warehouse.ledgers, made)
    return _MADE[which][1]


def mart_views(connection: Connection) -> list[str]:
    """The views for report tools that are there."""
    return sorted(name for name in inspect(connection).get_view_names() if name.startswith(VIEW_PREFIX))


def store_units(connection: Connection, tables: Tables, names: Mapping[str, str]) -> None:
    """Keep the units' names beside the rows, for views."""
    connection.execute(delete(tables.units))
    connection.execute(
        insert(tables.units), [{"unit_code": code, "unit_name": name} for code, name in names.items()]
    )


def stored_units(connection: Connection, tables: Tables) -> dict[str, str]:
    """The units' names as kept."""
    return {row.unit_code: row.unit_name for row in connection.execute(select(tables.units))}


def _text(connection: Connection, mart: ViewSpec) -> str:
    """A barrier keeps a reader's own conditions from being asked of rows that the view leaves out."""
    barrier = " WITH (security_barrier)" if connection.dialect.name == "postgresql" else ""
    query = mart.query().compile(connection, compile_kwargs={"literal_binds": True})
    return f"CREATE VIEW {mart.name}{barrier} AS {query}"


def _comments(connection: Connection, mart: ViewSpec) -> Iterator[str]:
    yield f"COMMENT ON VIEW {mart.name} IS {_quoted(mart.title)}"
    for column in mart.columns:
        name = connection.dialect.identifier_preparer.quote_identifier(column.name)
        yield f"COMMENT ON COLUMN {mart.name}.{name} IS {_quoted(column.comment)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _dictionary(all_of_them: list[ViewSpec]) -> Iterator[dict[str, Any]]:
    for mart in all_of_them:
        for place, column in enumerate(mart.columns, start=1):
            yield {
                "view_name": mart.name, "view_title": mart.title, "place": place, "column_name": column.name,
                "title": column.title, "meaning": column.meaning, "unit": column.unit, "type": column.type,
                "source": column.source,
            }  # fmt: skip


def _rule_texts(ledgers: Mapping[str, LedgerDefinition]) -> Iterator[dict[str, str]]:
    """The rules' sentences without what a finder fills in, for that may be anything that stood in a cell."""
    for rule in (*SUBMISSION_RULES.values(), *ADJUSTMENT_RULES.values()):
        yield _rule_text(rule, "", "", "")
    for ledger in ledgers.values():
        headers = {field.name: (field.header, field.type.kind) for field in ledger.fields}
        for rule in ledger.rules().values():
            field = rule.rule_id.split(".")[1]
            header, kind = headers.get(field, ("", ""))
            is_open = field in headers and not ledger.field(field).private
            yield _rule_text(rule, field, kind if is_open else "", header)


def _rule_text(rule: Rule, field: str, kind: str, header: str) -> dict[str, str]:
    told = rule.in_general()
    place = f"“{header}”" if header else ""
    return {
        "rule_id": rule.rule_id, "field": field, "field_kind": kind, "header": header, "expected": told.expected,
        "message": f"{place}{told.problem}。{told.mend}",
    }  # fmt: skip


def _keep_texts(connection: Connection, tables: Tables, made: _Made) -> None:
    for table, rows in ((tables.marts.dictionary, made.dictionary), (tables.marts.rule_texts, made.rules)):
        connection.execute(delete(table))
        connection.execute(insert(table), rows)
