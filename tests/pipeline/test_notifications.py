"""Notifications of failures and rejections: by mail, webhook and command, once, without names from rows."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from flows.notify.send import notify
from flows.pipeline import run_pipeline
from flows.step import Step
from flows.workspace import RunScope, Workspace
from schemas.errors import DefinitionError
from schemas.states import NotificationEvent
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading
from warehouse.ops.notifications import Notification

STAR = "990102"
SECRET = "李隐名的举报"
REFUSED = Notification(
    NotificationEvent.REJECTED, "rejected:1", "汇总：2 份报表被退回", "星河区：2 份", {"rejected": 2}
)


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A real web server on the loopback, and what was posted to it."""
    posted: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}/hook", posted
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[tuple[str, list[Any]]]:
    """A real mail server on the loopback, and the messages that it received."""
    received: list[Any] = []

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
            received.append(message_from_bytes(envelope.content, policy=policy.default))
            return "250 OK"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    yield (
        f"mailto://127.0.0.1:{port}?from=huizong@bureau.cn&to=duty@bureau.cn&mode=insecure&format=text",
        received,
    )
    controller.stop()


def set_settings(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    monkeypatch.setattr(workspace.home, "settings", workspace.home.settings.model_copy(update=settings))


def night(workspace: Workspace, day: int = 1) -> Any:
    return run_pipeline(workspace, RunScope(), datetime(2023, 7, day, 2))


def send_unreadable_file(workspace: Workspace) -> None:
    put(workspace.home.inbox, f"2023-06/{STAR}/{SECRET}.xlsx", b"\x00\x01\x02")
    put(workspace.home.inbox, f"2023-06/{STAR}/b.xlsx", ledger_bytes("rewards", {"party_name": "李隐名"}))


def test_a_rejection_is_notified_once_by_mail_webhook_and_command(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any, mailbox: Any, tmp_path: Path
) -> None:
    script = (
        f"import sys; open({str(tmp_path / 'told.json')!r}, 'ab').write(sys.stdin.buffer.read() + b'\\n')"
    )
    set_settings(
        workspace,
        monkeypatch,
        notify=[webhook[0], mailbox[0]],
        notify_command=[sys.executable, "-c", script],
    )
    send_unreadable_file(workspace)
    assert [notification.event for notification in night(workspace).notifications] == [
        NotificationEvent.REJECTED
    ]
    assert list(night(workspace, 2).notifications) == []
    (posted,) = webhook[1]
    (mail,) = mailbox[1]
    (payload,) = [json.loads(line) for line in (tmp_path / "told.json").read_text("utf-8").splitlines()]
    assert posted["title"] == mail["Subject"] == payload["title"] == "汇总：1 份报表被退回"
    assert "第 1 次装载收到 2 份报表，其中 1 份被退回" in posted["message"]
    assert "星河区：1 份" in mail.get_body().get_content()
    assert payload["units"] == [{"unit_code": STAR, "unit_name": "星河区", "rejected": 1}]
    for text in (
        json.dumps(posted, ensure_ascii=False),
        mail.get_body().get_content(),
        json.dumps(payload),
    ):
        assert "隐名" not in text


def test_a_file_that_waits_is_notified_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any
) -> None:
    set_settings(workspace, monkeypatch, notify=[webhook[0]], notify_events=[NotificationEvent.AWAITING])
    rows = [
        {"case_no": f"某环立〔2023〕{number}号", "party_name": f"第{number}公司"} for number in range(1, 7)
    ]
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", *rows))
    night(workspace)
    assert webhook[1] == []
    put(workspace.home.inbox, f"2023-06/{STAR}/b.xlsx", ledger_bytes("cases", rows[0]), "2023-07-02T10:00")
    night(workspace, 3)
    night(workspace, 4)
    (posted,) = webhook[1]
    assert posted["title"] == "汇总：1 份报表待确认"
    assert "星河区：1 份\n" in posted["message"]
    assert "[[confirm]]" in posted["message"]


