"""The report of a year, or of what was published of it, to be downloaded."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from flows.bulletin.contents import open_source, read_bulletin
from flows.portal.reader.figures import choices, chosen_region, chosen_year
from flows.portal.visit import Visit
from schemas.errors import DefinitionError
from schemas.periods import Period
from transforms.bulletin.default_template import default_template
from transforms.bulletin.model import Bulletin
from transforms.bulletin.page import write_page
from transforms.bulletin.word import write_word
from transforms.bulletin.workbook import write_workbook
from warehouse.engine import Connection, reading
from warehouse.figures.publications import Publication, publications

OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "html": "text/html",
}


def show_reports(visit: Visit) -> Response:
    """Offer the report of a year as it is now, and of each publication of it and its parts."""
    year, region = chosen_year(visit), chosen_region(visit)
    with reading(visit.workspace.engine) as connection:
        published = [
            {"number": each.number, "period": each.period, "note": each.note}
            for each in reversed(publications(connection, visit.workspace.tables))
            if each.period[:4] == str(year)
        ]
    return visit.page("reader/report.html", published=published, **choices(visit, year, region))


def download_report(visit: Visit) -> Response:
    """Download the report of a year as it is now, or of a publication, in the form that the address names."""
    ending, number = visit.request.path_params["ending"], visit.query("publication")
    if ending not in MEDIA_TYPES:
        return visit.refuse(404, "没有这种报告。")
    with reading(visit.workspace.engine) as connection:
        publication = _find_publication(visit, connection, number) if number else None
        if number and publication is None:
            return visit.refuse(404, "没有这次公布。")
        period = Period.parse(publication.period) if publication else chosen_year(visit)
        try:
            source = open_source(visit.workspace, connection, publication, visit.now)
            bulletin = read_bulletin(source, period, chosen_region(visit))
        except DefinitionError as error:
            return visit.refuse(409, f"报告做不出来：{error}")
    if not bulletin.figures:
        return visit.refuse(404, "这次公布没有这个地区的数字。")
    name = f"{bulletin.region_name}-{period}-{bulletin.publication_words}.{ending}"
    return visit.download(_writers(visit, bulletin)[ending](), name, MEDIA_TYPES[ending])


def _writers(visit: Visit, bulletin: Bulletin) -> dict[str, Callable[[], bytes]]:
    return {
        "docx": lambda: write_word(bulletin, default_template(), visit.now),
        "xlsx": lambda: write_workbook(bulletin, visit.now),
        "html": lambda: write_page(bulletin).encode(),
    }


def _find_publication(visit: Visit, connection: Connection, number: str) -> Publication | None:
    existing = publications(connection, visit.workspace.tables)
    return next((each for each in existing if str(each.number) == number), None)
