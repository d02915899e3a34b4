"""The polars code shared by two contenders: read all files, convert valid texts to types."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.contenders.rules import AMOUNTS, COLUMNS, DATES, FEN_IN_WAN_YUAN, FORMS, REQUIRED


def read(inbox: Path) -> pl.LazyFrame:
    """Read all rows as text, with the unit from the folder name."""
    files = pl.scan_csv(
        inbox / "*/*/*.csv", has_header=True, new_columns=COLUMNS, infer_schema=False, include_file_paths="path"
    )  # fmt: skip
    return files.with_columns(unit_code=pl.col("path").str.extract(r"/([^/]+)/[^/]+$")).drop("path")


def all_cells_valid() -> pl.Expr:
    """Return the expression that is true if all cells of a row are valid."""

    def is_valid_cell(name: str) -> pl.Expr:
        text = pl.col(name)
        if name in DATES:
            good = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
        else:
            good = text.str.contains(FORMS[name]) if name in FORMS else pl.lit(True)
        good = good.fill_null(False)
        return text.is_not_null() & good if name in REQUIRED else text.is_null() | good

    return pl.all_horizontal(map(is_valid_cell, COLUMNS))


def convert_types(rows: pl.DataFrame) -> pl.DataFrame:
    """Convert texts to dates, amounts in 分 and booleans."""
    return rows.with_columns(
        *(pl.col(name).str.to_date("%Y-%m-%d") for name in DATES),
        *((pl.col(name).cast(pl.Float64) * FEN_IN_WAN_YUAN).round().cast(pl.Int64) for name in AMOUNTS),
        pl.col("is_publishable") == "是",
    )
