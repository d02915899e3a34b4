"""Notify people of failures, rejections and overdue reports. Counts and units only, each occasion once.

A notification is stored before it is sent; one that could not be sent is retried by the next run. A
failure to notify never makes a run fail.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta

from flows.logs import get_logger
from flows.settings import Settings
from flows.workspace import Workspace
from schemas.states import NotificationEvent
from transforms.foreign_text import escape_json, make_lines_visible, make_visible
from warehouse.engine import reading, writing
from warehouse.ops.notifications import (
    Notification,
    mark_reached,
    mark_sent,
    store_notification,
    unsent_notifications,
)

COMMAND_SECONDS = 60.0
#: unsent notifications older than this are dropped
STALE_AFTER = timedelta(days=3)

log = get_logger("huizong.notify")


def notify(
    workspace: Workspace, notifications: Sequence[Notification], now: datetime
) -> list[Notification]:
    """Store these notifications and send all unsent ones; return those that were new."""
    settings = workspace.home.settings
    with writing(workspace.engine) as connection:
        new = [
            notification
            for notification in notifications
            if store_notification(connection, workspace.tables, notification, now)
        ]
    if settings.notify or settings.notify_command:
        with reading(workspace.engine) as connection:
            unsent = unsent_notifications(
                connection, workspace.tables, now - STALE_AFTER, list(NotificationEvent)
            )
        for notification in unsent:
            _send(workspace, notification, now)
    return new


def _send(workspace: Workspace, notification: Notification, now: datetime) -> None:
    """Send a stored notification to whom it has not reached yet, and store whom it reached."""
    settings, occasion = workspace.home.settings, notification.occasion
    is_wanted = notification.event in settings.notify_events
    reached = {*notification.reached, *(send_pending(settings, notification) if is_wanted else ())}
    with writing(workspace.engine) as connection:
        if is_wanted and not reached.issuperset(_addresses(settings)):
            mark_reached(connection, workspace.tables, occasion, reached)
        else:
            mark_sent(connection, workspace.tables, occasion, now)


def _addresses(settings: Settings) -> dict[str, str]:
    """Return the addresses of the settings by their hash; the command is one of them."""
    command = [json.dumps(settings.notify_command)] if settings.notify_command else []
    return {
        hashlib.sha256(address.encode()).hexdigest()[:16]: address
        for address in (*settings.notify, *command)
    }


def send_pending(settings: Settings, notification: Notification) -> set[str]:
    """Send a notification to all in the settings whom it has not reached; return whom it reached now."""
    content = json.dumps(
        {
            "event": notification.event,
            "title": notification.title,
            "body": notification.body,
            **notification.counts,
        },
        ensure_ascii=False,
    )
    payload = escape_json(content)  # on one line, as programs read it
    reached = set()
    for key, address in _addresses(settings).items():
        if key in notification.reached:
            continue
        if address in settings.notify:
            is_sent = _to_service(address, notification)
        else:
            is_sent = _to_command(settings.notify_command, payload)
        if is_sent:
            reached.add(key)
    return reached


def _to_service(url: str, notification: Notification) -> bool:
    from apprise import (  # a second's import that a run with nothing to tell is spared
        Apprise,
        NotifyFormat,
        NotifyType,
    )

    service = Apprise()
    scheme = url.split("://")[0]  # never the whole URL: it holds a password
    if not service.add(url):
        log.warning(
            "a '%s://' address in `notify` cannot be used; see the list of services of Apprise", scheme
        )
        return False
    kind = NotifyType.INFO if notification.event == NotificationEvent.OVERDUE else NotifyType.WARNING
    is_sent = service.notify(
        title=make_visible(notification.title),
        body=make_lines_visible(notification.body),
        notify_type=kind,
        body_format=NotifyFormat.TEXT,
    )
    if not is_sent:
        log.warning(
            "'%s' could not be sent to a '%s://' address in `notify`; the next run tries again",
            notification.event,
            scheme,
        )
    return bool(is_sent)


def _to_command(command: Sequence[str], payload: str) -> bool:
    try:
        subprocess.run(
            command, input=payload.encode(), timeout=COMMAND_SECONDS, check=True, capture_output=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.warning(
            "the command in `notify_command` failed (%s); the next run tries again", type(error).__name__
        )
        return False
    return True
