"""Update of the stored masks when the masking policies are others than those that they were made by."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from sqlalchemy import BigInteger, Column, Connection, Table, Text, select, update

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_column, masked_fields
from warehouse.frames import ROWS_A_PAGE, insert_frame, read_frame
from warehouse.load.masking import mask_rows, masking_fingerprint
from warehouse.load.temporary_tables import create_empty, define_temporary
from warehouse.schema.refresh_state import MASKS, RefreshState, refresh_state, set_refresh_state
from warehouse.schema.tables import Warehouse


def refresh_masks(connection: Connection, warehouse: Warehouse) -> None:
    """Mask all stored rows again if the masking policies changed, within the caller's transaction."""
    state = RefreshState(0, masking_fingerprint(warehouse.ledgers))
    if refresh_state(connection, warehouse.tables, MASKS) == state:
        return
    for name, ledger in warehouse.ledgers.items():
        _mask_again(connection, warehouse.tables.ledgers[name], ledger)
    set_refresh_state(connection, warehouse.tables, MASKS, state)


def _mask_again(connection: Connection, table: Table, ledger: LedgerDefinition) -> None:
    """Update the masks of every version of a ledger's rows, page by page."""
    columns = [masked_column(field) for field, _ in masked_fields(ledger)]
    if not columns:
        return
    masks = define_temporary(
        "masks",
        Column("version_id", BigInteger, primary_key=True, autoincrement=False),
        *(Column(column, Text) for column in columns),
    )
    is_same_version = table.c.version_id == masks.c.version_id
    for page in _read_pages(connection, table, ledger):
        create_empty(connection, masks)
        insert_frame(connection, masks, mask_rows(ledger, page).assign(version_id=page["version_id"]))
        connection.execute(update(table).where(is_same_version).values({c: masks.c[c] for c in columns}))


def _read_pages(connection: Connection, table: Table, ledger: LedgerDefinition) -> Iterator[pd.DataFrame]:
    """Read the fields of all versions in order; each page is a query, as the caller updates what was read."""
    names, last_version = ["version_id", *ledger.field_names()], 0
    query = select(*(table.c[name] for name in names)).order_by(table.c.version_id).limit(ROWS_A_PAGE)
    while True:
        page = read_frame(connection, query.where(table.c.version_id > last_version), names)
        if page.empty:
            return
        yield page
        last_version = int(page["version_id"].iloc[-1])
