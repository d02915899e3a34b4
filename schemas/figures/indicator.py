"""Indicator definitions as data with a closed vocabulary: a typo is an error and not a wrong figure."""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from schemas.figures.phrase import HintedBy, SaidAs

#: which of `field` and `fields` each aggregate requires
NEEDS: dict[str, tuple[str, ...]] = {"count": (), "count_distinct": ("fields",), "sum": ("field",)}
SUMMED_KINDS = ("money", "integer")

#: type of a test's value, and the kinds of field it applies to (empty: any)
TESTS: dict[str, tuple[type, tuple[str, ...]]] = {
    "is": (str, ("text", "category")), "is_not": (str, ("text", "category")), "in": (list, ("text", "category")),
    "has": (str, ("categories",)),
    "is_true": (NoneType, ("boolean",)), "is_false": (NoneType, ("boolean",)),
    "is_filled": (NoneType, ()), "is_empty": (NoneType, ()),
    "reaches_end": (NoneType, ("date",)), "found_in": (NoneType, ("text", "document_no")),
}  # fmt: skip


#: a figure rests on the period's reports alone
MONTHS_BEFORE = Field(0, ge=0, le=12)


def _wrap_single(*kinds: type) -> BeforeValidator:
    """Accept a single value without brackets where a list is allowed."""
    return BeforeValidator(lambda value: [value] if isinstance(value, kinds) else value)


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Closed):
    """A test of `field` against `value`.

    `has`: the categories in the cell include the value. `reaches_end`: the date is empty
    or not before the period's last day. `found_in`: the value occurs in field `matching`
    of another `ledger`, in rows that satisfy `where`, which may be in reports of up to
    `months_before` earlier months.
    """

    field: str
    test: Literal[
        "is", "is_not", "in", "has", "is_true", "is_false", "is_filled", "is_empty", "reaches_end", "found_in"
    ]  # fmt: skip
    value: str | list[str] | None = None
    ledger: str | None = None
    matching: str | None = None
    where: tuple[Condition, ...] = ()
    months_before: int = MONTHS_BEFORE


class Part(_Closed):
    """An aggregate over rows of one ledger that satisfy `where`.

    A row belongs to a period by a date (`dated_by`; with several, by any of them), or,
    with `stock` (point-in-time), by being in its unit's last report up to the period's
    end. One of `fields` may be `a|b`: a, or b if a is empty. Its rows may be in reports of
    up to `months_before` months before the period.
    """

    ledger: str
    aggregate: Literal["count", "count_distinct", "sum"]
    field: str | None = None
    fields: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    dated_by: Annotated[tuple[str, ...], _wrap_single(str)] = ()
    stock: bool = False
    months_before: int = MONTHS_BEFORE

    def named_fields(self) -> list[str]:
        """List the fields of its own ledger that the part uses."""
        names = [name for alternatives in self.fields for name in alternatives.split("|")]
        names += [condition.field for condition in self.where]
        return names + ([self.field] if self.field else []) + list(self.dated_by)

    def ledgers(self) -> set[str]:
        """Return its ledger and those that its conditions look into."""
        return {self.ledger, *(condition.ledger for condition in self.where if condition.ledger)}


class Indicator(_Closed):
    """A figure that the city publishes. With a denominator it is a rate, stored as two sums.

    `numerator` and `denominator` are lists of parts that are added up. `zero_needs_every_unit`: a
    zero is published only if every unit has reported. `theme` is the theme of its file, `said_as`
    how reports name the figure, `hinted_by` what else points to it; they affect no figure, so the rule set
    version ignores them.
    """

    indicator_id: str
    theme: str = Field(default="", exclude=True)
    title: str
    definition: str
    source: str = ""
    unit: str
    display: Literal["count", "yuan", "wan_yuan", "percent"]
    scope: Literal["city", "bureau"]
    numerator: Annotated[tuple[Part, ...], _wrap_single(dict, BaseModel)]
    denominator: Annotated[tuple[Part, ...], _wrap_single(dict, BaseModel)] = ()
    zero_needs_every_unit: bool = False
    said_as: tuple[SaidAs, ...] = Field(default=(), exclude=True)
    hinted_by: tuple[HintedBy, ...] = Field(default=(), exclude=True)

    @property
    def is_rate(self) -> bool:
        return bool(self.denominator)

    def parts(self) -> list[Part]:
        """List the parts of numerator and denominator."""
        return [*self.numerator, *self.denominator]

    def ledgers(self) -> set[str]:
        """Return the ledgers that the indicator is computed from."""
        return {ledger for part in self.parts() for ledger in part.ledgers()}

    def zero_ledgers(self) -> set[str]:
        """Return the ledgers that a zero rests on: while nobody has reported one of them, it is no zero.

        They are those that conditions look into and, as a rate has a denominator that others report, those
        of its numerator.
        """
        ledgers = {ledger for part in self.numerator for ledger in part.ledgers()}
        return ledgers if self.is_rate else ledgers - {part.ledger for part in self.numerator}

    def months_before(self) -> dict[str, int]:
        """Return, by ledger, how many months before a period its figure rests on reports of."""
        months = dict.fromkeys(self.ledgers(), 0)
        for part in self.parts():
            months[part.ledger] = max(months[part.ledger], part.months_before)
            for test in part.where:
                if test.ledger:
                    months[test.ledger] = max(months[test.ledger], test.months_before)
        return months

    def model_post_init(self, _context: Any) -> None:
        if not self.numerator:
            raise ValueError("an indicator needs a numerator")


def counting_dates(indicators: Iterable[Indicator]) -> dict[str, set[str]]:
    """Return, for each ledger that any figure needs, the date fields by which its rows are counted."""
    dates: dict[str, set[str]] = {}
    for part in (part for indicator in indicators for part in indicator.parts()):
        dates.setdefault(part.ledger, set()).update(part.dated_by)
        for ledger in part.ledgers() - {part.ledger}:
            dates.setdefault(ledger, set())
    return dates


def counts_parties(indicators: Iterable[Indicator], ledger: str, party: tuple[str, ...]) -> bool:
    """Whether a figure counts the parties of a ledger, each once: by code, or by name where it has none."""
    parts = (part for indicator in indicators for part in indicator.parts() if part.ledger == ledger)
    return len(party) > 1 and any(part.fields == ("|".join(party),) for part in parts)


def rosters(indicators: Iterable[Indicator]) -> set[str]:
    """Return the ledgers used by point-in-time figures: each of their reports is complete, like a roster."""
    return {part.ledger for indicator in indicators for part in indicator.parts() if part.stock}
