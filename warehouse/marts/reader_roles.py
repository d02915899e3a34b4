"""Roles that may read the views and nothing else (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from schemas.sentences import Sentence
from warehouse.errors import WarehouseError

#: session defaults of a reader: against mistakes only, as a reader can change them, unlike the rights below
SESSION = {
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "10min",
}
#: writing functions that everybody may call by default
WRITING_FUNCTIONS = ("lo_creat", "lo_create", "lo_from_bytea", "lo_put", "lowrite", "lo_open", "lo_unlink")


class ReaderRoleError(WarehouseError):
    """A role that cannot be made a reader; the message says why."""


def grant_views(connection: Connection, role: str, views: Sequence[str]) -> None:
    """Grant a role SELECT on these views."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    for view in views:
        connection.exec_driver_sql(f"GRANT SELECT ON {view} TO {quote(role) if role != 'PUBLIC' else role}")


def make_reader(connection: Connection, role: str, views: Sequence[str]) -> Iterator[str]:
    """Make a role a reader of the views and nothing else; yield what was done and what failed.

    Raises ReaderRoleError. A missing role is created without a password, so nobody can log in before the
    administrator sets one.
    """
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    if _has_role(connection, role):
        _require_no_other_rights(connection, role)
    else:
        connection.exec_driver_sql(
            f"CREATE ROLE {quoted} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION"
        )
        yield Sentence("role {role} made, without a password: set one with  \\password {role}", role=role)
    schema, database = (
        connection.scalar(text(f"SELECT {function}()"))
        for function in ("current_schema", "current_database")
    )
    quote = connection.dialect.identifier_preparer.quote_identifier
    for object_kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        connection.exec_driver_sql(
            f"REVOKE ALL ON ALL {object_kind} IN SCHEMA {quote(schema)} FROM {quoted}"
        )
    connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {quote(database)} TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {quote(schema)} TO {quoted}")
    grant_views(connection, role, views)
    for name, value in SESSION.items():
        connection.exec_driver_sql(
            f"ALTER ROLE {quoted} IN DATABASE {quote(database)} SET {name} = '{value}'"
        )
    yield Sentence("{role} may read {count} views", role=role, count=len(views))
    yield from _revoke_public_rights(connection, schema, database)


def _has_role(connection: Connection, role: str) -> bool:
    return bool(connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}))


def _require_no_other_rights(connection: Connection, role: str) -> None:
    other_rights = text(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls "
        "OR EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid) "
        "OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid) FROM pg_roles WHERE rolname = :role"
    )
    if connection.scalar(other_rights, {"role": role}):
        raise ReaderRoleError(
            Sentence(
                "role {role} may do more than read (it rules, belongs to another role or owns "
                "tables); name another",
                role=role,
            )
        )


def _revoke_public_rights(connection: Connection, schema: str, database: str) -> Iterator[str]:
    """Revoke what PostgreSQL allows everybody by default; yield what stays, because only its owner can.

    Up to version 14 everybody may create tables in the schema `public`, which belongs to the administrator. A
    revocation by another user then ends without an error and revokes nothing: the rights are looked at.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    rights = [
        (
            "has_schema_privilege('public', :name, 'CREATE')",
            schema,
            f"REVOKE CREATE ON SCHEMA {quote(schema)} FROM PUBLIC",
        ),
        (
            "has_database_privilege('public', :name, 'TEMPORARY')",
            database,
            f"REVOKE TEMPORARY ON DATABASE {quote(database)} FROM PUBLIC",
        ),
        *(
            (
                "has_function_privilege('public', :name, 'EXECUTE')",
                function,
                f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC",
            )
            for function in _writing_functions(connection)
        ),
    ]
    for is_allowed, name, revocation in rights:
        query = text(f"SELECT {is_allowed}")
        if not connection.scalar(query, {"name": name}):
            continue
        with suppress(ProgrammingError), connection.begin_nested():
            connection.exec_driver_sql(revocation)
        if connection.scalar(query, {"name": name}):
            yield Sentence("not allowed here, ask the administrator: {statement};", statement=revocation)


def _writing_functions(connection: Connection) -> list[str]:
    query = text(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace "
        "AND proname = ANY(:names) ORDER BY 1"
    )
    return list(connection.scalars(query, {"names": list(WRITING_FUNCTIONS)}))
