"""Find the publication that `--publication` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flows.language import _
from flows.words import describe_period
from schemas.periods import Period

if TYPE_CHECKING:
    from flows.workspace import Workspace
    from warehouse.engine import Connection
    from warehouse.figures.publications import Publication


def find_publication(
    workspace: Workspace, connection: Connection, number: int, period: Period
) -> Publication:
    """Return the publication of the period with this number.

    Raises BadParameter that lists those that there are.
    """
    from warehouse.figures.publications import publications

    known = publications(connection, workspace.tables)
    for publication in known:
        if publication.number == number and publication.period == str(period):
            return publication
    available = _(", ").join(
        _("{number} ({period})").format(number=each.number, period=describe_period(each.period))
        for each in known
    )
    raise click.BadParameter(
        _("no publication {number} of {period}; there are {available}").format(
            number=number, period=describe_period(str(period)), available=available or _("none")
        ),
        param_hint="--publication",
    )


def region_without_figures(workspace: Workspace, number: int, region_code: str) -> click.BadParameter:
    """Return the error for a region of which a publication has no figure."""
    return click.BadParameter(
        _("publication {number} holds no figure of {region}").format(
            number=number, region=workspace.regions.name_of(region_code)
        ),
        param_hint="--region",
    )
