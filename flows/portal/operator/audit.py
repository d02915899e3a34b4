"""Who did what on the portal: the audit log, which nobody can change from a page."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from flows.portal.operator.words import name_subject
from flows.portal.visit import ROLE_WORDS, Visit
from schemas.periods import day_words, is_period
from transforms.report.preview_words import period_words
from warehouse.engine import reading
from warehouse.portal.audit import read_audit_log

MOST_SHOWN, MOST_DOWNLOADED = 200, 100_000
#: characters of a file's hash that tell it from others
SHOWN_OF_HASH = 12
ACTION_WORDS = {
    "sign_in": "登录", "sign_out": "退出", "change_password": "改密码", "send": "报送", "take_back": "收回", "remove": "移除",
    "rerun": "重新入库", "publish": "公布", "export": "导出", "download": "下载",
    "decide_correction": "更正", "decide_waiver": "准予收下",
    "decide_confirm": "确认", "decide_withdraw": "撤回", "cancel_decision": "取消决定",
}  # fmt: skip
DETAIL_WORDS = {
    "sha256": "文件校验码开头 {value}", "verdict": "检查结果：{value}", "job": "办理编号 {value}", "reason": "理由：{value}",
    "unit": "单位：{value}", "period": "时期：{value}", "ledger": "台账：{value}", "load_id": "第 {value} 批",
    "is_provisional": "暂定", "decision": "决定编号 {value}", "submission": "报送 #{value}", "approved_by": "批准：{value}",
    "until": "有效至 {value}", "kind": "决定：{value}", "is_proxied": "经代理", "is_again": "没有变动也公布",
    "is_resumed": "中断后补记",
}  # fmt: skip
TITLES = {
    "happened_at": "什么时候", "account_name": "谁", "role": "身份", "address": "从哪里", "action": "做了什么",
    "subject": "对什么", "detail": "细节",
}  # fmt: skip


def show_audit_log(visit: Visit) -> Response:
    """Show the latest entries, all or those of an account or an action."""
    account, action = visit.query("account"), visit.query("action")
    entries = _entries(visit, account, action, MOST_SHOWN)
    return visit.page(
        "operator/audit.html", entries=entries, account_name=account, action=action, words=ACTION_WORDS,
        most=MOST_SHOWN,
    )  # fmt: skip


def download_audit_log(visit: Visit) -> Response:
    """Download the entries as CSV."""
    entries = _entries(visit, visit.query("account"), visit.query("action"), MOST_DOWNLOADED)
    return visit.download_table(entries, TITLES, f"操作记录-{visit.today}")


def _entries(visit: Visit, account: str, action: str, most: int) -> list[dict[str, Any]]:
    with reading(visit.portal.store) as connection:
        entries = read_audit_log(connection, most, account_name=account, action=action)
    return [
        {
            **entry,
            "happened_at": f"{visit.local(entry['happened_at']):%Y-%m-%d %H:%M:%S}",
            "subject": name_subject(visit.workspace, entry["subject"]),
            "role": ROLE_WORDS.get(entry["role"], entry["role"]),
            "action": ACTION_WORDS.get(entry["action"], entry["action"]),
            "detail": _detail_words(visit, entry["detail"]),
        }
        for entry in entries
    ]


def _detail_words(visit: Visit, detail: dict[str, Any]) -> str:
    """Write the details of an entry as a person says them."""
    return "；".join(
        DETAIL_WORDS.get(name, name + " {value}").format(value=_value_words(visit, name, value))
        for name, value in detail.items()
        if value not in (None, "", False)
    )


def _value_words(visit: Visit, name: str, value: Any) -> str:
    workspace = visit.workspace
    if name == "unit" and value in workspace.regions.regions:
        return workspace.regions.name_of(value)
    if name == "sha256":
        return str(value)[:SHOWN_OF_HASH]
    if name == "until":
        with suppress(ValueError):
            return day_words(str(value))
    if name == "period" and is_period(str(value)):
        return period_words(value)
    if name == "ledger" and value in workspace.ledgers:
        return workspace.ledgers[value].title
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
