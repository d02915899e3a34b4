"""Masking of texts in views, as SQL of both databases: no person's name and no personal number is shown.

Any reader may query a view, so a text that could be a name is treated as one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, FromClause, Text, and_, case, false, func, literal, or_
from sqlalchemy.ext.compiler import compiles

from schemas.ledgers.common_checks import NATURAL_PERSON
from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.masking import masking_policy

HIDDEN = "（不显示）"
#: longest personal name; names of organisations are longer
LONGEST_PERSONAL_NAME = 4
#: endings of organisations' names; anything else may be a person
ENDINGS = (
    "公司", "厂", "店", "社", "站", "场", "院", "校", "园", "局", "所", "中心", "部", "馆", "矿", "府", "会", "集团", "处",
    "队", "厅", "科", "股", "室", "办", "行", "库", "城", "村", "企业", "工地",
    "(有限合伙)", "(普通合伙)", "(个人独资)", "(特殊普通合伙)",
)  # fmt: skip
#: digits of a resident's number before its check character
RESIDENT_NUMBER_DIGITS = 17
#: business codes begin with this, resident's numbers never do
BUSINESS_PREFIX = "9"
#: characters of a cell with names that are compared, in pairs: 张 伟, 王强等2人, 原告吴刚
NAME_CHARACTERS_COMPARED = 10
#: characters that a number, date or yes/no cell may show: enough for no name, telephone or ID number
PLAIN = "0-9.,:/ ¥%年月日元万是否"
LONGEST_PLAIN = 10


class has_digits(ColumnElement[bool]):  # noqa: N801 - reads as SQL does
    """True if the text contains `count` consecutive digits."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, text: ColumnElement[Any], count: int) -> None:
        self.text, self.count = text, count


@compiles(has_digits, "sqlite")
def _digits_sqlite(element: has_digits, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.text, **options)} GLOB '*{'[0-9]' * element.count}*')"


@compiles(has_digits, "postgresql")
def _digits_postgresql(element: has_digits, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.text, **options)} ~ '[0-9]{{{element.count}}}')"


