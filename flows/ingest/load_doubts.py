"""Find what is doubtful about a load as a whole: copies, implausible reports, rows that resemble others."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from flows.ingest.discover import NewFiles
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.indicator import counts_parties, rosters
from schemas.ledgers.finding import FINDING_COLUMNS, finding
from transforms.validate.plausibility import first_compared, list_findings, plausibility_findings
from transforms.validate.similar_rows import (
    doubt_keys,
    doubt_matters,
    doubt_numbers,
    doubt_parties,
    doubt_replaced,
)
from warehouse.engine import Connection
from warehouse.load.plausibility import repeated_rows, reports_of_lists, reports_of_load, reports_since
from warehouse.load.sent_rows import fill_sent
from warehouse.load.similar_rows import (
    pairs_of_one_matter,
    pairs_of_one_number,
    pairs_of_one_party,
    pairs_replaced,
    pairs_with_one_key,
)
from warehouse.load.staging import Staging


def find_load_doubts(
    workspace: Workspace, connection: Connection, load_id: int, stage: Staging, new_files: NewFiles
) -> Iterator[pd.DataFrame]:
    """Yield the findings about a load that was recorded, within its transaction, each kind as a frame."""
    yield _duplicate_findings(new_files)
    yield from _plausibility_warnings(workspace, connection, load_id)
    yield from _doubts_about_rows(workspace, connection, load_id, stage)


def _plausibility_warnings(
    workspace: Workspace, connection: Connection, load_id: int
) -> Iterator[pd.DataFrame]:
    """Yield plausibility warnings for this load's reports, against all current reports including its own.

    Rosters are compared with the last one only: they are whole each month, and stand until a later one.
    """
    reports = reports_of_load(connection, workspace.tables, load_id)
    is_list = reports["ledger"].isin(rosters(indicators().values()))
    if is_list.any():
        lists = reports[is_list]
        known = reports_of_lists(
            connection, workspace.tables, set(lists["ledger"]), set(lists["unit_code"])
        )
        yield list_findings(lists, known)
    if not is_list.all():
        yield _warnings_of_months(workspace, connection, load_id, reports[~is_list])


def _warnings_of_months(
    workspace: Workspace, connection: Connection, load_id: int, reports: pd.DataFrame
) -> pd.DataFrame:
    """Compute the warnings for reports of what happened in their months; those of ledgers with no earlier
    report are skipped.
    """
    first_month = first_compared(reports["period"].min())
    current_reports = reports_since(connection, workspace.tables, first_month)
    first, last = (
        current_reports.groupby("ledger")["period"].min(),
        reports.groupby("ledger")["period"].max(),
    )
    with_earlier = {str(ledger) for ledger in last.index if first[ledger] < last[ledger]}
    if not with_earlier:  # nothing to compare with
        return reports.iloc[:0]
    return plausibility_findings(
        reports,
        current_reports,
        repeated_rows(connection, workspace.tables, sorted(with_earlier), load_id, first_month),
    )


def _doubts_about_rows(
    workspace: Workspace, connection: Connection, load_id: int, stage: Staging
) -> Iterator[pd.DataFrame]:
    """Yield the doubts about rows of the staged ledgers: one key but other matters, one matter under other
    keys.

    Of rosters, whose rows are the same every month, only the numbers of two units are compared.
    """
    regions, tables = workspace.regions, workspace.tables
    lists = rosters(indicators().values())
    for name in stage.ledgers():
        ledger = workspace.ledgers[name]
        fill_sent(connection, tables.ledgers[name], stage.rows_tables(name), load_id)
        if name in lists:
            with_one_number = pairs_of_one_number(connection, tables, ledger)
            yield doubt_numbers(ledger, with_one_number, regions.history.are_one_line, regions.name_of)
            continue
        with_one_key = pairs_with_one_key(connection, tables, ledger)
        yield doubt_keys(ledger, with_one_key, regions.history.are_one_line, regions.name_of)
        yield doubt_replaced(ledger, pairs_replaced(connection, tables, ledger, load_id))
        of_one_matter = pairs_of_one_matter(
            connection, tables, ledger, units=regions.unit_codes(), bureaus=regions.bureaus
        )
        yield doubt_matters(ledger, of_one_matter, regions.history.are_one_line, regions.name_of)
        if counts_parties(indicators().values(), name, ledger.matter.party):
            of_one_party = pairs_of_one_party(connection, tables, ledger)
            yield doubt_parties(ledger, of_one_party, regions.history.are_one_line, regions.name_of)


def _duplicate_findings(new_files: NewFiles) -> pd.DataFrame:
    """Build a finding for each file that is a copy of one already ingested."""
    findings = [finding("file.duplicate", file=copy.path, detail=path) for copy, path in new_files.copies]
    return pd.DataFrame(findings, columns=FINDING_COLUMNS)
