"""The schedule of nightly runs: pure date arithmetic, without a clock and without Prefect."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo


def daily_cron(night_at: str) -> str:
    """Return the daily schedule as a cron expression: 02:00 is `0 2 * * *`."""
    time_of_day = time.fromisoformat(night_at)
    return f"{time_of_day.minute} {time_of_day.hour} * * *"


def last_due(now: datetime, night_at: str, zone: tzinfo) -> datetime:
    """Return the last instant, at or before `now`, at which a nightly run was due."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), time.fromisoformat(night_at), zone)
    return (
        today if today <= local else datetime.combine(local.date() - timedelta(days=1), today.time(), zone)
    )


def next_due(now: datetime, night_at: str, zone: tzinfo) -> datetime:
    """Return the first instant after `now` at which a nightly run is due."""
    return datetime.combine(
        last_due(now, night_at, zone).date() + timedelta(days=1), time.fromisoformat(night_at), zone
    )


def is_missed(last_ended: datetime | None, now: datetime, night_at: str, zone: tzinfo) -> bool:
    """Whether no nightly run has ended since the last one was due; `last_ended` is in UTC without a zone."""
    return last_ended is None or last_ended.replace(tzinfo=UTC) < last_due(now, night_at, zone)
