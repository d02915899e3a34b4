"""The upload template of the national credit-publicity system (双公示), as data (`disclosure.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

FILE = "disclosure.toml"
#: days by which a decision has to be published
WORKING_DAYS = 7
NATURAL_PERSON = "自然人"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DisclosedColumn(_Closed):
    """A column of the template; the comments in `disclosure.toml` explain each key.

    `of`: it is filled in for these parties only.
    """

    header: str
    field: str | None = None
    required: Literal["always", "organisations", "persons", ""] = ""
    of: Literal["organisations", "persons", ""] = ""
    longest: int | None = None
    is_code: bool = False
    missing: bool = False


class DisclosureTemplate(_Closed):
    """The template of one kind of decision, and the ledger's fields by which its rows are chosen."""

    ledger: str
    title: str
    document: str
    decided: str
    published: str | None = None
    publishable: str | None = None
    party: str
    party_type: str | None = None
    uscc: str
    where: Mapping[str, tuple[str, ...]] = {}
    columns: tuple[DisclosedColumn, ...]

    def fields(self) -> list[str]:
        """List the ledger's fields that are read."""
        named = [
            self.document,
            self.decided,
            self.published,
            self.publishable,
            self.party,
            self.party_type,
            self.uscc,
        ]
        named += [*self.where, *(column.field for column in self.columns)]
        return list(dict.fromkeys(name for name in named if name))


@cache
def disclosure_templates() -> Mapping[str, DisclosureTemplate]:
    """Parse the templates, by ledger."""
    tables = tomllib.loads(resources.files("schemas").joinpath(FILE).read_text("utf-8"))
    return {name: DisclosureTemplate(ledger=name, **table) for name, table in tables.items()}