class is_plain_text(ColumnElement[bool]):  # noqa: N801
    """True if the text consists only of digits, signs and the words of dates and amounts."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, text: ColumnElement[Any]) -> None:
        self.text = text


@compiles(is_plain_text, "sqlite")
def _plain_sqlite(element: is_plain_text, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.text, **options)} NOT GLOB '*[^-{PLAIN}]*')"


@compiles(is_plain_text, "postgresql")
def _plain_postgresql(element: is_plain_text, compiler: Any, **options: Any) -> str:
    written = compiler.process(element.text, **options)
    # the driver would need the percent sign doubled
    return f"({written} ~ '^[-{PLAIN.replace('%', '')}]*$')"


class last_characters(ColumnElement[str]):  # noqa: N801
    """The last `count` characters of a text."""

    inherit_cache = False
    type = Text()

    def __init__(self, text: ColumnElement[Any], count: int) -> None:
        self.text, self.count = text, count


@compiles(last_characters, "sqlite")
def _last_sqlite(element: last_characters, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.text, **options)}, -{element.count})"


@compiles(last_characters, "postgresql")
def _last_postgresql(element: last_characters, compiler: Any, **options: Any) -> str:
    return f"right({compiler.process(element.text, **options)}, {element.count})"


def masked_text(rows: FromClause, ledger: LedgerDefinition, field: LedgerField) -> ColumnElement[Any]:
    """Mask a field by its policy; fields without a policy are returned unchanged."""
    text, policy = rows.c[field.name], masking_policy(field)
    if policy == "party":
        return _mask_party(rows, ledger, text)
    if policy == "organ":
        is_clear = and_(_is_organisation(text), ~_contains(text, literal(" ")))  # 周平 执法一大队
        return case((is_clear, text), else_=_hide(text))
    if policy == "kind":
        is_hidden = or_(has_digits(text, RESIDENT_NUMBER_DIGITS), _contains_name(rows, ledger, text))
        return case((is_hidden, HIDDEN), else_=_replace_names(rows, ledger, text))
    if policy == "number":
        is_number = and_(has_digits(text, 1), ~has_digits(text, RESIDENT_NUMBER_DIGITS))
        return _replace_names(rows, ledger, case((is_number, text), else_=_hide(text)))
    if policy == "code":
        return case((_is_like_resident_number(text), HIDDEN), else_=text)
    return _hide(text) if policy == "own_words" else text


def _hide(text: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((text.is_(None), None), else_=HIDDEN)


def _is_like_resident_number(code: ColumnElement[Any]) -> ColumnElement[bool]:
    """Test for the form of a resident's number (GB 11643).

    It has region, date of birth, three digits and a check character.
    """
    born_in, month = func.substr(code, 7, 2), func.substr(code, 11, 2)
    return and_(
        has_digits(code, RESIDENT_NUMBER_DIGITS), func.substr(code, 1, 1) != BUSINESS_PREFIX,
        born_in.in_(("19", "20")), month.between("01", "12"),
    )  # fmt: skip


def _is_organisation(text: ColumnElement[Any]) -> ColumnElement[bool]:
    by_length: dict[int, list[str]] = {}
    for end in ENDINGS:
        by_length.setdefault(len(end), []).append(end)
    ends = or_(*(last_characters(text, count).in_(endings) for count, endings in by_length.items()))
    return and_(func.length(text) > LONGEST_PERSONAL_NAME, ends)


def _mask_party(rows: FromClause, ledger: LedgerDefinition, name: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((_names_an_organisation(rows, ledger, name), name), else_=func.substr(name, 1, 1) + "*")


def _names_an_organisation(
    rows: FromClause, ledger: LedgerDefinition, name: ColumnElement[Any]
) -> ColumnElement[bool]:
    is_person = rows.c.party_type == NATURAL_PERSON if "party_type" in ledger.field_names() else false()
    return and_(_is_organisation(name), ~func.coalesce(is_person, literal(False)))


def _replace_names(
    rows: FromClause, ledger: LedgerDefinition, text: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Replace in the text the names and numbers that the other fields of its row hide."""
    for field in ledger.fields:
        name = rows.c[field.name]
        if field.private:
            text = func.replace(text, func.coalesce(name, ""), "*")
        elif field.shown_as == "party":
            person = case((_names_an_organisation(rows, ledger, name), ""), else_=func.coalesce(name, ""))
            text = func.replace(text, person, "*")
    return text


def _contains_name(
    rows: FromClause, ledger: LedgerDefinition, text: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Test whether the text contains two adjacent characters of a name in its row, blanks ignored.

    Compares no further than the name's length, as this runs for every row that readers see.
    """
    tests = []
    for field in ledger.fields:
        name = rows.c[field.name]
        if field.type.kind == "text" and field.private:
            tests.append(_shares_pair(text, name, 1))
        elif field.shown_as == "party":
            tests.append(and_(~_names_an_organisation(rows, ledger, name), _shares_pair(text, name, 1)))
    return or_(false(), *tests)


def _contains(text: ColumnElement[Any], piece: ColumnElement[Any]) -> ColumnElement[bool]:
    """Test whether a non-empty piece occurs in a text, in SQL of both databases."""
    return func.replace(text, piece, "") != text


def _shares_pair(text: ColumnElement[Any], name: ColumnElement[Any], position: int) -> ColumnElement[bool]:
    compact_text, compact_name = func.replace(text, " ", ""), func.replace(name, " ", "")
    has_pair = _contains(compact_text, func.substr(compact_name, position, 2))
    return and_(
        func.length(compact_name) > position,
        or_(has_pair, _shares_pair(text, name, position + 1))
        if position < NAME_CHARACTERS_COMPARED - 1
        else has_pair,
    )
