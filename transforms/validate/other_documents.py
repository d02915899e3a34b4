"""Document numbers whose kind is that of another document: a reminder, an order, a revocation."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.field_rules import OTHER_DOCUMENT
from transforms.normalise import kind_of_document
from transforms.validate.broken_rules import BrokenRule
from transforms.validate.check_rules import build_cell_findings


def find_other_documents(
    ledger: LedgerDefinition,
    values: pd.DataFrame,
    text: pd.DataFrame,
    headers: pd.DataFrame,
    unread: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """Return a warning for each cell with the number of another document than the ledger lists."""
    broken = []
    for field in (field for field in ledger.fields if field.other_kinds):
        words = "|".join(map(re.escape, field.other_kinds))
        is_other = kind_of_document(values[field.compared_by]).str.contains(words, na=False)
        mask = is_other.to_numpy(dtype=bool)
        if field.name in unread:
            mask = mask & ~unread[field.name].to_numpy(dtype=bool)  # a view of a frame is read-only
        if mask.any():
            rule = ledger.rules()[f"{ledger.name}.{field.name}.{OTHER_DOCUMENT}"]
            broken.append(BrokenRule(rule, field.name, np.flatnonzero(mask)))
    return build_cell_findings(ledger, text, headers, broken, values)
