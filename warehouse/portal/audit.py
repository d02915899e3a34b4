"""The audit log of the portal: who did what, when, from where. It is only added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from warehouse.engine import Connection
from warehouse.portal.accounts import Account
from warehouse.portal.tables import audit_log


def add_audit_entry(
    connection: Connection,
    account: Account,
    address: str,
    action: str,
    subject: str,
    now: datetime,
    **detail: Any,
) -> None:
    """Record what an account did, with whatever else is needed to understand it later."""
    connection.execute(
        insert(audit_log).values(
            happened_at=now,
            account_name=account.name,
            role=account.role,
            address=address,
            action=action,
            subject=subject,
            detail=detail,
        )
    )


def read_audit_log(
    connection: Connection, most: int, *, account_name: str = "", action: str = ""
) -> list[dict[str, Any]]:
    """Read the latest entries, newest first; those of an account or an action, or all."""
    query = select(audit_log).order_by(audit_log.c.audit_id.desc()).limit(most)
    for column, value in ((audit_log.c.account_name, account_name), (audit_log.c.action, action)):
        query = query.where(column == value) if value else query
    return [dict(row) for row in connection.execute(query).mappings()]
