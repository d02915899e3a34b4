"""Passwords of the portal: hashed with Argon2id, checked without saying whether the account exists.

https://www.rfc-editor.org/rfc/rfc9106
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
#: characters of a first password: none that is read as another (0 o, 1 l i)
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4


@cache
def hasher() -> PasswordHasher:
    """Return the hasher, with the library's own costs: 64 MiB and a quarter of a second a password."""
    return PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """Hash a password; the same text typed in another Unicode form has the same hash."""
    return hasher().hash(_normalise(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether a password has this hash. Without a hash it takes as long, and is wrong."""
    try:
        hasher().verify(password_hash or _hash_of_nobody(), _normalise(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def make_first_password() -> str:
    """Make a password that a person is given once, as in `k7mf-q3xw-9bnd-t4hz`."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def password_fault(password: str, name: str) -> str | None:
    """Say in Chinese why a password cannot be taken; None if it can."""
    if len(password) < SHORTEST:
        return f"密码太短，至少要 {SHORTEST} 个字符"
    if len(set(password)) < SHORTEST // 2:
        return "密码里不同的字符太少，容易被猜到"
    if name and name.casefold() in password.casefold():
        return "密码里不要有账号名"
    return None


def _normalise(password: str) -> str:
    return unicodedata.normalize("NFC", password)
