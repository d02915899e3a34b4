"""Corrections and waivers (更正与豁免): what the bureau decided about single rows, as data with a reason and a name behind it.

They stand in `adjustments.toml` in the home, a table each:

    [[waiver]]                          # let a row in although it breaks a rule
    unit = "990102"
    period = "2023-06"
    ledger = "penalties"
    row = { decision_no = "某环罚〔2023〕5号" }     # what stands in the row's cells, as much as it takes to know it
    rule = "penalties.fine_fen.unit_mistaken"
    reason = "已核对决定书原件，罚款确为 350 万元"
    approved_by = "法制科"
    until = 2024-06-30                  # holds for what arrives up to this day

    [[correction]]                      # read another value in place of the one that stands
    …                                   # unit, period, ledger, row, reason, approved_by, until as above
    field = "fine_fen"
    stands = "35000"                    # where something else stands by now, the correction is no longer needed
    read_as = "3.5"

They belong to a report, not to a file: a resubmission of the report meets them again.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas.periods import Period

if TYPE_CHECKING:
    from schemas.ledgers.compiled import LedgerDefinition


class AdjustmentError(ValueError):
    """An entry cannot be used; the message names file and line."""


class Adjustment(BaseModel):
    """One entry; `row` maps fields to what stands in them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["waiver", "correction"]
    unit: str
    period: str
    ledger: str
    row: Mapping[str, str] = Field(min_length=1)
    rule: str | None = None
    field: str | None = None
    stands: str | None = None
    read_as: str | None = None
    reason: str = Field(min_length=2)
    approved_by: str = Field(min_length=2)
    until: date

    @field_validator("period")
    @classmethod
    def _is_month(cls, text: str) -> str:
        if not Period.parse(text).is_month:
            raise ValueError(f"'{text}' is no month; write it as 2023-06")
        return text

    def __hash__(self) -> int:
        return hash(self.adjustment_id)

    @property
    def adjustment_id(self) -> str:
        """Short and stable: the same entry bears the same id for ever, an edited one another."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def report(self) -> tuple[str, str, str]:
        """The report that it is about: unit, ledger, month."""
        return self.unit, self.ledger, self.period


def parse_adjustments(
    name: str, text: str, ledgers: Mapping[str, LedgerDefinition], units: Collection[str]
) -> tuple[Adjustment, ...]:
    """The entries of one TOML text, in order. Raises AdjustmentError with file and line."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AdjustmentError(f"{name}: {error}") from error
    if unknown := sorted(tables.keys() - {"waiver", "correction"}):
        raise AdjustmentError(f"{name}: '{unknown[0]}' is neither [[waiver]] nor [[correction]]")
    found: list[Adjustment] = []
    for kind in ("waiver", "correction"):
        entries = tables.get(kind, [])
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            raise AdjustmentError(f"{name}: write [[{kind}]] with two brackets, a table for each")
        lines = [
            at
            for at, line in enumerate(text.splitlines(), start=1)
            if re.match(rf"\s*\[\[\s*{kind}\s*\]\]", line)
        ]
        for line, entry in zip(lines or [1] * len(entries), entries, strict=False):
            found.append(_entry(f"{name}:{line}: [[{kind}]]", kind, entry, ledgers, units))
    if len({one.adjustment_id for one in found}) < len(found):
        twice = next(one for at, one in enumerate(found) if one in found[:at])
        raise AdjustmentError(
            f"{name}: the same entry stands twice: {twice.rule or twice.field} of {dict(twice.row)}"
        )
    return tuple(found)


def _entry(
    where: str,
    kind: str,
    entry: Mapping[str, Any],
    ledgers: Mapping[str, LedgerDefinition],
    units: Collection[str],
) -> Adjustment:
    try:
        adjustment = Adjustment.model_validate({"kind": kind, **entry})
    except ValidationError as error:
        first = error.errors()[0]
        raise AdjustmentError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if complaint := _complaint(adjustment, ledgers, units):
        raise AdjustmentError(f"{where}: {complaint}")
    return adjustment


def _complaint(
    one: Adjustment, ledgers: Mapping[str, LedgerDefinition], units: Collection[str]
) -> str | None:
    """What types cannot see: names that nothing bears, keys that do not belong to the kind."""
    if one.unit not in units:
        return f"no unit '{one.unit}'; there are {', '.join(units)}"
    if one.ledger not in ledgers:
        return f"no ledger '{one.ledger}'; there are {', '.join(ledgers)}"
    ledger = ledgers[one.ledger]
    named = [*one.row, *([one.field] if one.field else [])]
    if unknown := [name for name in named if name not in ledger.field_names()]:
        return f"ledger {one.ledger} has no field '{unknown[0]}'; it has {', '.join(ledger.field_names())}"
    if one.kind == "waiver":
        valid = ledger.waivable_rules()
        if one.rule not in valid:
            return f"'{one.rule}' cannot be waived (where the value is wrong, write a correction); can: {', '.join(valid)}"
        return (
            "a waiver has no field, stands or read_as" if one.field or one.stands or one.read_as else None
        )
    if one.rule is not None:
        return "a correction has no rule"
    is_whole = one.field and one.stands is not None and one.read_as is not None
    return None if is_whole else "a correction needs field, stands and read_as"
