"""What became of the files that a clerk sent: taken, refused, waiting or replaced, and by which load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from flows.ingest.into_inbox import lies_in_inbox, loaded_files
from flows.portal.visit import Visit
from flows.refresh.status import report_status
from schemas.states import AWAITING, REJECTED, SUBMISSION_WORDS
from transforms.receipt.words import STATE_LOOKS, source_words
from warehouse.engine import reading
from warehouse.ops.findings import settling_reasons
from warehouse.ops.loads import load_instants
from warehouse.ops.submissions import sources_of_submissions, submissions_of_files
from warehouse.portal.uploads import SENT, TAKEN_BACK, Upload, sent_uploads

_FileKey = tuple[str, str]
REPLACED = "已被代替"
_ANSWERED = "这一份退回了，后来又报了一份，以后来的为准"
_SAME_NAME = "已被代替：后来又报了同名的一份"


@dataclass(frozen=True)
class Outcome:
    """What became of one ledger of a file, in words; `reason` says why, and what to do."""

    ledger: str
    sheet: str
    state: str
    word: str
    meaning: str
    look: str
    rows: int
    held_back: int
    load_id: int
    loaded_at: datetime
    reason: str

    @property
    def needs_answer(self) -> bool:
        """Whether the unit has to do something: the report was refused, or waits for confirmation."""
        return self.state in (REJECTED, AWAITING) and self.word != REPLACED


class Outcomes:
    """What became of some uploads, read at once."""

    def __init__(self, visit: Visit, uploads: Sequence[Upload]) -> None:
        self._visit, workspace = visit, visit.workspace
        sent = [upload for upload in uploads if upload.state == SENT and upload.inbox_path]
        keys = [(str(upload.inbox_path), upload.sha256) for upload in sent]
        with reading(workspace.engine) as connection:
            units = visit.visitor.unit_codes
            rows = submissions_of_files(connection, workspace.tables, keys, units)
            later = [int(number) for number in rows["superseded_by"].dropna()]
            self._later = sources_of_submissions(connection, workspace.tables, later)
            self._instants = load_instants(connection, workspace.tables) if len(rows) else {}
            months = sorted({upload.period for upload in sent})
            as_of = workspace.as_of_moment(connection)
            self._reasons = settling_reasons(as_of, months) if len(rows) else {}
            is_any_rejected = bool(rows["state"].eq(REJECTED).any())
            self._open = (
                report_status(workspace, as_of, months, visit.today).open_rejections()
                if is_any_rejected
                else set()
            )
            self._loaded = loaded_files(connection, workspace)
        self._by_file = _last_by_file(rows)

    def of(self, upload: Upload) -> list[Outcome]:
        """Return what became of each ledger of an upload; none before it was loaded."""
        return [self._describe(row) for row in self._by_file.get(_key(upload), ())]

    def is_loaded(self, upload: Upload) -> bool:
        """Whether a run has taken the content of an upload."""
        return _key(upload) in self._loaded or _key(upload) in self._by_file

    def is_waiting(self, upload: Upload) -> bool:
        """Whether the content lies in the inbox, and no run has taken it."""
        return (
            upload.inbox_path is not None
            and not self.is_loaded(upload)
            and lies_in_inbox(self._visit.workspace, upload.inbox_path, upload.sha256)
        )

    def words(self, upload: Upload) -> str:
        """Say in a line what became of an upload."""
        if upload.verdict is None:
            return "正在检查"
        if upload.state != SENT:
            return "已收回，没有报送" if upload.state == TAKEN_BACK else "还没有报送"
        outcomes = self.of(upload)
        if outcomes:
            counted = Counter(outcome.word for outcome in outcomes)
            if set(counted) == {REPLACED} and _key(upload) not in self._loaded:
                return f"{_SAME_NAME}（这一份第 {outcomes[0].load_id} 批入库）"
            listed = "，".join(f"{word} {count} 张" for word, count in counted.items())
            return f"已读入（第 {max(outcome.load_id for outcome in outcomes)} 批）：{listed}"
        if self.is_loaded(upload):
            return "已读入：与以前报过的一份完全相同，没有再计入"
        return "已报送，等待入库" if self.is_waiting(upload) else _SAME_NAME

    def headline(self, upload: Upload) -> tuple[str, str]:
        """Return the sentence at the head of a page and its look: of the load, the sending or the check."""
        looks = [outcome.look for outcome in self.of(upload)]
        if looks:
            return self.words(upload), next(
                (look for look in ("bad", "fair", "good") if look in looks), "none"
            )
        if upload.state in (SENT, TAKEN_BACK):
            return self.words(upload), "none" if upload.state == TAKEN_BACK else "fair"
        verdict = upload.verdict or {}
        look = "bad" if verdict.get("must", 1) else "fair" if verdict.get("should") else "good"
        return upload.sentence, look

    def _describe(self, row: Mapping[str, Any]) -> Outcome:
        ledgers, state = self._visit.workspace.ledgers, row["state"]
        is_superseded = row["superseded_load"] is not None
        is_answered = state == REJECTED and row["submission_id"] not in self._open
        is_replaced = is_superseded or is_answered
        word = SUBMISSION_WORDS[state]
        reason = _ANSWERED if is_answered else self._reasons.get(row["submission_id"], "")
        if is_superseded:
            later = self._later.get(row["superseded_by"] or 0)
            reason = f"第 {row['superseded_load']} 批入库时" + (
                f"由{source_words(*later)}代替" if later else "不再计入"
            )
        return Outcome(
            ledger=ledgers[row["ledger"]].title if row["ledger"] in ledgers else "看不出是哪种台账",
            sheet=row["source_sheet"],
            state=state,
            word=REPLACED if is_replaced else word.title,
            meaning=word.meaning,
            look="" if is_replaced else STATE_LOOKS[state],
            rows=row["rows"],
            held_back=row["held_back"],
            load_id=row["load_id"],
            loaded_at=self._visit.local(self._instants[row["load_id"]]),
            reason=reason,
        )


def waiting_reports(visit: Visit, period: str) -> set[tuple[str, str]]:
    """Return unit and ledger of the reports for a month in files that were sent and no run has taken."""
    return {report for upload in waiting_uploads(visit, period) for report in reports_of(upload)}


def waiting_uploads(visit: Visit, period: str) -> list[Upload]:
    """Return the uploads for a month that were sent and no run has taken."""
    with reading(visit.portal.store) as connection:
        sent = sent_uploads(connection, visit.visitor.unit_codes, period)
    outcomes = Outcomes(visit, sent)
    return [upload for upload in sent if outcomes.is_waiting(upload)]


def reports_of(upload: Upload) -> dict[tuple[str, str], str]:
    """Return the state of each report in a file, for its own month, by unit and ledger."""
    return {
        (sheet["unit_code"], sheet["ledger"]): sheet["state"]
        for sheet in (upload.verdict or {}).get("sheets", [])
        # checks of older versions did not store what a sheet reports
        if sheet["state"] != REJECTED and sheet.get("period") == upload.period
    }


def _key(upload: Upload) -> _FileKey:
    return str(upload.inbox_path), upload.sha256


def _last_by_file(rows: pd.DataFrame) -> dict[_FileKey, list[dict[str, Any]]]:
    """Group submissions by file; of one that was validated again only the last counts."""
    by_file: dict[_FileKey, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
        report = (row["source_sheet"], row["ledger"], row["unit_code"], row["period"])
        by_file.setdefault((row["source_file"], row["sha256"]), {})[report] = row
    return {key: list(reports.values()) for key, reports in by_file.items()}
