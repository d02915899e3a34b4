"""Tell apart the rows whose time limits may differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from schemas.deadlines import TimeLimit

Rows = Mapping[str, pd.DataFrame]


def number_kinds(limits: Iterable[TimeLimit], frame: pd.DataFrame, rows: Rows) -> pd.Series:
    """Number the rows of a ledger by kind: all that the ledger's limits depend on is equal in a kind.

    A number counts only where another ledger has a row with it; so does an amount that is owed, and else only
    whether something is.
    """
    limits = list(limits)
    kinds = {name: frame[name] for limit in limits for name in limit.own_fields()}
    is_paid = pd.Series(False, index=frame.index)
    for limit in limits:
        for _key, other in limit.elsewhere():
            own, numbers = f"={other.own}", rows[other.ledger][f"={other.number}"].dropna()
            is_found = frame[own].isin(numbers.unique().tolist())
            kinds[f"{own}={other.ledger}.{other.number}"] = frame[own].where(is_found)
            is_paid |= is_found if other is limit.paid else False
    for name in {limit.paid.owed for limit in limits if limit.paid}:
        kinds[name] = frame[name].where(is_paid, frame[name].fillna(0).gt(0).astype("Int64"))
    codes = pd.DataFrame(
        {name: pd.factorize(column)[0] for name, column in kinds.items()}, index=frame.index
    )
    return codes.groupby(list(codes), sort=False).ngroup()
