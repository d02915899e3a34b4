"""Doubts about pairs of rows: one key but another matter, or one matter under other keys.

A correction changes one thing: the spelling of the party, the day or the amount. What differs in more than
that is doubted, in the reports of both rows. The pairs are of `warehouse.load.similar_rows`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import FINDING_COLUMNS, finding, name_number_cell
from schemas.ledgers.numbering import (
    LONGEST_PERSONAL_NAME,
    ONE_NUMBER,
    OTHER_NUMBER,
    OTHER_SPELLING,
    REGION_SUFFIXES,
    TITLE_MARKS,
)
from schemas.ledgers.rules import OTHER_KEY, OTHER_MATTER, OTHER_PARTY, REPLACED_OTHER
from schemas.ledgers.types import STR
from schemas.sources import is_number
from transforms.normalise import fold_key, number_key, weak_numbers

#: the most rows and fields that a finding names
MOST_NAMED = 5
#: in place of another unit's key that is no number
ANOTHERS_KEY = "内容不显示"
CHINESE_DIGITS = str.maketrans("一二三四五六七八九", "123456789")

NameUnit = Callable[[str], str]
NO_FINDINGS = pd.DataFrame(columns=["submission_id", *FINDING_COLUMNS])


def doubt_keys(
    ledger: LedgerDefinition,
    pairs: pd.DataFrame,
    are_one_unit: Callable[[str, str], bool],
    name_unit: NameUnit,
) -> pd.DataFrame:
    """Build findings (`submission_id`, FINDING_COLUMNS) on pairs of one key that are hardly one matter.

    Of two units' pairs only the row that counts gets one: the other has `row.other_unit_has_key`.
    """
    if pairs.empty:
        return NO_FINDINGS
    is_same_unit = _are_one_unit(pairs, are_one_unit)
    parts = _compare_parts(ledger, pairs)
    differing = np.sum([part.eq(1.0) for part in parts.values()], axis=0)
    comparable = np.sum([part.notna() for part in parts.values()], axis=0)
    is_only_day = (comparable == 1) & parts["day"].eq(1.0) if "day" in parts else np.zeros(len(pairs), bool)
    is_other = (differing >= 2) | (is_only_day & (~is_same_unit | _is_new_in_both(ledger, pairs)))
    if "party" in parts:
        is_other |= parts["party"].eq(1.0) & ~is_same_unit
    doubted = pairs.assign(is_same_unit=is_same_unit, fields=_name_fields(ledger, parts, 1.0))[is_other]
    return _findings(ledger, OTHER_MATTER, doubted, name_unit)


def doubt_numbers(
    ledger: LedgerDefinition,
    pairs: pd.DataFrame,
    are_one_unit: Callable[[str, str], bool],
    name_unit: NameUnit,
) -> pd.DataFrame:
    """Build findings (`submission_id`, FINDING_COLUMNS) on one number in the rosters of two units."""
    if pairs.empty:
        return NO_FINDINGS
    is_same_unit = _are_one_unit(pairs, are_one_unit)
    parts = _compare_parts(ledger, pairs)
    differs = np.any([part.eq(1.0) for part in parts.values()], axis=0)
    fields = _name_fields(ledger, parts, 1.0)
    doubted = pairs.assign(is_same_unit=is_same_unit, fields=fields)[differs & ~is_same_unit]
    return _findings(ledger, OTHER_MATTER, doubted, name_unit, is_told_to_both=True)


def doubt_parties(
    ledger: LedgerDefinition,
    pairs: pd.DataFrame,
    are_one_unit: Callable[[str, str], bool],
    name_unit: NameUnit,
) -> pd.DataFrame:
    """Build findings (`submission_id`, FINDING_COLUMNS) on pairs of one party with and without its code."""
    if pairs.empty:
        return NO_FINDINGS
    is_same_unit = _are_one_unit(pairs, are_one_unit)
    fields = _name_fields(ledger, _compare_parts(ledger, pairs), 0.0)
    is_one = is_same_unit | ~_is_known_by_short_name(ledger, pairs)
    doubted = pairs.assign(is_same_unit=is_same_unit, fields=fields)[is_one]
    return _findings(ledger, OTHER_PARTY, doubted, name_unit, is_told_to_both=True)


def doubt_replaced(ledger: LedgerDefinition, pairs: pd.DataFrame) -> pd.DataFrame:
    """Build findings (`submission_id`, FINDING_COLUMNS) on rows (b) that took the place of an earlier row of
    their report (a) and tell of another party, and of another day, amount or cause.
    """
    if pairs.empty:
        return NO_FINDINGS
    parts = _compare_parts(ledger, pairs)
    is_other = np.sum([part.eq(1.0) for part in parts.values()], axis=0) >= 2
    if "party" in parts:
        is_other &= parts["party"].eq(1.0)
    doubted = pairs.assign(fields=_name_fields(ledger, parts, 1.0))[is_other]
    findings = [
        _build(
            ledger,
            REPLACED_OTHER,
            group,
            "b",
            f"“{file.rsplit('/', 1)[-1]}”第 {_name_rows(group['a_source_row'])} 行",
        )
        for (_, file), group in doubted.groupby(["b_submission_id", "a_file"], sort=True)
    ]
    return pd.DataFrame(findings, columns=["submission_id", *FINDING_COLUMNS])


def doubt_matters(
    ledger: LedgerDefinition,
    pairs: pd.DataFrame,
    are_one_unit: Callable[[str, str], bool],
    name_unit: NameUnit,
) -> pd.DataFrame:
    """Build findings (`submission_id`, FINDING_COLUMNS) on pairs of other keys that may be one matter.

    Two numbers in one report are two matters, unless they are alike or one identifies nothing.
    """
    if pairs.empty:
        return NO_FINDINGS
    is_same_unit = _are_one_unit(pairs, are_one_unit)
    parts = _compare_parts(ledger, pairs)
    agrees = np.all([~part.eq(1.0) for part in parts.values()], axis=0)
    if not ledger.matter.party:
        is_one = agrees & (_have_like_numbers(pairs) | _have_like_titles(pairs)) & ~_have_one_number(pairs)
    else:
        is_same_report = is_same_unit & pairs["a_period"].eq(pairs["b_period"])
        is_one = agrees & (~is_same_report | _have_like_numbers(pairs) | _lacks_number(ledger, pairs))
        is_one &= is_same_unit | ~_is_known_by_short_name(ledger, pairs)
    doubted = pairs.assign(is_same_unit=is_same_unit, fields=_name_fields(ledger, parts, 0.0))[is_one]
    return _findings(ledger, OTHER_KEY, doubted, name_unit, is_told_to_both=True)


def _are_one_unit(pairs: pd.DataFrame, are_one_unit: Callable[[str, str], bool]) -> np.ndarray:
    units = pairs[["a_unit_code", "b_unit_code"]].itertuples(index=False, name=None)
    return np.array([are_one_unit(*pair) for pair in units], dtype=bool)


def _compare_parts(ledger: LedgerDefinition, pairs: pd.DataFrame) -> dict[str, pd.Series]:
    """Compare each part of the matter: 1 where it differs, 0 where it agrees, missing if a row lacks it."""
    matter = ledger.matter
    named = {"party": matter.party, "day": matter.day, "amount": matter.amount, "cause": matter.cause}
    return {name: _compare_part(ledger, pairs, fields) for name, fields in named.items() if fields}


def _compare_part(ledger: LedgerDefinition, pairs: pd.DataFrame, fields: tuple[str, ...]) -> pd.Series:
    """Compare by the first field that both rows fill in."""
    result = pd.Series(np.nan, index=pairs.index)
    for name in fields:
        first, second = (_comparable(ledger, name, pairs[f"{side}_{name}"]) for side in "ab")
        is_filled = first.notna() & second.notna() & result.isna()
        result[is_filled] = (first != second)[is_filled].astype(float)
    return result


def _comparable(ledger: LedgerDefinition, name: str, column: pd.Series) -> pd.Series:
    if ledger.field(name).type.kind == "document_no":
        return number_key(column.astype(STR))
    if ledger.field(name).type.kind in ("date", "money"):
        return column
    folded = fold_key(column.astype(STR))
    if name not in ledger.matter.party:
        return folded
    return folded.str.replace(f"[{REGION_SUFFIXES}]", "", regex=True)


def _is_new_in_both(ledger: LedgerDefinition, pairs: pd.DataFrame) -> np.ndarray:
    """Return a mask of the pairs of which each row's day lies in its own month: neither is carried over."""
    (day,) = ledger.matter.day
    months = [pairs[f"{side}_{day}"].astype(str).str[:7].eq(pairs[f"{side}_period"]) for side in "ab"]
    mask: np.ndarray = np.all(months, axis=0)
    return mask


