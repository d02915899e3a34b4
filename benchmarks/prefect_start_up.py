"""All that the nightly command does before and after its night, without one: `python -m benchmarks.prefect_start_up HOME`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from benchmarks.night import wait_until_idle
from flows.intake.children import start_children
from flows.orchestration.prefect_api import prefect_api
from flows.settings import Home
from flows.workplace import Workplace


def main(home: Path) -> None:
    place = Workplace(Home(home))
    place.prepare()
    start_children()
    with prefect_api(place.home.folder, timeout_seconds=place.home.settings.prefect_timeout_seconds) as is_up:
        if not is_up:
            sys.exit("Prefect does not answer")
        importlib.import_module("flows.orchestration.nightly")
        wait_until_idle()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
