"""Whom each unit's messages go to, and whose mails count as a unit's: the file `contacts.toml` of a home.

    [units]
    990102 = ["star@example.cn", "wecombot://KEY"]
    990121 = ["ridge@example.cn"]

An address with `://` is one of Apprise, any other is a mail address. A workbook that comes from a mail
address of this file counts as the unit's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from schemas.errors import DefinitionError

FILE = "contacts.toml"
_MAIL = re.compile(r"[^@\s<>,;:]+@[^@\s<>,;:]+")


class ContactsError(DefinitionError):
    """The file of contacts is invalid; the message names the entry."""


@dataclass(frozen=True)
class Contacts:
    """The addresses of each unit, by its code."""

    by_unit: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def units_of(self, mail_address: str) -> list[str]:
        """Return the units whose reports may come from a mail address."""
        wanted = mail_address.strip().lower()
        return [
            unit
            for unit, addresses in self.by_unit.items()
            if wanted in {address.lower() for address in addresses if is_mail(address)}
        ]


NO_CONTACTS = Contacts()


def is_mail(address: str) -> bool:
    """Whether an address is one of mail, and not one of Apprise."""
    return "://" not in address


def parse_contacts(text: str, units: Collection[str]) -> Contacts:
    """Read the contacts of these units. Raises ContactsError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContactsError(f"{FILE}: {error}") from error
    if unknown := sorted(raw.keys() - {"units"}):
        raise ContactsError(f"{FILE}: no key '{unknown[0]}'; write the addresses below [units]")
    entries = raw.get("units", {})
    if not isinstance(entries, dict):
        raise ContactsError(f'{FILE}: write [units] and below it lines such as 990102 = ["a@example.cn"]')
    return Contacts({unit: _parse_addresses(unit, addresses, units) for unit, addresses in entries.items()})


def _parse_addresses(unit: str, addresses: object, units: Collection[str]) -> tuple[str, ...]:
    if unit not in units:
        raise ContactsError(f"{FILE}: no unit '{unit}'; there are {', '.join(units)}")
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        raise ContactsError(f'{FILE}: the addresses of {unit} are a list: ["a@example.cn"]')
    for address in addresses:
        if is_mail(address) and not _MAIL.fullmatch(address):
            raise ContactsError(f"{FILE}: an address of {unit} is neither a mail address nor one with ://")
    return tuple(dict.fromkeys(addresses))
