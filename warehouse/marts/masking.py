"""What of a text a view may show, as SQL of both databases: nobody's name, and no number of a person.

A view is asked by whoever it was granted to, so what cannot be told from a name is taken for one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, FromClause, Text, and_, case, false, func, literal, or_
from sqlalchemy.ext.compiler import compiles

from schemas.ledgers.common_checks import NATURAL_PERSON
from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.masking import masking_policy

HIDDEN = "（不显示）"
#: people's names are this short, organisations' are longer
LONGEST_PERSONAL_NAME = 4
#: how the names of organisations end; of what ends otherwise nobody can say that it is no person
ENDINGS = (
    "公司", "厂", "店", "社", "站", "场", "院", "校", "园", "局", "所", "中心", "部", "馆", "矿", "府", "会", "集团", "处",
    "队", "厅", "科", "股", "室", "办", "行", "库", "城", "村", "企业", "工地",
    "(有限合伙)", "(普通合伙)", "(个人独资)", "(特殊普通合伙)",
)  # fmt: skip
#: a resident's number has seventeen digits before its last place
DIGITS_OF_A_PERSON = 17
#: codes of businesses begin so, and no resident's number does
FIRST_OF_BUSINESSES = "9"
#: of a cell with names so many characters are looked at, two by two: 张 伟, 王强等2人, 原告吴刚
NAMES_REACH = 10
#: what a cell that should hold a number, a date or a yes may show of what it holds: never a name, a telephone's or ID number
PLAIN = "0-9.,:/ ¥%年月日元万是否"
LONGEST_PLAIN = 10


class has_digits(ColumnElement[bool]):  # noqa: N801 - reads as SQL does
    """Whether so many digits stand in a row."""

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
    """Whether a text is made of digits, signs and the few words of dates and amounts alone."""

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
    # a percent sign would have to be doubled for the driver
    return f"({written} ~ '^[-{PLAIN.replace('%', '')}]*$')"


class last_characters(ColumnElement[str]):  # noqa: N801
    """So many characters at the end of a text."""

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
    """A text, a number of a matter or a name as far as it may be shown; other kinds of field as they stand."""
    text, how = rows.c[field.name], masking_policy(field)
    if how == "party":
        return _party(rows, ledger, text)
    if how == "organ":
        is_plainly_one = and_(_is_organisation(text), ~_holds(text, literal(" ")))  # 周平 执法一大队
        return case((is_plainly_one, text), else_=_hidden(text))
    if how == "kind":
        may_not = or_(has_digits(text, DIGITS_OF_A_PERSON), _holds_a_name(rows, ledger, text))
        return case((may_not, HIDDEN), else_=_without_names(rows, ledger, text))
    if how == "number":
        is_number = and_(has_digits(text, 1), ~has_digits(text, DIGITS_OF_A_PERSON))
        return _without_names(rows, ledger, case((is_number, text), else_=_hidden(text)))
    if how == "code":
        return case((_is_like_a_residents(text), HIDDEN), else_=text)
    return _hidden(text) if how == "own_words" else text


def _hidden(text: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((text.is_(None), None), else_=HIDDEN)


def _is_like_a_residents(code: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a code is written as a resident's number is (GB 11643): region, day of birth, three digits, a check."""
    born_in, month = func.substr(code, 7, 2), func.substr(code, 11, 2)
    return and_(
        has_digits(code, DIGITS_OF_A_PERSON), func.substr(code, 1, 1) != FIRST_OF_BUSINESSES,
        born_in.in_(("19", "20")), month.between("01", "12"),
    )  # fmt: skip


def _is_organisation(text: ColumnElement[Any]) -> ColumnElement[bool]:
    by_length: dict[int, list[str]] = {}
    for end in ENDINGS:
        by_length.setdefault(len(end), []).append(end)
    ends = or_(*(last_characters(text, count).in_(several) for count, several in by_length.items()))
    return and_(func.length(text) > LONGEST_PERSONAL_NAME, ends)


def _party(rows: FromClause, ledger: LedgerDefinition, name: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((_names_an_organisation(rows, ledger, name), name), else_=func.substr(name, 1, 1) + "*")


def _names_an_organisation(
    rows: FromClause, ledger: LedgerDefinition, name: ColumnElement[Any]
) -> ColumnElement[bool]:
    is_person = rows.c.party_type == NATURAL_PERSON if "party_type" in ledger.field_names() else false()
    return and_(_is_organisation(name), ~func.coalesce(is_person, literal(False)))


def _without_names(
    rows: FromClause, ledger: LedgerDefinition, text: ColumnElement[Any]
) -> ColumnElement[Any]:
    """The text without the names and numbers that stand in the fields of its own row and are not shown there."""
    for field in ledger.fields:
        name = rows.c[field.name]
        if field.private:
            text = func.replace(text, func.coalesce(name, ""), "*")
        elif field.shown_as == "party":
            person = case((_names_an_organisation(rows, ledger, name), ""), else_=func.coalesce(name, ""))
            text = func.replace(text, person, "*")
    return text


def _holds_a_name(
    rows: FromClause, ledger: LedgerDefinition, text: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether any two characters that follow each other in a name of the row do so in the text, blanks aside.

    A name is asked only as far as it goes: this is asked of every row that readers see.
    """
    found = []
    for field in ledger.fields:
        name = rows.c[field.name]
        if field.type.kind == "text" and field.private:
            found.append(_shares_two(text, name, 1))
        elif field.shown_as == "party":
            found.append(and_(~_names_an_organisation(rows, ledger, name), _shares_two(text, name, 1)))
    return or_(false(), *found)


def _holds(text: ColumnElement[Any], piece: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a piece that is not empty stands in a text, in words of both databases."""
    return func.replace(text, piece, "") != text


def _shares_two(text: ColumnElement[Any], name: ColumnElement[Any], at: int) -> ColumnElement[bool]:
    written, named = func.replace(text, " ", ""), func.replace(name, " ", "")
    has_pair = _holds(written, func.substr(named, at, 2))
    return and_(
        func.length(named) > at,
        or_(has_pair, _shares_two(text, name, at + 1)) if at < NAMES_REACH - 1 else has_pair,
    )
