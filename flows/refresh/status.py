"""The status of reports, shared by the commands, the pipeline and the materialised coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.ledgers.rules import WAITING_RULES
from schemas.periods import Period, month_after, months_between
from schemas.reporting.working_days import FIRST_KNOWN
from schemas.sentences import Sentence
from schemas.states import AWAITING, REJECTED, WITHDRAWN
from transforms.read.layout.ledger_match import ledger_of_name
from transforms.report.follow_up import files_to_settle, follow_up_list, leave_out_answered
from transforms.report.status import REPORT, report_states
from transforms.report.status_report import matrix, spans
from warehouse.engine import Connection, reading
from warehouse.load.plausibility import warnings_of_months
from warehouse.ops.findings import settling_reasons
from warehouse.ops.loads import reported_months, submissions_of_months, submissions_without_month
from warehouse.schema.as_of import AsOf

#: a file without a month that came up to this many months after a period may be for it
MONTHS_AFTER = 12


@dataclass(frozen=True)
class Status:
    """The states of some months' reports, what has to be settled about them, and reports due in silent
    months.

    `doubts` are warnings about whole reports, each with the submission that `states` shows for its report.
    `files` are those that `states` does not show and somebody has to settle; `reasons` says by submission
    why it was rejected, waits or was withdrawn. `awaiting` counts, by submission shown, those that wait for
    confirmation beside it. `silent` counts, for each month after the last reported one, the reports that
    are due. `file_names` are those of all files of these months and of `files`.
    """

    months: list[str]
    states: pd.DataFrame
    doubts: pd.DataFrame
    files: pd.DataFrame
    reasons: dict[int, str]
    silent: dict[str, int]
    awaiting: Mapping[int, int]
    file_names: Collection[str] = ()

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of `status --json`."""
        numbers = [self.awaiting.get(number, 0) for number in self.states["submission_id"]]
        return _records(self.states.assign(awaiting=numbers))

    def open_rejections(self) -> set[int]:
        """Return the rejected submissions that nothing has replaced since."""
        shown = self.states.loc[self.states["state"].eq(REJECTED), "submission_id"]
        listed = self.files.loc[self.files["state"].eq(REJECTED), "submission_id"]
        return {int(number) for number in (*shown, *listed)}

    def matrix(self, workspace: Workspace, *, is_full: bool) -> list[dict[str, Any]]:
        """Return the states as lines of units and ledgers; not `is_full`: those that need attention."""
        doubted = {*self.doubts["submission_id"], *self.awaiting}
        return matrix(self.states, doubted, _titles(workspace), self.months, is_full=is_full)

    def reminders(
        self, workspace: Workspace, *, shows_files: bool = False, is_whole: bool = False
    ) -> list[dict[str, Any]]:
        """List whom to ask for what; months for which nobody reported are one line.

        `shows_files`: with the names of files, which may name persons. `is_whole`: also with what else the
        reasons quote, for those who see the findings themselves.
        """
        titles = _titles(workspace)
        lines = follow_up_list(self.states, self.doubts, self.files, self.reasons, titles, self.silent)
        sentence = workspace.masked_sources.sentence
        names = self.file_names if shows_files else ()
        lines = [
            line
            if is_whole or isinstance(line["reason"], Sentence)
            else {**line, "reason": sentence(line["reason"], names)}
            for line in lines
        ]
        if self.silent:
            all_units = {
                "unit": Sentence("各单位"),
                "what": "missing",
                "months": spans(list(self.silent)),
                "ledgers": Sentence("应报的台账"),
            }
            lines.append(
                {
                    **all_units,
                    "due_on": None,
                    "reports": sum(self.silent.values()) - self._count_rejected(),
                    "reason": Sentence("还没有收下任何单位的报送"),
                }
            )
        return lines

    def _count_rejected(self) -> int:
        """Count the rejected reports of silent months, which have lines of their own."""
        is_silent = self.states["period"].isin(list(self.silent))
        listed = self.files[self.files["period"].isin(list(self.silent)) & self.files["ledger"].notna()]
        listed_reports = listed.drop_duplicates(REPORT)
        return int((is_silent & self.states["state"].eq("rejected")).sum()) + len(listed_reports)


