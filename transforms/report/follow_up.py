"""List whom to ask for what: reports that are missing, rejected or doubtful, and files to be settled.

A report can be in order and yet have a file beside it that needs somebody: one that was rejected after the
current one came, or that waits for confirmation. `files_to_settle` finds these.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from schemas.periods import day_words, month_words
from schemas.sentences import Sentence
from schemas.states import AWAITING, REJECTED, WITHDRAWN
from transforms.receipt.names import source_stem
from transforms.report.status import REPORT
from transforms.report.status_report import spans

#: states of which the unit is reminded
TO_CHASE = ("missing", "rejected", "partial")
#: ledgers named as exceptions, where all others are meant
FEW_OTHERS = 5
FILE = ["source_file", "source_sheet"]
UNIT_MONTH = ["unit_code", "period"]
NO_UNIT, NO_MONTH = Sentence("看不出单位"), Sentence("看不出月份")
NO_LEDGER = Sentence("看不出是哪种台账")
#: what a file in this state is listed with, before the reason
RESENT = "{day}又报来的“{file}”没有收下，仍以以前收下的为准"
UNKNOWN = "{day}报来的“{file}”没有收下"
AWAITS = "{day}报来的“{file}”待确认"
IS_WITHDRAWN = "{day}报来的“{file}”已撤回，现在没有收下的报送"


def files_to_settle(submissions: pd.DataFrame, months: Collection[str]) -> pd.DataFrame:
    """Select the submissions that somebody has to settle, and that the state of their report does not show.

    These are the rejected ones that came after the current one, those that wait, those that were withdrawn
    where nothing else is current, and, until a file of the same name is taken, the rejected ones of which
    unit, month or ledger is unknown, or that are for another month than `months`, those of the states.
    `submissions` are as for `report_states`, with `is_open`. Adds `what` and `note`.
    """
    submissions = submissions.sort_values("submission_id", kind="stable")
    is_rejected, is_current = submissions["state"].eq(REJECTED), submissions["is_current"].astype(bool)
    is_open = submissions["is_open"].astype(bool)
    is_known = submissions[REPORT].notna().all(axis=1)
    is_of_months = submissions["period"].isin(list(months))
    current = submissions[is_current].groupby(REPORT)["submission_id"].max()
    keys = pd.MultiIndex.from_frame(submissions[REPORT])
    current_id = pd.Series(current.reindex(keys).to_numpy(), index=submissions.index)
    is_taken = _is_taken_since(submissions, is_rejected)
    notes = {
        RESENT: is_rejected & is_known & submissions["submission_id"].gt(current_id),
        UNKNOWN: is_rejected & ~(is_known & (is_of_months | current_id.notna())) & ~is_taken,
        AWAITS: is_open & submissions["state"].eq(AWAITING),
        IS_WITHDRAWN: is_open & submissions["state"].eq(WITHDRAWN) & current_id.isna(),
    }
    note = pd.Series(None, index=submissions.index, dtype=object)
    for text, mask in notes.items():
        note = note.mask(mask.astype(bool), text)
    chosen = submissions.assign(what=submissions["state"], note=note)[note.notna()]
    return chosen.drop_duplicates([*REPORT, *FILE], keep="last")


def _is_taken_since(submissions: pd.DataFrame, is_rejected: pd.Series) -> pd.Series:
    """Whether a later load took something from the file: from other content under its name (also as
    a marked workbook), or this sheet.
    """
    stems = {path: source_stem(path) for path in submissions["source_file"].unique()}
    submissions = submissions.assign(stem=submissions["source_file"].map(stems))
    accepted, sheet = submissions[~is_rejected], ["stem", "source_sheet"]
    last_of_file = accepted.drop_duplicates("stem", keep="last").set_index("stem")
    last_of_sheet = accepted.drop_duplicates(sheet, keep="last").set_index(sheet)["load_id"]
    file_load = submissions["stem"].map(last_of_file["load_id"])
    has_other_content = submissions["stem"].map(last_of_file["sha256"]).ne(submissions["sha256"])
    is_whole_file = submissions["source_sheet"].eq("")
    sheet_load = last_of_sheet.reindex(pd.MultiIndex.from_frame(submissions[sheet])).to_numpy()
    own_load = submissions["load_id"]
    return (file_load.gt(own_load) & (has_other_content | is_whole_file)) | own_load.lt(
        pd.Series(sheet_load, index=submissions.index)
    )


def leave_out_answered(files: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Leave out rejected files of an unknown ledger whose unit has sent everything of the month since."""
    lacking = states[states["state"].isin(("missing", "rejected", "not_due"))]
    last = states.groupby(UNIT_MONTH)["received_at"].max()
    of_files = pd.MultiIndex.from_frame(files[UNIT_MONTH])
    is_lacking = of_files.isin(pd.MultiIndex.from_frame(lacking[UNIT_MONTH]))
    last_received = pd.Series(last.reindex(of_files).to_numpy(), index=files.index)
    is_answered = files["ledger"].isna() & ~is_lacking & last_received.gt(files["received_at"])
    return files[~is_answered]


