"""The year at which pages open: that of the last month of which the reports have come."""

from __future__ import annotations

from datetime import date

import pytest

from flows.queries import months
from flows.queries.months import default_year
from flows.workspace import Workspace


@pytest.mark.parametrize(
    ("counts", "today", "year"),
    [
        ({"2022-11": 80, "2022-12": 70, "2024-02": 1}, date(2026, 11, 30), "2022"),
        ({"2025-12": 80, "2026-01": 78}, date(2026, 2, 3), "2026"),
        ({"2025-12": 80, "2026-01": 3}, date(2026, 2, 3), "2025"),
        ({}, date(2026, 1, 3), "2025"),
    ],
)
def test_a_late_file_does_not_decide_the_year(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, counts: dict[str, int], today: date, year: str
) -> None:
    monkeypatch.setattr(months, "accepted_by_month", lambda connection, tables: counts)
    monkeypatch.setattr(
        months, "_reported", lambda workspace: (min(counts, default=None), max(counts, default=None))
    )
    assert default_year(workspace, today) == year
