"""A quarantined row keeps its last version, unless a waiver that is revoked had admitted that one."""

from __future__ import annotations

from datetime import datetime

from tests.conftest import on_each_database
from tests.support.histories import STAR, make_payments
from tests.support.history_warehouse import Warehouse
from warehouse.engine import writing


@on_each_database
def test_only_the_row_that_the_waiver_admitted_is_lost(history_warehouse: Warehouse) -> None:
    """The waiver was for row 3; `k1` stood in row 2, and its key is covered by the waiver as well now."""
    history_warehouse.clear()
    history_warehouse.load([make_payments(STAR, "2023-05", "k1", "k2")], datetime(2024, 1, 1))
    texts = dict.fromkeys(("file", "problem", "expected", "remedy"), "")
    with writing(history_warehouse.engine) as connection:
        connection.execute(
            history_warehouse.tables.findings.insert().values(
                load_id=1, submission_id=1, rule_id="row.waived", severity="notice", row=3, **texts
            )
        )
    both = frozenset({"k1", "k2"})
    history_warehouse.load(
        [make_payments(STAR, "2023-05", "k3", quarantined=both, dropped=both)], datetime(2024, 1, 2)
    )
    assert {key for _, key in history_warehouse.counted("payments", 2)} == {"k1", "k3"}