def follow_up_list(
    states: pd.DataFrame,
    doubts: pd.DataFrame,
    files: pd.DataFrame,
    reasons: Mapping[int, str],
    titles: Mapping[str, str],
    silent: Collection[str],
) -> list[dict[str, Any]]:
    """List whom to ask for what: unit, what (a state, or doubtful), months, ledgers, due_on, reports and
    reason.

    Ledgers that a unit misses in the same months share a line, as do reports of a ledger that are doubted for
    the same reasons. `doubts` has submission_id, rule_id and message; `files` are those of `files_to_settle`
    with `unit_name`; `reasons` says by submission why it was rejected, waits or was withdrawn. What is
    missing for `silent` months is left out, as it is listed elsewhere.
    """
    withdrawn = files.loc[files["what"] == WITHDRAWN, ["unit_name", "ledger", "period"]]
    is_withdrawn = pd.MultiIndex.from_frame(states[["unit_name", "ledger", "period"]]).isin(
        pd.MultiIndex.from_frame(withdrawn)
    )
    is_listed = states["state"].ne("missing") | ~(states["period"].isin(silent) | is_withdrawn)
    pending = states[states["state"].isin(TO_CHASE) & is_listed]
    doubtful = states[states["submission_id"].isin(doubts["submission_id"].tolist())]
    most = states["ledger"].nunique()
    lines = []
    for name in dict.fromkeys([*states["unit_name"], *files["unit_name"].fillna(NO_UNIT)]):
        unit_reports = pending[pending["unit_name"] == name]
        for state in TO_CHASE:
            of_state = unit_reports[unit_reports["state"] == state]
            lines += _lines_of_state(str(name), state, of_state, titles, most, reasons)
        of_unit = files[files["unit_name"].fillna(NO_UNIT) == name]
        lines += [_file_line(str(name), file, titles, reasons) for file in of_unit.to_dict("records")]
        of_name = doubtful[doubtful["unit_name"] == name]
        lines += _doubtful_lines(str(name), of_name, doubts, titles)
    return lines


def _lines_of_state(
    name: str,
    state: str,
    part: pd.DataFrame,
    titles: Mapping[str, str],
    most: int,
    reasons: Mapping[int, str],
) -> list[dict[str, Any]]:
    """Return a line for each set of ledgers that have this state in the same months."""
    by_month = {month: tuple(reports["ledger"]) for month, reports in part.groupby("period")}
    lines = []
    for ledgers in dict.fromkeys(by_month.values()):
        months = [month for month, reported in by_month.items() if reported == ledgers]
        reports = part[part["period"].isin(months)]
        texts = dict.fromkeys(reasons.get(number, "") for number in reports["submission_id"])
        held_back = int(reports["held_back"].sum()) if state == "partial" else 0
        reason = (
            Sentence("{held_back} 行未收下", held_back=held_back)
            if held_back
            else " ".join(filter(None, texts))
        )
        named = _name_ledgers(ledgers, titles, most)
        due_on = reports["due_on"].iloc[0]
        lines.append(_line(name, state, spans(months), named, due_on, len(reports), reason))
    return lines


def _name_ledgers(ledgers: Sequence[str], titles: Mapping[str, str], most: int) -> str:
    """Name ledgers, or those that are not among them where these are few."""
    if len(ledgers) == most:
        return Sentence("全部台账")
    other_titles = [title for ledger, title in titles.items() if ledger not in ledgers]
    if most == len(titles) and len(other_titles) <= FEW_OTHERS < len(ledgers):
        return Sentence(
            "{other_titles}以外的 {count} 种台账", other_titles="、".join(other_titles), count=len(ledgers)
        )
    return "、".join(titles[ledger] for ledger in ledgers)


def _doubtful_lines(
    name: str, reports: pd.DataFrame, doubts: pd.DataFrame, titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a line for each ledger whose reports are doubted for the same reasons, with the first one's."""
    messages = doubts.groupby("submission_id", sort=False)["message"].agg(
        lambda texts: " ".join(dict.fromkeys(texts))
    )
    rules = doubts.groupby("submission_id", sort=False)["rule_id"].agg(
        lambda names: tuple(sorted(set(names)))
    )
    groups: dict[tuple[str, tuple[str, ...]], list[dict[Any, Any]]] = {}
    for report in reports.to_dict("records"):
        groups.setdefault((report["ledger"], rules[report["submission_id"]]), []).append(report)
    lines = []
    for (ledger, _), same_reports in groups.items():
        first = same_reports[0]
        more = f"（这是{month_words(first['period'])}的，其余各月类似）" if len(same_reports) > 1 else ""
        months = spans([report["period"] for report in same_reports])
        reason = messages[first["submission_id"]] + more
        lines.append(
            _line(name, "doubtful", months, titles[ledger], first["due_on"], len(same_reports), reason)
        )
    return lines


def _file_line(
    name: str, file: Mapping[Any, Any], titles: Mapping[str, str], reasons: Mapping[int, str]
) -> dict[str, Any]:
    file_name = file["source_file"].rsplit("/", 1)[-1]
    note = file["note"].format(day=day_words(file["received_on"]), file=file_name)
    message = reasons.get(file["submission_id"], "").replace(f"文件“{file_name}”：", "")
    ledger = NO_LEDGER if pd.isna(file["ledger"]) else titles[file["ledger"]]
    month = NO_MONTH if pd.isna(file["period"]) else file["period"]
    reason = f"{note}：{message}" if message else f"{note}。"
    return _line(name, file["what"], month, ledger, None, 1, reason)


def _line(
    unit: str, what: str, months: str, ledgers: str, due_on: Any, reports: int, reason: str
) -> dict[str, Any]:
    return {
        "unit": unit, "what": what, "months": months, "ledgers": ledgers, "due_on": due_on,
        "reports": reports, "reason": reason,
    }  # fmt: skip
