"""The manifest in the folder of a load's report: of which log entry it tells, and which files it has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from flows.archive.regular_file import read_regular

MANIFEST = "report.json"


@dataclass(frozen=True)
class ReportManifest:
    """The digest of the log entry of the load that a report tells of, and the size of each of its files."""

    log_entry: str
    sizes: dict[str, int]


def write_manifest(folder: Path, log_entry: str) -> None:
    """Write the manifest of a folder whose files are complete."""
    sizes = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
    content = {"log_entry": log_entry, "files": sizes}
    (folder / MANIFEST).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> ReportManifest | None:
    """Read a report's manifest; None where there is none: reports of former versions have none.

    Raises ValueError for one that is damaged.
    """
    try:
        content = json.loads(read_regular(folder / MANIFEST))
        return ReportManifest(
            str(content["log_entry"]), {str(k): int(v) for k, v in content["files"].items()}
        )
    except FileNotFoundError:
        return None
    except (OSError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder / MANIFEST} is damaged") from error
