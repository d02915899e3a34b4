"""Play the story of a seed, and say which promises it breaks."""

from __future__ import annotations

import traceback
from pathlib import Path

from tests.support.simulation.life import Life
from tests.support.simulation.promises import broken_in_the_end, broken_promises
from tests.support.simulation.story import draw_story

#: every third story is rebuilt from the archive at its end
REBUILT_EVERY = 3


def broken_promises_of(seed: int, folder: Path, laid_out_file: Path) -> list[str]:
    """Return what does not hold in the story of a seed, after what happened until then."""
    story = draw_story(seed)
    life = Life(folder, laid_out_file, story=story)
    try:
        for night in life.play():
            if broken := list(broken_promises(life)):
                return [*life.log, f"after night {night}:", *broken]
        broken = list(broken_in_the_end(life, rebuilds=story.is_whole or seed % REBUILT_EVERY == 0))
    except Exception:
        return [*life.log, *traceback.format_exc().splitlines()]
    return [*life.log, "in the end:", *broken] if broken else []
