"""How many reports of each unit came in time, and how many were taken at the first try."""

from __future__ import annotations

import pandas as pd

from schemas.states import ACCEPTED, ZERO
from transforms.report.status import REPORT

#: states of a report of which nothing counts
NOTHING = ("missing", "rejected")


def timeliness(states: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Count, by unit: reports `due`, of these `on_time`; reports that `came`, of these taken at the
    `first_pass`.

    `states` are those of `report_states`, `submissions` all that came for their months. A report is due once
    its day has passed or it has come. At the first pass nothing was refused, held back or left waiting.
    """
    is_due = states["due_on"].notna() & states["state"].ne("not_due")
    is_on_time = is_due & ~states["state"].isin(NOTHING) & pd.to_numeric(states["days_late"]).eq(0)
    first = _first_arrivals(submissions)
    counts = pd.DataFrame(
        {
            "unit_code": states["unit_code"],
            "unit_name": states["unit_name"],
            "due": is_due.astype(int),
            "on_time": is_on_time.astype(int),
        }
    )
    units = counts.groupby(["unit_code", "unit_name"], sort=False, as_index=False).sum()
    passed = first.assign(first_pass=first["state"].isin((ACCEPTED, ZERO)).astype(int), came=1)
    by_unit = passed.groupby("unit_code")[["came", "first_pass"]].sum()
    joined = units.merge(by_unit, how="left", left_on="unit_code", right_index=True, validate="1:1")
    return joined.fillna({"came": 0, "first_pass": 0}).astype({"came": int, "first_pass": int})


def _first_arrivals(submissions: pd.DataFrame) -> pd.DataFrame:
    """Return the first submission of each report that came."""
    is_known = submissions[REPORT].notna().all(axis=1)
    came = submissions[is_known & ~submissions["is_revalidated"].astype(bool)]
    return came.sort_values("submission_id", kind="stable").drop_duplicates(REPORT)
