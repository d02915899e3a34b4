"""Describe an export as a Frictionless data package: every file and field, in Chinese and English.

Each view is two resources: a table (CSV), whose cells validators read, and a file (Parquet), known by size
and hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flows.outputs.export_files import WrittenFile, WrittenView
from schemas.english import english
from warehouse.marts.view_spec import ViewColumn, ViewSpec

PACKAGE_FILE = "datapackage.json"
PACKAGE_NAME = "huizong-views"
TITLE = "汇总：执法台账与公布数 / Huizong: enforcement ledgers and published figures"
ABOUT = """\
各视图取自同一时刻；load_id 是反映到的入库批次。
CSV 为带 BOM 的 UTF-8，可直接用 Excel 打开；以 = + - @、制表符或回车开头的文字前加了单引号 '，
以免被当作公式运行，Parquet 中为原文。
Excel 直接打开时会把长数字代码变成科学计数、去掉编号前面的零：请用“数据 → 从文本/CSV”导入并把该栏设为文本，或改读 Parquet。
金额同时以分（整数）和元（两位小数）给出；空白表示没有值。

All views are of one moment; load_id is the last load that they reflect.
CSV is UTF-8 with a byte order mark, which Excel opens right. A text that begins with = + - @, tab or carriage return has a '
before it, so that no spreadsheet runs it as a formula; Parquet keeps the text as it is.
Opened directly, Excel turns long codes into rounded numbers and drops leading zeros: import them by Data, From Text/CSV,
with such columns as text, or read the Parquet.
Money stands in fen (integer) beside yuan (two decimals); an empty cell has no value."""
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def data_package(
    views: Sequence[WrittenView], *, version: str, created: str, load: Mapping[str, Any]
) -> dict[str, Any]:
    """Build the package of these views; `load` says as of which load they are."""
    return {
        "profile": "data-package",
        "name": PACKAGE_NAME,
        "title": TITLE,
        "description": ABOUT,
        "version": version,
        "created": created,
        **load,
        "resources": [resource for view in views for resource in (_csv(view), _parquet(view))],
    }


def describe_columns(mart: ViewSpec) -> dict[str, dict[str, str]]:
    """Return, by column, its title and description."""
    return {
        column.name: {"title": column.title, "description": _description(mart, column)}
        for column in mart.columns
    }


def _description(mart: ViewSpec, column: ViewColumn) -> str:
    return f"{column.comment}\n{english().column(mart.name, column.name, column.unit, column.masked_as)}"


def _csv(view: WrittenView) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        **_resource(view, "csv", view.csv),
        "encoding": "utf-8",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
        },
        "schema": _schema(view.mart),
    }


def _parquet(view: WrittenView) -> dict[str, Any]:
    """Describe a Parquet file. As a file, not a table: validators check size and hash of files only."""
    return {
        "profile": "data-resource",
        "type": "file",
        **_resource(view, "parquet", view.parquet),
        "schema": _schema(view.mart),
    }


def _resource(view: WrittenView, kind: str, file: WrittenFile) -> dict[str, Any]:
    return {
        "name": f"{view.mart.name}-{kind}".replace("_", "-"),
        "path": file.path,
        "title": view.mart.title,
        "description": f"{view.mart.title}\n{english().title(view.mart.name)}.",
        "format": kind,
        "mediatype": MEDIA_TYPES[kind],
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "rowCount": view.rows,
    }


def _schema(mart: ViewSpec) -> dict[str, Any]:
    descriptions = describe_columns(mart)
    kinds = {column.name: "number" if column.kind == "decimal" else column.kind for column in mart.columns}
    fields = [{"name": name, "type": kind, **descriptions[name]} for name, kind in kinds.items()]
    key = {"primaryKey": list(mart.key)} if mart.key else {}
    return {"fields": fields, "missingValues": [""], **key}
