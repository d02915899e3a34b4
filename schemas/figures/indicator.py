"""Indicators as data: a closed vocabulary, so that a typo is an error tonight and not a wrong figure in March."""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

#: which of `field` and `fields` each aggregate takes
NEEDS: dict[str, tuple[str, ...]] = {"count": (), "count_distinct": ("fields",), "sum": ("field",)}
SUMMED_KINDS = ("money", "integer")

#: the type of the value that a test takes, and the kinds of field it is for (none: any)
TESTS: dict[str, tuple[type, tuple[str, ...]]] = {
    "is": (str, ("text", "category")), "is_not": (str, ("text", "category")), "in": (list, ("text", "category")),
    "has": (str, ("categories",)),
    "is_true": (NoneType, ("boolean",)), "is_false": (NoneType, ("boolean",)),
    "is_filled": (NoneType, ()), "is_empty": (NoneType, ()),
    "reaches_end": (NoneType, ("date",)), "found_in": (NoneType, ("text", "document_no")),
}  # fmt: skip


def _listed(*kinds: type) -> BeforeValidator:
    """One where several may stand is written without brackets."""
    return BeforeValidator(lambda given: [given] if isinstance(given, kinds) else given)


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Closed):
    """`field` compared with `value`.

    `has` looks for one of several categories in a cell; `reaches_end` wants a date on or after the period's last day, or none;
    `found_in` wants the value among those of `matching` in the rows of another `ledger` that `where` holds for.
    """

    field: str
    test: Literal[
        "is", "is_not", "in", "has", "is_true", "is_false", "is_filled", "is_empty", "reaches_end", "found_in"
    ]  # fmt: skip
    value: str | list[str] | None = None
    ledger: str | None = None
    matching: str | None = None
    where: tuple[Condition, ...] = ()


class Part(_Closed):
    """A sum over rows of one ledger: how, of what, of which rows.

    A row belongs to a period by a date of its own (`dated_by`; with several, by any of them), or, with `stock`, by standing in
    its unit's last report up to the period's end. One of `fields` may be `a|b`: a, or b where a is empty.
    """

    ledger: str
    aggregate: Literal["count", "count_distinct", "sum"]
    field: str | None = None
    fields: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    dated_by: Annotated[tuple[str, ...], _listed(str)] = ()
    stock: bool = False

    def named_fields(self) -> list[str]:
        named = [one for several in self.fields for one in several.split("|")]
        named += [condition.field for condition in self.where]
        return named + ([self.field] if self.field else []) + list(self.dated_by)

    def ledgers(self) -> set[str]:
        return {self.ledger, *(condition.ledger for condition in self.where if condition.ledger)}


class Indicator(_Closed):
    """A figure that the city publishes. With a denominator it is a rate, stored as its two sums.

    `numerator` and `denominator` are parts that are added up. `zero_needs_every_unit`: a zero says something only when every
    unit has reported. `theme` is that of its file; it decides nothing, so the version of the rules does not hold it.
    """

    indicator_id: str
    theme: str = Field(default="", exclude=True)
    title: str
    definition: str
    source: str = ""
    unit: str
    display: Literal["count", "yuan", "wan_yuan", "percent"]
    scope: Literal["city", "bureau"]
    numerator: Annotated[tuple[Part, ...], _listed(dict, BaseModel)]
    denominator: Annotated[tuple[Part, ...], _listed(dict, BaseModel)] = ()
    zero_needs_every_unit: bool = False

    @property
    def is_rate(self) -> bool:
        return bool(self.denominator)

    def parts(self) -> list[Part]:
        return [*self.numerator, *self.denominator]

    def ledgers(self) -> set[str]:
        return {ledger for part in self.parts() for ledger in part.ledgers()}

    def model_post_init(self, _context: Any) -> None:
        if not self.numerator:
            raise ValueError("an indicator needs a numerator")


def rosters(indicators: Iterable[Indicator]) -> set[str]:
    """The ledgers that a figure counts as a state: each report holds all there is, not what happened in the month."""
    return {part.ledger for indicator in indicators for part in indicator.parts() if part.stock}
