"""The region table of an installation: its tree of authorities and units, and what became of each in time."""

from schemas.regions.parse import RegionTableError, default_regions_text, parse_regions
from schemas.regions.region import ALWAYS, NEVER, MonthSpan, Region
from schemas.regions.table import RegionTable, Reporters

__all__ = [
    "ALWAYS", "NEVER", "MonthSpan", "Region", "RegionTable", "RegionTableError", "Reporters", "default_regions_text",
    "parse_regions",
]  # fmt: skip
