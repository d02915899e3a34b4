"""What a report itself tells against it: far fewer rows than usual, or the rows of an earlier month sent again.

It is taken nevertheless, for it may be true; but nobody can say afterwards that it could not have been seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from schemas.ledgers.finding import FINDING_COLUMNS, finding
from schemas.ledgers.rules import FEW_ROWS, REPEATS_EARLIER
from schemas.periods import month_after

#: months that a report is held against
MONTHS_BACK = 12
#: a usual row count needs at least this many earlier reports, and a median of at least this many rows
FEWEST_REPORTS, FEWEST_USUAL = 3, 8
#: a report of fewer rows than the usual number divided by this is doubted
FAR_FEWER = 5
#: repeated keys with other content are doubted from this number on, if the two reports share at least this part of both
FEWEST_KEYS, SHARED_KEYS = 5, 0.8


def first_compared(month: str) -> str:
    """The first month that a report for `month` is held against."""
    return month_after(month, -MONTHS_BACK)


def plausibility_findings(
    reports: pd.DataFrame, standing: pd.DataFrame, repeated: pd.DataFrame
) -> pd.DataFrame:
    """Findings, each with its `submission_id`, on `reports` that a load brought.

    `standing` are the reports there are, these included (unit_code, ledger, period, rows, held_back); `repeated` says how many
    rows of a report came for an earlier month too (submission_id, earlier_period, same_keys, same_rows).
    """
    findings = [*_unusually_few(reports, standing), *_repeating(reports, standing, repeated)]
    return pd.DataFrame(findings, columns=["submission_id", *FINDING_COLUMNS])


def _unusually_few(reports: pd.DataFrame, standing: pd.DataFrame) -> list[dict[str, Any]]:
    sent = reports.assign(sent=reports["rows"] + reports["held_back"])
    before = standing.assign(usual=standing["rows"] + standing["held_back"])[
        ["unit_code", "ledger", "period", "usual"]
    ]
    pairs = sent.merge(before, on=["unit_code", "ledger"], suffixes=("", "_before"), validate="m:m")
    first = pairs["period"].map({month: first_compared(month) for month in pairs["period"].unique()})
    pairs = pairs[(pairs["period_before"] < pairs["period"]) & (pairs["period_before"] >= first)]
    if pairs.empty:
        return []
    usual = pairs.groupby("submission_id")["usual"].agg(["size", "median"])
    known = sent.merge(usual, left_on="submission_id", right_index=True, validate="1:1")
    is_few = (
        known["size"].ge(FEWEST_REPORTS)
        & known["median"].ge(FEWEST_USUAL)
        & (known["sent"] * FAR_FEWER < known["median"])
    )
    return [
        _told(FEW_ROWS, report, rows=report["sent"], months=report["size"], usual=f"{report['median']:g}")
        for report in known[is_few].to_dict("records")
    ]


def _repeating(
    reports: pd.DataFrame, standing: pd.DataFrame, repeated: pd.DataFrame
) -> list[dict[str, Any]]:
    """Of several earlier months that a report repeats, the one of which it repeats most, and of those the latest."""
    if repeated.empty:
        return []
    names = {"period": "earlier_period", "rows": "earlier_rows"}
    earlier = standing[["unit_code", "ledger", "period", "rows"]].rename(columns=names)
    repeats = repeated.merge(reports, on="submission_id", validate="m:1")
    repeats = repeats.merge(
        earlier, on=["unit_code", "ledger", "earlier_period"], how="left", validate="m:1"
    )
    is_same = repeats["same_rows"] * 2 > repeats["rows"]
    shared = repeats["same_keys"] / repeats[["rows", "earlier_rows"]].max(axis=1)
    has_same_keys = repeats["same_keys"].ge(FEWEST_KEYS) & shared.ge(SHARED_KEYS)
    repeats = repeats.assign(is_same=is_same)[is_same | has_same_keys]
    repeats = repeats.sort_values(["submission_id", "is_same", "same_rows", "same_keys", "earlier_period"])
    return [
        _repeats(report)
        for report in repeats.drop_duplicates("submission_id", keep="last").to_dict("records")
    ]


def _repeats(report: Mapping[str, Any]) -> dict[str, Any]:
    same, alike = (
        (report["same_rows"], "完全相同")
        if report["is_same"]
        else (report["same_keys"], "编号相同、内容有改动")
    )
    month = f"{report['earlier_period'][:4]}年{int(report['earlier_period'][5:])}月"
    return _told(
        REPEATS_EARLIER,
        report,
        rows=report["rows"],
        same=min(same, report["rows"]),
        month=month,
        alike=alike,
    )


def _told(rule_id: str, report: Mapping[str, Any], **places: Any) -> dict[str, Any]:
    entry = finding(rule_id, file=report["source_file"], sheet=report["source_sheet"], **places)
    return {"submission_id": report["submission_id"], **entry}