def _have_like_numbers(pairs: pd.DataFrame) -> np.ndarray:
    """Return a mask of the pairs whose numbers have the same digits.

    A number may lack the year of the other; zeros before digits do not matter.
    """
    keys = [number_key(pairs[f"{side}_number"].astype(STR)) for side in "ab"]
    texts = [key.fillna("").str.translate(CHINESE_DIGITS) for key in keys]
    digits = [
        text.str.replace(r"\D+", "-", regex=True).str.replace(r"(?:^-?|(-))0*", r"\1", regex=True)
        for text in texts
    ]
    like = [
        bool(first and second)
        and (f"-{first}".endswith(f"-{second}") or f"-{second}".endswith(f"-{first}"))
        for first, second in zip(*(text.str.strip("-") for text in digits), strict=True)
    ]
    return np.array(like, dtype=bool)


def _have_like_titles(pairs: pd.DataFrame) -> np.ndarray:
    """Return a mask of the pairs whose titles are alike except for brackets and the stage of the text."""
    titles = [
        fold_key(pairs[f"{side}_number"].astype(STR)).str.replace(TITLE_MARKS, "", regex=True)
        for side in "ab"
    ]
    mask: np.ndarray = titles[0].eq(titles[1]).to_numpy(dtype=bool)
    return mask


