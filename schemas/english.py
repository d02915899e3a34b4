"""English titles of views and descriptions of their columns, for readers without Chinese.

Separate from the definitions: a translation affects no result, and a new ledger does not need one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

FILE = "english.toml"
#: sections of the file that do not belong to a view
TITLES, MASKS, UNITS, SHARED = "titles", "masks", "units", "shared"


@dataclass(frozen=True)
class English:
    """The English texts by section and name; a name without a text is spelt out from its identifier."""

    texts: Mapping[str, Mapping[str, str]]

    def title(self, view: str) -> str:
        """Return the English title of a view."""
        return self.texts[TITLES].get(view) or join_in_english(view.removeprefix("mart_"))

    def column(self, view: str, name: str, unit: str = "", masked_as: str = "") -> str:
        """Describe a column; `unit` is the Chinese word. A column in 元 uses the text of its column in 分."""
        own, shared = self.texts.get(view, {}), self.texts[SHARED]
        meaning = (
            own.get(name)
            or own.get(f"{name.removesuffix('_yuan')}_fen")
            or shared.get(name)
            or join_in_english(name)
        )
        english_unit = self.texts[UNITS].get(unit, unit)
        parts = (
            meaning,
            f"Unit: {english_unit}" if english_unit else "",
            self.texts[MASKS].get(masked_as, ""),
        )
        return ". ".join(filter(None, parts)) + "."


def join_in_english(name: str) -> str:
    """Spell out an identifier: `penalty_days` becomes Penalty days."""
    return name.removesuffix("_fen").removesuffix("_yuan").replace("_", " ").capitalize()


@cache
def english() -> English:
    """Read the English names of views and columns."""
    return English(tomllib.loads(resources.files("schemas").joinpath(FILE).read_text("utf-8")))
