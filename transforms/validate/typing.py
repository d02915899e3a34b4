"""Parsing of a ledger's text columns into typed ones, for a whole batch, with the faults of each cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.types import NO_NAME, PERSONAL_NUMBER, RAISED_DIGITS, ROUNDED
from schemas.party_words import NO_NAME_PATTERN
from transforms.normalise import (
    Parsed,
    ParsedDocumentNo,
    clean_text,
    find_number_lists,
    find_personal_numbers,
    find_rounded_numbers,
    fold_key,
    number_key,
    parse_booleans,
    parse_categories,
    parse_category,
    parse_dates,
    parse_document_no,
    parse_identity_no,
    parse_integers,
    parse_money,
    parse_numbers,
    parse_uscc,
)
from transforms.normalise.columns import match_mask, match_words, to_arrow
from transforms.normalise.parsed import code_series
from transforms.normalise.text import RAISED
from transforms.read.containers.grid import NO_RESULT

Parser = Callable[["pd.Series[str]", LedgerField, "pd.Series[str]"], Parsed]


#: what Excel shows in place of a value: #REF!
_EXCEL_ERROR = r"^#(?:N/A|[A-Z0-9/_]+[!?])$"


def _parse_text(text: pd.Series) -> Parsed:
    nothing = code_series(text.index)
    is_error = match_mask(to_arrow(text), _EXCEL_ERROR)
    if not is_error.any():
        return Parsed(values=text, faults=nothing, notices=nothing)
    return Parsed(values=text.mask(is_error), faults=nothing.mask(is_error, "excel_error"), notices=nothing)


def _refuse_raised(plain: Parsed) -> Parsed:
    """Refuse numbers with raised or lowered characters: 5¹号 may be number 5 or number 51."""
    is_raised = match_mask(to_arrow(plain.values), RAISED)
    if not is_raised.any():
        return plain
    return replace(
        plain, values=plain.values.mask(is_raised), faults=plain.faults.mask(is_raised, RAISED_DIGITS)
    )


def _refuse_no_name(plain: Parsed) -> Parsed:
    """Refuse what stands in place of a name: 同上, 本月未开展."""
    is_none = match_mask(to_arrow(plain.values), NO_NAME_PATTERN)
    if not is_none.any():
        return plain
    return replace(plain, values=plain.values.mask(is_none), faults=plain.faults.mask(is_none, NO_NAME))


def _parse_text_or_number(text: pd.Series, field: LedgerField) -> Parsed:
    """Parse text; the number of a matter must be one number, not a list of them."""
    plain = _parse_text(text)
    if field.names_party:
        plain = _refuse_no_name(plain)
    if field.has_number_form:
        plain = _refuse_raised(plain)
    if not field.is_one_number:
        return plain
    lists = find_number_lists(plain.values)
    if lists.is_empty:
        return replace(plain, details=lists.counts)
    return Parsed(
        values=plain.values.mask(lists.is_list),
        faults=plain.faults.mask(lists.is_list, "several_numbers"),
        notices=plain.notices.mask(lists.is_perhaps_range, "perhaps_several"),
        details=lists.counts,
    )


def _parse_identity_no(text: pd.Series) -> Parsed:
    plain = _parse_text(text)
    parsed = parse_identity_no(plain.values)
    return Parsed(parsed.values, plain.faults.fillna(parsed.faults), parsed.notices)


#: the parser of each kind of field; its third argument is the money unit of each row, from header or sheet
PARSERS: dict[str, Parser] = {
    "text": lambda text, field, unit: _parse_text_or_number(text, field),
    "category": lambda text, field, unit: parse_category(text, field.allowed),
    "categories": lambda text, field, unit: parse_categories(text, field.allowed),
    "date": lambda text, field, unit: parse_dates(text),
    "money": lambda text, field, unit: parse_money(text, unit, field.may_be_negative),
    "integer": lambda text, field, unit: parse_integers(text),
    "number": lambda text, field, unit: parse_numbers(text),
    "boolean": lambda text, field, unit: parse_booleans(text),
    "uscc": lambda text, field, unit: parse_uscc(text),
    "identity_no": lambda text, field, unit: _parse_identity_no(text),
    "document_no": lambda text, field, unit: parse_document_no(text),
}


@dataclass(frozen=True)
class TypedLedger:
    """Typed columns, and by field the codes of faults and notices (missing in cells without one).

    `details`: by field, what fills the texts of their rules, where these have a placeholder. `money_units`:
    by money field and row, the unit that header or sheet give, or missing.
    """

    values: pd.DataFrame
    faults: dict[str, pd.Series]
    notices: dict[str, pd.Series]
    details: dict[str, pd.Series]
    money_units: pd.DataFrame


def parse_ledger(ledger: LedgerDefinition, text: pd.DataFrame, money_units: pd.DataFrame) -> TypedLedger:
    """Parse every field of `text`, whose columns are named by field.

    `money_units` holds 元, 万元 or NA by money field and row.
    """
    values, faults, notices, details = {}, {}, {}, {}
    for field in ledger.fields:
        cleaned = clean_text(text[field.name], keep_none=field.type.kind == "boolean")
        unit = money_units[field.name] if field.type.kind == "money" else cleaned
        parsed = _parse_field(field, cleaned, unit)
        values[field.name] = _with_default(parsed, field)
        if field.compared_by != field.name:
            values[field.compared_by] = _compared_form(field, parsed)
        faults[field.name], notices[field.name] = parsed.faults, parsed.notices
        if parsed.details is not None:
            details[field.name] = parsed.details
    typed = pd.DataFrame(values, index=text.index)
    return TypedLedger(
        typed.assign(
            **{column.name: column.compute(typed).astype(column.type.type) for column in ledger.derived}
        ),
        faults,
        notices,
        details,
        money_units,
    )


def _compared_form(field: LedgerField, parsed: Parsed) -> pd.Series:
    """Return the form by which the values of a field are compared."""
    if isinstance(parsed, ParsedDocumentNo):
        return parsed.key
    return number_key(parsed.values) if field.has_number_form else fold_key(parsed.values)


def _parse_field(field: LedgerField, text: pd.Series, unit: pd.Series) -> Parsed:
    """Parse a column; some faults do not depend on its type: a formula without a saved result, and in a
    column of numbers one that is rounded or can name a person.
    """
    codes = {"no_result": match_words(to_arrow(text), [NO_RESULT])}
    if ROUNDED in field.type.faults:
        codes[ROUNDED] = find_rounded_numbers(text)
    if PERSONAL_NUMBER in field.type.faults:
        codes[PERSONAL_NUMBER] = find_personal_numbers(text)
    codes = {code: mask for code, mask in codes.items() if mask.any()}
    for mask in codes.values():
        text = text.mask(mask)
    parsed = PARSERS[field.type.kind](text, field, unit)
    for code, mask in codes.items():
        parsed = replace(parsed, faults=parsed.faults.mask(mask, code))
    return parsed


def _with_default(parsed: Parsed, field: LedgerField) -> pd.Series:
    if field.default is None:
        return parsed.values
    return parsed.values.mask(parsed.values.isna() & parsed.faults.isna(), field.default)
