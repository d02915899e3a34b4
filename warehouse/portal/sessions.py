"""Sessions of the portal, and the failures that slow a sign-in down.

A session's token is known to the browser alone: what is stored is its hash, so that nobody who reads this
database can take over a session.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import case, delete, func, insert, select, update

from warehouse.engine import Connection
from warehouse.portal.accounts import Account, find_account
from warehouse.portal.tables import accounts, failed_sign_ins, sessions


def hash_token(token: str) -> str:
    """Return the form in which a session's token is stored."""
    return sha256(token.encode()).hexdigest()


def start_session(
    connection: Connection, account: Account, token: str, address: str, now: datetime
) -> None:
    """Record a session that begins now."""
    connection.execute(
        insert(sessions).values(
            token_sha256=hash_token(token),
            account_id=account.account_id,
            started_at=now,
            last_seen_at=now,
            address=address,
        )
    )


def find_session(
    connection: Connection, token: str, started_after: datetime, seen_after: datetime
) -> Account | None:
    """Return the account of a session that began and was last used late enough; None for any other token."""
    query = (
        select(accounts.c.name)
        .join_from(sessions, accounts)
        .where(
            sessions.c.token_sha256 == hash_token(token),
            sessions.c.started_at > started_after,
            sessions.c.last_seen_at > seen_after,
            accounts.c.is_disabled.is_(False),
        )
    )
    name = connection.execute(query).scalar_one_or_none()
    return find_account(connection, name) if name is not None else None


def touch_session(connection: Connection, token: str, now: datetime) -> None:
    """Note that a session was used now."""
    is_own = sessions.c.token_sha256 == hash_token(token)
    connection.execute(update(sessions).where(is_own).values(last_seen_at=now))


def end_session(connection: Connection, token: str) -> None:
    """End a session: its token opens nothing any more."""
    connection.execute(delete(sessions).where(sessions.c.token_sha256 == hash_token(token)))


def delete_ended(connection: Connection, started_before: datetime, seen_before: datetime) -> None:
    """Delete what is too old to count: sessions, and failures of that time."""
    is_ended = (sessions.c.started_at <= started_before) | (sessions.c.last_seen_at <= seen_before)
    connection.execute(delete(sessions).where(is_ended))
    connection.execute(delete(failed_sign_ins).where(failed_sign_ins.c.failed_at <= started_before))


def add_failure(connection: Connection, name: str, address: str, now: datetime) -> None:
    """Record a failed sign-in."""
    connection.execute(insert(failed_sign_ins).values(name=name, address=address, failed_at=now))


def count_failures(connection: Connection, name: str, address: str, since: datetime) -> tuple[int, int]:
    """Count the failures since a moment: of this name from this address, and of this address in all."""
    is_recent = (failed_sign_ins.c.address == address) & (failed_sign_ins.c.failed_at > since)
    of_name = func.sum(case((failed_sign_ins.c.name == name, 1), else_=0))
    row = connection.execute(select(of_name, func.count()).where(is_recent)).one()
    return int(row[0] or 0), int(row[1])


def forget_failures(connection: Connection, name: str, address: str) -> None:
    """Delete the failures of a name from an address: it has signed in."""
    is_own = (failed_sign_ins.c.name == name) & (failed_sign_ins.c.address == address)
    connection.execute(delete(failed_sign_ins).where(is_own))
