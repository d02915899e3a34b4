"""Read what a bulletin says: current figures, or those of a publication as they were frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flows.bulletin.quality import read_quality
from flows.queries.earlier_regions import workspace_as_of
from flows.queries.figures import figure_row
from flows.queries.last_year import compare_with_last_year
from flows.queries.statistics import yearly_statistics
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from schemas.version import ruleset_version
from transforms.bulletin.model import Bulletin, BulletinFigure, MonthFigure, Quality, UnitFigures
from transforms.bulletin.sections import in_report_order
from transforms.report.statistics import FilledTable
from warehouse.engine import Connection
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.publications import Publication, published_figures
from warehouse.schema.as_of import AsOf

#: rows of `indicators`, by period, region and indicator
Rows = dict[tuple[str, str], dict[str, dict[str, Any]]]
UNKNOWN_TIME = "—"


@dataclass(frozen=True)
class Source:
    """What a bulletin is made from: a home as of a load, and the publication whose figures it repeats."""

    workspace: Workspace
    as_of: AsOf
    publication: Publication | None
    today: date


def open_source(
    workspace: Workspace, connection: Connection, publication: Publication | None, now: datetime
) -> Source:
    """Open the warehouse as it is, or as of a publication, with the region table of then; `now` in UTC."""
    if publication is None:
        today = workspace.to_local_time(now).date()
        return Source(workspace, workspace.as_of_moment(connection), None, today)
    then, as_of = workspace_as_of(workspace, workspace.as_of(connection, publication.load_id))
    return Source(then, as_of, publication, workspace.to_local_time(publication.published_at).date())


def read_bulletin(source: Source, period: Period, region_code: str) -> Bulletin:
    """Read a bulletin. Raises CalendarUnknownError, StatisticsError."""
    workspace, publication = source.workspace, source.publication
    parts = [code for code in workspace.regions.parts_of(region_code, period) if code != region_code]
    is_imported = publication is not None and publication.is_imported
    months = [] if period.is_month or is_imported else period.months()
    both_years = [each for month in map(Period.parse, months) for each in (month, _year_before(month))]
    # a province has thousands of units, whose months nobody reads here
    rows = _compute_rows(source, [region_code], both_years)
    if publication:
        rows |= _published_rows(source, period)
    else:
        rows |= _compute_rows(source, [region_code, *parts], [period])
    own = rows.get((str(period), region_code), {})
    number = publication.number if publication else None
    last_year = compare_with_last_year(workspace, source.as_of, list(own.values()), period, number)
    figures = {
        name: BulletinFigure(indicator, own[name], last_year[name, region_code])
        for indicator in in_report_order(indicators().values())
        if (name := indicator.indicator_id) in own
    }
    return Bulletin(
        region_code,
        workspace.regions.name_of(region_code),
        period,
        number,
        _as_of_words(source),
        publication.ruleset if publication else ruleset_version(),
        figures,
        units=[
            UnitFigures(code, workspace.regions.name_of(code), rows[str(period), code])
            for code in parts
            if (str(period), code) in rows
        ],
        months={name: _months(rows, months, region_code, name) for name in figures},
        statistics=() if is_imported else _statistics(source, period, region_code),
        quality=Quality() if is_imported else read_quality(
            workspace, source.as_of, publication, period, region_code, own, source.today
        ),
        notes=_notes(source),
    )  # fmt: skip


def _year_before(period: Period) -> Period:
    return Period(period.year - 1, period.first_month, period.last_month)


def _compute_rows(source: Source, regions: Sequence[str], periods: Sequence[Period]) -> Rows:
    """Compute the figures of these regions for all periods in one pass over the ledgers."""
    workspace, catalogue = source.workspace, indicators()
    needed = {unit for code in regions for unit in workspace.regions.units_below(code)}
    if not needed or not periods:
        return {}
    units = [unit for unit in workspace.regions.unit_codes() if unit in needed]
    reader = FigureReader(source.as_of, workspace.regions, periods, workspace.obligations, units)
    reader.prefetch(catalogue.values())
    recorded_at = workspace.recorded_at(source.as_of)
    rows: Rows = {}
    for figure in reader.figures(list(catalogue.values()), regions):
        row = figure_row(workspace, catalogue[figure.indicator_id], figure, recorded_at)
        rows.setdefault((figure.period, figure.region_code), {})[figure.indicator_id] = row
    return rows


def _published_rows(source: Source, period: Period) -> Rows:
    """Read the figures of the publication, of every region."""
    assert source.publication is not None
    rows: Rows = {}
    connection, tables = source.as_of.connection, source.as_of.tables
    for row in published_figures(connection, tables, source.publication.number):
        rows.setdefault((str(period), row["region_code"]), {})[row["indicator_id"]] = row
    return rows


def _months(rows: Rows, months: Sequence[str], region_code: str, name: str) -> list[MonthFigure]:
    figures = []
    for month in months:
        row = rows.get((month, region_code), {}).get(name)
        earlier = rows.get((str(_year_before(Period.parse(month))), region_code), {}).get(name)
        if row is not None:
            figures.append(MonthFigure(month, row, earlier))
    return figures


def _statistics(source: Source, period: Period, region_code: str) -> Sequence[FilledTable]:
    """Fill the tables of the yearly statistics, which are made of whole years only."""
    if (period.first_month, period.last_month) != (1, 12):
        return ()
    workspace = source.workspace
    tables = workspace.home.statistics(workspace.ledgers)
    return yearly_statistics(workspace, source.as_of, tables, region_code, period.year, source.today).tables


def _as_of_words(source: Source) -> str:
    if source.publication and source.publication.is_imported:
        return UNKNOWN_TIME
    recorded_at = source.workspace.recorded_at(source.as_of)
    return f"{recorded_at:%Y-%m-%d %H:%M}" if recorded_at else UNKNOWN_TIME


def _notes(source: Source) -> list[str]:
    """Say by which definitions what a publication does not hold was computed."""
    notes = ["比率由分子之和除以分母之和得出，不是各单位比率的平均；金额和比率只截不入。"]
    publication = source.publication
    if publication is None:
        notes.append("本报告用的是现行数字，没有公布，以后收到的报送会改变它们。")
    elif publication.is_imported:
        notes.append("这一期的数字是本系统启用以前公布、后来录入的，不是由台账计算的。")
    elif publication.ruleset != ruleset_version():
        notes.append(
            f"指标是公布时的数字；各月数、统计年报表和上年数按规则版本{ruleset_version()}由公布时的数据重新计算。"
        )
    return notes
