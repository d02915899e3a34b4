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
from schemas.problems import describe_toml_error
from schemas.sentences import Sentence

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
        raise ContactsError(describe_toml_error(FILE, error)) from error
    if unknown := sorted(raw.keys() - {"units"}):
        raise ContactsError(
            Sentence("{file}: no key '{key}'; write the addresses below [units]", file=FILE, key=unknown[0])
        )
    entries = raw.get("units", {})
    if not isinstance(entries, dict):
        raise ContactsError(
            Sentence(
                '{file}: write [units] and below it lines such as 990102 = ["a@example.cn"]', file=FILE
            )
        )
    return Contacts({unit: _parse_addresses(unit, addresses, units) for unit, addresses in entries.items()})


def _parse_addresses(unit: str, addresses: object, units: Collection[str]) -> tuple[str, ...]:
    if unit not in units:
        raise ContactsError(
            Sentence(
                "{file}: no unit '{unit}'; there are {units}", file=FILE, unit=unit, units=tuple(units)
            )
        )
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        raise ContactsError(
            Sentence('{file}: the addresses of {unit} are a list: ["a@example.cn"]', file=FILE, unit=unit)
        )
    for address in addresses:
        if is_mail(address) and not _MAIL.fullmatch(address):
            raise ContactsError(
                Sentence(
                    "{file}: an address of {unit} is neither a mail address nor one with ://",
                    file=FILE,
                    unit=unit,
                )
            )
    return tuple(dict.fromkeys(addresses))
