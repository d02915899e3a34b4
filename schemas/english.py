"""What the views' columns hold, in English, for readers without Chinese.

Kept apart from the definitions: a translation decides nothing, and whoever adds a ledger need not write one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

FILE = "english.toml"
#: sections of the file that are no view's
TITLES, MASKS, UNITS, SHARED = "titles", "masks", "units", "shared"


@dataclass(frozen=True)
class English:
    """The English texts by section and name; what is not among them is called by its own name in words."""

    texts: Mapping[str, Mapping[str, str]]

    def title(self, view: str) -> str:
        return self.texts[TITLES].get(view) or join_in_english(view.removeprefix("mart_"))

    def column(self, view: str, name: str, unit: str = "", masked_as: str = "") -> str:
        """What a column holds; its unit is the Chinese one. Money in 元 is called as its column in 分 is."""
        own, shared = self.texts.get(view, {}), self.texts[SHARED]
        meaning = (
            own.get(name)
            or own.get(f"{name.removesuffix('_yuan')}_fen")
            or shared.get(name)
            or join_in_english(name)
        )
        told_unit = self.texts[UNITS].get(unit, unit)
        parts = (meaning, f"Unit: {told_unit}" if told_unit else "", self.texts[MASKS].get(masked_as, ""))
        return ". ".join(filter(None, parts)) + "."


def join_in_english(name: str) -> str:
    """A name of ours as words: `penalty_days` is Penalty days."""
    return name.removesuffix("_fen").removesuffix("_yuan").replace("_", " ").capitalize()


@cache
def english() -> English:
    return English(tomllib.loads(resources.files("schemas").joinpath(FILE).read_text("utf-8")))
