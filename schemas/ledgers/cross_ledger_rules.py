"""Rules between ledgers, checked on the current rows: a finding disappears once the other ledger is complete."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.rules import Rule, Severity

WAITING = "对方台账补报或改正后，这一提示自动消失"


def reference_rule(ledger: LedgerDefinition, field: LedgerField, referred: LedgerDefinition) -> Rule:
    """Build the rule of a field that refers to another ledger: its value should be found there."""
    return Rule(
        f"{ledger.name}.{field.name}.not_found",
        Severity.WARNING,
        f"在{referred.title}里找不到",
        "",
        f"请核对；{WAITING}",
    )


OVER_DECIDED = Rule(
    "payments.amount_fen.over_decided", Severity.WARNING, "这份决定累计缴纳的数额超过了决定的数额", "不超过决定的数额",
    f"请核对缴款与决定书；{WAITING}",
)  # fmt: skip
SURCHARGE_OVER_FINE = Rule(
    "payments.amount_fen.surcharge_over_fine", Severity.WARNING, "加处罚款累计超过了罚款本身", "不超过罚款的数额",
    "请核对缴款类别与金额", "《中华人民共和国行政处罚法》第七十二条",
)  # fmt: skip
ALREADY_PAID = Rule(
    "court_enforcements.decision_no.already_paid", Severity.WARNING, "申请强制执行时，这份决定的罚款已经缴清",
    "尚未缴清的决定", f"请核对申请日期与缴款；{WAITING}", "《中华人民共和国行政强制法》第五十三条",
)  # fmt: skip


def cross_rules(ledgers: Mapping[str, LedgerDefinition]) -> Iterator[Rule]:
    """Yield every rule between ledgers."""
    for ledger in ledgers.values():
        for field in ledger.fields:
            if field.refers_to:
                yield reference_rule(ledger, field, ledgers[field.refers_to.split(".")[0]])
    yield from (OVER_DECIDED, SURCHARGE_OVER_FINE, ALREADY_PAID)


class Reconciliation(BaseModel):
    """Figures that must agree: `total` equals the sum of `parts`, or is at least each unit's own (`each_unit`)."""

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
