"""Files that wait with a report that another one has too: what happens if both are sent, and what else comes
out with a file that is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.ingest.into_inbox import is_marked_form
from flows.portal.checks import upload_file
from flows.portal.clerk.outcomes import reports_of, waiting_uploads
from flows.portal.visit import Visit
from schemas.states import ZERO
from warehouse.portal.uploads import Upload

_SAME_NAME = "两份的文件名相同，或是同一份的标好的表：先收回那一份，才能报送这一份。"
_ROWS_FOR_ZERO = (
    "{titles}：那一份是零报告，这一份填有各行。直接报送这一份就行，不用收回：入库时以填有各行的为准。"
)
_ZERO_FOR_ROWS = (
    "{titles}：那一份填有各行，这一份是零报告。两份都报送的，入库时以填有各行的为准；"
    "确实没有的，先收回那一份，再报送这一份。"
)
_BOTH_ZERO = "{titles}：两份都是零报告，不用收回。"
_BOTH_ROWS = (
    "{titles}：两份都填有各行。都报送的，入库时比对编号和内容，可能合在一起计入，可能只算一份，也可能待确认。"
    "要换成这一份的，先收回那一份，再报送这一份。"
)
_FURTHER = "收回那一份，里面的{titles}（{count} 种）也一起收回，而这一份里没有：收回后要另外报送。"


@dataclass(frozen=True)
class Rival:
    """A file that waits with a report that an upload has too; `sentences` say what happens to both."""

    upload: Upload
    titles: list[str]
    sentences: list[str]
    further: str
    has_to_choose: bool


def rivals_of(visit: Visit, uploads: Sequence[Upload]) -> dict[int, list[Rival]]:
    """Return, by the number of each upload, the sent files that wait with a report it has too."""
    waiting = {
        period: waiting_uploads(visit, period) for period in sorted({upload.period for upload in uploads})
    }
    rivals = dict[int, list[Rival]]()
    for upload in uploads:
        for other in waiting[upload.period]:
            if other.upload_id != upload.upload_id and set(reports_of(upload)) & set(reports_of(other)):
                rivals.setdefault(upload.upload_id, []).append(_compare(visit, upload, other))
    return rivals


def _compare(visit: Visit, upload: Upload, other: Upload) -> Rival:
    """Sort the reports that two files share by what the load makes of them, as
    `transforms.validate.replacement` decides between files of one night.
    """
    own, waiting = reports_of(upload), reports_of(other)
    sentences, kept = list[str](), [report for report in waiting if report not in own]
    has_to_choose = _takes_name_of(visit, upload, other)
    if has_to_choose:
        sentences.append(_SAME_NAME)
    shared = [report for report in own if report in waiting]
    for sentence, is_zero, is_others_zero in (
        (_ROWS_FOR_ZERO, False, True),
        (_ZERO_FOR_ROWS, True, False),
        (_BOTH_ROWS, False, False),
        (_BOTH_ZERO, True, True),
    ):
        same_states = [
            report
            for report in shared
            if (own[report] == ZERO, waiting[report] == ZERO) == (is_zero, is_others_zero)
        ]
        if not same_states or (has_to_choose and is_others_zero):
            continue
        sentences.append(sentence.format(titles=_titles(visit, same_states)))
        has_to_choose |= not is_others_zero
    further = _FURTHER.format(titles=_titles(visit, kept), count=len(kept)) if kept else ""
    return Rival(other, _sorted_titles(visit, shared), sentences, further, has_to_choose)


def _takes_name_of(visit: Visit, upload: Upload, other: Upload) -> bool:
    """Whether an upload would lie in the inbox under the name of another, or as its marked workbook."""
    name = upload_file(visit.portal.folder, upload.upload_id, upload.file_name).name
    other_name = Path(str(other.inbox_path)).name
    return upload.unit_code == other.unit_code and (name == other_name or is_marked_form(name, other_name))


def _titles(visit: Visit, reports: Iterable[tuple[str, str]]) -> str:
    return "、".join(_sorted_titles(visit, reports))


def _sorted_titles(visit: Visit, reports: Iterable[tuple[str, str]]) -> list[str]:
    """Return the titles of ledgers in the order of the catalogue."""
    names = {ledger for _, ledger in reports}
    return [ledger.title for name, ledger in visit.workspace.ledgers.items() if name in names]