def _titles(workspace: Workspace) -> dict[str, str]:
    return {name: ledger.title for name, ledger in workspace.ledgers.items()}


def report_status(
    workspace: Workspace,
    as_of: AsOf,
    months: list[str],
    today: date,
    until: str | None = None,
) -> Status:
    """Compute the status of these months as of a day.

    Silent months are counted up to the last of them, or `until`. Raises CalendarUnknownError.
    """
    _, last = reported_months(as_of.connection, as_of.tables)
    submissions = submissions_of_months(as_of, months)
    states = _states(workspace, submissions, months, today)
    shown = _shown_submissions(submissions, states)
    is_awaiting = submissions["is_open"].astype(bool) & submissions["state"].eq(AWAITING)
    awaiting = Counter(shown[number] for number in submissions.loc[is_awaiting, "submission_id"])
    later = months_between(month_after(months[-1]), until or months[-1])
    files = leave_out_answered(_files_to_settle(workspace, as_of, submissions, months, later), states)
    paths = {*submissions["source_file"], *files["source_file"]}
    return Status(
        months,
        states,
        _doubts(as_of, months, submissions, shown, awaiting),
        files,
        settling_reasons(as_of, [*months, *later]),
        _silent(workspace, last, until or months[-1], today) if last else {},
        awaiting,
        frozenset(path.rsplit("/", 1)[-1] for path in paths),
    )


def _doubts(
    as_of: AsOf,
    months: list[str],
    submissions: pd.DataFrame,
    shown: Mapping[int, int],
    awaiting: Mapping[int, int],
) -> pd.DataFrame:
    """Read the warnings about current reports; that another file waits is listed with that file."""
    current = set(submissions.loc[submissions["is_current"].astype(bool), "submission_id"])
    doubts = warnings_of_months(as_of, months)
    doubts = doubts[doubts["submission_id"].isin(current & shown.keys())]
    doubts = doubts.assign(submission_id=doubts["submission_id"].map(shown))
    is_listed = doubts["rule_id"].isin(WAITING_RULES) & doubts["submission_id"].isin(list(awaiting))
    return doubts[~is_listed].drop_duplicates()


def _files_to_settle(
    workspace: Workspace, as_of: AsOf, submissions: pd.DataFrame, months: list[str], later: list[str]
) -> pd.DataFrame:
    """Return the files that somebody has to settle: of these months (whose `submissions` are given), of
    `later` ones, and those of an unknown month that may be for these.
    """
    first, last = months[0], month_after([*months, *later][-1], MONTHS_AFTER)
    received = (
        datetime.combine(day, time(), workspace.home.timezone).astimezone(UTC).replace(tzinfo=None)
        for day in (Period.parse(first).start_on, Period.parse(last).end_on)
    )
    further = pd.concat([submissions_of_months(as_of, later), submissions_without_month(as_of, *received)])
    further = further[~further["submission_id"].isin(submissions["submission_id"])]
    if len(further):
        submissions = pd.concat([submissions, further.drop_duplicates("submission_id")], ignore_index=True)
    files = files_to_settle(_prepare(workspace, submissions), months)
    files = files[files["period"].isna() | files["period"].isin([*months, *later])]
    names = {unit.code: unit.name for unit in workspace.regions.units}
    return files.assign(unit_name=files["unit_code"].map(names))


def _shown_submissions(submissions: pd.DataFrame, states: pd.DataFrame) -> dict[int, int]:
    """Map each submission that is current or waits to the one that the states show for its report."""
    is_awaiting = submissions["is_open"].astype(bool) & submissions["state"].eq(AWAITING)
    open_submissions = submissions[submissions["is_current"].astype(bool) | is_awaiting]
    shown = states.loc[states["submission_id"].notna(), [*REPORT, "submission_id"]]
    pairs = open_submissions[[*REPORT, "submission_id"]].merge(
        shown, on=REPORT, suffixes=("", "_shown"), validate="m:1"
    )
    return dict(zip(pairs["submission_id"], pairs["submission_id_shown"], strict=True))


