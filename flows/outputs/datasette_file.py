"""Write `datasette.yaml` beside the snapshot: what the views are, and queries to begin with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.atomic import write_atomic
from warehouse.marts.snapshot import tables_behind
from warehouse.marts.view_spec import ViewSpec

DATASETTE_FILE = "datasette.yaml"
TITLE = "汇总：执法台账与公布数"
ABOUT = (
    "由各单位报送的台账算出；每个视图的 load_id 是反映到的入库批次。暂定的数字（is_provisional）还会变。"
)
#: name, title, and what is asked; `:name` is a field to fill in
QUERIES = {
    "figures_of_a_period": (
        "一个期间的各项指标",
        "SELECT title, display, units_reported, units_expected, is_provisional FROM mart_indicators "
        "WHERE period = :period AND region_code = :region_code ORDER BY indicator_id",
    ),
    "months_of_a_figure": (
        "一项指标的各月、同比、环比、累计",
        "SELECT period, display, last_year_value, change_on_last_year, change_rate_on_last_year, "
        "change_on_last_month, year_to_date, not_comparable_with_last_year FROM mart_indicator_series "
        "WHERE indicator_id = :indicator_id AND region_code = :region_code ORDER BY period",
    ),
    "units_beside_each_other": (
        "一项指标在各单位",
        "SELECT region_name, display, value, is_provisional FROM mart_indicators "
        "WHERE indicator_id = :indicator_id AND period = :period AND region_level IN ('unit', 'bureau') "
        "ORDER BY value DESC",
    ),
    "reports_to_chase": (
        "还没有报或被退回的",
        "SELECT unit_name, period, ledger_title, state, due_on FROM mart_coverage "
        "WHERE state IN ('missing', 'rejected') AND period = :period ORDER BY unit_code, ledger",
    ),
    "time_limits_that_end_soon": (
        "即将到期和已过期的法定期限",
        "SELECT state, due_on, days_left, unit_name, document_no, \"limit\" FROM mart_deadlines "
        "WHERE state IN ('due_soon', 'lapsed') ORDER BY state, due_on",
    ),
    "timeliness_of_units": (
        "各单位的按时率、一次通过率",
        "SELECT unit_name, sum(due) AS due, sum(on_time) AS on_time, "
        "round(1.0 * sum(on_time) / nullif(sum(due), 0), 4) AS on_time_rate, "
        "round(1.0 * sum(first_pass) / nullif(sum(received), 0), 4) AS first_pass_rate FROM mart_timeliness "
        "WHERE period LIKE :year || '-%' GROUP BY unit_code, unit_name ORDER BY unit_code",
    ),
    "rules_broken_most": (
        "最常见的问题",
        "SELECT rule_id, message, count(*) AS findings FROM mart_findings "
        "GROUP BY rule_id, message ORDER BY findings DESC LIMIT 50",
    ),
    "figures_that_moved": (
        "被后来的报送改了的数字",
        "SELECT changed_at, title, region_name, period, display_before, display_after FROM mart_changes "
        "ORDER BY changed_load DESC, period DESC LIMIT 200",
    ),
}  # fmt: skip


def write_datasette_file(folder: Path, database: str, views: Sequence[ViewSpec]) -> Path:
    """Write the file if it is not what it should be; return its path."""
    file = folder / DATASETTE_FILE
    # JSON is YAML too, so no library is needed to write what a person may still edit elsewhere
    text = f"{json.dumps(describe_snapshot(database, views), ensure_ascii=False, indent=2)}\n"
    if not file.exists() or file.read_bytes() != text.encode():
        write_atomic(file, text.encode())
    return file


def describe_snapshot(database: str, views: Sequence[ViewSpec]) -> dict[str, Any]:
    """Describe the database for Datasette: the views, and the tables behind them, which it hides."""
    described = {view.name: _describe_view(view) for view in views}
    behind = [name for view in views for name in tables_behind(view)]
    hidden = {name: {"hidden": True} for name in (*behind, "moment")}
    queries = {
        name: {"title": title, "description": title, "sql": sql} for name, (title, sql) in QUERIES.items()
    }
    content = {"title": TITLE, "description": ABOUT, "tables": described | hidden, "queries": queries}
    return {"title": TITLE, "description": ABOUT, "databases": {database: content}}


def _describe_view(view: ViewSpec) -> dict[str, Any]:
    title, _, meaning = view.title.partition("：")
    columns = {column.name: column.comment for column in view.columns}
    return {"title": title, "description": meaning or title, "columns": columns}
