"""Write a view as Parquet and CSV, batch by batch, so that it may exceed memory."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import CSVWriter
from pyarrow.parquet import ParquetWriter

from transforms.foreign_text import neutralise_formula
from warehouse.marts.ledger_views import YUAN_DIGITS
from warehouse.marts.view_spec import Kind, ViewSpec

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "boolean": pa.bool_(), "integer": pa.int64(), "number": pa.float64(), "decimal": pa.decimal128(*YUAN_DIGITS),
    "datetime": pa.timestamp("us", tz="UTC"), "date": pa.date32(), "string": pa.string(),
}  # fmt: skip
ISO_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class WrittenFile:
    """A file of an export: its path below the export's folder, size and hash."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class WrittenView:
    """A view and the files written of it."""

    mart: ViewSpec
    rows: int
    csv: WrittenFile
    parquet: WrittenFile


def write_view(
    folder: Path,
    mart: ViewSpec,
    batches: Iterable[Sequence[Sequence[Any]]],
    descriptions: Mapping[str, Mapping[str, str]],
) -> WrittenView:
    """Write both files of a view below a folder; `descriptions` become the metadata of Parquet columns."""
    csv, parquet = (f"{kind}/{mart.name}.{kind}" for kind in ("csv", "parquet"))
    schema = pa.schema(
        [
            pa.field(column.name, ARROW_TYPES[column.kind], metadata=descriptions[column.name])
            for column in mart.columns
        ]
    )
    rows = 0
    with (
        (folder / csv).open("wb") as csv_file,
        ParquetWriter(folder / parquet, schema, compression="zstd") as parquet_writer,
    ):
        csv_file.write(codecs.BOM_UTF8)  # Excel reads Chinese right only with it
        with CSVWriter(csv_file, _as_csv(schema.empty_table()).schema) as csv_writer:
            for batch in batches:
                columns = [
                    pa.array(cells, kind)
                    for cells, kind in zip(zip(*batch, strict=True), schema.types, strict=True)
                ]
                table = pa.Table.from_arrays(columns, schema=schema)
                parquet_writer.write_table(table)
                csv_writer.write_table(_as_csv(table))
                rows += len(batch)
    return WrittenView(mart, rows, _describe_file(folder, csv), _describe_file(folder, parquet))


def _as_csv(table: pa.Table) -> pa.Table:
    """Convert a table for CSV: neutralise text that a spreadsheet would run, and format instants as ISO
    8601.
    """
    for index, field in enumerate(table.schema):
        cells = table.column(index)
        if pa.types.is_string(field.type):
            table = table.set_column(index, field.name, _inert(cells))
        elif pa.types.is_timestamp(field.type):
            table = table.set_column(index, field.name, pc.strftime(cells, ISO_FORMAT))
    return table


def _inert(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Neutralise each distinct text of a column once."""
    encoded = cells.combine_chunks().dictionary_encode()
    texts = [neutralise_formula(text) for text in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pc.take(pa.array(texts, pa.string()), encoded.indices)])


def _describe_file(folder: Path, path: str) -> WrittenFile:
    """Flush a file to disk and return its size and hash."""
    with (folder / path).open("rb") as file:
        os.fsync(file.fileno())
        return WrittenFile(path, file.seek(0, os.SEEK_END), _sha256(folder / path))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
