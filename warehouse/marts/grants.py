"""Save and restore GRANTs around DROP/CREATE VIEW: PostgreSQL drops them with the view."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from warehouse.marts.create_views import mart_views

EVERYBODY = "PUBLIC"
#: stands for every view: a role that could read all existing views may read new ones too
EVERY_VIEW = "*"


@dataclass(frozen=True)
class Grant:
    """A role's right on a view."""

    view: str
    right: str
    role: str


def grants_on_views(connection: Connection) -> list[Grant]:
    """Read the rights of roles other than the owner on the views; none where the database has no roles."""
    if connection.dialect.name != "postgresql":
        return []
    query = text(
        "SELECT c.relname, a.privilege_type, r.rolname FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a "
        "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace "
        "AND a.grantee <> c.relowner"
    )
    grants = [Grant(view, right, role or EVERYBODY) for view, right, role in connection.execute(query)]
    all_views = set(mart_views(connection))
    readable = {
        role: {grant.view for grant in grants if (grant.role, grant.right) == (role, "SELECT")}
        for role in {grant.role for grant in grants}
    }
    return grants + [
        Grant(EVERY_VIEW, "SELECT", role)
        for role, views in sorted(readable.items())
        if all_views and all_views <= views
    ]


def restore_grants(connection: Connection, grants: list[Grant]) -> None:
    """Grant the saved rights on the views that exist again."""
    quote = connection.dialect.identifier_preparer.quote
    existing = set(inspect(connection).get_view_names()) if grants else set()
    for grant in grants:
        role = EVERYBODY if grant.role == EVERYBODY else quote(grant.role)
        for view in mart_views(connection) if grant.view == EVERY_VIEW else existing & {grant.view}:
            connection.execute(text(f"GRANT {grant.right} ON {quote(view)} TO {role}"))
