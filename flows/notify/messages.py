"""The texts of notifications: failed runs, files that are rejected, unreadable or wait, overdue reports.
Units and counts only.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from flows.archive.log import ChainBreak
from flows.language import say_in_chinese
from flows.storage_errors import describe_storage_error
from flows.workspace import Workspace
from schemas.periods import day_words, instant_words
from schemas.states import AWAITING, REJECTED, NotificationEvent
from transforms.foreign_text import make_visible
from transforms.report.follow_up import NO_UNIT
from warehouse.engine import reading
from warehouse.marts.coverage import overdue_reports
from warehouse.ops.loads import submissions_of_load
from warehouse.ops.notifications import Notification
from warehouse.ops.runs import interrupted_runs

#: due days that passed longer ago are not notified; `status` shows them
NEWS = timedelta(days=31)


def failed_run_notification(
    workspace: Workspace, kind: str, now: datetime, error: BaseException
) -> Notification:
    """Build the notification of a failed run.

    It names only the error's type, as its message may quote a row; of a disk or share also what to do.
    """
    remedy = f"{say_in_chinese(sentence)}。\n" if (sentence := describe_storage_error(error)) else ""
    when = instant_words(workspace.to_local_time(now))
    return _failure(
        f"failed:{now.isoformat()}", f"汇总运行失败（{kind}，{when}）",
        f"{when} 开始的 {kind} 运行失败：{type(error).__name__}。\n{remedy}"
        f"没有收入一半的数据；排除原因后再运行 huizong {kind} 即可。\n"
        f"详情见运行主机 {socket.gethostname()} 上的输出或 Prefect 页面。",
        {"run": kind, "error": type(error).__name__},
    )  # fmt: skip


def unusable_home_notification(now: datetime, error: BaseException) -> Notification:
    """Build the notification of a run that could not begin: a file of the home has a mistake.

    It names only the error's type: its message may quote an adjustment.
    """
    return _failure(
        f"unusable:{now.isoformat()}", "汇总没能开始：数据目录里的文件有误",
        f"数据目录里的设置（单位名录、adjustments.toml、headers.toml 等）有误，运行没有开始：{type(error).__name__}。\n"
        f"没有收入任何数据。请在运行主机 {socket.gethostname()} 上运行 huizong nightly，按提示改正。",
        {"error": type(error).__name__},
    )  # fmt: skip


def run_notifications(
    workspace: Workspace, load_id: int | None, unreadable: int, failed: int, now: datetime
) -> Iterator[Notification]:
    """Build the notifications of a run that ended; `unreadable` and `failed` count files that it left."""
    when = instant_words(workspace.to_local_time(now))
    with reading(workspace.engine) as connection:
        killed = interrupted_runs(connection, workspace.tables, now)
    for run in killed:
        since = instant_words(workspace.to_local_time(run["started_at"]))
        yield _failure(
            f"interrupted:{run['run_id']}", f"汇总运行曾中断（{run['kind']}，{since}）",
            f"{since} 在 {run['host']} 上开始的 {run['kind']} 运行没有结束就停了。\n"
            f"{when} 的运行已经接着做完，数据没有丢失或重复。",
            {"run": run["kind"], "host": run["host"]},
        )  # fmt: skip
    if unreadable or failed:
        yield _failure(
            f"left:{now.isoformat()}", f"汇总有 {unreadable + failed} 个文件没能读取",
            f"{when} 的运行没能读取 {unreadable + failed} 个文件："
            f"{unreadable} 个打不开（没有读取权限、磁盘或共享故障、重名），{failed} 个遇到程序故障。"
            "\n其余文件已经收下；下一次运行会再试。运行 huizong nightly 可以看到是哪些文件。",
            {"unreadable": unreadable, "failed": failed},
        )  # fmt: skip
    if load_id is not None:
        yield from _rejected_and_awaiting(workspace, load_id)


def failed_receipts_notification(workspace: Workspace, count: int, now: datetime) -> Iterator[Notification]:
    """Build the notification of receipts that an internal error kept from being rendered completely."""
    if count:
        yield _failure(
            f"receipts:{now.isoformat()}", f"汇总有 {count} 份回执没能完整生成",
            f"{instant_words(workspace.to_local_time(now))} 的运行因程序故障没能完整生成 {count} 份回执：只有首页，或没有生成。"
            f"\n数据已经收下，不受影响。详情见运行主机 {socket.gethostname()} 上的输出。",
            {"receipts": count},
        )  # fmt: skip


def broken_log_notification(
    workspace: Workspace, breaks: Sequence[ChainBreak], now: datetime
) -> Iterator[Notification]:
    """Build the notification that the archive's log was altered or damaged, once for the same lines."""
    if breaks:
        yield _failure(
            f"log:{breaks[0].line}:{len(breaks)}", f"汇总：存档日志有 {len(breaks)} 行损坏或被改动",
            f"{instant_words(workspace.to_local_time(now))} 的运行发现存档日志（archive/log.jsonl）"
            f"有 {len(breaks)} 行损坏或被改动，最前面的是第 {breaks[0].line} 行。\n"
            f"已收下的数据和数字没有因此改变，但按存档重建时会缺这些行记的内容。"
            f"请在运行主机 {socket.gethostname()} 上运行 huizong verify，并用存档的备份恢复 log.jsonl。",
            {"broken_lines": len(breaks), "first": breaks[0].line},
        )  # fmt: skip


