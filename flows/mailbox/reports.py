"""Take the workbooks of a mail like uploads: check them, put them into the inbox, and write the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256 as new_sha256
from pathlib import Path

import pandas as pd

from flows.atomic import Unsynced, write_atomic
from flows.ingest.into_inbox import NotLoadedYetError, read_unchanged, send_to_inbox, stored_name
from flows.mailbox.arrival import Arrival, later_arrival, note_arrival
from flows.mailbox.messages import MOST_FILES, MailedFile
from flows.precheck import CheckResult, check_files
from flows.reported_before import Comparison
from flows.workspace import Workspace
from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import Severity
from schemas.periods import instant_words
from schemas.sources import is_temporary
from schemas.states import REJECTED
from transforms.foreign_text import make_visible
from transforms.read.layout.identity import hint_from_text
from transforms.receipt.check_words import sheet_words, verdict_words
from transforms.receipt.words import month_words
from warehouse.engine import Engine

#: where unit and month were said that a workbook does not say
SENDER, SUBJECT = "发件邮箱登记的单位", "邮件主题"
MOST_MESSAGES = 5
_OLDER = "  没有收：同名的另一份来得比这一份晚（{later}），已经收下。要以这一份为准的，请再寄一次。"
_NO_MONTH = "submission.period_missing"


@dataclass(frozen=True)
class MailedReport:
    """What became of one workbook of a mail: lines of words, its receipt, and whether it was taken."""

    lines: tuple[str, ...]
    receipt: Path | None
    is_taken: bool


@dataclass(frozen=True)
class Incoming:
    """A mail whose files are taken: its folder in the portal's, the units of its sender, its subject, when it
    came, and the time (UTC without a zone).
    """

    store: Engine
    folder: Path
    units: list[str]
    subject: str
    arrival: Arrival
    now: datetime


def take_files(workspace: Workspace, incoming: Incoming, files: Sequence[MailedFile]) -> list[MailedReport]:
    """Check the files of a mail, and put what can be taken into the inbox.

    What is answered of them is on disk.
    """
    reports = [
        _take_file(workspace, incoming, incoming.folder / str(number), file)
        for number, file in enumerate(files[:MOST_FILES])
    ]
    if len(files) > MOST_FILES:
        reports.append(MailedReport((f"一封邮件最多收 {MOST_FILES} 个文件，其余的请另寄。",), None, False))
    return reports


def _take_file(workspace: Workspace, incoming: Incoming, folder: Path, mailed: MailedFile) -> MailedReport:
    shown = f"“{make_visible(mailed.name)}”"
    largest = workspace.home.settings.largest_file_mebibytes * 2**20
    if len(mailed.content) > largest:
        return MailedReport((f"{shown}太大，没有收。请分成几个文件。",), None, False)
    file = folder / _file_name(mailed.name)
    if is_temporary(file.name):
        return MailedReport(
            (f"{shown}是程序打开文件时留下的临时文件的名字，没有收。请改名后再寄。",), None, False
        )
    write_atomic(file, mailed.content, is_durable=True)
    result = _check(workspace, incoming, file, folder / "receipt")
    unsynced = Unsynced(folder)
    unsynced.add(result.receipt)
    unsynced.sync()
    lines = [f"{shown}：{verdict_words(result.findings, result.submissions)}"]
    lines += [f"  {sheet_words(sheet, workspace.ledgers)}" for sheet in result.submissions.itertuples()]
    lines += [f"  {message}" for message in _worst_messages(result)]
    refusal, target = _place_of(workspace, result, incoming.units)
    if refusal:
        return MailedReport((*lines, f"  没有收：{refusal}"), result.receipt, False)
    unit, period = target
    path = f"{period}/{unit}/{file.name}"
    if later := later_arrival(incoming.store, path, incoming.arrival):
        words = _OLDER.format(later=instant_words(workspace.to_local_time(later)))
        return MailedReport((*lines, words), result.receipt, False)
    note_arrival(incoming.store, path, incoming.arrival)
    is_correction = _put_into_inbox(workspace, file, new_sha256(mailed.content).hexdigest(), unit, period)
    lines.append(f"  已收下，作为{workspace.regions.name_of(unit)}{month_words(period)}的报送，等待入库。")
    if is_correction:
        lines.append("  先前同名、还没有入库的那一份由这一份代替。")
    return MailedReport(tuple(lines), result.receipt, True)


def _file_name(name: str) -> str:
    """Return the name under which an attachment lies on disk; a neutral one where nothing is left of it."""
    stored = stored_name(name)
    stem, _, suffix = stored.rpartition(".")
    return stored if stem.strip(" ._") else f"附件.{suffix or 'xlsx'}"


def _worst_messages(result: CheckResult) -> list[str]:
    """Return the first errors of a file, those that refuse it before others; the receipt has all."""
    findings = result.findings
    chosen = [
        findings[findings["severity"].eq(severity.value)] for severity in (Severity.FATAL, Severity.ERROR)
    ]
    messages: list[str] = compose_messages(pd.concat(chosen).head(MOST_MESSAGES)).tolist()
    return messages


def _check(workspace: Workspace, incoming: Incoming, file: Path, receipts: Path) -> CheckResult:
    """Check a file by what it says itself; its month may stand in the subject alone."""
    unit = incoming.units[0] if len(incoming.units) == 1 else None
    now = incoming.now.replace(tzinfo=UTC)
    local = now.astimezone(workspace.home.timezone)
    compare = Comparison(workspace, now)
    (result,) = check_files(
        workspace.home, workspace.regions, [file], receipts, unit, None, local, SENDER, compare
    )
    period = hint_from_text(SUBJECT, incoming.subject, workspace.regions).period
    if period and result.findings["rule_id"].eq(_NO_MONTH).any():
        origin = f"{SENDER}、{SUBJECT}"
        (result,) = check_files(
            workspace.home, workspace.regions, [file], receipts, unit, period, local, origin, compare
        )
    return result


def _place_of(
    workspace: Workspace, result: CheckResult, units: Sequence[str]
) -> tuple[str, tuple[str, str]]:
    """Return why a file is not taken, or the unit and month under which it is."""
    accepted = result.submissions[result.submissions["state"].ne(REJECTED)]
    if accepted.empty:
        return "整份都会退回。请照回执改好，再寄一次。", ("", "")
    reports = set(zip(accepted["unit_code"], accepted["period"], strict=True))
    if strangers := {unit for unit, _ in reports} - set(units):
        names = "、".join(sorted(workspace.regions.name_of(unit) for unit in strangers))
        return f"这个邮箱没有登记为{names}的。请用登记的邮箱寄，或与市局联系。", ("", "")
    if len(reports) > 1:
        return "一个文件里有几个单位或几个月的。请按单位和月份分开，再寄一次。", ("", "")
    return "", reports.pop()


def _put_into_inbox(workspace: Workspace, file: Path, sha256: str, unit: str, period: str) -> bool:
    """Put a file into the inbox; return whether it replaced one of its name that waited there.

    The later of two is the correction, and both are kept with their mails. Raises ChangedFileError.
    """
    try:
        send_to_inbox(workspace, file, sha256, unit, period, ())
    except NotLoadedYetError:
        data = read_unchanged(file, sha256)
        write_atomic(workspace.home.inbox / period / unit / file.name, data, is_durable=True)
        return True
    return False
