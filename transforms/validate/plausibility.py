"""Plausibility checks of whole reports: far fewer rows than usual, rows of an earlier month sent again, or a
list without most of what was on it.

Such a report may be right: it is accepted with a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from schemas.ledgers.finding import FINDING_COLUMNS, finding
from schemas.ledgers.rules import FEW_ROWS, LIST_SHRANK, REPEATS_EARLIER
from schemas.periods import month_after, month_words

#: months that a report is compared with
MONTHS_BACK = 12
#: a usual row count needs at least this many earlier reports, and a median of at least this many rows
FEWEST_REPORTS, FEWEST_USUAL = 3, 8
#: a report of fewer rows than the usual number divided by this gets a warning
FAR_FEWER = 5
#: repeated keys with different content get a warning from this number on, if both reports share at least
#: this part of their keys
FEWEST_KEYS, SHARED_KEYS = 5, 0.8
#: a list of fewer rows than this part of the last one gets a warning, from this number of rows lost on; an
#: empty one always
KEPT_OF_LIST, FEWEST_LOST = 0.5, 3


def first_compared(month: str) -> str:
    """Return the first month that a report for `month` is compared with."""
    return month_after(month, -MONTHS_BACK)


def plausibility_findings(
    reports: pd.DataFrame, current: pd.DataFrame, repeated: pd.DataFrame
) -> pd.DataFrame:
    """Build findings, each with its `submission_id`, on the `reports` of a load.

    `current`: all current reports, including these (unit_code, ledger, period, rows, held_back).
    `repeated`: how many rows of a report were also sent for an earlier month (submission_id,
    earlier_period, same_keys, same_rows).
    """
    findings = [*_find_unusually_few(reports, current), *_find_repeated(reports, current, repeated)]
    return pd.DataFrame(findings, columns=["submission_id", *FINDING_COLUMNS])


def list_findings(reports: pd.DataFrame, lists: pd.DataFrame) -> pd.DataFrame:
    """Build findings, each with its `submission_id`, on those `reports` of a load that are whole lists, and
    lack most of the unit's list before, however long ago that was.

    `lists`: all current reports of these ledgers and units (unit_code, ledger, period, rows, held_back).
    """
    earlier = lists.assign(before=lists["rows"] + lists["held_back"])
    earlier = earlier[["unit_code", "ledger", "period", "before"]]
    pairs = reports.merge(earlier, on=["unit_code", "ledger"], suffixes=("", "_before"), validate="m:m")
    pairs = pairs[pairs["period_before"] < pairs["period"]].sort_values("period_before")
    last = pairs.drop_duplicates("submission_id", keep="last").sort_values("submission_id")
    sent = last["rows"] + last["held_back"]
    has_lost = (last["before"] - sent).ge(FEWEST_LOST) & sent.lt(last["before"] * KEPT_OF_LIST)
    is_emptied = sent.eq(0) & last["before"].gt(0)
    findings = [
        _build_finding(
            LIST_SHRANK,
            report,
            month=month_words(report["period_before"]),
            before=report["before"],
            rows=f"只有 {report['sent']} 行" if report["sent"] else "一行也没有",
            period=month_words(report["period"]),
        )
        for report in last.assign(sent=sent)[has_lost | is_emptied].to_dict("records")
    ]
    return pd.DataFrame(findings, columns=["submission_id", *FINDING_COLUMNS])


def _find_unusually_few(reports: pd.DataFrame, current: pd.DataFrame) -> list[dict[str, Any]]:
    sent = reports.assign(sent=reports["rows"] + reports["held_back"])
    before = current.assign(earlier_count=current["rows"] + current["held_back"])[
        ["unit_code", "ledger", "period", "earlier_count"]
    ]
    pairs = sent.merge(before, on=["unit_code", "ledger"], suffixes=("", "_before"), validate="m:m")
    first = pairs["period"].map({month: first_compared(month) for month in pairs["period"].unique()})
    pairs = pairs[(pairs["period_before"] < pairs["period"]) & (pairs["period_before"] >= first)]
    if pairs.empty:
        return []
    usual = pairs.groupby("submission_id")["earlier_count"].agg(["size", "median"])
    known = sent.merge(usual, left_on="submission_id", right_index=True, validate="1:1")
    is_few = (
        known["size"].ge(FEWEST_REPORTS)
        & known["median"].ge(FEWEST_USUAL)
        & (known["sent"] * FAR_FEWER < known["median"])
    )
    return [
        _build_finding(
            FEW_ROWS, report, rows=report["sent"], months=report["size"], usual=f"{report['median']:g}"
        )
        for report in known[is_few].to_dict("records")
    ]


def _find_repeated(
    reports: pd.DataFrame, current: pd.DataFrame, repeated: pd.DataFrame
) -> list[dict[str, Any]]:
    """Build a finding for each report that repeats earlier months.

    It names the most repeated, latest one.
    """
    if repeated.empty:
        return []
    names = {"period": "earlier_period", "rows": "earlier_rows"}
    earlier = current[["unit_code", "ledger", "period", "rows"]].rename(columns=names)
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
        _describe_repeated(report)
        for report in repeats.drop_duplicates("submission_id", keep="last").to_dict("records")
    ]


def _describe_repeated(report: Mapping[str, Any]) -> dict[str, Any]:
    count, likeness = (
        (report["same_rows"], "完全相同")
        if report["is_same"]
        else (report["same_keys"], "编号相同、内容有改动")
    )
    month = month_words(report["earlier_period"])
    return _build_finding(
        REPEATS_EARLIER,
        report,
        rows=report["rows"],
        same=min(count, report["rows"]),
        month=month,
        alike=likeness,
    )


def _build_finding(rule_id: str, report: Mapping[str, Any], **details: Any) -> dict[str, Any]:
    warning = finding(rule_id, file=report["source_file"], sheet=report["source_sheet"], **details)
    return {"submission_id": report["submission_id"], **warning}
