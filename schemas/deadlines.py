"""Time limits set by law, as data: what starts, extends, suspends and meets each (`deadlines.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import DefinitionError
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_fields
from schemas.ledgers.rules import Rule, Severity
from schemas.ledgers.types import Text
from schemas.problems import describe_toml_error

FILE = "deadlines.toml"
#: states of a limit, with their Chinese words; one that was met in time is not listed
DEADLINE_WORDS = {"due_soon": "即将到期", "lapsed": "已过期", "running": "未到期", "met_late": "逾期办结"}
#: a limit that ends within this number of days is due soon
DUE_SOON_DAYS = 10

#: what a field that a key names has to be, and what is said of one that is not
NEEDS = {
    "date": "no date",
    "money": "no amount of money",
    "integer": "no whole number",
    "number": "not a number by which rows of two ledgers are compared",
    "shown": "nothing that views show as a number",
}
#: what of a field is read instead of its value
NUMBERS = ("number", "shown")
#: keys of what is looked up in other ledgers that name its fields, and what these have to be
OTHER_FIELDS = {"date": "date", "amount": "money", "first": "date", "last": "date"}

#: keys that are read beside another key only
NEEDED_BESIDE = {
    "stated": "days",
    "most_days": "stated",
    "allowed": "working_days",
    "daily_percent": "paid",
}

Values = Mapping[str, tuple[str | bool, ...]]


class DeadlineError(DefinitionError):
    """A time limit is invalid; the message names file and table."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Elsewhere(_Closed):
    """Rows of another ledger whose field `number` has the value of this row's field `own`."""

    ledger: str
    number: str
    own: str


class MetBy(Elsewhere):
    """The first `date` of these rows meets the limit; of `a|b` the first that is filled in."""

    date: str


class Paid(Elsewhere):
    """The amounts of these rows meet the limit when they reach what is owed; nothing owed, no limit."""

    owed: str
    date: str
    amount: str
    where: Values = {}


class SuspendedBy(Elsewhere):
    """The days from `first` to `last` (today, while it is empty) of these rows are not counted."""

    first: str
    last: str


class RenewedBy(Elsewhere):
    """The limit does not begin before `days` after the `last` of these rows, nor while that is empty."""

    last: str
    days: int = Field(ge=0)


