"""Let every call of one night fail, one after the other: the next run completes it, and nothing is broken."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from flows.workspace import RunScope
from tests.support.simulation.faults import KILL, NO_FAULT, Fault
from tests.support.simulation.life import Ledger, Life
from tests.support.simulation.promises import broken_promises
from tests.support.simulation.story import Night, draw_story
from tests.support.true_histories.city import FIRST_NIGHT

#: a killed process; a full disk, a failing one, a read-only one
FAULTS = (
    Fault(1, KILL),
    Fault(1, "ENOSPC", is_lasting=True),
    Fault(1, "EIO"),
    Fault(1, "EROFS", is_lasting=True),
)


def broken_at_every_call(seed: int, folder: Path, laid_out_file: Path, every: int = 1) -> Iterator[str]:
    """Play the first night of a story, each time with its next call failing; yield what does not hold."""
    story = replace(draw_story(seed), is_whole=True)
    story = replace(story, nights=[Night() for _ in story.nights])
    life = Life(folder, laid_out_file, story=story)
    life.arrive(0, FIRST_NIGHT, Random(seed))
    aside = folder.with_name(f"{folder.name}-begun")
    shutil.copytree(folder, aside, copy_function=shutil.copy2)
    for kind in FAULTS:
        call, life.has_failed = 1, True
        while life.has_failed:
            shutil.rmtree(folder)
            shutil.copytree(aside, folder, copy_function=shutil.copy2)
            life.model = Ledger()
            fault = replace(kind, call=call)
            life.run(RunScope(), FIRST_NIGHT, fault)
            has_failed = life.has_failed
            life.run(RunScope(), FIRST_NIGHT + timedelta(minutes=1), NO_FAULT)
            yield from (f"seed {seed}, {fault}: {problem}" for problem in broken_promises(life))
            call, life.has_failed = call + every, has_failed
    shutil.rmtree(aside)
