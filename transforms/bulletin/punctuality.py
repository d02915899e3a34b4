"""How punctual the units of a bulletin reported, and how often a report was right at its first coming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from schemas.figures.display import format_share
from transforms.report.timeliness import NOTHING, timeliness


@dataclass(frozen=True)
class Punctuality:
    """The reports of a unit: due, in time, late, missing; of those that `came`, which were right at once."""

    name: str
    due: int
    on_time: int
    missing: int
    came: int
    first_pass: int

    @property
    def late(self) -> int:
        return self.due - self.on_time - self.missing

    @property
    def on_time_rate(self) -> str:
        return format_share(self.on_time, self.due)

    @property
    def first_pass_rate(self) -> str:
        """The share of those that came of which nothing had to be corrected."""
        return format_share(self.first_pass, self.came)

    def __add__(self, other: Punctuality) -> Punctuality:
        names = ("due", "on_time", "missing", "came", "first_pass")
        return Punctuality(self.name, *(getattr(self, name) + getattr(other, name) for name in names))


def punctuality_of_units(
    states: pd.DataFrame, submissions: pd.DataFrame, names: Mapping[str, str]
) -> list[Punctuality]:
    """Count the reports of each unit in the order of `names` (code to name); arguments as of `timeliness`."""
    by_unit = timeliness(states, submissions).set_index("unit_code")
    is_missing = states["state"].isin(NOTHING) & states["due_on"].notna()
    missing = states[is_missing].groupby("unit_code").size()
    return [
        Punctuality(
            name,
            int(row.due),
            int(row.on_time),
            int(missing.get(code, 0)),
            int(row.came),
            int(row.first_pass),
        )
        for code, name in names.items()
        if code in by_unit.index and (row := by_unit.loc[code]) is not None
    ]
