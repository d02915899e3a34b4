"""Compare what is stored of publications with what the archive has of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flows.archive.log import ArchiveLog
from flows.archive.store import DamagedFileError, read_text
from flows.outputs.publication import is_publication, parse_publication
from flows.workspace import Workspace
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.figures.publications import publications, published_figures


def find_altered_publications(workspace: Workspace) -> Iterator[str]:
    """Compare the published figures with those that the archive keeps for the entry of each publication."""
    logged = {
        entry.digest: entry
        for entry in ArchiveLog(workspace.home.archive).entries()
        if is_publication(entry)
    }
    with reading(workspace.engine) as connection:
        for publication in publications(connection, workspace.tables):
            where = Sentence("publication {number}", number=publication.number)
            if (entry := logged.get(publication.log_entry)) is None:
                continue  # the archive's own check tells of it
            if parse_publication(entry.payload, entry.digest) != publication:
                yield Sentence(
                    "table publications, {where}: it is not what the archive's log says of it", where=where
                )
            try:
                kept = json.loads(read_text(workspace.home.archive, entry.payload["figures"]))
            except DamagedFileError:
                continue
            stored = published_figures(connection, workspace.tables, publication.number)
            altered = _texts_of(stored) ^ _texts_of(kept)
            names = {f"{indicator_id} {region_code}" for indicator_id, region_code, _ in altered}
            yield from (
                Sentence(
                    "table published_figures, {where}: {name} is not as the archive has it",
                    where=where,
                    name=name,
                )
                for name in sorted(names)
            )


def _texts_of(figures: Iterable[Mapping[str, Any]]) -> set[tuple[str, str, str]]:
    """Return indicator, region and content of published figures."""
    return {
        (
            str(figure.get("indicator_id")),
            str(figure.get("region_code")),
            json.dumps(figure, sort_keys=True),
        )
        for figure in figures
    }
