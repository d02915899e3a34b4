"""One definition of a ledger: its schema, table, validation, template, dictionary and view all derive from it.

A ledger is a pandera `DataFrameModel` in a module of `schemas/datasets`. Its fields carry their Chinese headers, its rules
that span several fields are methods that return a mask of the rows that break them (a frame-level pandera check would build
a failure case for every column of every such row).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa

from schemas.ledgers.rules import Severity
from schemas.ledgers.types import FieldType

Mask = Callable[[pd.DataFrame], "pd.Series[bool]"]
Compute = Callable[[pd.DataFrame], pd.Series]

ShownAs = Literal["number", "organ", "party", "kind"]

#: in a natural key, the unit that reports: the same session of two units is two rows
UNIT = "unit"


def column(
    header: str,
    *aliases: str,
    required: bool = False,
    private: bool = False,
    allowed: tuple[str, ...] = (),
    several: bool = False,
    default: Any = None,
    may_lie_ahead: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    refers_to: str | None = None,
    stated_in: str | None = None,
    has_usual_range: bool = False,
    example: str | float | None = None,
    hint: str = "",
    shown_as: ShownAs | None = None,
) -> Any:
    """A field of a ledger.

    `header` is what the template carries, `aliases` what else is seen in files; for money the bracketed unit belongs to the
    header. `several` lets a cell hold more than one of the `allowed` values. `default` stands for an empty cell.
    `may_lie_ahead` allows a date after the file's arrival (a deadline). `refers_to` names the field of another ledger
    (`cases.case_no`) that a value is expected to stand in; the two are compared in one form. `stated_in` names the text that
    states an amount too; `has_usual_range` holds an amount against what its unit's amounts have been. `example` stands in the
    template's example row, as a clerk would write it: an amount in the header's unit; a ledger's examples make one right row.
    `hint` tells a clerk when a field is to be filled in, where header and rules do not. `shown_as` says what a text holds, so
    that report tools may see it: `number` of a matter, `organ` of state, `party` (organisations by name, people masked), `kind`
    of a thing in a few set words. A text that does not say is in a clerk's own words, may name anybody, and is not shown.
    """
    metadata = {
        "header": header, "aliases": aliases, "required": required, "private": private,
        "allowed": allowed, "default": default, "may_lie_ahead": may_lie_ahead, "minimum": minimum, "maximum": maximum,
        "refers_to": refers_to, "stated_in": stated_in, "has_usual_range": has_usual_range,
        "example": example, "hint": hint, "shown_as": shown_as,
    }  # fmt: skip
    checks: dict[str, Any] = {"ge": minimum, "le": maximum}
    if several:
        one = "|".join(re.escape(value) for value in allowed)
        checks["str_matches"] = rf"^(?:{one})(?:、(?:{one}))*$"
    elif allowed:
        checks["isin"] = list(allowed)
    given = {name: value for name, value in checks.items() if value is not None}
    return pa.Field(nullable=not required, metadata=metadata, **given)


def about(
    *, title: str, natural_key: str, dated_by: str, handled_by: str | None = None, row: str = ""
) -> dict[str, str | None]:
    """What a ledger's `Config.metadata` holds.

    `natural_key` says what the same row means: `a | b+c` means a where it is filled in, else b and c together; `x|y` within
    one part means x, or y where x is empty; `unit` is the reporting unit. `dated_by` is the date by which figures count a row.
    `handled_by` names the field that tells which unit handled the matter, for a row that two units report.
    `row` says in Chinese what one row is, for those who read the dictionary.
    """
    return {
        "title": title,
        "natural_key": natural_key,
        "dated_by": dated_by,
        "handled_by": handled_by,
        "row": row,
    }


def row_rule(
    field_and_code: str,
    severity: Severity,
    problem: str,
    *,
    expected: str = "",
    mend: str = "",
    source: str = "",
) -> Callable[[Mask], Mask]:
    """Mark a model's method as a row rule; `field_and_code` (`fine_fen.required`) names the field that it points at."""

    def mark(function: Mask) -> Mask:
        function.__row_rule__ = (field_and_code, severity, problem, expected, mend, source)  # type: ignore[attr-defined]
        return function

    return mark


def derived(kind: type[FieldType], title: str) -> Callable[[Compute], Compute]:
    """Mark a model's method as a column that follows from the row's fields: stored beside them, never sent by a county."""

    def mark(function: Compute) -> Compute:
        function.__derived__ = (kind, title)  # type: ignore[attr-defined]
        return function

    return mark


class Ledger(pa.DataFrameModel):
    """Base of the ledgers."""

    class Config:
        strict = False
        coerce = False
