"""Limits between ledgers: a sum of amounts is compared with an amount of the row that they refer to.

A limit is declared in the ledger whose rows it is about, with `about(limits=...)`.
Payments refer to a decision, for example: together they may not exceed its fine, and
nobody asks a court to enforce a fine that they have reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from schemas.ledgers.rules import Rule, Severity

#: ends the remedy of a rule whose finding a later report of the other ledger may settle
WAITING = "对方台账补报或改正后，这一提示自动消失"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What the two sorts of limits have in common.

    `field_and_code` (`amount_fen.over_decided`) names the field of its findings and, after the ledger, the
    rule. The texts are those of a `Rule`. `reference`: the field with `refers_to` that leads to the row
    with the limit. `amounts`: the field that is added up, separately for each category in the field `kinds`
    beside it. `limits`: by category, the field of the row referred to. `refunds`: by category, the
    one whose negative amounts belong to it.
    """

    field_and_code: str
    problem: str
    expected: str = ""
    remedy: str = ""
    source: str = ""
    reference: str
    amounts: str
    kinds: str
    limits: Mapping[str, str]
    refunds: Mapping[str, str] = dataclass_field(default_factory=dict)

    @property
    def field(self) -> str:
        """The field to mark: the beginning of `field_and_code`."""
        return self.field_and_code.split(".")[0]

    def counted_kinds(self, kind: str) -> list[str]:
        """Return the categories whose amounts are added up for the limit of one."""
        return [kind, *(refund for category, refund in self.refunds.items() if category == kind)]

    def rule(self, ledger: str) -> Rule:
        """Return the rule that a row of the ledger breaks."""
        rule_id = f"{ledger}.{self.field_and_code}"
        return Rule(rule_id, Severity.WARNING, self.problem, self.expected, self.remedy, self.source)

    def locate_amounts(self, ledger: str) -> tuple[str, str]:
        """Return ledger and field of the amounts; `ledger` is the one that declares the limit."""
        amounts_ledger, _, field = self.amounts.rpartition(".")
        return amounts_ledger or ledger, field


class SumLimit(Limit):
    """All `amounts` of this ledger with one reference together may not
    exceed the limit; an empty limit is 0.
    """


class ReachedLimit(Limit):
    """A row is in order only while `amounts` of another ledger
    (`payments.amount_fen`) have not reached the limit.

    Counted are amounts with the same reference, up to the date of the row.
    There is no limit where it is empty or 0.
    """
