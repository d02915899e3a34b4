"""Adjustments (更正、豁免、确认、撤回): the bureau's decisions on rows and
submissions, as data with a reason and an approver.

`adjustments.toml` in the home folder holds one table for each:

    [[waiver]]                          # accept a row although it breaks a rule
    unit = "990102"
    period = "2023-06"
    ledger = "penalties"
    row = { decision_no = "某环罚〔2023〕5号" }     # cell values that identify the row, as many as are needed
    rule = "penalties.fine_fen.unit_mistaken"
    reason = "已核对决定书原件，罚款确为 350 万元"
    approved_by = "法制科"
    until = 2024-06-30                  # applies to files that arrive up to this day

    [[correction]]                      # read another value instead of the submitted one
    …                                   # unit, period, ledger, row, reason, approved_by, until as above
    field = "fine_fen"
    stands = "35000"                    # the submitted value; if the cell has another, this is obsolete
    read_as = "3.5"

    [[confirm]]                         # how a submission relates to the earlier ones
    …                                   # unit, period, ledger, reason, approved_by, until
    file = "2023-06/990102/处罚（更正）.xlsx"   # its path below the inbox
    mode = "replace"                    # the whole report; "add": rows added to the others

    [[withdraw]]                        # do not count a submission of the wrong unit, say
    …                                   # unit, period, ledger, reason, approved_by, until
    file = "2023-06/990102/立案.xlsx"

Corrections and waivers belong to a report, not to a file, so they also apply when the report is submitted
again. Confirmations and withdrawals are of a file. When an entry is added or taken out, the report is
decided again.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas.errors import DefinitionError
from schemas.periods import Period, day_words
from schemas.problems import describe_first_problem, describe_toml_error
from schemas.reporting.replacement import Delivery
from schemas.sentences import Sentence

if TYPE_CHECKING:
    from schemas.ledgers.compiled import LedgerDefinition


class AdjustmentError(DefinitionError):
    """An adjustment is invalid; the message names file and line."""


#: decisions on rows, and decisions on whole submissions
ROW_KINDS, SUBMISSION_KINDS = ("waiver", "correction"), ("confirm", "withdraw")
KINDS = (*ROW_KINDS, *SUBMISSION_KINDS)


class Adjustment(BaseModel):
    """One decision. `row` maps field names to the cell texts that identify a row; `file` is the path of a
    submission's file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    kind: Literal["waiver", "correction", "confirm", "withdraw"]
    unit: str
    period: str
    ledger: str
    row: Mapping[str, str] = Field(default_factory=dict)
    rule: str | None = None
    field: str | None = None
    submitted: str | None = Field(None, alias="stands")
    read_as: str | None = None
    file: str | None = None
    mode: Delivery | None = None
    reason: str = Field(min_length=2)
    approved_by: str = Field(min_length=2)
    until: date

    @field_validator("period")
    @classmethod
    def _is_month(cls, text: str) -> str:
        if not Period.parse(text).is_month:
            raise ValueError(Sentence("'{text}' is no month; write it as 2023-06", text=text))
        return text

    def __hash__(self) -> int:
        return hash(self.adjustment_id)

    @property
    def adjustment_id(self) -> str:
        """Return a short hash of the content: an unchanged entry keeps
        its id, an edited one gets a new one.
        """
        return hashlib.sha256(self.model_dump_json(exclude=self._later_keys()).encode()).hexdigest()[:12]

    def as_entry(self) -> dict[str, Any]:
        """Return the content as stored in warehouse and archive."""
        return self.model_dump(mode="json", exclude=self._later_keys())

    def _later_keys(self) -> set[str]:
        """Return the empty keys that entries stored by older versions lack."""
        return {name for name in ("file", "mode") if getattr(self, name) is None}

    @property
    def is_about_rows(self) -> bool:
        """Whether it decides on single rows, not on a submission."""
        return self.kind in ROW_KINDS

    @property
    def decided(self) -> str:
        """Say in words why, by whom and until when it was decided."""
        return f"理由：{self.reason}；批准：{self.approved_by}；有效至 {day_words(self.until)}"

    @property
    def report(self) -> tuple[str, str, str]:
        """Return the report that the adjustment is about: unit, ledger, month."""
        return self.unit, self.ledger, self.period