def _lacks_number(ledger: LedgerDefinition, pairs: pd.DataFrame) -> np.ndarray:
    """Return a mask of the pairs of which a row has no number, a word or a destroyed one in its place."""
    mask: np.ndarray = _lacks_on_side(ledger, pairs, "a") | _lacks_on_side(ledger, pairs, "b")
    return mask


def _lacks_on_side(ledger: LedgerDefinition, pairs: pd.DataFrame, side: str) -> np.ndarray:
    instead = ledger.natural_key[-1][0]  # what `number` holds where the first alternative is empty
    numbers = pairs[f"{side}_number"].astype(STR)
    masks = [weak_numbers(number_key(numbers)).isin(["word_only", "digits_lost"])]
    masks += [numbers.eq(pairs[f"{side}_{name}"]) for name in instead if len(ledger.natural_key) > 1]
    lacks: np.ndarray = np.any(masks, axis=0)
    return lacks


def _have_one_number(pairs: pd.DataFrame) -> np.ndarray:
    first, second = (number_key(pairs[f"{side}_number"].astype(STR)) for side in "ab")
    mask: np.ndarray = first.eq(second).to_numpy(dtype=bool)
    return mask


def _is_known_by_short_name(ledger: LedgerDefinition, pairs: pd.DataFrame) -> np.ndarray:
    """Return a mask of the pairs whose party is known by a name alone that may be a person's."""
    code, *names = ledger.matter.party
    if not names:
        return np.zeros(len(pairs), dtype=bool)
    has_codes = pairs[f"a_{code}"].notna() & pairs[f"b_{code}"].notna()
    is_short = pairs[f"a_{names[0]}"].astype(STR).str.len().le(LONGEST_PERSONAL_NAME)
    mask: np.ndarray = (is_short & ~has_codes).to_numpy(dtype=bool)
    return mask


def _name_fields(ledger: LedgerDefinition, parts: dict[str, pd.Series], wanted: float) -> list[str]:
    """Name for each pair the parts of the matter that differ (1) or agree (0), by a header."""
    fields = {name: getattr(ledger.matter, name)[-1] for name in parts}
    headers = {name: f"“{ledger.field(field).header}”" for name, field in fields.items()}
    flags = pd.DataFrame(parts).eq(wanted)
    return [
        "、".join(headers[name] for name, is_named in zip(flags.columns, row, strict=True) if is_named)
        for row in flags.itertuples(index=False, name=None)
    ]


