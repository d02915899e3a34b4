"""Settle the unit of the amounts of a table: its header, the row below it, labels and notes must agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from transforms.normalise.money_units import is_readable
from transforms.read.containers.grid import UnusableFileError
from transforms.read.layout.header import HeaderColumn
from transforms.read.layout.identity import IdentityHint

#: a unit with the place that names it
_Claim = tuple[str, str]


def find_money_unit(
    evidence: Sequence[IdentityHint], columns: Mapping[str, HeaderColumn], money: Collection[str]
) -> str | None:
    """Return the unit that stands beside the table for columns whose header names none.

    Raises UnusableFileError where a unit cannot be read, or two places name different ones. A table
    without a column of `money` has no unit.
    """
    headers = [columns[field] for field in money if field in columns]
    if not headers:
        return None
    beside = [(hint.origin, unit) for hint in evidence for unit in hint.money_units]
    for header in headers:
        own = [(f"表头“{header.header}”", unit) for unit in header.money_units]
        _require_one([*beside, *own])
    return beside[0][1] if beside else None


def _require_one(claims: Sequence[_Claim]) -> None:
    origins: dict[str, str] = {}
    for origin, unit in claims:
        origins.setdefault(unit, origin)
    if len(origins) > 1:
        detail = "，".join(f"{origin}是“{unit}”" for unit, origin in origins.items())
        raise UnusableFileError("submission.money_unit_conflict", detail=detail)
    for unit, origin in origins.items():
        if not is_readable(unit):
            raise UnusableFileError("submission.money_unit_unknown", origin=origin, detail=unit)