def test_the_next_run_notifies_people_who_could_not_be_reached(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    set_settings(workspace, monkeypatch, notify=[f"json://user:secret@127.0.0.1:{closed}/"])
    send_unreadable_file(workspace)
    assert night(workspace).load_id == 1
    assert "the next run tries again" in caplog.text
    set_settings(workspace, monkeypatch, notify=[webhook[0]])
    night(workspace, 2)
    assert [notification["title"] for notification in webhook[1]] == ["汇总：1 份报表被退回"]


def test_an_address_that_is_dead_does_not_make_others_hear_it_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        dead = f"json://user:secret@127.0.0.1:{free.getsockname()[1]}/"
    set_settings(workspace, monkeypatch, notify=[dead, webhook[0]])
    send_unreadable_file(workspace)
    for day in (1, 2, 3):
        night(workspace, day)
    assert [notification["title"] for notification in webhook[1]] == ["汇总：1 份报表被退回"]
    with reading(workspace.engine) as connection:
        row = connection.execute(workspace.tables.notices.select()).one()
    assert (row.sent_at, "secret" in str(row.reached), len(row.reached)) == (None, False, 1)


def test_a_mistake_in_a_file_of_the_home_is_notified_by_serve(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any
) -> None:
    folder = workspace.home.folder
    (folder / "adjustments.toml").write_text("[[waiver]]\nunit = 7\n", encoding="utf-8")
    monkeypatch.setenv("HUIZONG_HOME", str(folder))
    monkeypatch.setenv("HUIZONG_NOTIFY", json.dumps([webhook[0]]))
    from flows.orchestration.prefect_flows import _open_workspace

    with pytest.raises(DefinitionError):
        _open_workspace()
    assert [notification["title"] for notification in webhook[1]] == ["汇总没能开始：数据目录里的文件有误"]


def test_a_run_that_fails_or_was_killed_is_notified(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any
) -> None:
    def fail(step: Step, work: Any, _subject: str = "") -> Any:
        if step is Step.VALIDATE:
            raise ValueError(SECRET)
        return work()

    set_settings(workspace, monkeypatch, notify=[webhook[0]])
    send_unreadable_file(workspace)
    with pytest.raises(ValueError, match=SECRET):
        run_pipeline(workspace, RunScope(), datetime(2023, 7, 1, 18), run_step=fail)
    (posted,) = webhook[1]
    assert posted["title"] == "汇总运行失败（nightly，2023年7月2日 02:00）"
    assert "ValueError" in posted["message"]
    assert SECRET not in posted["message"]
    with workspace.engine.begin() as connection:
        connection.execute(workspace.tables.runs.update().values(ended_at=None, outcome=None))
    night(workspace, 2)
    assert [notification["title"] for notification in webhook[1][1:]] == [
        "汇总运行曾中断（nightly，2023年7月2日 02:00）",
        "汇总：1 份报表被退回",
    ]


def test_only_chosen_events_are_sent_and_old_ones_never(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any
) -> None:
    notify(workspace, [REFUSED], datetime(2023, 7, 1))
    set_settings(workspace, monkeypatch, notify=[webhook[0]], notify_events=[NotificationEvent.FAILED])
    notify(workspace, [REFUSED], datetime(2023, 7, 2))
    set_settings(workspace, monkeypatch, notify_events=list(NotificationEvent))
    notify(
        workspace,
        [Notification(NotificationEvent.REJECTED, "rejected:2", "汇总", "一份", {})],
        datetime(2023, 7, 9),
    )
    assert [notification["title"] for notification in webhook[1]] == ["汇总"]


def test_a_wrong_address_is_reported_without_its_password(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_settings(
        workspace,
        monkeypatch,
        notify=["nosuch://user:secret@host/"],
        notify_command=["no-such-command-here"],
    )
    assert notify(workspace, [REFUSED], datetime(2023, 7, 1)) == [REFUSED]
    assert "'nosuch://' address" in caplog.text
    assert "`notify_command` failed (FileNotFoundError)" in caplog.text
    assert "secret" not in caplog.text
    with reading(workspace.engine) as connection:
        assert connection.execute(workspace.tables.notices.select()).one().sent_at is None


def test_missing_units_are_notified_once_on_the_day_after_a_deadline(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, webhook: Any
) -> None:
    set_settings(workspace, monkeypatch, notify=[webhook[0]], notify_events=[NotificationEvent.OVERDUE])
    put(workspace.home.inbox, f"2023-06/{STAR}/b.xlsx", ledger_bytes("rewards"))
    ledgers, units = len(workspace.ledgers), len(workspace.regions.units)
    night(workspace, 7)  # the fifth working day of July
    assert webhook[1] == []
    night(workspace, 8)
    night(workspace, 9)
    (posted,) = webhook[1]
    assert posted["title"] == f"汇总：{ledgers * units - 1} 份报表逾期未报（2023年7月7日到期）"
    assert f"星河区：{ledgers - 1} 份\n" in posted["message"]
