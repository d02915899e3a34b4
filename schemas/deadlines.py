"""Time limits set by law, as data: what starts, extends, suspends and meets each (`deadlines.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.errors import DefinitionError
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.rules import Rule, Severity

FILE = "deadlines.toml"
#: states of a limit, with their Chinese words; one that was met in time is not listed
DEADLINE_WORDS = {"due_soon": "即将到期", "lapsed": "已过期", "running": "未到期", "met_late": "逾期办结"}
#: a limit that ends within this number of days is due soon
DUE_SOON_DAYS = 10

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
    days: int


class TimeLimit(_Closed):
    """A time limit; the comments in `deadlines.toml` explain each key."""

    limit_id: str
    title: str
    words: str
    source: str
    ledger: str
    document: str
    where: Values = {}
    start: str | None = None
    after: str | None = None
    wait_months: int = 0
    days: int | None = None
    working_days: int | None = None
    months: int | None = None
    stated: tuple[str, ...] = ()
    most_days: int | None = None
    allowed: tuple[str, ...] = ()
    presumed_days: int = 0
    before_days: int = 0
    met: tuple[str, ...] = ()
    met_by: tuple[MetBy, ...] = ()
    paid: Paid | None = None
    daily_percent: int = 0
    over: tuple[str, ...] = ()
    suspended_by: tuple[SuspendedBy, ...] = ()
    renewed_by: tuple[RenewedBy, ...] = ()

    def model_post_init(self, _context: Any) -> None:
        if (self.start is None) == (self.after is None):
            raise ValueError("it needs one of 'start' and 'after'")
        if sum(length is not None for length in (self.days, self.working_days, self.months)) != 1:
            raise ValueError("it needs one of 'days', 'working_days' and 'months'")

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield every ledger and field that the limit reads."""
        own = [self.document, *self.where, *self.stated, *self.allowed, *self.met, *self.over]
        own += [self.start] if self.start else []
        own += [self.paid.owed] if self.paid else []
        yield from ((self.ledger, name) for name in own)
        for other in self.elsewhere():
            yield self.ledger, other.own
            yield other.ledger, other.number
            named = [getattr(other, name, "") for name in ("date", "amount", "first", "last")]
            named += list(getattr(other, "where", ()))
            yield from ((other.ledger, name) for text in named if text for name in text.split("|"))

    def elsewhere(self) -> list[Elsewhere]:
        """List what the limit looks up in other ledgers."""
        paid = [self.paid] if self.paid else []
        return [*self.met_by, *paid, *self.suspended_by, *self.renewed_by]

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
    limits: dict[str, TimeLimit] = {}
    for limit_id, table in tomllib.loads(text).items():
        try:
            limit = TimeLimit(**table, limit_id=limit_id)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise DeadlineError(f"{FILE}: [{limit_id}] {where}: {first['msg']}") from error
        for ledger, field in limit.fields():
            if ledger not in ledgers or field not in ledgers[ledger].field_names():
                raise DeadlineError(f"{FILE}: [{limit_id}] no field '{ledger}.{field}'")
        if limit.after and (limit.after not in limits or limits[limit.after].ledger != limit.ledger):
            raise DeadlineError(
                f"{FILE}: [{limit_id}] no limit '{limit.after}' of its ledger stands before it"
            )
        limits[limit_id] = limit
    return limits


@cache
def deadlines() -> Mapping[str, TimeLimit]:
    """Parse the built-in limits."""
    from schemas.catalogue import ledgers

    return parse_deadlines(resources.files("schemas").joinpath(FILE).read_text("utf-8"), ledgers())
