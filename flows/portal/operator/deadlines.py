"""Time limits set by law, case by case: what is due soon first, then what has lapsed.

A clerk sees those of the own unit.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from starlette.responses import Response

from flows.portal.numbers import parse_number
from flows.portal.visit import OPERATOR, Visit
from flows.queries.deadlines import read_deadlines
from schemas.deadlines import DEADLINE_WORDS, DUE_SOON_DAYS, deadlines
from warehouse.engine import reading
from warehouse.frames import frame_records

MOST_LISTED, MOST_DAYS = 300, 3660
#: states that are listed unless all are asked for
PRESSING = ("due_soon", "lapsed")
LOOKS = {"due_soon": "fair", "lapsed": "bad", "running": "", "met_late": "fair"}
ACTORS = {"unit": "单位", "party": "当事人；没有办的，单位催办"}
TITLES = {
    "word": "情况", "days": "天数", "due_on": "到期日", "unit_name": "单位", "document": "文号", "title": "要办的事",
    "actor": "谁来办", "words": "期限", "started_on": "起算日", "source": "法律依据", "ledger_title": "台账",
    "submission_id": "报送编号", "source_row": "行",
}  # fmt: skip


def show_deadlines(visit: Visit) -> Response:
    """List the time limits of the chosen unit and kind."""
    chosen, within = _choice(visit), _within(visit)
    listed = _listed(visit, chosen, within)
    return visit.page(
        "operator/deadlines.html",
        lines=[_describe(visit, row) for row in frame_records(listed.head(MOST_LISTED))],
        left_out=max(0, len(listed) - MOST_LISTED),
        counts=_counts(listed),
        within=within,
        units=[(code, visit.workspace.regions.name_of(code)) for code in _units(visit)],
        limits=[(limit.limit_id, limit.title) for limit in deadlines().values()],
        shows_rows=visit.visitor.role == OPERATOR,
        **chosen,
    )


def download_deadlines(visit: Visit) -> Response:
    """Download them, all of the choice."""
    listed = _listed(visit, _choice(visit), _within(visit))
    rows = [_describe(visit, row) for row in frame_records(listed)]
    return visit.download_table(rows, TITLES, f"法定期限-{visit.today}")


def count_pressing(visit: Visit) -> dict[str, int]:
    """Count what is due soon and what has lapsed, of all units that the visitor may see; `stopped` is what
    has lapsed without anybody's failing to do something, which is not among the questions.
    """
    listed = _listed(visit, {"unit": "", "limit": "", "is_full": False}, DUE_SOON_DAYS)
    no_duties = [limit.limit_id for limit in deadlines().values() if not limit.is_duty]
    is_stopped = listed["state"].eq("lapsed") & listed["limit_id"].isin(no_duties)
    return _counts(listed) | {"stopped": int(is_stopped.sum())}


def _choice(visit: Visit) -> dict[str, Any]:
    unit, limit = visit.query("unit"), visit.query("limit")
    return {
        "unit": unit if unit in _units(visit) else "",
        "limit": limit if limit in deadlines() else "",
        "is_full": visit.query("full") == "1",
    }


def _within(visit: Visit) -> int:
    """Return in how many days is soon."""
    within = parse_number(visit.query("within"))
    return DUE_SOON_DAYS if within is None else min(within, MOST_DAYS)


def _units(visit: Visit) -> list[str]:
    """List the units whose limits the visitor may see."""
    if visit.visitor.role == OPERATOR:
        return list(visit.workspace.regions.unit_codes())
    return list(visit.visitor.unit_codes)


def _listed(visit: Visit, chosen: dict[str, Any], within: int) -> pd.DataFrame:
    frame = _all_deadlines(visit, within)
    units = [chosen["unit"]] if chosen["unit"] else _units(visit)
    is_listed = frame["unit_code"].isin(units)
    if chosen["limit"]:
        is_listed &= frame["limit_id"].eq(chosen["limit"])
    elif visit.visitor.role != OPERATOR and not chosen["is_full"]:
        # where an amount only stops to grow, a unit has nothing to do
        is_listed &= ~frame["limit_id"].isin(
            [limit.limit_id for limit in deadlines().values() if not limit.is_duty]
        )
    if not chosen["is_full"]:
        is_listed &= frame["state"].isin(PRESSING)
    return frame[is_listed]


def _all_deadlines(visit: Visit, within: int) -> pd.DataFrame:
    workspace = visit.workspace
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        key = ("deadlines", as_of.load_id, visit.today, within)
        return visit.portal.memory.recall(
            key, lambda: read_deadlines(workspace, as_of, visit.today, within)
        )


def _counts(listed: pd.DataFrame) -> dict[str, int]:
    counts = listed["state"].value_counts()
    return {state: int(counts.get(state, 0)) for state in DEADLINE_WORDS}


def _describe(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    ledgers = visit.workspace.ledgers
    return row | {
        "word": DEADLINE_WORDS[row["state"]],
        "look": LOOKS[row["state"]],
        "days": _days_words(row["state"], row["days_left"]),
        "document": row["document_no"] or "（文号不显示）",
        "words": deadlines()[row["limit_id"]].words,
        "actor": ACTORS[deadlines()[row["limit_id"]].actor],
        "ledger_title": ledgers[row["ledger"]].title,
    }


def _days_words(state: str, days_left: int | None) -> str:
    """Say how many days are left, or how many too late it is."""
    if days_left is None:
        return ""
    if state == "met_late":
        return f"迟了 {abs(days_left)} 天"
    if days_left < 0:
        return f"超过 {-days_left} 天"
    return f"还有 {days_left} 天" if days_left else "今天到期"
