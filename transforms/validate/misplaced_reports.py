"""Reports of which every row names another unit: the file probably lies in a wrong folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerField
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding
from schemas.ledgers.rules import ALL_OF_OTHER_UNIT
from schemas.regions import RegionTable
from transforms.normalise import county_mark
from transforms.normalise.columns import extract, to_arrow, to_series
from transforms.validate.batch import LedgerBatch
from transforms.validate.other_units import holds_own

#: fewer rows of another unit may be mistakes in their cells
FEWEST_ROWS = 3
#: in a number of free form
_MARK_BEFORE_YEAR = r"[(（](?P<mark>[一-鿿]{1,3})[)）]\s*[〔\[(（【]?\s*(?:19|20)[0-9]{2}"


class _UnitsNamed(NamedTuple):
    """The rows of a column that name the reporting unit, and the first unit that each other row names."""

    is_own: np.ndarray
    other: pd.Series


def find_misplaced_reports(batch: LedgerBatch, values: pd.DataFrame, text: pd.DataFrame) -> pd.DataFrame:
    """Return a warning for each report of a county whose rows all name one other unit, and none its own.

    Rows name units in the columns for the reporting one and by the marks in numbers.
    """
    regions, unit_code = batch.regions, text["unit_code"]
    named = {
        field.header: _read_units(field, values, unit_code, regions)
        for field in batch.ledger.fields
        if _names_units(field)
    }
    is_own = np.logical_or.reduce(
        [unit_code.isin(regions.bureaus).to_numpy(), *(column.is_own for column in named.values())]
    )
    rows = pd.DataFrame({header: column.other for header, column in named.items()}, index=text.index)
    is_of_other = rows.notna().any(axis=1).to_numpy() & ~is_own
    if not is_of_other.any():
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    first = rows.bfill(axis=1).iloc[:, 0].mask(is_own)
    reports = pd.DataFrame({"submission": text["submission"], "unit": first}).groupby("submission")["unit"]
    is_misplaced = (
        reports.count().eq(reports.size()) & reports.size().ge(FEWEST_ROWS) & reports.nunique().eq(1)
    )
    findings = []
    for index in is_misplaced.index[is_misplaced]:
        of_report = text["submission"] == index
        headers = [header for header in named if rows.loc[of_report, header].notna().any()]
        unit = str(first[of_report].iloc[0])
        findings.append(_describe(batch, int(index), headers, unit, int(of_report.sum())))
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS)


def _describe(
    batch: LedgerBatch, index: int, headers: Sequence[str], unit: str, rows: int
) -> dict[str, object]:
    submission, regions = batch.submissions[index], batch.regions
    warning = finding(
        ALL_OF_OTHER_UNIT,
        file=submission.file,
        sheet=submission.sheet,
        rows=rows,
        where=f"按{'、'.join(f'“{header}”' for header in headers)}所写",
        named=regions.name_of(unit),
        unit=regions.name_of(str(submission.unit_code)),
    )
    return {"submission": index, **warning}


def _names_units(field: LedgerField) -> bool:
    return field.names_reporter or field.is_number


def _county_marks(field: LedgerField, values: pd.DataFrame) -> pd.Series:
    """Return the mark of a county in each number: 冷 in 某环罚(冷)〔2023〕1号."""
    if field.type.kind == "document_no":
        return county_mark(values[field.compared_by])
    texts = values[field.name]
    return to_series(extract(to_arrow(texts), _MARK_BEFORE_YEAR)["mark"], texts.index)


def _read_units(
    field: LedgerField, values: pd.DataFrame, unit_code: pd.Series, regions: RegionTable
) -> _UnitsNamed:
    """Read the units that a column names, once for each distinct text and reporting unit."""
    texts = values[field.name] if field.names_reporter else _county_marks(field, values)
    positions, distinct = pd.factorize(texts)
    reporter_positions, reporters = pd.factorize(unit_code)
    units = [_find_units(field, text, regions) for text in distinct]
    first = np.array([*(named[0] if named else None for named in units), None], dtype=object)[positions]
    names_some = pd.notna(first)
    pairs, pair_of_row = np.unique(
        np.column_stack([positions, reporter_positions])[names_some], axis=0, return_inverse=True
    )
    holds = [holds_own(units[text], reporters[reporter], regions) for text, reporter in pairs]
    is_own = np.zeros(len(texts), dtype=bool)
    is_own[names_some] = np.array(holds, dtype=bool)[pair_of_row.ravel()]
    return _UnitsNamed(is_own, pd.Series(np.where(is_own, None, first), index=texts.index, dtype=object))


def _find_units(field: LedgerField, text: str, regions: RegionTable) -> Sequence[str]:
    if field.names_reporter:
        return regions.find_units(text)
    unit = regions.find_by_mark(text)
    return [unit] if unit else []
