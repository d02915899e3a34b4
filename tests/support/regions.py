"""The region table that comes with the program, for tests of the sample year."""

from __future__ import annotations

from schemas.regions import RegionTable, default_regions_text, parse_regions


def default_regions() -> RegionTable:
    """Parse the built-in region table."""
    return parse_regions(default_regions_text())
