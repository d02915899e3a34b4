"""What a change of the home's corrections and waivers concerns: reports that came before it and are judged again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flows.inbox import ArchivedFile, archived_at
from flows.workplace import Selection, Workplace
from schemas.adjustments import Adjustment
from schemas.states import REJECTED
from warehouse.adjustments import standing_adjustments, submissions_to_judge_again
from warehouse.engine import reading


@dataclass(frozen=True)
class Reopened:
    """`submissions` (as the warehouse keeps them) to be judged again, by the adjustments `given`; `withdrawn` were waivers."""

    submissions: list[dict[str, Any]]
    given: tuple[Adjustment, ...]
    withdrawn: tuple[Adjustment, ...]

    def files(self, place: Workplace) -> list[ArchivedFile]:
        """The archived files that hold them, each once."""
        found = {}
        for one in self.submissions:
            sha256, path = one["sha256"], one["source_file"]
            archived = archived_at(place.home.archive, sha256)
            found[sha256, path] = ArchivedFile(path, 0, 0, sha256, one["received_at"], archived)
        return list(found.values())

    def identities(self) -> set[tuple[Any, ...]]:
        return {_identity(one) for one in self.submissions}

    def standing(self) -> set[tuple[Any, ...]]:
        """Identities of those that stand, perhaps by a row that a withdrawn waiver let in; refused ones do not."""
        reports = {one.report for one in self.withdrawn}
        return {_identity(one) for one in self.submissions if one["state"] != REJECTED and _report(one) in reports}


def find_reopened(place: Workplace, selection: Selection, new_paths: Collection[str]) -> Reopened:
    """What the adjustments in the home say otherwise than those by which the warehouse stands.

    A report whose file came again under its name in this very run waits for the next one, as do the entries of other units
    than a rerun is about.
    """
    with reading(place.engine) as connection:
        kept = [Adjustment.model_validate(one["entry"]) for one in standing_adjustments(connection, place.tables)]
        changed = {one.report for one in set(kept) ^ set(place.adjustments)}
        chosen = {report for report in changed if selection.concerns(*report)}
        found = submissions_to_judge_again(connection, place.tables, chosen)
    waiting = changed - chosen | {_report(one) for one in found if one["source_file"] in new_paths}
    given = [one for one in place.adjustments if one.report not in waiting] + [one for one in kept if one.report in waiting]
    withdrawn = [one for one in kept if one.kind == "waiver" and one not in given]
    return Reopened([one for one in found if _report(one) not in waiting], tuple(given), tuple(withdrawn))


def _identity(submission: dict[str, Any]) -> tuple[Any, ...]:
    columns = ("source_file", "sha256", "source_sheet", "ledger", "unit_code", "period")
    return tuple(submission[name] for name in columns)


def _report(submission: dict[str, Any]) -> tuple[str, str, str]:
    return submission["unit_code"], submission["ledger"], submission["period"]
