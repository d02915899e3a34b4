"""Rows about one object whose name is that of several: 餐饮店等5家, 甲厂、乙厂."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.field_rules import SEVERAL_OBJECTS
from schemas.party_words import SEVERAL_NAMES_PATTERN
from transforms.normalise.columns import match_mask, to_arrow
from transforms.validate.broken_rules import BrokenRule
from transforms.validate.check_rules import build_cell_findings


def find_several_objects(
    ledger: LedgerDefinition,
    values: pd.DataFrame,
    text: pd.DataFrame,
    headers: pd.DataFrame,
    unread: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """Return a warning for each cell that names several objects where a row is about one."""
    broken = []
    for field in (field for field in ledger.fields if field.names_one_object):
        mask = match_mask(to_arrow(values[field.name]), SEVERAL_NAMES_PATTERN)
        if field.name in unread:
            mask = mask & ~unread[field.name].to_numpy(dtype=bool)
        if mask.any():
            rule = ledger.rules()[f"{ledger.name}.{field.name}.{SEVERAL_OBJECTS}"]
            broken.append(BrokenRule(rule, field.name, np.flatnonzero(mask)))
    return build_cell_findings(ledger, text, headers, broken, values)
