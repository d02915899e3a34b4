"""Random plans of histories."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.true_histories.matters import (
    BUREAU,
    INDICATORS,
    MONTHS,
    NEW,
    RIVER,
    STAR,
    Numbers,
    unit_of,
)
from tests.support.true_histories.ways import ODD, ORDINARY, WAYS, Plan

COUNTIES = [BUREAU, STAR, RIVER, NEW, NEW]


def _plans(ways: list[str], customs: list[str]) -> st.SearchStrategy[list[Plan]]:
    def make(ledger: str, county: str, month: str, way: str, custom: str, night: int, seed: int) -> Plan:
        return Plan(ledger, unit_of(county, month), month, way, custom, night, seed)

    plan = st.builds(
        make,
        st.sampled_from(list(INDICATORS)),
        st.sampled_from(COUNTIES),
        st.sampled_from(MONTHS),
        st.sampled_from(ways),
        st.sampled_from(customs),
        st.integers(0, 1),
        st.integers(0, 9999),
    )
    return st.lists(
        plan, min_size=4, max_size=14, unique_by=lambda plan: (plan.ledger, plan.unit, plan.month)
    )


ordinary_histories = _plans(list(ORDINARY), ["own"])
odd_histories = _plans([*WAYS, *ODD], list(Numbers.CUSTOMS))
