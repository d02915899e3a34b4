"""The texts for units: what became of what they sent, and what they have not sent yet.

A unit reads of itself only: its texts are made of its own receipts, which leave out what is another's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from flows.outputs.receipt_files import find_receipt
from flows.outputs.receipts import Receipt, is_wanted, receipts_of_load
from flows.workspace import Workspace
from schemas.periods import day_words, instant_words, month_after
from schemas.reporting.working_days import CalendarUnknownError
from transforms.receipt.problems import Problem, group_problems, worst_problems
from transforms.receipt.words import STATE_WORDS, month_words
from warehouse.engine import reading
from warehouse.ops.loads import load_instants, submissions_of_load

RESULT, REMINDER = "huizong.unit.result", "huizong.unit.reminder"
#: of a reminder: states of reports that have not come, or not in order
OPEN_STATES = ("not_due", "missing", "rejected")
#: a reminder after a due day that is later than its day by more is no news
MOST_DAYS_LATE = 7
#: how many months back the reports of a quarter, half-year or year are looked for
MONTHS_LOOKED_AT = 3
MOST_ATTACHED, MOST_BYTES, MOST_LISTED, WORST = 10, 8 * 2**20, 30, 5


@dataclass(frozen=True)
class UnitMessage:
    """A message to one unit, sent once by its `occasion`; its attachments go to mail addresses only."""

    event: str
    occasion: str
    unit_code: str
    title: str
    body: str
    attachments: tuple[Path, ...] = ()


def result_messages(workspace: Workspace, load_id: int) -> Iterator[UnitMessage]:
    """Yield a message to each unit with an address that sent anything with this load."""
    with reading(workspace.engine) as connection:
        submissions = submissions_of_load(connection, workspace.tables, load_id)
        instant = load_instants(connection, workspace.tables).get(load_id)
    is_own = (
        submissions["unit_code"].isin(list(workspace.contacts.by_unit)) & ~submissions["is_revalidated"]
    )
    files = set(submissions[is_own]["source_file"])
    if not files or instant is None:
        return
    of_files = submissions[submissions["source_file"].isin(files)]
    when = instant_words(workspace.to_local_time(instant))
    for unit, receipts in _by_unit(workspace, load_id, of_files).items():
        if unit in workspace.contacts.by_unit:
            yield _describe_result(workspace, load_id, unit, receipts, when)


def _by_unit(workspace: Workspace, load_id: int, submissions: pd.DataFrame) -> dict[str, list[Receipt]]:
    receipts: dict[str, list[Receipt]] = {}
    for receipt in receipts_of_load(workspace, load_id, submissions):
        if not receipt.is_revalidated:
            receipts.setdefault(receipt.target.split("/")[1], []).append(receipt)
    return receipts


def _describe_result(
    workspace: Workspace, load_id: int, unit: str, receipts: Sequence[Receipt], when: str
) -> UnitMessage:
    outcomes = [outcome for receipt in receipts for outcome in receipt.subject.outcomes]
    counted = Counter(STATE_WORDS[outcome.state].split(" ")[-1] for outcome in outcomes)
    counts = "，".join(f"{word} {count} 张" for word, count in counted.items())
    months = "、".join(sorted({month_words(outcome.period) for outcome in outcomes}))
    name = workspace.regions.name_of(unit)
    files = _receipt_files(workspace, load_id, unit, receipts)
    attachments = _attachments(files)
    lines = [f"{name} {months} 报来的台账，第 {load_id} 批入库（{when}）：{counts}。"]
    lines += list(_list_outcomes(receipts))
    if problems := _worst(receipts):
        lines += ["", f"最值得先改的 {len(problems)} 项："]
        lines += [f"{number}. {_describe_problem(problem)}" for number, problem in enumerate(problems, 1)]
        lines += ["", "改好以后，把那个月的整张表重新报一次。"]
    if wanted := [receipt for receipt in receipts if is_wanted(workspace, receipt)]:
        lines += [_where(workspace, wanted[0].target.split("/")[0], len(attachments), len(wanted))]
    title = f"{workspace.regions.top.name}执法数据：{name} {months} 报送结果，{counts}"
    return UnitMessage(
        RESULT, f"unit:{unit}:load:{load_id}", unit, _as_title(title), "\n".join(lines), attachments
    )


def _list_outcomes(receipts: Sequence[Receipt]) -> Iterator[str]:
    outcomes = [(receipt, outcome) for receipt in receipts for outcome in receipt.subject.outcomes]
    for receipt, outcome in outcomes[:MOST_LISTED]:
        held = f"，未收 {outcome.held_back} 行" if outcome.held_back else ""
        where = "，".join(filter(None, (receipt.subject.file_name, outcome.sheet)))
        yield f"  {STATE_WORDS[outcome.state]}　{where}（收下 {outcome.rows} 行{held}）"
    if len(outcomes) > MOST_LISTED:
        yield f"  ……其余 {len(outcomes) - MOST_LISTED} 张见回执"


def _worst(receipts: Sequence[Receipt]) -> list[Problem]:
    problems = [
        problem for receipt in receipts for problem in worst_problems(group_problems(receipt.subject))
    ]
    return sorted(problems, key=Problem.rank, reverse=True)[:WORST]


def _describe_problem(problem: Problem) -> str:
    where = f"工作表“{problem.sheet}”" if problem.sheet else "整个文件"
    cells = f" {cells}" if (cells := problem.list_cells(3)) else ""
    first = problem.first
    sentences = [first.problem, f"应为{first.expected}" if first.expected else "", first.remedy]
    return f"{where}{cells}：{'。'.join(filter(None, sentences))}。（{problem.describe_effect()}）"


def _receipt_files(
    workspace: Workspace, load_id: int, unit: str, receipts: Sequence[Receipt]
) -> list[Path]:
    """Return the receipts that are on disk: the settings may say that few or none are written."""
    folder = workspace.home.receipts
    files = [
        find_receipt(
            folder, receipt.target.split("/")[0], unit, receipt.subject.file_name, load_id, receipt.sha256
        )
        for receipt in receipts
    ]
    return [file for file in files if file is not None]


def _attachments(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return as many receipts as a mail can carry."""
    attached, size = list[Path](), 0
    for file in files[:MOST_ATTACHED]:
        size += file.stat().st_size
        if size <= MOST_BYTES:
            attached.append(file)
    return tuple(attached)