class TimeLimit(_Closed):
    """A time limit; the comments at the top of `deadlines.toml` explain each key."""

    limit_id: str
    title: str
    words: str
    source: str
    actor: Literal["unit", "party"] = "unit"
    ledger: str
    document: str
    where: Values = {}
    start: str | None = None
    after: str | None = None
    wait_months: int = Field(0, ge=0)
    days: int | None = Field(None, gt=0)
    working_days: int | None = Field(None, gt=0)
    months: int | None = Field(None, gt=0)
    stated: tuple[str, ...] = ()
    most_days: int | None = Field(None, gt=0)
    allowed: tuple[str, ...] = ()
    presumed_days: int = Field(0, ge=0)
    before_days: int = Field(0, ge=0)
    met: tuple[str, ...] = ()
    met_by: tuple[MetBy, ...] = ()
    paid: Paid | None = None
    daily_percent: int = Field(0, ge=0)
    over: tuple[str, ...] = ()
    suspended_by: tuple[SuspendedBy, ...] = ()
    renewed_by: tuple[RenewedBy, ...] = ()

    def model_post_init(self, _context: Any) -> None:
        if (self.start is None) == (self.after is None):
            raise ValueError("it needs one of 'start' and 'after'")
        if sum(length is not None for length in (self.days, self.working_days, self.months)) != 1:
            raise ValueError("it needs one of 'days', 'working_days' and 'months'")
        if not (self.met or self.met_by or self.paid):
            raise ValueError("it needs one of 'met', 'met_by' and 'paid'")
        # what is read beside another key only would otherwise be passed over in silence
        for key, other in NEEDED_BESIDE.items():
            if getattr(self, key) and not getattr(self, other):
                raise ValueError(f"'{key}' is read beside '{other}' only")

    def uses(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield each key that names a field, with the ledger, the field, and what the field has to be."""
        yield from ((key, self.ledger, name, need) for key, name, need in self.own_uses())
        yield from self.other_uses()

    def own_uses(self) -> Iterator[tuple[str, str, str]]:
        """Yield each key that names a field of the row itself, with the field and what it has to be."""
        yield "document", self.document, "shown"
        yield from (("where", name, "any") for name in self.where)
        yield from (("allowed", name, "integer") for name in self.allowed)
        dates = {
            "start": (self.start,) if self.start else (),
            "stated": self.stated,
            "met": self.met,
            "over": self.over,
        }
        yield from ((key, name, "date") for key, names in dates.items() for name in names)
        if self.paid:
            yield "paid.owed", self.paid.owed, "money"
        yield from ((f"{key}.own", other.own, "number") for key, other in self.elsewhere())

    def other_uses(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield each key that names a field of another ledger, as `uses` does."""
        for key, other in self.elsewhere():
            yield f"{key}.number", other.ledger, other.number, "number"
            yield from ((f"{key}.where", other.ledger, name, "any") for name in getattr(other, "where", ()))
            for part, need in OTHER_FIELDS.items():
                names = getattr(other, part, "").split("|")
                yield from ((f"{key}.{part}", other.ledger, name, need) for name in names if name)

    def values(self) -> Iterator[tuple[str, str, str, tuple[str | bool, ...]]]:
        """Yield each key that holds values of a field, with the ledger, the field and the values."""
        yield from (("where", self.ledger, name, values) for name, values in self.where.items())
        if self.paid:
            ledger = self.paid.ledger
            yield from (("paid.where", ledger, name, values) for name, values in self.paid.where.items())

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield every ledger and field that the limit reads."""
        return ((ledger, name) for _key, ledger, name, _need in self.uses())

    def own_fields(self) -> list[str]:
        """List the fields of the row itself that the limit depends on, besides numbers."""
        return [name for _key, name, need in self.own_uses() if need not in NUMBERS]

    def own_numbers(self) -> list[str]:
        """List the numbers of the row itself by which other ledgers are looked up."""
        return [name for _key, name, need in self.own_uses() if need == "number"]

    def elsewhere(self) -> list[tuple[str, Elsewhere]]:
        """List what the limit looks up in other ledgers, by key."""
        lists = {"met_by": self.met_by, "suspended_by": self.suspended_by, "renewed_by": self.renewed_by}
        paid = [("paid", self.paid)] if self.paid else []
        return [*paid, *((key, other) for key, entries in lists.items() for other in entries)]

    @property
    def is_duty(self) -> bool:
        """Whether somebody fails to do something when it lapses, other than where an amount stops to grow."""
        return not self.daily_percent

    def rule(self) -> Rule:
        """Return the rule that rows break whose limit has lapsed."""
        return Rule(
            f"deadline.{self.limit_id}",
            Severity.NOTICE,
            f"{self.title}的期限已过：{self.words}",
            "",
            "请核对办理情况，已经办理的请补填日期；改正后这一提示自动消失",
            self.source,
        )


def parse_deadlines(text: str, ledgers: Mapping[str, LedgerDefinition]) -> dict[str, TimeLimit]:
    """Parse limits by id. Raises DeadlineError naming file and table."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeadlineError(describe_toml_error(FILE, error)) from error
    limits: dict[str, TimeLimit] = {}
    for limit_id, table in tables.items():
        limit = _parse_limit(limit_id, table)
        for key, ledger, field, need in limit.uses():
            if ledger not in ledgers or field not in ledgers[ledger].field_names():
                raise DeadlineError(f"{FILE}: [{limit_id}] {key}: no field '{ledger}.{field}'")
            if not _may_be(ledgers[ledger], field, need):
                raise DeadlineError(f"{FILE}: [{limit_id}] {key}: '{ledger}.{field}' is {NEEDS[need]}")
        for key, ledger, field, values in limit.values():
            if wrong := [value for value in values if not _may_have(ledgers[ledger], field, value)]:
                raise DeadlineError(
                    f"{FILE}: [{limit_id}] {key}.{field}: '{ledger}.{field}' is never {wrong[0]!r}"
                )
        if limit.after and (limit.after not in limits or limits[limit.after].ledger != limit.ledger):
            raise DeadlineError(
                f"{FILE}: [{limit_id}] no limit '{limit.after}' of its ledger stands before it"
            )
        if (owed := limit.paid and limit.paid.owed) and owed != owed_fields(limits).get(limit.ledger, owed):
            raise DeadlineError(f"{FILE}: [{limit_id}] rows of its ledger already owe another amount")
        if any(
            limit.document != other.document for other in limits.values() if other.ledger == limit.ledger
        ):
            raise DeadlineError(f"{FILE}: [{limit_id}] rows of its ledger already show another number")
        limits[limit_id] = limit
    return limits


def _parse_limit(limit_id: str, table: Any) -> TimeLimit:
    if not isinstance(table, dict):
        raise DeadlineError(f"{FILE}: {limit_id}: a key stands above the first table")
    try:
        return TimeLimit(**{**table, "limit_id": limit_id})
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in [".".join(map(str, first["loc"]))] if part)
        raise DeadlineError(f"{FILE}: [{limit_id}] {where}{first['msg']}") from error


def owed_fields(limits: Mapping[str, TimeLimit]) -> dict[str, str]:
    """Return the field of each ledger that holds what its rows owe, where a limit is met by payment."""
    return {limit.ledger: limit.paid.owed for limit in limits.values() if limit.paid}


def limits_by_ledger(limits: Mapping[str, TimeLimit]) -> dict[str, list[TimeLimit]]:
    """Group the limits by the ledger whose rows have them."""
    grouped: dict[str, list[TimeLimit]] = {}
    for limit in limits.values():
        grouped.setdefault(limit.ledger, []).append(limit)
    return grouped


def _may_be(ledger: LedgerDefinition, name: str, need: str) -> bool:
    """Whether a field is what a limit needs in this place."""
    if need == "shown":
        return any(field.name == name for field, _policy in masked_fields(ledger))
    if need == "number":
        return ledger.compared_by(name) != name
    return need == "any" or ledger.field(name).type.kind == need


def _may_have(ledger: LedgerDefinition, name: str, value: str | bool) -> bool:
    """Whether a field can have a value."""
    field = ledger.field(name)
    if field.type.kind == "boolean" or isinstance(value, bool):
        return field.type.kind == "boolean" and isinstance(value, bool)
    return value in field.allowed if field.allowed else isinstance(field.type, Text)


@cache
def deadlines() -> Mapping[str, TimeLimit]:
    """Parse the built-in limits."""
    from schemas.catalogue import ledgers

    return parse_deadlines(resources.files("schemas").joinpath(FILE).read_text("utf-8"), ledgers())
