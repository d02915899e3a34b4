"""Who may read the views, kept over their being made anew: PostgreSQL forgets it with the view, and a report would fail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

EVERYBODY = "PUBLIC"


@dataclass(frozen=True)
class Grant:
    """A right that somebody has on a view."""

    view: str
    right: str
    role: str


def grants_on_views(connection: Connection) -> list[Grant]:
    """What others than their owner may do with the views; nothing where the database knows no roles."""
    if connection.dialect.name != "postgresql":
        return []
    query = text(
        "SELECT c.relname, a.privilege_type, r.rolname FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a "
        "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace "
        "AND a.grantee <> c.relowner"
    )
    return [Grant(view, right, role or EVERYBODY) for view, right, role in connection.execute(query)]


def grant_again(connection: Connection, grants: list[Grant]) -> None:
    """Give back what was held on the views that are there again."""
    quote = connection.dialect.identifier_preparer.quote
    there = set(inspect(connection).get_view_names()) if grants else set()
    for one in grants:
        if one.view in there:
            role = EVERYBODY if one.role == EVERYBODY else quote(one.role)
            connection.execute(text(f"GRANT {one.right} ON {quote(one.view)} TO {role}"))
