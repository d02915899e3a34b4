"""Applying the bureau's corrections and waivers to a batch, and saying of each whether it was still needed."""

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

#: by rule, the waivers that speak of it and a mask of the rows that each is about
Waivers = Mapping[str, Sequence[tuple[Adjustment, np.ndarray]]]
NO_WAIVERS: Waivers = MappingProxyType({})


def applies_to(adjustment: Adjustment, text: pd.DataFrame) -> np.ndarray:
    """Rows of a ledger's text frame that an adjustment is about, in what arrived while it holds."""
    mask: np.ndarray = is_about(adjustment, text) & text["arrived_on"].le(
        pd.Timestamp(adjustment.until)
    ).to_numpy(dtype=bool)
    return mask


def is_about(adjustment: Adjustment, text: pd.DataFrame) -> np.ndarray:
    """Rows of a ledger's text frame that an adjustment is about, whenever they arrived."""
    mask: np.ndarray = text["unit_code"].eq(adjustment.unit).to_numpy(dtype=bool) & text["period"].eq(
        adjustment.period
    ).to_numpy(dtype=bool)
    for name, submitted in adjustment.row.items():
        if mask.any():
            mask[mask] = same_text(text.loc[mask, name], submitted)
    return mask


def same_text(cells: pd.Series, wanted: str) -> np.ndarray:
    """Cells that hold this text, whatever the width of its characters, its brackets and blanks."""
    [folded] = fold_key(clean_text(pd.Series([wanted], dtype=STR)))
    same: np.ndarray = fold_key(clean_text(cells)).eq(folded).to_numpy(dtype=bool)
    return same


def correct(
    text: pd.DataFrame, adjustments: Sequence[Adjustment]
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """The text with every correction made, and by adjustment id the rows in which it was made."""
    made = {}
    corrected = text.copy()
    for adjustment in (adjustment for adjustment in adjustments if adjustment.kind == "correction"):
        name = str(adjustment.field)
        mask = applies_to(adjustment, text)
        if mask.any():
            mask[mask] = same_text(text.loc[mask, name], str(adjustment.submitted))
        corrected.loc[mask, name] = str(adjustment.read_as)
        made[adjustment.adjustment_id] = mask
    return corrected, made


def waivers_by_rule(text: pd.DataFrame, adjustments: Sequence[Adjustment]) -> Waivers:
    """The waivers among a ledger's adjustments, with the rows of its text frame that each is about."""
    waivers: dict[str, list[tuple[Adjustment, np.ndarray]]] = {}
    for adjustment in (adjustment for adjustment in adjustments if adjustment.kind == "waiver"):
        waivers.setdefault(str(adjustment.rule), []).append((adjustment, applies_to(adjustment, text)))
    return waivers


def waived_rule(rule: Rule, waiver: Adjustment) -> Rule:
    """Build the notice for a cell that breaks a rule and is admitted by a waiver."""
    return replace(WAIVED, problem=WAIVED.problem.format(problem=rule.problem, decided=_decided(waiver)))


def corrected_rule(correction: Adjustment, is_private: bool) -> Rule:
    """Build the notice for a cell whose value was replaced by a correction."""
    read_as = MASKED if is_private else f"“{correction.read_as}”"
    return replace(
        CORRECTED, problem=CORRECTED.problem.format(read_as=read_as, decided=_decided(correction))
    )


def _decided(adjustment: Adjustment) -> str:
    return f"理由：{adjustment.reason}；批准：{adjustment.approved_by}；有效至 {adjustment.until}"
