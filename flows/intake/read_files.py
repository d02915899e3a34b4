"""What a run reads, and what becomes of the files that could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flows.intake.batches import Outcome, read_in_children
from flows.intake.children import Died, Failed
from flows.intake.inbox import ArchivedFile
from flows.intake.taking import Read
from flows.workplace import Workplace
from transforms.read import refused_file

NOTHING_DIED: Mapping[str, str] = MappingProxyType({})


def read_files(place: Workplace, files: Sequence[ArchivedFile]) -> list[Outcome]:
    """Read archived files into submissions, in child processes."""
    return read_in_children(place.home.limits, [(one.path, one.archived) for one in files], place.regions, place.headers)


def sort_out(
    place: Workplace, files: Sequence[ArchivedFile], outcomes: Sequence[Outcome], died: Mapping[str, str] = NOTHING_DIED
) -> Read:
    """Refuse the files that no child could open, or could not when they came (`died`: rule by path); set aside those that a
    fault of ours kept from being read: the next run tries them again.
    """
    read = Read([], [], [], {})
    for file, one in zip(files, outcomes, strict=True):
        if isinstance(one, Failed):
            read.failed.append(f"{file.path}: {one.told()}")
            continue
        rule_id = one.rule_id if isinstance(one, Died) else died.get(file.path)
        if rule_id is not None:
            read.died[file.path] = rule_id
        if isinstance(one, Died) or rule_id is not None:
            one = refused_file(file.path, place.regions, str(rule_id))
        read.files.append(file)
        read.read.append(one)
    return read
