"""Mutants that make no difference, each with the reason; they stand in `equal.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

EQUAL = Path(__file__).with_name("equal.toml")


@dataclass(frozen=True)
class EqualMutant:
    path: str
    #: the line as it is and with the mistake
    line: str
    mutant: str
    why: str


def read_equal() -> list[EqualMutant]:
    entries = tomllib.loads(EQUAL.read_text(encoding="utf-8")).get("equal", ())
    return [EqualMutant(**entry) for entry in entries]
