"""Masking of texts as report tools see them: no person's name and no personal number is shown.

Any reader may query a view, so a text that could be a name is treated as one. Masks are computed when rows
are staged, and stored beside the text (`party_name_masked`); views select them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from schemas.ledgers.common_checks import NATURAL_PERSON
from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.masking import HIDDEN, masked_column, masked_fields, masking_policy
from schemas.personal_texts import (
    ADDRESS_END,
    FOREIGN_NAME,
    FOREIGN_NAME_WITHIN,
    MAY_HOLD_NUMBER,
    NAME_FORM,
    NUMBER_FORM,
    PERSONAL_NUMBER,
    PERSONAL_SENTENCE,
    RESIDENT_NUMBER,
)
from warehouse.load.text_search import (
    REPLACEMENT,
    Flags,
    Texts,
    adjacent_pairs,
    contains,
    find_in_row,
    join_texts,
    match_distinct,
    matches,
    to_numpy,
)  # fmt: skip

#: increase it when this module masks a text otherwise: every stored mask is then computed again
MASKING_VERSION = 3
#: longest personal name; names of organisations are longer
LONGEST_PERSONAL_NAME = 4
#: endings of organisations' names; anything else may be a person
ENDINGS = (
    "公司", "厂", "店", "社", "站", "场", "院", "校", "园", "局", "所", "中心", "部", "馆", "矿", "府", "会", "集团", "处",
    "队", "厅", "科", "股", "室", "办", "行", "库", "城", "村", "企业", "工地",
    "(有限合伙)", "(普通合伙)", "(个人独资)", "(特殊普通合伙)",
)  # fmt: skip
#: business codes begin with this, resident's numbers never do
BUSINESS_PREFIX = "9"
#: characters of a cell with names that are compared, in pairs: 张 伟, 王强等2人, 原告吴刚
NAME_CHARACTERS_COMPARED = 10


def mask_rows(ledger: LedgerDefinition, rows: pd.DataFrame) -> pd.DataFrame:
    """Compute the masked columns of rows; a field that the rows do not have is taken as empty."""
    cells = _Cells(ledger, rows)
    return pd.DataFrame(
        {masked_column(field): _mask(cells, field, policy) for field, policy in masked_fields(ledger)},
        index=rows.index,
    )


def _mask(cells: _Cells, field: LedgerField, policy: str) -> Texts:
    texts = cells.texts(field)
    return texts if texts.isna().all() else _MASKS[policy](cells, field)


def masking_fingerprint(ledgers: Mapping[str, LedgerDefinition]) -> str:
    """Hash what decides how the stored masks come out: the fields' policies and this module's version."""
    fields = {
        name: [
            (field.name, field.type.kind, field.private, masking_policy(field)) for field in ledger.fields
        ]
        for name, ledger in ledgers.items()
    }
    return hashlib.sha256(repr((MASKING_VERSION, sorted(fields.items()))).encode()).hexdigest()


class _Cells:
    """The texts of rows, and the names and numbers of each row that may not be shown."""

    def __init__(self, ledger: LedgerDefinition, rows: pd.DataFrame) -> None:
        self.ledger, self.rows = ledger, rows
        self._is_shown: dict[str, Flags] = {}

    def texts(self, field: LedgerField) -> Texts:
        if field.name not in self.rows:
            return pd.Series(pd.NA, index=self.rows.index, dtype="str")
        return self.rows[field.name].astype("str")

    def names_organisation(self, field: LedgerField) -> Flags:
        """True where the name of a party can be shown in full; computed once a field."""
        if field.name not in self._is_shown:
            is_shown = _is_organisation(self.texts(field))
            if "party_type" in self.rows:
                is_shown &= self.rows["party_type"].astype("str").ne(NATURAL_PERSON)
            self._is_shown[field.name] = is_shown
        return self._is_shown[field.name]

    @cached_property
    def hidden_values(self) -> list[Texts]:
        """Private fields and parties that may be people, by column, where they are filled in."""
        fields = [field for field in self.ledger.fields if _hides_values(field)]
        return _keep_filled(self._hidden_of(field) for field in fields)

    @cached_property
    def hidden_names(self) -> list[Texts]:
        """Those of `hidden_values` that may be names: without blanks, as far as they are compared."""
        fields = [
            field
            for field in self.ledger.fields
            if _hides_values(field) and (field.type.kind == "text" or not field.private)
        ]
        compact = (self._hidden_of(field).str.replace(" ", "", regex=False) for field in fields)
        return _keep_filled(names.str.slice(0, NAME_CHARACTERS_COMPARED) for names in compact)

    def _hidden_of(self, field: LedgerField) -> Texts:
        texts = self.texts(field)
        return texts if field.private else texts.mask(self.names_organisation(field))


def _hides_values(field: LedgerField) -> bool:
    return field.private or field.shown_as == "party"


def _keep_filled(columns: Iterable[Texts]) -> list[Texts]:
    """Drop empty texts, and columns that have no other."""
    filled = (texts[texts.notna() & texts.ne("")] for texts in columns)
    return [texts for texts in filled if not texts.empty]


def _mask_party(cells: _Cells, field: LedgerField) -> Texts:
    names, is_shown = cells.texts(field), cells.names_organisation(field)
    people = names[~is_shown & names.notna()]
    if people.empty:
        return names
    masked = names.copy()
    masked[people.index] = people.str.slice(0, 1) + REPLACEMENT
    return masked


def _mask_organ(cells: _Cells, field: LedgerField) -> Texts:
    names = cells.texts(field)
    return _hide(names, ~match_distinct(names, _names_organ))


def _names_organ(names: Texts) -> Flags:
    return _is_organisation(names) & ~matches(names, " ")  # 周平 执法一大队


def _mask_kind(cells: _Cells, field: LedgerField) -> Texts:
    texts = cells.texts(field)
    is_hidden = match_distinct(texts, _holds_name) | _contains_name(cells, texts)
    return _hide(_replace_hidden_values(cells, texts), is_hidden)


def _holds_name(texts: Texts) -> Flags:
    return _is_personal(texts) | matches(texts, f"{FOREIGN_NAME}|{NAME_FORM}")


def _mask_number(cells: _Cells, field: LedgerField) -> Texts:
    texts = cells.texts(field)
    is_personal = _is_personal(texts) | matches(texts, FOREIGN_NAME_WITHIN)
    is_number = matches(texts, "[0-9]") & ~is_personal & matches(texts, NUMBER_FORM)
    return _replace_hidden_values(cells, _hide(texts, ~is_number))


def _mask_code(cells: _Cells, field: LedgerField) -> Texts:
    """Hide what has the form of a resident's number (GB 11643).

    It has region, date of birth, three digits and a check character.
    """
    codes = cells.texts(field)
    month = codes.str.slice(10, 12)
    is_resident_number = (
        matches(codes, RESIDENT_NUMBER)
        & ~codes.str.startswith(BUSINESS_PREFIX, na=False)
        & codes.str.slice(6, 8).isin(("19", "20"))
        & month.ge("01") & month.le("12")
    )  # fmt: skip
    return _hide(codes, is_resident_number)


_MASKS: dict[str, Callable[[_Cells, LedgerField], Texts]] = {
    "party": _mask_party, "organ": _mask_organ, "kind": _mask_kind, "number": _mask_number, "code": _mask_code,
}  # fmt: skip


def _hide(texts: Texts, is_hidden: Flags) -> Texts:
    is_replaced = is_hidden & texts.notna()
    return texts.mask(is_replaced, HIDDEN) if is_replaced.any() else texts


def _is_organisation(names: Texts) -> Flags:
    is_possible = names.str.len().gt(LONGEST_PERSONAL_NAME) & names.str.endswith(ENDINGS, na=False)
    return is_possible & ~(_holds_personal_number(names) | matches(names, ADDRESS_END))


def _is_personal(texts: Texts) -> Flags:
    return _holds_personal_number(texts) | matches(texts, PERSONAL_SENTENCE)


def _holds_personal_number(texts: Texts) -> Flags:
    holds = matches(texts, MAY_HOLD_NUMBER)
    if holds.any():
        holds[holds] = matches(texts[holds], PERSONAL_NUMBER)
    return holds


def _replace_hidden_values(cells: _Cells, texts: Texts) -> Texts:
    """Replace in each text the names and numbers that the other fields of its row hide."""
    if not cells.hidden_values:
        return texts
    joined = join_texts(texts)
    for values in cells.hidden_values:
        values = values[contains(texts, values, joined)]
        if not values.empty:
            replaced = np.strings.replace(to_numpy(texts[values.index]), to_numpy(values), REPLACEMENT)
            texts = texts.copy()
            texts[values.index] = replaced.astype(object)
    return texts


def _contains_name(cells: _Cells, texts: Texts) -> Flags:
    """Test whether a text contains two adjacent characters of a name in its row, blanks ignored."""
    has_name = pd.Series(False, index=texts.index)
    if not cells.hidden_names:
        return has_name
    texts = texts.str.replace(" ", "", regex=False)
    joined = join_texts(texts)
    pairs_of_texts = adjacent_pairs(joined)
    for names in cells.hidden_names:
        if pairs_of_texts.isdisjoint(adjacent_pairs(join_texts(names))):  # as nearly always
            continue
        for position in range(NAME_CHARACTERS_COMPARED - 1):
            names = names[names.str.len().gt(position + 1)]
            pairs = names.str.slice(position, position + 2)
            pairs = pairs[pairs.isin(pairs_of_texts)]
            has_name[pairs.index] |= find_in_row(texts[pairs.index], pairs)
    return has_name
