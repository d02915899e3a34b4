"""Rules between ledgers, checked on current rows: a finding ends when the other ledger is complete."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.limits import WAITING, Limit, SumLimit
from schemas.ledgers.rules import Rule, Severity


def reference_rule(ledger: LedgerDefinition, field: LedgerField, referred: LedgerDefinition) -> Rule:
    """Build the rule of a field that refers to another ledger: its value should be found there."""
    return Rule(
        f"{ledger.name}.{field.name}.not_found",
        Severity.WARNING,
        f"在{referred.title}里找不到",
        "",
        f"请核对；{WAITING}",
    )


def cross_rules(ledgers: Mapping[str, LedgerDefinition]) -> Iterator[Rule]:
    """Yield every rule between ledgers."""
    for ledger in ledgers.values():
        for field in ledger.fields:
            if field.refers_to:
                yield reference_rule(ledger, field, ledgers[field.refers_to.split(".")[0]])
    for ledger, limit in list_limits(ledgers):
        yield limit.rule(ledger.name)


def list_limits(ledgers: Mapping[str, LedgerDefinition]) -> list[tuple[LedgerDefinition, Limit]]:
    """List the limits, each with the ledger that declares it: sums of amounts first."""
    limits = [(ledger, limit) for ledger in ledgers.values() for limit in ledger.limits]
    return sorted(limits, key=lambda item: not isinstance(item[1], SumLimit))


def check_limits(ledgers: Mapping[str, LedgerDefinition]) -> None:
    """Raise ValueError if a limit names a ledger or field that does not
    exist, or a reference that leads nowhere.
    """
    for ledger, limit in list_limits(ledgers):
        if problem := next(_limit_problems(ledgers, ledger, limit), None):
            raise ValueError(f"ledger {ledger.name}: limit {limit.field_and_code}: {problem}")


def _limit_problems(
    ledgers: Mapping[str, LedgerDefinition], ledger: LedgerDefinition, limit: Limit
) -> Iterator[str]:
    known = {f"{name}.{field}" for name, other in ledgers.items() for field in other.field_names()}
    amounts_ledger, amounts_field = limit.locate_amounts(ledger.name)
    named = [f"{ledger.name}.{name}" for name in (limit.field, limit.reference)]
    named += [f"{amounts_ledger}.{name}" for name in (amounts_field, limit.kinds)]
    yield from (f"no field '{name}'" for name in named if name not in known)
    referred = ledger.field(limit.reference).refers_to
    if not referred:
        yield f"'{ledger.name}.{limit.reference}' refers to no other ledger"
        return
    limits = [f"{referred.split('.')[0]}.{name}" for name in limit.limits.values()]
    yield from (f"no field '{name}'" for name in (referred, *limits) if name not in known)
    if not find_references(ledgers[amounts_ledger], referred):
        yield f"{amounts_ledger} does not refer to {referred}"


def find_references(ledger: LedgerDefinition, referred: str) -> list[LedgerField]:
    """Find the fields of a ledger that refer to this field of another (`penalties.decision_no`)."""
    return [field for field in ledger.fields if field.refers_to == referred]


class Reconciliation(BaseModel):
    """Figures that must agree: `total` equals the sum of `parts`, or is
    at least each unit's own (`each_unit`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentence: str
    total: str
    relation: Literal["equals", "each_unit"]
    parts: tuple[str, ...] = ()

    def rule(self, name: str) -> Rule:
        """Return the rule that is broken where the figures do not agree."""
        return Rule(
            f"reconciliation.{name}",
            Severity.WARNING,
            self.sentence,
            remedy="请核对所涉各行；改正后这一提示自动消失",
        )


def parse_reconciliations(name: str, text: str, indicators: Collection[str]) -> dict[str, Reconciliation]:
    """Parse the reconciliations of one TOML text, by id. Raises ValueError naming file and table.

    An unknown key raises pydantic's ValidationError, which is a ValueError.
    """
    reconciliations = {
        reconciliation_id: Reconciliation(**table)
        for reconciliation_id, table in tomllib.loads(text).items()
    }
    for reconciliation_id, reconciliation in reconciliations.items():
        if unknown := [
            indicator
            for indicator in (reconciliation.total, *reconciliation.parts)
            if indicator not in indicators
        ]:
            raise ValueError(f"{name}: [{reconciliation_id}] no indicator '{unknown[0]}'")
        if bool(reconciliation.parts) != (reconciliation.relation == "equals"):
            raise ValueError(
                f"{name}: [{reconciliation_id}] relation 'equals' needs 'parts', 'each_unit' has none"
            )
    return reconciliations


@cache
def reconciliations() -> Mapping[str, Reconciliation]:
    """Parse the built-in reconciliations."""
    from schemas.catalogue import indicators

    file = resources.files("schemas").joinpath("reconciliations.toml")
    return parse_reconciliations(file.name, file.read_text("utf-8"), indicators())