def _findings(
    ledger: LedgerDefinition,
    rule_id: str,
    pairs: pd.DataFrame,
    name_unit: NameUnit,
    *,
    is_told_to_both: bool = False,
) -> pd.DataFrame:
    """Build a finding for each pair of reports on the number of the first of its rows, in both reports."""
    findings = []
    for side, other in ("ab", "ba"):
        sided = pairs if is_told_to_both or side == "b" else pairs[pairs["is_same_unit"]]
        if side == "b":  # within one report one finding is enough
            sided = sided[sided["a_submission_id"].ne(sided["b_submission_id"])]
        # who did not send the row again was asked before, unless the other row is new
        sided = sided[sided[f"{side}_is_new"].notna() | sided[f"{other}_is_new"].eq(True)]
        if not ledger.matter.party:  # an exam of many units: one of the others is enough
            sided = sided.drop_duplicates([f"{side}_submission_id", f"{side}_source_row"])
        by = [f"{side}_submission_id", f"{other}_unit_code", f"{other}_period", f"{other}_submission_id"]
        for _, group in sided.groupby(by, sort=True):
            findings.append(
                _build(ledger, rule_id, group, side, _name_other(group, side, other, name_unit))
            )
    return pd.DataFrame(findings, columns=["submission_id", *FINDING_COLUMNS])


def _name_other(group: pd.DataFrame, side: str, other: str, name_unit: NameUnit) -> str:
    """Name the report and the rows of the other side."""
    first = _first_row(group, side)
    period = str(first[f"{other}_period"])
    unit = "本单位" if first["is_same_unit"] else name_unit(str(first[f"{other}_unit_code"]))
    is_same_report = first["a_submission_id"] == first["b_submission_id"]
    report = "本表" if is_same_report else f"{unit}{period[:4]}年{int(period[5:])}月所报的"
    return f"{report}第 {_name_rows(group[f'{other}_source_row'])} 行"


def _build(
    ledger: LedgerDefinition, rule_id: str, group: pd.DataFrame, side: str, other: str
) -> dict[str, Any]:
    """Build the finding on the first row of a side of these pairs."""
    first = _first_row(group, side)
    key = first[f"{'b' if side == 'a' else 'a'}_number"]
    if first["a_unit_code"] != first["b_unit_code"] and not is_number(str(key)):
        key = ANOTHERS_KEY  # one unit does not read what another wrote beside its number
    rows_without = {name: bool(_lacks_on_side(ledger, first.to_frame().T, name)[0]) for name in "ab"}
    doubt = finding(
        rule_id,
        file=first[f"{side}_file"],
        sheet=first[f"{side}_sheet"],
        row=int(first[f"{side}_source_row"]),
        rows=_name_rows(group[f"{side}_source_row"]),
        other=other,
        key=key,
        difference=_describe_difference(ledger, rows_without).format(key=key),
        fields=first["fields"],
    )
    placed = {"submission_id": int(first[f"{side}_submission_id"]), **doubt}
    return name_number_cell(placed, ledger, first[f"{side}_letters"], has_number=not rows_without[side])


def _describe_difference(ledger: LedgerDefinition, rows_without: dict[str, bool]) -> str:
    """Say how the keys differ: a number that no row has cannot differ."""
    if not ledger.number_fields() or all(rows_without.values()):
        return OTHER_SPELLING
    return ONE_NUMBER if any(rows_without.values()) else OTHER_NUMBER


def _first_row(group: pd.DataFrame, side: str) -> pd.Series:
    return group.sort_values(f"{side}_source_row").iloc[0]


def _name_rows(rows: pd.Series) -> str:
    numbers = sorted({int(row) for row in rows})
    named = "、".join(map(str, numbers[:MOST_NAMED]))
    return f"{named} 等 {len(numbers)}" if len(numbers) > MOST_NAMED else named
