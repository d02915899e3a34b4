"""Where a file leads that is not what its page was opened for: to the page of its own month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flows.portal.visit import Visit
from flows.queries.months import offered_months
from schemas.periods import month_words
from warehouse.portal.uploads import Upload


@dataclass(frozen=True)
class Lead:
    """What a file is instead, what to do, and the month whose page helps (empty: none does)."""

    sentence: str
    period: str = ""


def leads_of(visit: Visit, upload: Upload) -> list[Lead]:
    """Return where the sheets of a checked upload belong: those of other months, those that are not owed."""
    offered = offered_months(visit.workspace, visit.today)
    return [
        *_of_other_months(upload, offered),
        *_of_ledgers_not_owed(visit, upload, offered),
    ]


def has_useful_marks(upload: Upload) -> bool:
    """Whether the marked workbook helps: it marks cells of a recognised ledger that is of this month."""
    verdict = upload.verdict or {}
    has_cells = any(finding["cell"] for finding in verdict.get("findings", []))
    return (has_cells or bool(verdict.get("findings_left_out"))) and any(
        sheet.get("ledger") and not _other_months(sheet, upload.period) for sheet in _sheets(upload)
    )


def _of_other_months(upload: Upload, offered: list[str]) -> Iterable[Lead]:
    titles = dict[str, list[str]]()
    for sheet in _sheets(upload):
        for month in _other_months(sheet, upload.period):
            titles.setdefault(month, []).append(sheet.get("title") or "台账")
    chosen = month_words(upload.period)
    for month, ledgers in titles.items():
        named = "、".join(dict.fromkeys(ledgers))
        sentence = f"写的是{month_words(month)}的{named}，而上传时选的是{chosen}。"
        if month in offered:
            yield Lead(
                f"{sentence}是{month_words(month)}的，到那个月的页面上传；确是{chosen}的，把写错的月份改成"
                f"{chosen}，再上传一次。",
                month,
            )
        else:
            yield Lead(f"{sentence}那个月现在不能报送：请核对月份，改正后再上传一次。")


def _of_ledgers_not_owed(visit: Visit, upload: Upload, offered: list[str]) -> Iterable[Lead]:
    obligations, regions = visit.workspace.obligations, visit.workspace.regions
    for sheet in _sheets(upload):
        unit, ledger, month = (str(sheet.get(key) or "") for key in ("unit_code", "ledger", "period"))
        if not (unit and month and ledger in visit.workspace.ledgers) or _other_months(
            sheet, upload.period
        ):
            continue
        covering = obligations.report_for(unit, ledger, month)
        if covering == month:
            continue
        sentence = (
            f"这是{month_words(month)}的{sheet['title']}，{regions.name_of(unit)}这个月不用单独报它。"
        )
        if covering is None:
            yield Lead(
                f"{sentence}请核对是否拿错了文件；应报哪些，看这个月的页面。",
                month if month in offered else "",
            )
        else:
            yield Lead(
                f"{sentence}这个月的各行放在{month_words(covering)}的那一份里一起报。",
                covering if covering in offered else "",
            )


def _sheets(upload: Upload) -> list[dict[str, Any]]:
    return list((upload.verdict or {}).get("sheets", []))


def _other_months(sheet: dict[str, Any], period: str) -> list[str]:
    """Return the months that a rejected sheet is named for, except for the chosen one.

    Checks of older versions did not store them.
    """
    return [month for month in sheet.get("named_months", ()) if month != period]
