"""Whom to chase: the page, its table and the command say the same, with the reasons as pages have them."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.language import say_in_chinese
from flows.portal.visit import FILTERS, months_words
from flows.refresh.status import report_status
from schemas.periods import Period
from tests.support.portal_site import Site
from warehouse.engine import reading
from warehouse.ops.findings import settling_reasons

#: months after the last report of the site that `worked` is
MARCH = datetime(2024, 3, 20, 1)


class _March(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return MARCH.replace(tzinfo=tz)


def test_the_command_the_page_and_the_table_list_the_same(
    worked: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worked, "now", MARCH)
    monkeypatch.setattr("flows.commands.status.datetime", _March)
    bureau = worked.visitor("bureau")
    home, file = worked.portal.workspace().home.folder, tmp_path / "list.csv"
    result = CliRunner().invoke(main, ["--home", str(home), "status", "--out", str(file)])
    assert result.exit_code == 0, result.output
    of_command = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    answer = bureau.get("/chase.csv?year=2023")
    of_table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["unit"], months_words(row["months"]), row["reports"]) for row in of_command] == [
        (row["单位"], row["月份"], row["份数"]) for row in of_table
    ]
    assert "各单位" in {row["单位"] for row in of_table}
    count = sum(int(row["份数"]) for row in of_table)
    assert f"要催、要核的（{count} 份）" in bureau.get("/chase?year=2023").text
    assert f'<span class="value">{count}</span> 份要催、要核' in bureau.get("/morning?year=2023").text
    of_whole = bureau.get("/chase?year=2023").text
    assert "2023年1月至2024年2月要催、要核的" in of_whole
    assert "2023 年以后还没有任何单位报送的月份" in of_whole
    of_year_before = bureau.get("/chase?year=2022").text
    assert "各单位" not in of_year_before
    assert "<h1>2022年要催、要核的" in of_year_before


def test_reasons_are_those_of_the_submission_and_units_lead_to_their_reports(worked: Site) -> None:
    bureau = worked.visitor("bureau")
    text = bureau.get("/chase?year=2023").text
    workspace = worked.portal.workspace()
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        reasons = settling_reasons(as_of, ["2023-06"])
        status = report_status(workspace, as_of, Period.parse("2023").months(), worked.now.date())
    lines = status.reminders(workspace, is_whole=True)
    reminded = [line["reason"] for line in lines if line["reason"]]
    assert any(reason in line for line in reminded for reason in reasons.values())
    for line in reminded:
        assert re.sub(r"\W", "", FILTERS["with_days"](say_in_chinese(line)))[:20] in re.sub(
            r"&#\d+;|\W", "", text
        )
    assert "/reports?year=2023&amp;unit=990121" in text
