"""Findings on numbers that identify nothing: serials, words, numbers that Excel destroyed; one a sheet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.rules import SERIAL_TWICE, SUBMISSION_RULES
from transforms.normalise import weak_numbers
from transforms.read import SOURCE_ROW
from transforms.validate.broken_rules import BrokenRule
from transforms.validate.check_rules import build_cell_findings
from transforms.validate.duplicates import name_rows
from transforms.validate.typing import TypedLedger


def find_weak_numbers(
    ledger: LedgerDefinition,
    typed: TypedLedger,
    text: pd.DataFrame,
    headers: pd.DataFrame,
    unread: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """Build a finding for each sheet and kind of weak number, on the first cell, with the number of rows.

    Cells marked in `unread`, by field, have a finding of the reader already.
    """
    broken = []
    for field in ledger.number_fields():
        codes = weak_numbers(typed.values[field.compared_by])
        codes = codes.mask(unread[field.name]) if field.name in unread else codes
        for (_, code), positions in _positions_by_sheet(text["submission"], codes):
            rule = ledger.rules()[f"{ledger.name}.{field.name}.{code}"].fill(detail=len(positions))
            broken.append(BrokenRule(rule, field.name, positions[:1]))
        for rows, positions in _serials_of_one_party(ledger, typed, text, codes, field.compared_by):
            party = f"“{ledger.field(ledger.matter.party[-1]).header}”"
            rule = SUBMISSION_RULES[SERIAL_TWICE].fill(detail=rows, party=party)
            broken.append(BrokenRule(rule, field.name, positions[:1]))
    return build_cell_findings(ledger, text, headers, broken)


def _serials_of_one_party(
    ledger: LedgerDefinition, typed: TypedLedger, text: pd.DataFrame, codes: pd.Series, column: str
) -> list[tuple[str, np.ndarray]]:
    """Return the rows of a sheet that have one serial and one party but are not alike, by sheet: their
    numbers in words, and their positions.
    """
    is_serial = codes.eq("serial_only").fillna(False).to_numpy(bool)
    if not ledger.matter.party or not is_serial.any():
        return []
    party = typed.values[list(ledger.matter.party)].astype("object").bfill(axis=1).iloc[:, 0]
    known = pd.DataFrame(
        {"submission": text["submission"], "number": typed.values[column], "party": party}
    ).reset_index(drop=True)
    is_repeated = text.duplicated(["submission", *ledger.field_names()]).to_numpy()
    known = known[is_serial & party.notna().to_numpy() & ~is_repeated]
    twice = known[known.duplicated(keep=False)]
    return [
        (name_rows(text[SOURCE_ROW].iloc[rows.index].tolist()), rows.index.to_numpy())
        for _, rows in twice.groupby("submission")
    ]


def _positions_by_sheet(
    submissions: pd.Series, codes: pd.Series
) -> list[tuple[tuple[int, str], np.ndarray]]:
    """Return the positions of the rows with a code, by submission and code."""
    has_code = np.flatnonzero(codes.notna())
    if not len(has_code):
        return []
    weak = pd.DataFrame(
        {"submission": submissions.to_numpy()[has_code], "code": codes.to_numpy()[has_code]}, index=has_code
    )
    return [
        ((submission, code), rows.index.to_numpy())
        for (submission, code), rows in weak.groupby(["submission", "code"])
    ]
