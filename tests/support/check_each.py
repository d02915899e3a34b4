"""Tests of many small cases: one test a group of them, which names every case that fails.

A case of a thousand takes less time than pytest needs to count it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest


def check_each(
    groups: Mapping[str, Iterable[Any]],
) -> Callable[[Callable[[Any], None]], Callable[[str], None]]:
    """Make of the check of a case a test of each group of cases."""

    def decorate(check: Callable[[Any], None]) -> Callable[[str], None]:
        @pytest.mark.parametrize("group", groups)
        def test(group: str) -> None:
            failures = {}
            for case in groups[group]:
                try:
                    check(case)
                except Exception as error:
                    failures[case] = f"{type(error).__name__}: {error}"
            assert not failures, "\n\n".join(f"{case}\n{failure}" for case, failure in failures.items())

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return decorate
