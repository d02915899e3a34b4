"""Frames are stored in both databases by column type, whatever dtype pandas chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import BigInteger, Boolean, Column, Date, MetaData, Table, Text, select

from flows.workspace import Workspace
from tests.conftest import on_each_database
from warehouse.engine import writing
from warehouse.frames import insert_frame
from warehouse.load.staging_backends import choose_backend

TABLE = Table(
    "values_table", MetaData(),
    Column("fine_fen", BigInteger), Column("is_paid", Boolean), Column("paid_on", Date), Column("payer", Text),
    prefixes=["TEMPORARY"],
)  # fmt: skip
LARGE = 2**53 + 1


FINES = pytest.mark.parametrize(
    ("fines", "stored"),
    [
        (pd.Series([123, 4]), [123, 4]),
        (pd.Series([123.0, np.nan]), [123, None]),
        (pd.Series([123.0, None], dtype=object), [123, None]),
        (pd.Series([LARGE, pd.NA], dtype="Int64"), [LARGE, None]),
        (pd.Series([LARGE, None], dtype="int64[pyarrow]"), [LARGE, None]),
        (pd.Series([None, None], dtype=object), [None, None]),
    ],
)


def frame_of(fines: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({
        "fine_fen": fines, "is_paid": pd.Series([True, None], dtype=object),
        "paid_on": pd.to_datetime(["2023-06-30", None]), "payer": ["甲厂", None],
    })  # fmt: skip


def check(rows: Sequence[Any], stored: list[Any]) -> None:
    assert [row.fine_fen for row in rows] == stored
    assert [type(row.fine_fen) for row in rows] == [type(value) for value in stored]
    assert [(row.is_paid, str(row.paid_on), row.payer) for row in rows] == [
        (True, "2023-06-30", "甲厂"),
        (None, "None", None),
    ]


@on_each_database
@FINES
def test_whole_numbers_stay_whole_where_some_are_missing(
    workspace: Workspace, fines: pd.Series, stored: list[Any]
) -> None:
    with writing(workspace.engine) as connection:
        TABLE.create(connection)
        insert_frame(connection, TABLE, frame_of(fines))
        rows = connection.execute(select(TABLE)).all()
        TABLE.drop(connection)
    check(rows, stored)


@on_each_database
@FINES
def test_frames_in_a_staging_table_are_stored_the_same(
    workspace: Workspace, fines: pd.Series, stored: list[Any]
) -> None:
    with workspace.engine.connect() as connection:
        stage = choose_backend(connection)
        with stage.filling():
            columns = [Column(column.name, column.type) for column in TABLE.columns]
            table = stage.make(stage.define("values_table", *columns))
            stage.insert(table, frame_of(fines))
        stage.finish_filling()
        rows = connection.execute(select(table)).all()
        connection.rollback()
        stage.drop()
    check(rows, stored)
