"""Which units a change of the region table concerns."""

from __future__ import annotations

from schemas.regions.table import RegionTable


def units_concerned(before: RegionTable, after: RegionTable) -> set[str]:
    """Return the units of `after` whose line is another one, whose reports may be read otherwise now.

    Where a name or a mark changed, so may those of the authorities, whose rows name their units.
    """
    old, new = before.regions, after.regions
    changed = {code for code, region in new.items() if old.get(code) != region}
    is_known_otherwise = any(
        code not in old
        or (old[code].name, old[code].document_mark) != (new[code].name, new[code].document_mark)
        for code in changed
    )
    units = changed & set(after.unit_codes())
    return units | after.bureaus if is_known_otherwise else units
