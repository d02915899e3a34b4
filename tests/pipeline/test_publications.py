"""Publications: what was published keeps its number and its figures, whatever is loaded later."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from flows.archive.consistency import WarehouseBehindError
from flows.archive.log import ArchiveLog
from flows.archive.store import store_text
from flows.outputs.publication import MissingReportsError, NothingLoadedError, publish
from flows.pipeline import run_pipeline
from flows.workspace import RunScope, Workspace
from tests.conftest import on_each_database
from tests.pipeline.test_archive import JUNE, differing_after_rebuild, night
from tests.support.counties import ledger_bytes, put
from tests.support.log_entries import logged_publication
from warehouse.engine import reading, writing
from warehouse.figures.publications import published_figures


class TestPublications:
    @on_each_database
    def test_stay_unchanged(self, workspace: Workspace) -> None:
        put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
        night(workspace, 1)
        first = publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 1, 9))
        put(
            workspace.home.inbox,
            "2023-06/990102/立案.xlsx",
            ledger_bytes("cases", {}, {"case_no": "2"}),
            "2023-07-02T01:00",
        )
        night(workspace, 2)
        second = publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 2, 9))
        assert [item.publication.number for item in (first, second)] == [1, 2]
        moves = {
            (item.now["indicator_id"], item.before["display"], item.now["display"], item.by_definition)
            for item in second.moved
        }
        assert moves == {("case_filed_count", "1件", "2件", 0)}
        with reading(workspace.engine) as connection:
            stored = [published_figures(connection, workspace.tables, number) for number in (1, 2)]
        assert stored == [first.figures, second.figures]
        assert json.loads((first.folder / "figures.json").read_text("utf-8"))["figures"] == first.figures

    def test_a_changed_definition_is_a_separate_cause(self, workspace: Workspace) -> None:
        """Published as 5 by the old definition; by today's definition
        it was 1, and it is 2 with a new row.
        """
        put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
        night(workspace, 1)
        publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 1, 9))
        figures = workspace.tables.published_figures
        with writing(workspace.engine) as connection:
            for row in connection.execute(
                figures.select().where(figures.c.indicator_id == "case_filed_count")
            ).all():
                if row.figure["value"]:
                    changed = {**row.figure, "value": 5.0, "display": "5件"}
                    connection.execute(
                        figures.update().where(figures.c.place == row.place).values(figure=changed)
                    )
        put(
            workspace.home.inbox,
            "2023-06/990102/立案.xlsx",
            ledger_bytes("cases", {}, {"case_no": "2"}),
            "2023-07-02T01:00",
        )
        night(workspace, 2)
        again = publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 2, 9))
        assert {
            (figure.before["value"], figure.now["value"], figure.by_definition) for figure in again.moved
        } == {(5.0, 2, -4)}

    def test_are_not_made_from_a_warehouse_older_than_its_archive(self, workspace: Workspace) -> None:
        put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
        night(workspace, 1)
        for _ in range(2):
            publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 1, 9))
        with writing(workspace.engine) as connection:
            connection.execute(workspace.tables.published_figures.delete())
            connection.execute(workspace.tables.publications.delete())
        message = "lacks publication 1, of which its archive tells"
        with pytest.raises(WarehouseBehindError, match=message):
            publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 2, 9))
        with pytest.raises(WarehouseBehindError, match=message):
            night(workspace, 2)

    def test_there_is_nothing_to_publish_before_the_first_load(self, workspace: Workspace) -> None:
        with pytest.raises(NothingLoadedError):
            publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 2, 9))
        assert not ArchiveLog(workspace.home.archive).is_begun()

    def test_one_logged_before_the_first_load_by_an_older_version_is_passed_over(
        self, workspace: Workspace
    ) -> None:
        archive = workspace.home.archive
        ArchiveLog(archive).append(
            "publication", logged_publication(1, load_id=0, figures=store_text(archive, "[]"))
        )
        put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
        assert night(workspace, 1) == 1
        assert (
            publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 2)).publication.number
            == 1
        )
        assert differing_after_rebuild(workspace) == []

    def test_a_publication_that_was_logged_keeps_its_number_and_figures(
        self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
        night(workspace, 1)
        with monkeypatch.context() as broken:
            broken.setattr("flows.outputs.publication.record_publication", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                publish(workspace, JUNE, "早", as_provisional=True, now=datetime(2023, 7, 1, 9))
        run_pipeline(workspace, RunScope(), datetime(2023, 7, 2))
        later = publish(workspace, JUNE, "晚", as_provisional=True, now=datetime(2023, 7, 2, 9))
        assert (later.publication.number, later.previous and later.previous.note) == (2, "早")
        written = workspace.home.reports / "publication-0001" / "figures.json"
        with reading(workspace.engine) as connection:
            figures = published_figures(connection, workspace.tables, 1)
        assert json.loads(written.read_text("utf-8"))["figures"] == figures

    def test_a_period_with_missing_units_is_only_published_as_provisional(
        self, workspace: Workspace
    ) -> None:
        put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
        night(workspace, 1)
        with pytest.raises(MissingReportsError) as refused:
            publish(workspace, JUNE, "", as_provisional=False, now=datetime(2023, 7, 1, 9))
        assert "长岭县 2023-06: 全部台账" in refused.value.missing
        [star] = [line for line in refused.value.missing if line.startswith("星河区")]
        assert "立案台账" not in star
        assert "庭审出庭台账" in star
