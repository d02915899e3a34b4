"""What a replacement does to the values of rows that both submissions have: emptied, or by one factor."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.catalogue import ledgers
from schemas.reporting.replacement import (
    FEWEST_GONE,
    FEWEST_SCALED,
    NEVER,
    SHARE_SCALED,
    UNIT_FACTORS,
    Incoming,
    ValueChange,
)
from transforms.receipt.problems import count_indicators


def emptied_values(incoming: Incoming) -> list[ValueChange]:
    """Return the fields that a figure reads and of which values are gone."""
    return [
        change
        for change in incoming.changes
        if change.emptied and count_indicators(incoming.ledger, change.field)
    ]


def empties_too_many(incoming: Incoming, share: float) -> bool:
    """Whether a replacement waits for confirmation, as it empties more than this share of a field."""
    return share < NEVER and any(
        change.emptied >= FEWEST_GONE and change.emptied > share * change.filled
        for change in emptied_values(incoming)
    )


def scaled_amounts(incoming: Incoming) -> list[ValueChange]:
    """Return the amounts of which most changed by one factor, or all by one that units differ by."""
    return [change for change in incoming.changes if _is_scaled(change)]


def _is_scaled(change: ValueChange) -> bool:
    if change.factor == 1.0 or not change.scaled:
        return False
    is_common = change.scaled >= FEWEST_SCALED and change.scaled > SHARE_SCALED * change.amounts
    return is_common or (change.scaled == change.amounts and change.factor in UNIT_FACTORS)


def name_emptied(incoming: Incoming, changes: Sequence[ValueChange]) -> str:
    """Name the fields by their headers, with the numbers of rows."""
    definition = ledgers()[incoming.ledger]
    return "，".join(
        f"“{definition.field(change.field).header}”{change.filled} 行里的 {change.emptied} 行"
        for change in changes
    )
