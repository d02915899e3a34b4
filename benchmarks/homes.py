"""The homes over which pipeline runs are measured."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.bench import Bench, Run
from benchmarks.made_files import region_table, write_ledgers

MONTH = "2023-06"

#: of all ledgers only penalties of that month are owed: nothing else is measured than what was generated
_SETTINGS = f"""regions = "regions.csv"
settle_seconds = 0
receipts = "{{receipts}}"
{{more}}

[[obligations]]
every = "never"

[[obligations]]
ledgers = ["penalties"]
from = "{MONTH}"
until = "{MONTH}"
"""


def ledgers_of(bench: Bench, units: int) -> Path:
    """Make the ledgers of that many units, once in a benchmark."""
    inbox = bench.folder / f"ledgers-{units}"
    if not inbox.exists():
        bench.say(f"{write_ledgers(inbox, units):,} rows of {units:,} units made")
    return inbox


def sample_year(bench: Bench, home: Path) -> Path:
    """Make a home with the files of the sample year."""
    bench.once("command", "--home", home, "demo")
    (home / "huizong.toml").write_text("settle_seconds = 0\n", "utf-8")
    return home


def start_up(bench: Bench, home: Path) -> Run:
    """Measure a run's start-up alone."""
    return bench.once("night", home, "{results}", "--until", "open")


def s2_home(home: Path, units: int, inbox: Path, *, warehouse_url: str = "", receipts: str = "all") -> Path:
    """Make a home for a city of `units` units, whose inbox links to the
    files of `inbox`, which a run only reads.
    """
    home.mkdir(parents=True)
    more = f'warehouse_url = "{warehouse_url}"' if warehouse_url else ""
    (home / "huizong.toml").write_text(_SETTINGS.format(more=more, receipts=receipts), "utf-8")
    (home / "regions.csv").write_text(region_table(units), "utf-8")
    shutil.copytree(inbox, home / "inbox", copy_function=_link)
    return home


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def without(home: Path) -> None:
    """Remove a measured home: with a million rows it is large."""
    shutil.rmtree(home, ignore_errors=True)
