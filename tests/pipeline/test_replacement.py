"""Files that replace others, wait or are added, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.outputs.load_reports import LoadReport, write_missing_reports
from flows.sandbox.pool import ChildError
from flows.workspace import Workspace
from tests.support.office import ADD, RIVER, WHOLE, Office, case, cases, decision


@pytest.fixture
def office(workspace: Workspace) -> Office:
    return Office(workspace)


@pytest.fixture
def rebuilt(office: Office) -> Iterator[None]:
    """The archive gives the same warehouse in the end: one test of each kind of history asks for it."""
    yield
    assert office.differing_after_rebuild() == []


class TestReplacement:
    def test_rows_that_are_gone_are_named(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3, 4))
        office.night()
        office.send("b", *cases(1, 2, 3))
        office.night()
        assert (office.counted(), office.reported_rules()) == ([1, 2, 3], ["submission.rows_gone"])
        assert any("某环立(2023)4号" in finding.problem for finding in office.findings())

    def test_a_mended_list_is_not_doubted(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", case(1), case(2, party_name="别的公司"), *cases(3, 4))
        office.night()
        assert (office.counted(), office.reported_rules()) == ([1, 2, 3, 4], [])

    def test_a_quarantined_row_is_not_gone(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", case(1, filed_on="2023-06-31"), case(2, filed_on="x"), case(3))
        office.night()
        assert (office.counted(), office.reported_rules()) == ([1, 2, 3], [])

    def test_one_row_under_another_number_is_no_other_report(self, office: Office) -> None:
        office.send("a", case(11, party_name="甲公司"))
        office.night()
        office.send("b", case(1, party_name="甲公司"))
        office.night()
        assert (office.counted(), office.reported_rules()) == ([1], ["submission.rows_gone"])

    @pytest.mark.usefixtures("rebuilt")
    def test_a_second_half_waits_until_it_is_confirmed(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", *cases(4, 5))
        office.night()
        assert office.open_states() == {"a": "accepted", "b": "awaiting"}
        assert (office.counted(), office.reported_rules()) == (
            [1, 2, 3],
            ["submission.awaits_confirmation"],
        )
        office.decide(decision("confirm", "b", "add"))
        office.night()
        assert (office.counted(), office.reported_rules()) == ([1, 2, 3, 4, 5], ["submission.confirmed"])
        office.decide(decision("confirm", "b", "replace"))
        office.night()
        assert (office.counted(), office.reported_rules()) == ([4, 5], ["submission.confirmed"] * 2)
        office.decide("")
        office.night()
        assert office.open_states() == {"a": "accepted", "b": "awaiting"}
        assert office.counted() == [1, 2, 3]

    def test_a_list_that_has_all_rows_settles_what_waits(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", *cases(4, 5))
        office.night()
        office.send("c", *cases(1, 2, 3, 4))
        office.night()
        assert office.open_states() == {"c": "accepted", "b": "awaiting"}
        office.send("d", *cases(1, 2, 3, 4, 5))
        office.night()
        assert (office.open_states(), office.counted()) == ({"d": "accepted"}, [1, 2, 3, 4, 5])

    @pytest.mark.usefixtures("rebuilt")
    def test_an_added_file_does_not_settle_what_waits(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3, 4, 5, 6))
        office.night()
        office.send("b", *cases(1, 2, 3))
        office.night()
        office.send("c", *cases(7), above=ADD)
        for _ in range(2):
            office.night()
            assert office.open_states() == {"a": "accepted", "b": "awaiting", "c": "accepted"}
            office.decide(decision("withdraw", "别的"))  # decided again
        office.send("d", *cases(1, 2, 3, 4, 5, 6, 7))
        office.night()
        assert office.open_states() == {"d": "accepted"}

    @pytest.mark.usefixtures("rebuilt")
    def test_a_confirmation_is_of_the_file_that_waited(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3, 4))
        office.night()
        office.send("a", *cases(1))
        office.night()
        assert office.counted() == [1, 2, 3, 4]
        office.decide(decision("confirm", "a", "replace"))
        office.night()
        assert office.counted() == [1]
        first, second = (
            finding.problem
            for finding in sorted(office.findings(), key=lambda finding: finding.submission_id)
            if finding.rule_id == "submission.confirmed"
        )
        assert first.startswith("按市局的确认，这份由 2023年7月2日 报来的“a.xlsx”代替，不再计入（理由：")
        assert second.startswith("按市局的确认，这份代替以前报送的（理由：")

    def test_what_waits_is_settled_by_the_same_file_with_a_choice(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", *cases(4, 5))
        office.night()
        office.send("b", *cases(4, 5), above=ADD)
        office.night()
        assert office.open_states() == {"a": "accepted", "b": "accepted"}
        assert (office.counted(), office.reported_rules()) == ([1, 2, 3, 4, 5], ["submission.added"])

    @pytest.mark.usefixtures("rebuilt")
    def test_one_mended_row_sent_as_an_addition(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", case(2, party_name="别的公司"), above=ADD)
        office.night()
        assert (office.counted(), office.reported_rules()) == ([1, 2, 3], ["submission.added"])
        [added] = [finding for finding in office.findings() if finding.rule_id == "submission.added"]
        assert "“a.xlsx”" in added.problem
        office.send("c", *cases(7), above=WHOLE)
        office.night()
        assert (office.open_states(), office.counted()) == ({"c": "accepted"}, [7])
        assert office.reported_rules() == ["submission.rows_gone"]

    @pytest.mark.usefixtures("rebuilt")
    def test_a_zero_report_does_not_take_rows_away_in_silence(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b")
        office.night()
        assert (office.open_states()["b"], office.counted()) == ("awaiting", [1, 2, 3])


class TestWhoIsTold:
    def test_the_operator(self, office: Office) -> None:
        home = ["--home", str(office.workspace.home.folder)]
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", *cases(4, 5))
        office.night()
        report = LoadReport(office.workspace, 2, every_region=False)
        assert report.headline().startswith("Load 2: 1 submission: 1 awaiting;")
        (waiting,) = report.awaiting()
        assert waiting["message"].startswith("工作表“立案台账”：没有代替以前报送的“a.xlsx”：那里有 3 行")
        assert "submission.awaits_confirmation" in report.questions["rule_id"].tolist()
        shown = CliRunner().invoke(main, [*home, "status", "--period", "2023-06"]).stdout
        assert "doubtful" in shown
        assert "这份待确认" in shown
        rows = CliRunner().invoke(main, [*home, "status", "--period", "2023-06", "--json"]).stdout
        assert '"awaiting": 1' in rows

    def test_the_clerk(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", *cases(4, 5))
        office.night()
        write_missing_reports(office.workspace)
        (receipt,) = office.workspace.home.receipts.rglob("b-回执-*.xlsx")
        from python_calamine import CalamineWorkbook

        page = CalamineWorkbook.from_path(receipt).get_sheet_by_index(0).to_python()
        text = "".join(str(cell) for row in page for cell in row)
        assert "1 张待确认" in text
        assert "待确认的表还没有计入" in text


@pytest.mark.usefixtures("rebuilt")
def test_a_report_whose_files_cannot_be_read_again_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.send("a", *cases(1, 2, 3))
    office.night()
    office.send("b", *cases(4, 5))
    office.night()
    office.decide(decision("confirm", "b", "add"))
    office.send("诉讼", *cases(9), unit=RIVER)
    from flows.ingest import process

    read = process.read_isolated
    with monkeypatch.context() as broken:
        broken.setattr(
            process, "read_isolated", lambda limits, files, *arguments, **options: [
                ChildError(OSError(5, "Input/output error")) if path.endswith("/a.xlsx") else result
                for (path, _), result in zip(files, read(limits, files, *arguments, **options), strict=True)
            ],
        )  # fmt: skip
        office.night()
    assert office.open_states() == {"a": "accepted", "b": "awaiting", "诉讼": "accepted"}
    office.night()
    assert office.counted() == [1, 2, 3, 4, 5]
