"""Base class and options of ledger models; schema, table, validation,
template, dictionary and view derive from them.

A ledger is a pandera `DataFrameModel` in a module of `schemas/datasets`. Its fields have Chinese headers. A
rule over several fields is a method that returns a mask of the rows that break it (a frame-level pandera
check would build a failure case for every column of every such row).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa

from schemas.ledgers.limits import Limit
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import FieldType

Mask = Callable[[pd.DataFrame], "pd.Series[bool]"]
Compute = Callable[[pd.DataFrame], pd.Series]

ShownAs = Literal["number", "organ", "party", "kind"]

#: no date of a ledger lies before this day, unless the ledger says otherwise. A date cell in which only
#: the year 2023 was typed holds 1905-07-15
EARLIEST = date(2000, 1, 1)
#: a row dated this number of months before its report, or more, is doubted: its year may be wrong
DOUBTED_AFTER_MONTHS = 12

#: in a natural key: the reporting unit, so that the same session of two units is two rows
UNIT = "unit"


def column(
    header: str,
    *aliases: str,
    required: bool = False,
    private: bool = False,
    allowed: tuple[str, ...] = (),
    multiple: bool = False,
    default: Any = None,
    may_be_in_future: bool = False,
    may_be_negative: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    refers_to: str | None = None,
    stated_in: str | None = None,
    has_usual_range: bool = False,
    same_year_as: str | None = None,
    year_up_to: str | None = None,
    usual_yuan: tuple[float, float] | None = None,
    names_reporter: bool = False,
    other_kinds: tuple[str, ...] = (),
    example: str | float | None = None,
    hint: str = "",
    shown_as: ShownAs | None = None,
) -> Any:
    """Define a field of a ledger.

    `header` is the template's header, `aliases` are others seen in files; for money the bracketed unit is
    part of them. `multiple`: a cell may hold more than one of the `allowed` values. `default`: the value
    of an empty cell. `may_be_in_future`: a date may be after the file's arrival (a deadline).
    `may_be_negative`: an amount may be one that is paid back. `refers_to`: the field of another ledger
    (`cases.case_no`) in which the value should be found. `stated_in`: the text field that also states the
    amount. `has_usual_range`: compare the amount with earlier amounts of the unit. `usual_yuan`: the
    least and greatest amount in 元 that nobody wonders at. `same_year_as`: for a number with a year, the
    date of the day on which it was given; `year_up_to`: a date that cannot lie in a year before the
    number's. `names_reporter`: a text that names the reporting unit or a part of it; another unit there
    is asked about. `other_kinds`: words in a document number's kind that mean another document, which is
    asked about. `example`: the value in the template's example row, as a clerk would write it (an
    amount in the header's unit); the examples of a ledger together make one valid row. `hint`: tells a
    clerk when to fill in the field, if header and rules do not. `shown_as`: the masking policy of a text
    in views: `number` of a matter, `organ` of state, `party` (organisations shown, people masked), `kind`
    (a few fixed words). A text without one may name a person and is not shown.
    """
    metadata = {
        "header": header, "aliases": aliases, "required": required, "private": private,
        "allowed": allowed, "default": default, "may_be_in_future": may_be_in_future,
        "may_be_negative": may_be_negative, "minimum": minimum, "maximum": maximum,
        "refers_to": refers_to, "stated_in": stated_in, "has_usual_range": has_usual_range, "usual_yuan": usual_yuan,
        "names_reporter": names_reporter, "other_kinds": other_kinds, "same_year_as": same_year_as, "year_up_to": year_up_to,
        "example": example, "hint": hint, "shown_as": shown_as,
    }  # fmt: skip
    checks: dict[str, Any] = {"ge": minimum, "le": maximum}
    if multiple:
        alternatives = "|".join(re.escape(value) for value in allowed)
        checks["str_matches"] = rf"^(?:{alternatives})(?:、(?:{alternatives}))*$"
    elif allowed:
        checks["isin"] = list(allowed)
    set_checks = {name: value for name, value in checks.items() if value is not None}
    return pa.Field(nullable=not required, metadata=metadata, **set_checks)


def about(
    *,
    title: str,
    natural_key: str,
    dated_by: str,
    handled_by: str | None = None,
    row: str,
    party: str | None = None,
    day: str | None = None,
    amount: str | None = None,
    cause: str | None = None,
    earliest: date = EARLIEST,
    doubted_after_months: int | None = DOUBTED_AFTER_MONTHS,
    late_steps: tuple[str, ...] = (),
    limits: tuple[Limit, ...] = (),
) -> dict[str, Any]:
    """Build a ledger's `Config.metadata`.

    `natural_key` identifies a row: `a | b+c` means a if filled in, else b and c together; `x|y`
    within a part means x, or y if x is empty; `unit` is the reporting unit. `dated_by`: the date by
    which figures count a row. `handled_by`: the field that shows which unit handled the matter, for a
    row that two units report. `earliest`: no date of a row may lie before it. `doubted_after_months`: a
    row that is dated this number of months before its report, or more, gets a warning; None for a ledger
    that lists what is old. `late_steps`: dates of later steps of a matter; a recent one explains an old
    row. `row`: says in Chinese what one row is, for the data dictionary.
    `limits`: compare amounts with those of another ledger.

    `party`, `day`, `amount` and `cause` name the fields that say who, when, how much and for what
    (`x|y` as in a natural key). Two rows with one key that differ in them may be two matters; two rows
    with different keys that agree in them may be one. Party and day also complete the key of a row
    whose number identifies nothing.
    """
    return {
        "title": title,
        "natural_key": natural_key,
        "dated_by": dated_by,
        "handled_by": handled_by,
        "earliest": earliest,
        "doubted_after_months": doubted_after_months,
        "late_steps": late_steps,
        "row": row,
        "party": party,
        "day": day,
        "amount": amount,
        "cause": cause,
        "limits": limits,
    }


def row_rule(
    field_and_code: str,
    severity: Severity,
    problem: str,
    *,
    expected: str = "",
    remedy: str = "",
    source: str = "",
    does_without: Sequence[str] = (),
) -> Callable[[Mask], Mask]:
    """Mark a model's method as a row rule.

    `field_and_code` (`fine_fen.required`) names the field of its findings. `does_without` are fields that
    it reads and can do without: it says what it can also where they could not be read.
    """

    def mark(function: Mask) -> Mask:
        texts = (problem, expected, remedy, source)
        function.__row_rule__ = (field_and_code, severity, texts, frozenset(does_without))  # type: ignore[attr-defined]
        return function

    return mark


def derived(kind: type[FieldType], title: str) -> Callable[[Compute], Compute]:
    """Mark a model's method as a derived column: computed from the
    row's fields and stored, never submitted.
    """

    def mark(function: Compute) -> Compute:
        function.__derived__ = (kind, title)  # type: ignore[attr-defined]
        return function

    return mark


class Ledger(pa.DataFrameModel):
    """Base class of all ledgers."""

    class Config:
        strict = False
        coerce = False
