"""Tables that people download: Chinese titles in each of them, and cells that Excel does not change."""

from __future__ import annotations

import csv
import io
import re

import pytest

from flows.portal.routes import ROUTES
from flows.portal.tables import table_for_people
from tests.portal.test_doors import DOORS
from tests.support.portal_site import Site

TABLES = [route.path for route in ROUTES if route.path.endswith(".csv")]


@pytest.mark.parametrize("path", TABLES)
def test_each_table_has_chinese_titles_after_a_byte_order_mark(worked: Site, path: str) -> None:
    visitor = worked.visitor(DOORS[f"GET {path}"][0])
    address = path.replace("{indicator_id}", "case_filed_count")
    answer = visitor.get(f"{address}?year=2023&since=2023-07-01")
    assert answer.status_code == 200
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    titles, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert rows
    assert [title for title in titles if re.search("[A-Za-z_]", title)] == []


def test_months_and_yes_or_no_are_words() -> None:
    rows = [{"period": "2023-06", "is_provisional": True}, {"period": "2023-Q2", "is_provisional": False}]
    text = table_for_people(rows, {"period": "时期", "is_provisional": "暂定"}).decode("utf-8-sig")
    assert text == "时期,暂定\r\n2023年6月,是\r\n2023年第二季度,否\r\n"
    assert table_for_people([{"period": None}], {"period": "月份"}).decode("utf-8-sig") == '月份\r\n""\r\n'
