"""Tell units what became of what they sent, and remind them: each once, whatever other addresses do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from flows.logs import get_logger
from flows.notify.mail import Mail, MailError, send_mail
from flows.notify.unit_messages import (
    REMINDER,
    RESULT,
    UnitMessage,
    reminder_messages,
    result_messages,
)
from flows.settings import Settings
from flows.workspace import Workspace
from schemas.contacts import is_mail
from transforms.foreign_text import make_lines_visible, make_visible
from warehouse.engine import reading, writing
from warehouse.ops.notifications import (
    Notification,
    mark_reached,
    mark_sent,
    store_notification,
    unsent_notifications,
)

#: what could not be sent is tried again by each run for so long
STALE_AFTER = timedelta(days=3)

log = get_logger("huizong.notify")


def tell_units(workspace: Workspace, load_id: int | None, now: datetime) -> int:
    """Tell the units with addresses of a load and of due days; return how many messages were new.

    Only the occasion is stored: what the message says is made again where it has to be sent again. An error
    is logged; it never makes a run fail.
    """
    if not workspace.contacts.by_unit:
        return 0
    try:
        return _tell_units(workspace, load_id, now)
    except Exception:
        log.exception("the messages to units could not be made")
        return 0


def _tell_units(workspace: Workspace, load_id: int | None, now: datetime) -> int:
    with reading(workspace.engine) as connection:
        unsent = unsent_notifications(connection, workspace.tables, now - STALE_AFTER, (RESULT, REMINDER))
    reached = {notification.occasion: set(notification.reached) for notification in unsent}
    loads = {int(occasion.rsplit(":", 1)[1]) for occasion in reached if ":load:" in occasion}
    count = 0
    for message in _messages(workspace, loads | ({load_id} if load_id is not None else set()), now):
        is_new = message.occasion not in reached and _store(workspace, message, now)
        if is_new or message.occasion in reached:
            count += is_new
            _send(workspace, message, reached.get(message.occasion, set()), now)
    return count


def _messages(workspace: Workspace, loads: set[int], now: datetime) -> Iterator[UnitMessage]:
    for load_id in sorted(loads):
        yield from result_messages(workspace, load_id)
    yield from reminder_messages(workspace, workspace.to_local_time(now).date())


def _store(workspace: Workspace, message: UnitMessage, now: datetime) -> bool:
    """Store that a message is to be sent, without what it says; return whether that is new."""
    stored = Notification(message.event, message.occasion, "", "", {"unit_code": message.unit_code})
    with writing(workspace.engine) as connection:
        return store_notification(connection, workspace.tables, stored, now)


def _send(workspace: Workspace, message: UnitMessage, reached: set[str], now: datetime) -> None:
    """Send a message to the addresses that it has not reached, and store which it did."""
    settings, addresses = workspace.home.settings, workspace.contacts.by_unit[message.unit_code]
    keys = {hashlib.sha256(address.encode()).hexdigest()[:16]: address for address in addresses}
    for key, address in keys.items():
        if key not in reached and _send_to(settings, address, message):
            reached.add(key)
    with writing(workspace.engine) as connection:
        if reached.issuperset(keys):
            mark_sent(connection, workspace.tables, message.occasion, now)
        else:
            mark_reached(connection, workspace.tables, message.occasion, reached)


def _send_to(settings: Settings, address: str, message: UnitMessage) -> bool:
    """Send a message to one address; what fails is logged, without the address."""
    if is_mail(address):
        try:
            send_mail(settings, Mail(address, message.title, message.body, message.attachments))
        except MailError as error:
            log.warning("a mail to unit %s: %s; the next run tries again", message.unit_code, error)
            return False
        return True
    from apprise import Apprise, NotifyFormat, NotifyType  # a second's import

    service = Apprise()
    scheme = address.split("://")[0]  # never the whole address: it holds a password
    is_sent = service.add(address) and service.notify(
        title=make_visible(message.title),
        body=make_lines_visible(message.body),
        notify_type=NotifyType.INFO,
        body_format=NotifyFormat.TEXT,
    )
    if not is_sent:
        log.warning("unit %s has a '%s://' address that cannot be reached", message.unit_code, scheme)
    return bool(is_sent)
