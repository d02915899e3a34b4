"""Write the files of publications again that were lost or damaged: their figures are in the warehouse."""

from __future__ import annotations

from flows.outputs.output_faults import OutputFaults
from flows.outputs.output_files import is_whole_publication
from flows.outputs.publication import describe_missing, publication_folder, write_publication
from flows.workspace import Workspace
from schemas.periods import Period
from warehouse.engine import reading
from warehouse.figures.publications import publications, published_figures


def write_missing_publications(workspace: Workspace, faults: OutputFaults | None = None) -> None:
    """Write the files of every publication that has none or damaged ones, of a killed run for example."""
    faults = faults or OutputFaults()
    with reading(workspace.engine) as connection:
        for publication in publications(connection, workspace.tables):
            folder = publication_folder(workspace, publication.number)
            if not is_whole_publication(folder):
                as_of = workspace.as_of(connection, publication.load_id)
                figures = published_figures(connection, workspace.tables, publication.number)
                period = Period.parse(publication.period)
                missing = [] if publication.is_imported else describe_missing(workspace, as_of, period)
                with faults.set_aside():
                    write_publication(folder, publication, figures, missing)
