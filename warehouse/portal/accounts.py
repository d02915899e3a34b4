"""Accounts of the portal: who may sign in, in which role, for which units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from warehouse.engine import Connection
from warehouse.portal.tables import accounts, sessions


@dataclass(frozen=True)
class Account:
    """An account; `unit_codes` are the units whose reports a clerk sends, empty for other roles."""

    account_id: int
    name: str
    role: str
    unit_codes: tuple[str, ...]
    password_hash: str
    has_first_password: bool
    is_disabled: bool
    created_at: datetime


def read_accounts(connection: Connection) -> list[Account]:
    """Read all accounts by name."""
    return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]


def find_account(connection: Connection, name: str) -> Account | None:
    """Return the account of this name, disabled or not."""
    row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    return _account(row) if row else None


def add_account(
    connection: Connection,
    name: str,
    role: str,
    unit_codes: Sequence[str],
    password_hash: str,
    now: datetime,
) -> None:
    """Add an account whose password is to be changed at the first sign-in."""
    connection.execute(
        insert(accounts).values(
            name=name,
            role=role,
            unit_codes=list(unit_codes),
            password_hash=password_hash,
            has_first_password=True,
            created_at=now,
        )
    )


def set_password(
    connection: Connection, account: Account, password_hash: str, *, is_first: bool, keeps: str = ""
) -> None:
    """Store a password and end the account's sessions, except the one whose token hash `keeps` names.

    With `is_first` the password has to be changed at the next sign-in.
    """
    is_own = accounts.c.account_id == account.account_id
    values = {"password_hash": password_hash, "has_first_password": is_first, "is_disabled": False}
    connection.execute(update(accounts).where(is_own).values(values))
    other_sessions = (sessions.c.account_id == account.account_id) & (sessions.c.token_sha256 != keeps)
    connection.execute(delete(sessions).where(other_sessions))


def disable_account(connection: Connection, account: Account) -> None:
    """Let nobody sign in with this account, and end its sessions; what it did stays on record."""
    is_own = accounts.c.account_id == account.account_id
    connection.execute(update(accounts).where(is_own).values(is_disabled=True))
    connection.execute(delete(sessions).where(sessions.c.account_id == account.account_id))


def _account(row: Any) -> Account:
    return Account(**{**row._mapping, "unit_codes": tuple(row.unit_codes)})
