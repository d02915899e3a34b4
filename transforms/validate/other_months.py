"""Reports whose rows all lie in one other month than the report's: they may be in the wrong folder."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.date_rules import FEWEST_OF_OTHER_MONTH
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding


def find_other_months(ledger: LedgerDefinition, values: pd.DataFrame, text: pd.DataFrame) -> pd.DataFrame:
    """Return a warning for each report whose rows are all dated in one month that is not its own.

    A later step within the report's month explains an earlier date. Rosters list what is old.
    """
    if ledger.doubted_after_months is None:
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    month = values[ledger.dated_by].to_numpy().astype("datetime64[M]")
    own = text["period"].to_numpy(dtype="datetime64[M]")
    is_here = [values[name].to_numpy().astype("datetime64[M]") == own for name in ledger.late_steps]
    is_other = (month != own) & ~np.isnat(month) & ~reduce(np.logical_or, is_here, np.zeros(len(own), bool))
    submission = text["submission"].to_numpy()
    rows = np.bincount(submission[~np.isnat(month)])
    other_rows = np.bincount(submission[is_other], minlength=len(rows))
    months = {
        index: np.unique(month[(submission == index) & is_other])
        for index in np.flatnonzero((rows == other_rows) & (rows >= FEWEST_OF_OTHER_MONTH)).tolist()
    }
    doubted = {index: of_report[0] for index, of_report in months.items() if len(of_report) == 1}
    if not doubted:
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    origins = text.drop_duplicates("submission").set_index("submission")
    findings = [
        {
            "submission": index,
            **finding(
                "submission.rows_of_other_month",
                file=origins.at[index, "file"],
                sheet=origins.at[index, "sheet"],
                period=origins.at[index, "period"],
                rows=int(rows[index]),
                header=ledger.field(ledger.dated_by).header,
                month=str(other),
            ),
        }
        for index, other in doubted.items()
    ]
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS)
