"""Figures published before the system existed: recorded as imported, restored by rebuild, never mixed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.outputs.missing_publications import write_missing_publications
from flows.outputs.publication import publish
from flows.outputs.verify_published import find_altered_publications
from flows.workspace import Workspace
from schemas.periods import Period
from tests.conftest import on_each_database
from tests.pipeline.test_archive import differing_after_rebuild, night
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading
from warehouse.figures.publications import publications, published_figures


def import_figures(workspace: Workspace, period: str, text: str, *options: str) -> Result:
    file = workspace.home.folder / "published.csv"
    file.write_text(text, encoding="utf-8")
    command = ["publish", "--period", period, "--from-file", str(file), *options]
    return CliRunner().invoke(main, ["--home", str(workspace.home.folder), *command])


TWO = "indicator_id,published_text\n立案,231件\nfine_imposed_amount,3012.07万余元\n"


def test_before_the_first_load(workspace: Workspace) -> None:
    printed = import_figures(workspace, "2022", TWO, "--note", "年报")
    assert printed.exit_code == 0, printed.output
    assert "Publication 1 of 2022: 2 figures imported" in printed.output
    with reading(workspace.engine) as connection:
        (publication,) = publications(connection, workspace.tables)
        figures = published_figures(connection, workspace.tables, 1)
    assert (publication.is_imported, publication.load_id, publication.note) == (True, 0, "年报")
    assert [(figure["indicator_id"], figure["value"], figure["display"]) for figure in figures] == [
        ("case_filed_count", 231, "231件"),
        ("fine_imposed_amount", 30120700, "3012.07万余元"),
    ]
    folder = workspace.home.reports / "publication-0001"
    assert json.loads((folder / "figures.json").read_text("utf-8"))["is_imported"] is True
    (folder / "figures.csv").unlink()
    write_missing_publications(workspace)
    assert json.loads((folder / "figures.json").read_text("utf-8"))["missing"] == []


@on_each_database
def test_the_archive_restores_it_and_computed_ones_take_no_notice(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, 1)
    june = Period.parse("2023-06")
    if workspace.engine.dialect.name == "sqlite":
        assert (
            import_figures(workspace, "2023-06", "indicator_id,value\ncase_filed_count,9\n").exit_code == 0
        )
        assert (
            import_figures(workspace, "2023-06", "indicator_id,value\ncase_filed_count,8\n").exit_code == 0
        )
    first = publish(workspace, june, "", as_provisional=True, now=datetime(2023, 7, 3, 9))
    assert (first.previous, first.moved) == (None, [])
    assert not first.publication.is_imported
    assert list(find_altered_publications(workspace)) == []
    assert differing_after_rebuild(workspace) == []


def test_a_later_import_stands_in_the_place_of_the_earlier(workspace: Workspace) -> None:
    import_figures(workspace, "2022", TWO)
    again = import_figures(workspace, "2022", "indicator_id,value\ncase_filed_count,232\n")
    assert "in the place of the imported publication 1" in again.output
    shown = CliRunner().invoke(
        main, ["--home", str(workspace.home.folder), "indicators", "--period", "2022", "--publication", "2"]
    )
    assert "232件" in shown.output
    assert "imported: published before this system existed" in shown.output


def test_it_is_refused_with_a_sentence_and_nothing_is_recorded(
    workspace: Workspace, tmp_path: Path
) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, 1)
    publish(workspace, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2023, 7, 3, 9))
    for period, text, options, sentence in [
        ("2023-06", TWO, (), "publication 1 of 2023-06 was computed from reports"),
        ("2099", TWO, (), "2099 is not over"),
        (
            "2022",
            "indicator_id,value\n立按,3\n",
            (),
            "line 2: no indicator 立按; the nearest are 立案（case_filed_count）",
        ),
        ("2022", "indicator_id,value\n立案,三\n", (), "line 2: '三' is no number"),
        ("2022", "indicator_id,value,region_code\n立案,3,火星\n", (), "line 2: no region 火星"),
        ("2022", TWO, ("--provisional",), "--provisional is about computed figures"),
    ]:
        refused = import_figures(workspace, period, text, *options)
        assert refused.exit_code in (1, 2)
        assert sentence in refused.output, refused.output
    with reading(workspace.engine) as connection:
        assert [row.number for row in publications(connection, workspace.tables)] == [1]
    missing = CliRunner().invoke(
        main, ["publish", "--period", "2022", "--from-file", str(tmp_path / "no.csv")]
    )
    assert missing.exit_code == 2


@pytest.mark.parametrize("unit", ["990102", "星河区"])
def test_a_figure_may_be_of_a_unit(workspace: Workspace, unit: str) -> None:
    import_figures(workspace, "2022", f"indicator_id,value,region_code\n立案,31,{unit}\n立案,231,\n")
    with reading(workspace.engine) as connection:
        (figure,) = published_figures(connection, workspace.tables, 1, "990102")
    assert (figure["region_name"], figure["value"]) == ("星河区", 31)
