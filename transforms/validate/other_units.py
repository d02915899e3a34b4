"""Rows in which a column that names the reporting unit names another one: asked about, at the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.field_rules import OTHER_UNIT
from schemas.regions import RegionTable
from transforms.validate.broken_rules import BrokenRule
from transforms.validate.check_rules import build_cell_findings


def find_other_units(
    ledger: LedgerDefinition,
    values: pd.DataFrame,
    text: pd.DataFrame,
    headers: pd.DataFrame,
    unread: Mapping[str, pd.Series],
    regions: RegionTable,
) -> pd.DataFrame:
    """Return a warning for each cell that names units, none of them the reporting one.

    A bureau lists cases of its branches too, and an authority stands for each of its branches.
    """
    broken = []
    for field in (field for field in ledger.fields if field.names_reporter):
        mask = _names_other_unit(values[field.name], text["unit_code"], regions)
        if field.name in unread:
            mask &= ~unread[field.name].to_numpy(dtype=bool)
        if mask.any():
            rule = ledger.rules()[f"{ledger.name}.{field.name}.{OTHER_UNIT}"]
            broken.append(BrokenRule(rule, field.name, np.flatnonzero(mask)))
    return build_cell_findings(ledger, text, headers, broken, values)


def _names_other_unit(named: pd.Series, unit_code: pd.Series, regions: RegionTable) -> np.ndarray:
    """Mark the rows whose text names units, but neither the reporting unit nor one below it."""
    pairs = pd.DataFrame({"text": named, "unit": unit_code})
    distinct = pairs.dropna().drop_duplicates()
    units = {text: regions.find_units(text) for text in distinct["text"].unique()}
    elsewhere = [
        (text, unit)
        for text, unit in distinct.itertuples(index=False, name=None)
        if units[text] and unit not in regions.bureaus and not holds_own(units[text], unit, regions)
    ]
    if not elsewhere:
        return np.zeros(len(named), dtype=bool)
    return np.asarray(pd.MultiIndex.from_frame(pairs).isin(elsewhere))


def holds_own(units: Sequence[str], reporting: str, regions: RegionTable) -> bool:
    """Whether the reporting unit, or one below it, is among the units."""
    below = regions.units_below(reporting)
    return any(unit in below or regions.history.are_one_line(unit, reporting) for unit in units)