def overdue_notifications(workspace: Workspace, today: date) -> Iterator[Notification]:
    """Build a notification once for each due day that passed: the units that had not reported by then."""
    with reading(workspace.engine) as connection:
        overdue = overdue_reports(connection, workspace.tables, today - NEWS, today)
    by_day: dict[date, Counter[str]] = {}
    for due_on, unit_code, count in overdue:
        by_day.setdefault(due_on, Counter())[unit_code] = count
    for due_on, by_unit in sorted(by_day.items()):
        units = [
            {"unit_code": code, "unit_name": workspace.regions.name_of(code), "missing": count}
            for code, count in by_unit.items()
        ]
        lines = "\n".join(f"{make_visible(str(unit['unit_name']))}：{unit['missing']} 份" for unit in units)
        yield Notification(
            NotificationEvent.OVERDUE, f"overdue:{due_on}", f"汇总：{by_unit.total()} 份报表逾期未报（{day_words(due_on)}到期）",
            f"{day_words(due_on)}到期的报表中，到{day_words(today)}还有 {by_unit.total()} 份没有收到或被退回：\n{lines}\n"
            "运行 huizong status 可以看到是哪些台账、哪个月。",
            {"due_on": str(due_on), "missing": by_unit.total(), "units": units},
        )  # fmt: skip


def unknown_automations_notification(names: Sequence[str], now: datetime) -> Iterator[Notification]:
    """Build the notification, each night, of automations on Prefect's page that nobody of the bureau made."""
    if names:
        lines = "\n".join(map(make_visible, names))
        yield Notification(
            NotificationEvent.UNKNOWN_AUTOMATION, f"automations:{now.isoformat()}",
            f"汇总：Prefect 页面上有 {len(names)} 条来历不明的自动规则",
            f"自动规则可以取消或发起运行。下面这些不在 huizong.toml 的 known_automations 里：\n{lines}\n"
            "是本局设的，请把名称写进 known_automations；不是的，请在 Prefect 页面的 Automations 中删除，并查明是谁加的。",
            {"automations": len(names)},
        )  # fmt: skip


def _rejected_and_awaiting(workspace: Workspace, load_id: int) -> Iterator[Notification]:
    """Build the notifications of a load's submissions that were rejected, and of those that wait."""
    with reading(workspace.engine) as connection:
        submissions = submissions_of_load(connection, workspace.tables, load_id)
    of_load = f"第 {load_id} 次装载收到 {len(submissions)} 份报表，其中"
    rejected = submissions[submissions["state"] == REJECTED]
    if not rejected.empty:
        units, lines = _count_by_unit(workspace, rejected, "rejected")
        yield Notification(
            NotificationEvent.REJECTED, f"rejected:{load_id}", f"汇总：{len(rejected)} 份报表被退回",
            f"{of_load} {len(rejected)} 份被退回，原来的数据不变：\n{lines}\n"
            "退回原因在各县的回执里（receipts 文件夹）；运行 huizong status 可以看到是哪些台账。",
            {"load_id": load_id, "submissions": len(submissions), "rejected": len(rejected), "units": units},
        )  # fmt: skip
    awaiting = submissions[(submissions["state"] == AWAITING) & submissions["superseded_load"].isna()]
    if not awaiting.empty:
        units, lines = _count_by_unit(workspace, awaiting, "awaiting")
        yield Notification(
            NotificationEvent.AWAITING, f"awaiting:{load_id}", f"汇总：{len(awaiting)} 份报表待确认",
            f"{of_load} {len(awaiting)} 份与以前收下的或同时报来的对不上，确认以前仍以已收下的为准：\n{lines}\n"
            "请这些单位看回执（receipts 文件夹），在表头上方写明“本次报送：全部”或“本次报送：补充”后重报；"
            "或由市局在 adjustments.toml 里确认（[[confirm]]）或撤回（[[withdraw]]）。\n"
            "运行 huizong status 可以看到是哪些台账、为什么。",
            {"load_id": load_id, "submissions": len(submissions), "awaiting": len(awaiting), "units": units},
        )  # fmt: skip


def _count_by_unit(
    workspace: Workspace, submissions: pd.DataFrame, key: str
) -> tuple[list[dict[str, Any]], str]:
    """Count submissions by unit: for programs, with the count under `key`, and as lines of text."""
    names = {unit.code: unit.name for unit in workspace.regions.units}
    counts = submissions.fillna({"unit_code": ""}).groupby("unit_code").size()
    units = [
        {"unit_code": code, "unit_name": names.get(code, NO_UNIT), key: int(count)}
        for code, count in counts.items()
    ]
    return units, "\n".join(f"{make_visible(unit['unit_name'])}：{unit[key]} 份" for unit in units)


def _failure(occasion: str, title: str, body: str, counts: dict[str, Any]) -> Notification:
    return Notification(NotificationEvent.FAILED, occasion, title, body, counts)
