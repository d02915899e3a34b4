"""Headers and constants of one city's ledgers: what the systems of its counties call or lack.

`headers.toml` in the home folder holds a table for each ledger:

    [penalties]
    fine_fen = ["罚款数额（万元）"]        # more headers of a field; for money with its unit, if they name it

    [penalties.constants]               # of every unit: what to read where a sheet has no such column
    procedure = "普通"

    [penalties.constants.990102]        # of one unit; it comes before that of every unit
    authority = "临江市生态环境局"

A header must mean what the field means: 罚没款 is a fine and what was confiscated together, and no header of
`fine_fen`. A constant is text as a clerk would write it, and is validated as such.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schemas.errors import DefinitionError
from schemas.money_units import HEADER_MARKS, HEADER_REMARKS
from schemas.problems import describe_toml_error
from schemas.sentences import Sentence

if TYPE_CHECKING:
    from schemas.ledgers.compiled import LedgerDefinition

CONSTANTS = "constants"
#: in place of a unit: a constant of every unit
EVERY_UNIT = ""
_BRACKETED = re.compile(r"[(\[【〔〈]([^()\[\]【】〔〕〈〉]*)[)\]】〕〉]")


class LocalHeadersError(DefinitionError):
    """`headers.toml` is invalid; the message names the file and the key."""


@dataclass(frozen=True)
class LocalHeaders:
    """Additions to the ledgers: `headers` by ledger and field, `constants` by ledger, unit and field."""

    headers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    constants: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def constants_of(self, ledger: str, unit: str) -> dict[str, str]:
        """Return what to read for the fields of a ledger that a sheet of this unit has no column for."""
        by_unit = self.constants.get(ledger, {})
        return {**by_unit.get(EVERY_UNIT, {}), **by_unit.get(unit, {})}

    def constant_fields(self, ledger: str) -> set[str]:
        """Return the fields of a ledger that some unit has a constant for."""
        return {name for constants in self.constants.get(ledger, {}).values() for name in constants}


NO_LOCAL_HEADERS = LocalHeaders()


def parse_local_headers(
    name: str, text: str, ledgers: Mapping[str, LedgerDefinition], units: Collection[str] | None = None
) -> LocalHeaders:
    """Parse the text of `headers.toml`. Raises LocalHeadersError naming file and key.

    `units`: the codes that there are. None: the headers of an earlier load, which were valid then; neither
    units nor headers of two fields are checked.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LocalHeadersError(describe_toml_error(name, error)) from error
    headers: dict[str, dict[str, tuple[str, ...]]] = {}
    constants: dict[str, dict[str, dict[str, str]]] = {}
    for ledger_name, table in tables.items():
        ledger = ledgers.get(ledger_name)
        if ledger is None or not isinstance(table, dict):
            raise LocalHeadersError(
                Sentence(
                    "{name}: no ledger '{ledger_name}'; there are {ledgers}",
                    name=name,
                    ledger_name=ledger_name,
                    ledgers=", ".join(ledgers),
                )
            )
        headers[ledger_name] = {
            key: _parse_headers(f"{name}: {ledger_name}.{key}", key, value, ledger)
            for key, value in table.items()
            if key != CONSTANTS
        }
        if units is not None:
            _require_one_field_each(f"{name}: {ledger_name}", headers[ledger_name])
        constants[ledger_name] = _parse_constants(
            f"{name}: {ledger_name}.{CONSTANTS}", table.get(CONSTANTS, {}), ledger, units
        )
    return LocalHeaders(headers, constants)


def _parse_headers(where: str, key: str, value: Any, ledger: LedgerDefinition) -> tuple[str, ...]:
    _require_field(where, key, ledger)
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise LocalHeadersError(
            Sentence('{where}: write a list of headers, as ["罚款数额（万元）"]', where=where)
        )
    return tuple(value)


def _require_one_field_each(where: str, headers: Mapping[str, Sequence[str]]) -> None:
    """Refuse a header of two fields: only the first of them would be read."""
    fields: dict[str, str] = {}
    for key, texts in headers.items():
        for text in texts:
            first = fields.setdefault(_fold(text), key)
            if first != key:
                raise LocalHeadersError(
                    Sentence(
                        "{where}: '{header}' stands under {first} and under {key}; a header names one field",
                        where=where,
                        header=text,
                        first=first,
                        key=key,
                    )
                )


def _fold(header: str) -> str:
    """Fold a header for comparison: no white space, no required mark, no unit of money in brackets."""
    compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", header)).upper()
    return _BRACKETED.sub(_keep_what_differs, compact).strip(HEADER_MARKS)


def _keep_what_differs(bracketed: re.Match[str]) -> str:
    inner = bracketed[1].strip(HEADER_MARKS)
    return "" if inner in HEADER_REMARKS or inner.endswith("元") else f"({inner})"


def _parse_constants(
    where: str, table: Any, ledger: LedgerDefinition, units: Collection[str] | None
) -> dict[str, dict[str, str]]:
    if not isinstance(table, dict):
        raise LocalHeadersError(
            Sentence(
                "{where}: write a table [{name}.{constants}]",
                where=where,
                name=ledger.name,
                constants=CONSTANTS,
            )
        )
    constants: dict[str, dict[str, str]] = {EVERY_UNIT: {}}
    for key, value in table.items():
        if not isinstance(value, dict):
            constants[EVERY_UNIT][key] = _parse_constant(f"{where}.{key}", key, value, ledger)
            continue
        if units is not None and key not in units:
            raise LocalHeadersError(
                Sentence(
                    "{where}: no unit '{key}'; there are {units}",
                    where=where,
                    key=key,
                    units=", ".join(units),
                )
            )
        constants[key] = {
            name: _parse_constant(f"{where}.{key}.{name}", name, text, ledger)
            for name, text in value.items()
        }
    return constants


def _parse_constant(where: str, key: str, value: Any, ledger: LedgerDefinition) -> str:
    _require_field(where, key, ledger)
    if not isinstance(value, str) or not value.strip():
        raise LocalHeadersError(
            Sentence('{where}: write the constant as text in quotes, as "普通"', where=where)
        )
    if any(key in part for alternative in ledger.natural_key for part in alternative):
        raise LocalHeadersError(
            Sentence(
                "{where}: '{key}' identifies a row and cannot be the same in all of them",
                where=where,
                key=key,
            )
        )
    return value.strip()


def _require_field(where: str, key: str, ledger: LedgerDefinition) -> None:
    if key not in ledger.field_names():
        raise LocalHeadersError(
            Sentence(
                "{where}: ledger {name} has no field '{key}'; it has {field_names}",
                where=where,
                name=ledger.name,
                key=key,
                field_names=", ".join(ledger.field_names()),
            )
        )
