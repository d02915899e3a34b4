"""Notify people of failures, rejections and overdue reports. Counts and units only, each occasion once.

A notification is stored before it is sent; one that could not be sent is retried by the next run. A
failure to notify never makes a run fail.
"""

from __future__ import annotations

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
from warehouse.ops.notifications import Notification, mark_sent, store_notification, unsent_notifications

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
            unsent = unsent_notifications(connection, workspace.tables, now - STALE_AFTER)
        for notification in unsent:
            if notification.event not in settings.notify_events or send_pending(settings, notification):
                with writing(workspace.engine) as connection:
                    mark_sent(connection, workspace.tables, notification.occasion, now)
    return new


def send_pending(settings: Settings, notification: Notification) -> bool:
    """Send a notification to everybody in the settings; return whether all were reached."""
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
    is_sent = _to_services(settings.notify, notification) if settings.notify else True
    return (_to_command(settings.notify_command, payload) if settings.notify_command else True) and is_sent


def _to_services(urls: Sequence[str], notification: Notification) -> bool:
    from apprise import (  # a second's import that a run with nothing to tell is spared
        Apprise,
        NotifyFormat,
        NotifyType,
    )

    services = Apprise()
    unusable = [url.split("://")[0] for url in urls if not services.add(url)]
    for scheme in unusable:  # never the whole URL: it holds a password
        log.warning(
            "a '%s://' address in `notify` cannot be used; see the list of services of Apprise", scheme
        )
    kind = NotifyType.INFO if notification.event == NotificationEvent.OVERDUE else NotifyType.WARNING
    is_sent = services.notify(
        title=make_visible(notification.title),
        body=make_lines_visible(notification.body),
        notify_type=kind,
        body_format=NotifyFormat.TEXT,
    )
    if not is_sent:
        log.warning(
            "'%s' could not be sent to everybody in `notify`; the next run tries again", notification.event
        )
    return bool(is_sent) and not unusable


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
