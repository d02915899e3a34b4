"""Reports of which every row names another unit: the file probably lies in a wrong folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerField
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding
from schemas.ledgers.rules import ALL_OF_OTHER_UNIT
from schemas.regions import RegionTable
from transforms.normalise import county_mark
from transforms.validate.batch import LedgerBatch
from transforms.validate.other_units import holds_own

#: fewer rows of another unit may be mistakes in their cells
FEWEST_ROWS = 3
#: in a number of free form
_MARK_BEFORE_YEAR = r"[(（]([一-鿿]{1,3})[)）]\s*[〔\[(（【]?\s*(?:19|20)[0-9]{2}"


def find_misplaced_reports(batch: LedgerBatch, values: pd.DataFrame, text: pd.DataFrame) -> pd.DataFrame:
    """Return a warning for each report of a county whose rows all name one other unit, and none its own.

    Rows name units in the columns for the reporting one and by the marks in numbers.
    """
    regions, unit_code = batch.regions, text["unit_code"]
    named = {
        field.header: _other_unit(field, values, unit_code, regions)
        for field in batch.ledger.fields
        if _names_units(field)
    }
    owned = [
        _is_own_named(field, values, unit_code, regions)
        for field in batch.ledger.fields
        if _names_units(field)
    ]
    is_own = np.logical_or.reduce([unit_code.isin(regions.bureaus).to_numpy(), *owned])
    rows = pd.DataFrame(named, index=text.index)
    first = rows.bfill(axis=1).iloc[:, 0].mask(is_own) if named else pd.Series(None, index=text.index)
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


def _units_of_texts(
    field: LedgerField, values: pd.DataFrame, regions: RegionTable
) -> tuple[pd.Series, dict[str, Sequence[str]]]:
    """Return what names units in a column, and the units of each distinct text."""
    find: Callable[[str], Sequence[str]]
    if field.names_reporter:
        texts, find = values[field.name], regions.find_units
    else:
        texts = _county_marks(field, values)

        def find(mark: str) -> Sequence[str]:
            unit = regions.find_by_mark(mark)
            return [unit] if unit else []

    return texts, {text: find(text) for text in texts.dropna().unique()}


def _county_marks(field: LedgerField, values: pd.DataFrame) -> pd.Series:
    """Return the mark of a county in each number: 冷 in 某环罚(冷)〔2023〕1号."""
    if field.type.kind == "document_no":
        return county_mark(values[field.compared_by])
    return values[field.name].str.extract(_MARK_BEFORE_YEAR, expand=False)


def _pairs(texts: pd.Series, unit_code: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"text": texts, "unit": unit_code})


def _is_own_named(
    field: LedgerField, values: pd.DataFrame, unit_code: pd.Series, regions: RegionTable
) -> np.ndarray:
    """Mark the rows that name the reporting unit in this column."""
    texts, units = _units_of_texts(field, values, regions)
    pairs = _pairs(texts, unit_code)
    own = [
        (text, unit)
        for text, unit in pairs.dropna().drop_duplicates().itertuples(index=False, name=None)
        if holds_own(units[text], unit, regions)
    ]
    if not own:
        return np.zeros(len(texts), dtype=bool)
    return np.asarray(pd.MultiIndex.from_frame(pairs).isin(own))


def _other_unit(
    field: LedgerField, values: pd.DataFrame, unit_code: pd.Series, regions: RegionTable
) -> pd.Series:
    """Return the first unit that each row names in this column where it is not the reporting one."""
    texts, units = _units_of_texts(field, values, regions)
    first = {text: named[0] for text, named in units.items() if named}
    named = texts.map(first).astype(object)
    is_own = _is_own_named(field, values, unit_code, regions)
    return named.where(named.notna() & ~is_own, None)