def _where(workspace: Workspace, period: str, attached: int, count: int) -> str:
    """Say where the receipts are; what has no attachments says the same, so the portal is named too."""
    url = workspace.home.settings.portal_url.rstrip("/")
    if not count:
        return f"详情在 {url}/month?period={period}。" if url else ""
    portal = f"回执在 {url}/month?period={period}" if url else "回执请向市局索取，或看回执文件夹"
    if not attached:
        return f"{portal}。"
    further = f"（另有 {count - attached} 份没有附上）" if attached < count else ""
    return f"邮件附有回执{further}；{portal}。"


def reminder_messages(workspace: Workspace, today: date) -> Iterator[UnitMessage]:
    """Yield a reminder to each unit with an address for each due day that is near or has passed.

    A stage that no run met on its day is left to the next one. Nothing for a year whose working days are not
    known: the run says so elsewhere.
    """
    settings, units = workspace.home.settings, list(workspace.contacts.by_unit)
    if not units or not (settings.remind_days_before or settings.remind_days_after):
        return
    try:
        states = _open_reports(workspace, today, units)
    except CalendarUnknownError:
        return
    for (unit, due_on), reports in states.groupby(["unit_code", "due_on"], sort=True):
        stage = _stage(settings.remind_days_before, settings.remind_days_after, due_on, today)
        if stage:
            yield _describe_reminder(workspace, str(unit), due_on, today, reports, stage)


def _open_reports(workspace: Workspace, today: date, units: list[str]) -> pd.DataFrame:
    from flows.refresh.status import report_states_of_months

    current = f"{today:%Y-%m}"
    months = sorted(month_after(current, -number) for number in range(1, MONTHS_LOOKED_AT + 1))
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        states = report_states_of_months(workspace, as_of, months, today, units)
    return states[states["state"].isin(OPEN_STATES) & states["due_on"].notna()]


def _stage(before: Sequence[int], after: Sequence[int], due_on: date, today: date) -> str:
    """Return which reminder of a due day is to be sent, empty if none."""
    left = (due_on - today).days
    if left >= 0:
        near = [days for days in before if left <= days]
        return f"before:{min(near)}" if near else ""
    past = [days for days in after if days <= -left <= days + MOST_DAYS_LATE]
    return f"after:{max(past)}" if past else ""


def _describe_reminder(
    workspace: Workspace, unit: str, due_on: date, today: date, reports: pd.DataFrame, stage: str
) -> UnitMessage:
    left, name = (due_on - today).days, workspace.regions.name_of(unit)
    when = f"还有 {left} 天" if left > 0 else "今天到期" if left == 0 else f"已过 {-left} 天"
    lines = [f"{name}：{day_words(due_on)}到期的报表，{when}，还有 {len(reports)} 份没有报好："]
    for period, part in reports.groupby("period", sort=True):
        titles = [
            workspace.ledgers[row.ledger].title + ("（报来的退回了）" if row.state == "rejected" else "")
            for row in part.itertuples()
        ]
        lines.append(f"{month_words(str(period))}：{'、'.join(titles)}")
    lines += ["", "本月没有的，也请报零报告。已经报送、还没有入库的，不用再报。"]
    if url := workspace.home.settings.portal_url.rstrip("/"):
        lines.append(f"报送：{url}/month?period={reports['period'].iloc[0]}")
    title = f"{workspace.regions.top.name}执法数据：{name}还有 {len(reports)} 份报表没有报好，{day_words(due_on)}到期（{when}）"
    return UnitMessage(
        REMINDER, f"unit:{unit}:due:{due_on}:{stage}", unit, _as_title(title), "\n".join(lines)
    )


def _as_title(text: str) -> str:
    """Return a text without blanks, which mails lose where they break a long title."""
    return text.replace(" ", "")
