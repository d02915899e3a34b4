"""The bureau's corrections and waivers, applied to the text of a batch, and masks of affected rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from schemas.adjustments import Adjustment
from schemas.ledgers.finding import MASKED
from schemas.ledgers.rules import CORRECTED, WAIVED, Rule
from schemas.ledgers.types import STR
from transforms.normalise import clean_text, fold_key

#: by rule id, the waivers of the rule, each with a mask of the rows that it is about
Waivers = Mapping[str, Sequence[tuple[Adjustment, np.ndarray]]]
NO_WAIVERS: Waivers = MappingProxyType({})


def mask_rows_in_effect(adjustment: Adjustment, text: pd.DataFrame) -> np.ndarray:
    """Return a mask of the rows that an adjustment covers and that arrived while it is in effect."""
    mask: np.ndarray = mask_covered_rows(adjustment, text) & text["arrived_on"].le(
        pd.Timestamp(adjustment.until)
    ).to_numpy(dtype=bool)
    return mask


def mask_covered_rows(adjustment: Adjustment, text: pd.DataFrame) -> np.ndarray:
    """Return a mask of the rows of a ledger's text that an adjustment covers, whenever they arrived."""
    mask: np.ndarray = text["unit_code"].eq(adjustment.unit).to_numpy(dtype=bool) & text["period"].eq(
        adjustment.period
    ).to_numpy(dtype=bool)
    for name, submitted in adjustment.row.items():
        if mask.any():
            mask[mask] = has_same_text(text.loc[mask, name], submitted)
    return mask


def has_same_text(cells: pd.Series, wanted: str) -> np.ndarray:
    """Return a mask of the cells with this text.

    Width of characters, kind of brackets and blanks do not matter.
    """
    [folded] = fold_key(clean_text(pd.Series([wanted], dtype=STR)))
    same: np.ndarray = fold_key(clean_text(cells)).eq(folded).to_numpy(dtype=bool)
    return same


def correct(
    text: pd.DataFrame, adjustments: Sequence[Adjustment]
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return the text with all corrections applied, and by adjustment id a mask of the corrected rows.

    Of several corrections of a cell the last one written counts, and the others have no effect.
    """
    corrected_rows: dict[str, np.ndarray] = {}
    earlier: dict[str, list[np.ndarray]] = {}
    corrected = text.copy()
    for adjustment in (adjustment for adjustment in adjustments if adjustment.kind == "correction"):
        name = str(adjustment.field)
        mask = mask_rows_in_effect(adjustment, text)
        if mask.any():
            mask[mask] = has_same_text(text.loc[mask, name], str(adjustment.submitted))
        corrected.loc[mask, name] = str(adjustment.read_as)
        for replaced in earlier.setdefault(name, []):
            replaced &= ~mask
        earlier[name].append(mask)
        corrected_rows[adjustment.adjustment_id] = mask
    return corrected, corrected_rows


def group_waivers(text: pd.DataFrame, adjustments: Sequence[Adjustment]) -> Waivers:
    """Group the waivers among adjustments by rule, each with a mask of the rows that it is about."""
    waivers: dict[str, list[tuple[Adjustment, np.ndarray]]] = {}
    for adjustment in (adjustment for adjustment in adjustments if adjustment.kind == "waiver"):
        waivers.setdefault(str(adjustment.rule), []).append(
            (adjustment, mask_rows_in_effect(adjustment, text))
        )
    return waivers


def waived_rule(rule: Rule, waiver: Adjustment) -> Rule:
    """Build the notice for a cell that breaks a rule and is admitted by a waiver."""
    return replace(WAIVED, problem=WAIVED.problem.format(problem=rule.problem, decided=waiver.decided))


def corrected_rule(correction: Adjustment, is_private: bool) -> Rule:
    """Build the notice for a cell whose value was replaced by a correction."""
    read_as = MASKED if is_private else f"“{correction.read_as}”"
    return replace(CORRECTED, problem=CORRECTED.problem.format(read_as=read_as, decided=correction.decided))