def _silent(workspace: Workspace, last_reported: str, until: str, today: date) -> dict[str, int]:
    """Count, for each month after the last reported one, the reports that are due."""
    owed = workspace.obligations
    due_by_month = {
        month: sum(
            owed.is_owed(unit, ledger, month) and owed.due_on(unit, ledger, month) < today
            for unit in workspace.regions.unit_codes() for ledger in workspace.ledgers
        )
        for month in months_between(month_after(last_reported), until)
        if Period.parse(month).end_on <= today
    }  # fmt: skip
    return {month: count for month, count in due_by_month.items() if count}


def _states(
    workspace: Workspace,
    submissions: pd.DataFrame,
    months: list[str],
    today: date,
    units: Collection[str] | None = None,
) -> pd.DataFrame:
    return report_states(
        _without_withdrawn(_prepare(workspace, submissions)),
        units={
            unit.code: unit.name for unit in workspace.regions.units if units is None or unit.code in units
        },
        ledgers=list(workspace.ledgers),
        months=months,
        obligations=workspace.obligations,
        today=today,
    )


def _prepare(workspace: Workspace, submissions: pd.DataFrame) -> pd.DataFrame:
    """Add `received_on`, and the ledger that the name of a file says of which nothing else could be read."""
    arrived = [workspace.to_local_time(instant) for instant in submissions["received_at"]]
    is_named = submissions["ledger"].isna()
    by_name = [
        ledger_of_name(workspace.headers, path, sheet)
        for path, sheet in submissions.loc[is_named, ["source_file", "source_sheet"]].itertuples(
            index=False
        )
    ]
    ledger = submissions["ledger"].astype(object).copy()
    ledger[is_named] = by_name
    return submissions.assign(
        ledger=ledger,
        received_at=[instant.isoformat(timespec="seconds") for instant in arrived],
        received_on=[instant.date() for instant in arrived],
    )


def _without_withdrawn(submissions: pd.DataFrame) -> pd.DataFrame:
    """Leave out the submissions that the bureau withdrew, however often they were validated."""
    is_withdrawn = submissions["is_open"].astype(bool) & submissions["state"].eq(WITHDRAWN)
    if not is_withdrawn.any():
        return submissions
    arrival = ["source_file", "sha256", "source_sheet", "received_at"]
    withdrawn = set(submissions.loc[is_withdrawn, arrival].itertuples(index=False, name=None))
    arrivals = submissions[arrival].itertuples(index=False, name=None)
    return submissions[[submission not in withdrawn for submission in arrivals]]


def reports_received_until(workspace: Workspace, connection: Connection, today: date) -> list[str]:
    """List every month from the first reported one to that of `today`."""
    first, _ = reported_months(connection, workspace.tables)
    if first is None:
        return []
    return months_between(max(first, f"{FIRST_KNOWN:%Y-%m}"), f"{today:%Y-%m}")


def last_year(workspace: Workspace, today: date) -> Period:
    """Return the last year for which anybody reported."""
    with reading(workspace.engine) as connection:
        _, last = reported_months(connection, workspace.tables)
    return Period.parse(min(last or "9999", f"{today:%Y-%m}")[:4])


def last_month_to_chase(workspace: Workspace, period: Period, today: date) -> str | None:
    """Return the month up to which silent months belong to the status of a period: this one for the last
    year for which anybody reported; None for other periods, which end by themselves.
    """
    return f"{today:%Y-%m}" if period == last_year(workspace, today) else None


def report_states_of_months(
    workspace: Workspace,
    as_of: AsOf,
    months: list[str],
    today: date,
    units: Collection[str] | None = None,
) -> pd.DataFrame:
    """Compute the states of these months' reports, for all units or `units`. Raises CalendarUnknownError."""
    submissions = submissions_of_months(as_of, months, units)
    return _states(workspace, submissions, months, today, units)


def _records(states: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = states.astype(object).where(states.notna(), None).to_dict("records")
    return records
