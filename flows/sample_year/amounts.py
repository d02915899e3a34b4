"""Random amounts that look plausible and add up exactly, to the last 分."""

from __future__ import annotations

from random import Random

from flows.sample_year.published import CUT_FEN, Targets


def draw_target_sum(targets: Targets, indicator_id: str, rng: Random) -> int:
    """Draw a sum in 分 that is published as the table says; where the
    text says 余, a remainder is cut off.
    """
    remainder = rng.randrange(10, CUT_FEN, 10) if targets.was_cut(indicator_id) else 0
    return targets.fen(indicator_id) + remainder


def round_amount(fen: int) -> int:
    """Round to the step in which offices set fines: 500 元 for large ones, 100 元 for small."""
    step = 500_00 if fen >= 50_000_00 else 100_00
    return max(step, round(fen / step) * step)


def adjust_to_sum(amounts: list[int], target: int, smallest: int, largest: int) -> list[int]:
    """Return the amounts, the last ones shifted within the bounds until the sum is the target.

    Raises ValueError if no such amounts exist.
    """
    adjusted = list(amounts)
    remainder = target - sum(adjusted)
    for margin in (0.3, None):
        for index in reversed(range(len(adjusted))):
            low, high = _limit_shift(adjusted[index], margin, smallest, largest)
            shifted = min(max(adjusted[index] + remainder, low), high)
            remainder -= shifted - adjusted[index]
            adjusted[index] = shifted
    if remainder:
        raise ValueError(
            f"{len(amounts)} amounts from {smallest} to {largest} 分 cannot add up to {target} 分"
        )
    return adjusted


def _limit_shift(amount: int, margin: float | None, smallest: int, largest: int) -> tuple[int, int]:
    if margin is None:
        return smallest, largest
    lower, upper = (round_amount(int(amount * share)) for share in (1 - margin, 1 + margin))
    return max(smallest, lower), min(largest, upper)
