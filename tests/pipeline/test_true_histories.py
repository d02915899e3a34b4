"""No figure is wrong in silence: random true histories, written down in random ways, against plain truth.

A history is a list of plans: a report, and the way in which a clerk sends it. Whatever figure differs in the
end from what happened, a finding beside its rows says so. Where nothing is odd, no figure differs and nobody
is asked anything. `make soak` tries as many histories as there is time for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.support.histories import examples
from tests.support.true_histories.city import City, make_history
from tests.support.true_histories.plans import odd_histories, ordinary_histories
from tests.support.true_histories.verdict import Verdict, judge
from tests.support.true_histories.ways import Plan

Live = Callable[[Sequence[Plan]], Verdict]


@pytest.fixture
def live(tmp_path: Path, laid_out_file: Path) -> Live:
    def live_history(plans: Sequence[Plan]) -> Verdict:
        history = make_history(plans)
        city = City(tmp_path / "home", laid_out_file)
        city.live(history)
        return judge(city, history)

    return live_history


def test_no_figure_differs_without_a_doubt(live: Live) -> None:
    @settings(examples(1), derandomize=True)
    @given(odd_histories)
    def check_history(plans: list[Plan]) -> None:
        assert live(plans).silent_faults() == []

    check_history()


def test_what_is_written_in_ordinary_ways_is_right_and_not_doubted(live: Live) -> None:
    @settings(examples(1), derandomize=True)
    @given(ordinary_histories)
    def check_history(plans: list[Plan]) -> None:
        assert live(plans).all_faults() == []

    check_history()
