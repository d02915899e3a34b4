"""Say before a correction is written what would be wrong with the text that it gives a cell."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.rules import Rule, Severity
from schemas.ledgers.types import STR
from transforms.validate.typing import parse_ledger


def find_correction_fault(
    ledger: LedgerDefinition, texts: Mapping[str, str], field: str, read_as: str, money_unit: str | None
) -> Rule | None:
    """Return the rule for which a row would be refused if a cell were read as this text; None if it can be
    read.

    `texts` are those of the row, by field; `money_unit` is the one that the file gives the column.
    """
    corrected = {**texts, field: read_as}
    row = pd.DataFrame({name: [corrected.get(name)] for name in ledger.field_names()}, dtype=STR)
    units = {item.name: [money_unit if item.name == field else None] for item in ledger.fields}
    typed = parse_ledger(ledger, row, pd.DataFrame(units, dtype=STR))
    rules, code = ledger.rules(), typed.faults[field].iloc[0]
    if pd.notna(code):
        rule = rules[f"{ledger.name}.{field}.{code}"]
        details = typed.details.get(field)
        detail = None if details is None else details.iloc[0]
        rule = rule.fill(detail=detail if pd.notna(detail) else "")
        return rule if rule.severity == Severity.ERROR else None
    is_empty = pd.isna(typed.values[field].iloc[0])
    return rules.get(f"{ledger.name}.{field}.required") if is_empty else None
