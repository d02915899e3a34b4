"""A night by the plain path, without Prefect, measured by phase:
`python -m benchmarks.night HOME FOLDER [--until WHEN]`.

Writes to FOLDER: the CPU seconds of each phase, those of the children that read files included.
`--until open` stops before the night (start-up alone), `read` only archives and reads what is new, the
children being there; `figures` runs no night and asks what stands for the thirty.
"""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from flows.quick_imports import without_collection

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--until", choices=["open", "read", "end", "figures"], default="end")
    arguments = parser.parse_args()

    # imported late: each reading worker imports this module again
    with without_collection():
        from benchmarks.night_steps import main

    gc.freeze()  # both as the command does it
    main(arguments.home, arguments.folder, arguments.until)
