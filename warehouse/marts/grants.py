"""Who may read the views, kept over their being made anew: PostgreSQL forgets it with the view, and a report would fail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from warehouse.marts.create_views import mart_views

EVERYBODY = "PUBLIC"
#: in place of a view's name: whoever could read all that there were shall read the new ones too
EVERY_VIEW = "*"


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
    found = [Grant(view, right, role or EVERYBODY) for view, right, role in connection.execute(query)]
    ours = set(mart_views(connection))
    read = {
        role: {one.view for one in found if (one.role, one.right) == (role, "SELECT")}
        for role in {one.role for one in found}
    }
    return found + [
        Grant(EVERY_VIEW, "SELECT", role) for role, views in sorted(read.items()) if ours and ours <= views
    ]


def restore_grants(connection: Connection, grants: list[Grant]) -> None:
    """Give back what was held on the views that are there again."""
    quote = connection.dialect.identifier_preparer.quote
    there = set(inspect(connection).get_view_names()) if grants else set()
    for grant in grants:
        role = EVERYBODY if grant.role == EVERYBODY else quote(grant.role)
        for view in mart_views(connection) if grant.view == EVERY_VIEW else there & {grant.view}:
            connection.execute(text(f"GRANT {grant.right} ON {quote(view)} TO {role}"))
