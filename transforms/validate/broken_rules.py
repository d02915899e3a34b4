"""Collect the rules that rows break, with the rows; a cell with an error breaks no other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.rules import EXPLAINED_BY, Rule, Severity
from transforms.normalise.columns import to_arrow
from transforms.validate.adjustments import Waivers, waived_rule


class BrokenRule(NamedTuple):
    """A rule, the field that breaks it, and the positions of the rows in which it does."""

    rule: Rule
    field: str
    positions: np.ndarray


class BrokenRuleCollector:
    """Collects broken rules; after an error on a cell, later rules add nothing about the same cell, and after
    a doubt nothing that tells its cause again (`EXPLAINED_BY`).

    A cell that breaks a rule and is admitted by a waiver gets a notice instead; `admitted` says by which
    waiver.
    """

    def __init__(self, ledger: LedgerDefinition, text: pd.DataFrame, waivers: Waivers) -> None:
        self.ledger = ledger
        self.rules = ledger.rules()
        self.text = text
        self.has_error = {field.name: np.zeros(len(text), dtype=bool) for field in ledger.fields}
        self.broken: list[BrokenRule] = []
        self.by_code: dict[tuple[str, str], np.ndarray] = {}
        self.waivers = waivers
        self.admitted = {
            waiver.adjustment_id: np.zeros(len(text), dtype=bool)
            for waivers_of_rule in waivers.values()
            for waiver, _ in waivers_of_rule
        }

    def add(self, rule: Rule, field: str, mask: np.ndarray) -> None:
        """Add the rows of a mask, in which a field breaks a rule."""
        mask = mask & ~self.has_error[field]
        code = rule.rule_id.rsplit(".", 1)[-1]
        for cause in EXPLAINED_BY.get(code, ()):
            if (earlier := self.by_code.get((field, cause))) is not None:
                mask = mask & ~earlier
        self.by_code[field, code] = mask | self.by_code.get((field, code), np.zeros(len(mask), dtype=bool))
        for waiver, is_waived in self.waivers.get(rule.rule_id, ()):
            is_admitted = mask & is_waived
            self.admitted[waiver.adjustment_id] |= is_admitted
            if is_admitted.any():
                self.broken.append(
                    BrokenRule(waived_rule(rule, waiver), field, np.flatnonzero(is_admitted))
                )
            mask = mask & ~is_waived
        if mask.any():
            self.broken.append(BrokenRule(rule, field, np.flatnonzero(mask)))
            if rule.severity == Severity.ERROR:
                self.has_error[field] |= mask

    def add_code(self, field: str, code: str, mask: np.ndarray) -> None:
        """Add the rows of a mask, in which a field breaks the rule whose id ends in this code."""
        self.add(self.rules[f"{self.ledger.name}.{field}.{code}"], field, mask)

    def add_codes(self, field: str, codes: pd.Series, details: pd.Series | None = None) -> None:
        """Add a column of codes, missing where no rule is broken; `details` fill the texts of their rules."""
        for code in to_arrow(codes).unique().drop_null().to_pylist():
            mask = codes.eq(code).to_numpy(dtype=bool, na_value=False)
            rule = self.rules[f"{self.ledger.name}.{field}.{code}"]
            if details is None or "{detail}" not in rule.problem + rule.expected:
                self.add(rule, field, mask)
                continue
            for detail in details[mask].unique():
                self.add(rule.fill(detail=detail), field, mask & details.eq(detail).to_numpy(dtype=bool))