def parse_adjustments(
    name: str, text: str, ledgers: Mapping[str, LedgerDefinition], units: Collection[str]
) -> tuple[Adjustment, ...]:
    """Parse and validate the adjustments of one TOML text. Raises AdjustmentError with file and line."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AdjustmentError(describe_toml_error(name, error)) from error
    if unknown := sorted(tables.keys() - set(KINDS)):
        raise AdjustmentError(
            Sentence(
                "{name}: '{unknown}' is none of {kinds}",
                name=name,
                unknown=unknown[0],
                kinds=", ".join(f"[[{kind}]]" for kind in KINDS),
            )
        )
    adjustments: list[Adjustment] = []
    for kind in KINDS:
        entries = tables.get(kind, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise AdjustmentError(
                Sentence(
                    "{name}: write [[{kind}]] with two brackets, a table for each", name=name, kind=kind
                )
            )
        lines = [
            number
            for number, line in enumerate(text.splitlines(), start=1)
            if re.match(rf"\s*\[\[\s*{kind}\s*\]\]", line)
        ]
        for line, entry in zip(lines or [1] * len(entries), entries, strict=False):
            adjustments.append(_parse_entry(f"{name}:{line}: [[{kind}]]", kind, entry, ledgers, units))
    if len({adjustment.adjustment_id for adjustment in adjustments}) < len(adjustments):
        twice = next(
            adjustment for index, adjustment in enumerate(adjustments) if adjustment in adjustments[:index]
        )
        raise AdjustmentError(
            Sentence(
                "{name}: two equal entries: {rule} of {file}",
                name=name,
                rule=twice.rule or twice.field or twice.kind,
                file=twice.file or dict(twice.row),
            )
        )
    return tuple(adjustments)


def _parse_entry(
    where: str,
    kind: str,
    entry: Mapping[str, Any],
    ledgers: Mapping[str, LedgerDefinition],
    units: Collection[str],
) -> Adjustment:
    try:
        adjustment = Adjustment.model_validate({"kind": kind, **entry})
    except ValidationError as error:
        raise AdjustmentError(describe_first_problem(where, error)) from error
    if complaint := _find_complaint(adjustment, ledgers, units):
        raise AdjustmentError(Sentence("{where}: {complaint}", where=where, complaint=complaint))
    return adjustment


def _find_complaint(
    adjustment: Adjustment, ledgers: Mapping[str, LedgerDefinition], units: Collection[str]
) -> str | None:
    """Say what the types do not check: unknown names, and keys that do not belong to the kind.

    Return None if the adjustment is valid.
    """
    if adjustment.unit not in units:
        return Sentence("no unit '{unit}'; there are {units}", unit=adjustment.unit, units=", ".join(units))
    if adjustment.ledger not in ledgers:
        return Sentence(
            "no ledger '{ledger}'; there are {ledgers}",
            ledger=adjustment.ledger,
            ledgers=", ".join(ledgers),
        )
    if not adjustment.is_about_rows:
        return _find_complaint_about_submission(adjustment)
    if not adjustment.row:
        return Sentence("row: name the cell texts that identify the row")
    if adjustment.file or adjustment.mode:
        return Sentence("a {kind} has no file or mode", kind=adjustment.kind)
    ledger = ledgers[adjustment.ledger]
    field_names = [*adjustment.row, *([adjustment.field] if adjustment.field else [])]
    if unknown := [name for name in field_names if name not in ledger.field_names()]:
        return Sentence(
            "ledger {ledger} has no field '{unknown}'; it has {field_names}",
            ledger=adjustment.ledger,
            unknown=unknown[0],
            field_names=", ".join(ledger.field_names()),
        )
    if adjustment.kind == "waiver":
        valid = ledger.waivable_rules()
        if adjustment.rule not in valid:
            return Sentence(
                "'{rule}' cannot be waived (where the value is wrong, write a correction); can: {valid}",
                rule=adjustment.rule,
                valid=", ".join(valid),
            )
        return (
            Sentence("a waiver has no field, stands or read_as")
            if adjustment.field or adjustment.submitted or adjustment.read_as
            else None
        )
    if adjustment.rule is not None:
        return Sentence("a correction has no rule")
    is_whole = adjustment.field and adjustment.submitted is not None and adjustment.read_as is not None
    return None if is_whole else Sentence("a correction needs field, stands and read_as")


def _find_complaint_about_submission(adjustment: Adjustment) -> str | None:
    if adjustment.row or adjustment.rule or adjustment.field or adjustment.submitted or adjustment.read_as:
        return Sentence("a {kind} has no row, rule, field, stands or read_as", kind=adjustment.kind)
    if not adjustment.file:
        return Sentence("a {kind} needs file, the path below the inbox", kind=adjustment.kind)
    if adjustment.kind == "confirm":
        return None if adjustment.mode else Sentence('a confirm needs mode = "replace" or mode = "add"')
    return Sentence("a withdraw has no mode") if adjustment.mode else None
