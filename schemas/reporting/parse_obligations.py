"""Read the obligations and holidays of the settings.

Obligations are tables in the settings; the last that matches a unit, a ledger and a month decides:

    [[obligations]]
    units = ["990102"]            # default: all
    ledgers = ["permits"]         # default: all
    every = "quarter"             # month (default), quarter, half_year, year or never
    from = "2022-01"              # first month it applies to; default: no limit
    until = "2024-06"             # last month; default: no limit
    due_working_day = 10          # of the next month; default: due_working_day of the settings

    [holidays.2027]               # a year that the built-in calendar does not cover yet
    days_off = [2027-01-01]
    make_up_days = [2027-02-07]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.errors import DefinitionError
from schemas.problems import describe_first_problem
from schemas.reporting.obligations import Obligation, Obligations
from schemas.reporting.working_days import SATURDAY, HolidaysOfYear, WorkingCalendar
from schemas.sentences import Sentence


class ObligationError(DefinitionError):
    """An obligation or holiday in the settings is invalid; the message names it and the valid values."""


class _Holidays(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    days_off: frozenset[date]
    make_up_days: frozenset[date]


def parse_obligations(
    entries: Iterable[Mapping[str, Any]],
    holidays: Mapping[str, Mapping[str, Any]],
    due_working_day: int,
    ledgers: Collection[str],
    units: Collection[str],
) -> Obligations:
    """Build the obligations from the raw tables of the settings. Raises ObligationError."""
    obligations = [
        _parse_entry(f"[[obligations]] {number}", entry, ledgers, units)
        for number, entry in enumerate(entries, start=1)
    ]
    years = {_parse_year(name): _parse_holidays(name, raw) for name, raw in holidays.items()}
    return Obligations(tuple(obligations), due_working_day, WorkingCalendar(years))


def _parse_entry(
    where: str, entry: Mapping[str, Any], ledgers: Collection[str], units: Collection[str]
) -> Obligation:
    obligation = _validate(where, Obligation, entry)
    for kind, names, valid in (("unit", obligation.units, units), ("ledger", obligation.ledgers, ledgers)):
        if unknown := [name for name in names or () if name not in valid]:
            raise ObligationError(
                Sentence(
                    "{where}: no {kind} '{unknown}'; there are {valid}",
                    where=where,
                    kind=kind,
                    unknown=unknown[0],
                    valid=", ".join(valid),
                )
            )
    if obligation.first and obligation.until and obligation.first > obligation.until:
        raise ObligationError(
            Sentence(
                "{where}: from {first} lies after until {until}",
                where=where,
                first=obligation.first,
                until=obligation.until,
            )
        )
    return obligation


def _parse_year(name: str) -> int:
    if not re.fullmatch(r"20\d\d", name):
        raise ObligationError(
            Sentence("[holidays.{name}]: '{name}' is no year; write it as [holidays.2027]", name=name)
        )
    return int(name)


def _parse_holidays(name: str, raw: Mapping[str, Any]) -> HolidaysOfYear:
    where = f"[holidays.{name}]"
    holidays = _validate(where, _Holidays, raw)
    for day in sorted(holidays.days_off | holidays.make_up_days):
        if day.year != int(name):
            raise ObligationError(
                Sentence("{where}: {day} is no day of {name}", where=where, day=day, name=name)
            )
    if wrong := [day for day in sorted(holidays.make_up_days) if day.weekday() < SATURDAY]:
        raise ObligationError(
            Sentence("{where}: make-up day {wrong} is no Saturday or Sunday", where=where, wrong=wrong[0])
        )
    if both_kinds := sorted(holidays.days_off & holidays.make_up_days):
        raise ObligationError(
            Sentence(
                "{where}: {both_kinds} is both a day off and a make-up day",
                where=where,
                both_kinds=both_kinds[0],
            )
        )
    return HolidaysOfYear(holidays.days_off, holidays.make_up_days)


_Model = TypeVar("_Model", bound=BaseModel)


def _validate(where: str, model: type[_Model], raw: Any) -> _Model:
    keys = [field_info.alias or name for name, field_info in model.model_fields.items()]
    if not isinstance(raw, Mapping):
        raise ObligationError(
            Sentence("{where}: write a table with the keys {keys}", where=where, keys=", ".join(keys))
        )
    if unknown := [name for name in raw if name not in keys]:
        raise ObligationError(
            Sentence(
                "{where}: no key '{unknown}'; there are {keys}",
                where=where,
                unknown=unknown[0],
                keys=", ".join(keys),
            )
        )
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise ObligationError(describe_first_problem(where, error)) from error
