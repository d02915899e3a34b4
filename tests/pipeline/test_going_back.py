"""Files of one night, going back to an earlier file, and decisions whenever they are made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.workspace import RunScope, Workspace
from tests.conftest import drop_warehouse, on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.histories import examples
from tests.support.office import ADD, RIVER, STAR, WHOLE, Office, case, cases, decision
from warehouse.engine import reading


@pytest.fixture
def office(workspace: Workspace) -> Office:
    return Office(workspace)


@pytest.fixture
def rebuilt(office: Office) -> Iterator[None]:
    """The archive gives the same warehouse in the end: one test of each kind of history asks for it."""
    yield
    assert office.differing_after_rebuild() == []


class TestOneNight:
    @pytest.mark.usefixtures("rebuilt")
    def test_halves_are_parts_of_one_report(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.send("b", *cases(4, 5))
        office.night()
        assert office.counted() == [1, 2, 3, 4, 5]
        assert office.reported_rules() == ["submission.parts_of_one_report"] * 2
        office.send("a2", case(1), case(2, party_name="别的公司"), case(3))
        office.night()
        assert office.open_states() == {"a2": "accepted", "b": "accepted"}
        assert office.counted() == [1, 2, 3, 4, 5]
        office.send("c", *cases(1, 2, 3, 4, 5, 6))
        office.night()
        assert (office.open_states(), office.counted()) == ({"c": "accepted"}, [1, 2, 3, 4, 5, 6])

    @pytest.mark.parametrize("names", ["ab", "ba"])
    def test_the_larger_of_two_lists_counts_in_either_order(self, office: Office, names: str) -> None:
        office.send(names[0], *cases(1, 2))
        office.send(names[1], *cases(1, 2, 3))
        office.night()
        assert office.counted() == [1, 2, 3]

    def test_lists_that_contradict_each_other_are_told_both(self, office: Office) -> None:
        office.send("a", *cases(1, 2))
        office.send("b", case(2, party_name="别的公司"), case(3))
        office.night()
        assert office.open_states() == {"a": "accepted", "b": "awaiting"}
        assert office.reported_rules() == ["submission.two_versions_one_night"] * 2

    @pytest.mark.usefixtures("rebuilt")
    def test_a_file_named_a_correction_counts(self, office: Office) -> None:
        office.send("立案（更正）", case(1, party_name="别的公司"), case(2))
        office.send("立案", *cases(1, 2))
        office.night()
        assert office.open_states() == {"立案（更正）": "accepted"}


class TestGoingBack:
    @pytest.mark.usefixtures("rebuilt")
    def test_the_first_file_under_another_name_counts_again(self, office: Office) -> None:
        first, second = (
            ledger_bytes("cases", case(1, party_name=name), *cases(2, 3)) for name in ("甲公司", "乙公司")
        )
        for name, data in (("a", first), ("b", second), ("c", first)):
            office.put(name, data)
            office.night()
        assert (office.open_states(), office.reported_rules()) == (
            {"c": "accepted"},
            ["submission.goes_back"],
        )

    def test_the_first_file_written_again_under_its_own_name_counts_again(self, office: Office) -> None:
        first, second = (
            ledger_bytes("cases", case(1, party_name=name), *cases(2, 3)) for name in ("甲公司", "乙公司")
        )
        for name, data in (("a", first), ("b", second), ("a", first)):
            office.put(name, data)
            office.night()
        assert (office.open_states(), office.reported_rules()) == (
            {"a": "accepted"},
            ["submission.goes_back"],
        )

    def test_a_third_file_goes_back_to_none(self, office: Office) -> None:
        for number, party in enumerate(("甲公司", "乙公司", "丙公司"), start=1):
            office.send(f"{number}", case(1, party_name=party), *cases(2, 3))
            office.night()
        assert (office.open_states(), office.reported_rules()) == ({"3": "accepted"}, [])

    @pytest.mark.usefixtures("rebuilt")
    def test_a_folder_restored_goes_nowhere(self, office: Office) -> None:
        files = [
            ledger_bytes("cases", case(1, party_name=name), *cases(2, 3)) for name in ("甲公司", "乙公司")
        ]
        for name, data in zip("ab", files, strict=True):
            office.put(name, data)
            office.night()
        for name, data in zip("ab", files, strict=True):
            office.put(name, data)
        office.night()
        assert office.open_states() == {"b": "accepted"}

    def test_a_copied_folder_goes_nowhere(self, office: Office) -> None:
        files = [
            ledger_bytes("cases", case(1, party_name=name), *cases(2, 3)) for name in ("甲公司", "乙公司")
        ]
        for name, data in zip("ab", files, strict=True):
            office.put(name, data)
            office.night()
        for name, data in zip("cd", files, strict=True):
            office.put(name, data)
        office.night()
        assert office.open_states() == {"b": "accepted"}

    @pytest.mark.usefixtures("rebuilt")
    @pytest.mark.parametrize("name", ["a", "c"])
    def test_a_file_sent_again_after_a_correction_of_the_same_night_is_not_passed_over(
        self, office: Office, name: str
    ) -> None:
        """Loaded before or not, under its own name or another one."""
        first, second = (
            ledger_bytes("cases", case(1, party_name=party), *cases(2, 3)) for party in ("甲公司", "乙公司")
        )
        office.put("a", first)
        office.night()
        office.put("b", second)
        office.day += 1
        office.put(name, first)
        office.night()
        assert office.reported_rules() == ["submission.two_versions_one_night"] * 2
        assert office.open_states() == {"b": "accepted", name: "awaiting"}

    def test_a_first_file_sent_again_in_its_night_is_not_passed_over(self, office: Office) -> None:
        first, second = (
            ledger_bytes("cases", case(1, party_name=party), *cases(2, 3)) for party in ("甲公司", "乙公司")
        )
        for name, data in (("a", first), ("b", second), ("c", first)):
            office.put(name, data)
            office.day += 1
        office.night()
        assert office.reported_rules().count("submission.two_versions_one_night") >= 2
        assert "awaiting" in office.open_states().values()

    @pytest.mark.usefixtures("rebuilt")
    def test_a_copy_after_a_file_of_another_report_is_a_copy(self, office: Office) -> None:
        data = ledger_bytes("cases", *cases(1, 2))
        office.put("a", data)
        office.night()
        office.put("b", ledger_bytes("cases", *cases(3)), "990103")
        office.put("d", ledger_bytes("inspections"))
        office.day += 1
        office.put("e", data)
        office.night()
        copies = [finding.file for finding in office.findings() if finding.rule_id == "file.duplicate"]
        assert copies == [f"2023-06/{STAR}/e.xlsx"]

    @pytest.mark.usefixtures("rebuilt")
    @on_each_database
    def test_a_file_of_the_wrong_unit_is_withdrawn_and_comes_back(self, office: Office) -> None:
        data = ledger_bytes("cases", *cases(1, 2))
        office.put("a", data, RIVER)
        office.night()
        shutil.rmtree(office.workspace.home.inbox / "2023-06" / RIVER)
        office.put("a", data, STAR)
        office.night()
        assert (office.counted(), office.counted(RIVER)) == ([], [1, 2])
        (finding,) = (item for item in office.findings() if item.severity == "warning")
        assert finding.rule_id == "submission.other_units_file"
        assert "临江市名下的“2023-06/990181/a.xlsx”完全相同，那里的文件已经不在收件箱里" in finding.problem
        office.decide(decision("withdraw", "a", unit=RIVER))
        office.night()
        assert (office.counted(), office.counted(RIVER)) == ([1, 2], [])
        assert office.reported_rules() == ["submission.withdrawn"]
        office.decide("")
        office.night()  # the other unit has reported them for longer by now
        assert (office.counted(), office.counted(RIVER)) == ([1, 2], [])
        assert office.reported_rules() == ["submission.other_units_file"]

    @pytest.mark.usefixtures("rebuilt")
    def test_a_withdrawn_file_gives_way_to_the_one_before(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", *cases(1, 2, 3, 9))
        office.night()
        office.decide(decision("withdraw", "b"))
        office.night()
        assert office.open_states() == {"a": "accepted", "b": "withdrawn"}
        assert office.counted() == [1, 2, 3]

    @pytest.mark.usefixtures("rebuilt")
    def test_a_rerun_reads_the_content_not_time_and_size(self, office: Office) -> None:
        path = f"2023-06/{STAR}/a.xlsx"
        for name in ("甲公司", "乙公司"):
            data = ledger_bytes("cases", case(1, party_name=name))
            put(office.workspace.home.inbox, path, data.ljust(20_000, b"\0"), "2023-07-01T10:00")
            office.night(RunScope(STAR, "2023-06"))
        table = office.workspace.tables.ledgers["cases"]
        with reading(office.workspace.engine) as connection:
            (row,) = connection.execute(table.select().where(table.c.retired_load.is_(None)))
        assert row.party_name == "乙公司"

    @pytest.mark.usefixtures("rebuilt")
    def test_a_file_is_taken_once_its_unit_is_in_the_table(self, office: Office) -> None:
        workspace = office.workspace
        office.send("a", *cases(1, 2), unit="990199")
        office.night()
        assert office.open_states() == {"a": "rejected"}
        regions = workspace.regions_text + "990199,新立县,unit,990100,,\n"
        (workspace.home.folder / "regions.csv").write_text(regions, encoding="utf-8")
        workspace.use_regions(regions)
        office.night()
        assert office.counted("990199") == [1, 2]
        office.night()
        assert len(office.reported_rules()) == 0


files = st.tuples(
    st.sampled_from("abcde"),
    st.lists(st.integers(1, 6), unique=True, max_size=6),
    st.sampled_from([(), (), (), ADD, WHOLE]),
)
decisions = st.dictionaries(
    st.sampled_from("abcde"),
    st.sampled_from([("confirm", "add"), ("confirm", "replace"), ("withdraw", "")]),
)


def names_each_file_once(history: Sequence[Any]) -> bool:
    """Whether no name arrives twice: a decision is of the arrival that it was made about."""
    names = [name for sent, _ in history for name, *_ in sent]
    return len(names) == len(set(names))


nights = st.lists(
    st.tuples(st.lists(files, max_size=2, unique_by=lambda file: file[0]), st.one_of(st.none(), decisions)),
    min_size=2,
    max_size=4,
).filter(names_each_file_once)


def run(workspace: Workspace, history: Sequence[Any], entries: Sequence[str]) -> Office:
    """Run a history in an emptied home; `entries` are the adjustments of each night."""
    for folder in (workspace.home.inbox, workspace.home.archive):
        shutil.rmtree(folder, ignore_errors=True)
    drop_warehouse(workspace)
    workspace.prepare()
    office = Office(workspace)
    for number, ((sent, _), text) in enumerate(zip(history, entries, strict=True)):
        office.decide(text)
        for index, (name, numbers, above) in enumerate(sent):
            marked = [[f"第{number}夜第{index}份"], *above]
            office.send(name, *cases(*numbers), above=marked)
        office.night()
    return office


def test_decisions_hold_as_if_they_had_been_made_at_first(workspace: Workspace) -> None:
    """The outcome follows from files and entries, not from when the entries were made; and it is rebuilt."""

    @examples(2)
    @given(nights)
    def check(history: list[Any]) -> None:
        entries, text = [], ""
        for _, decided in history:
            if decided is not None:
                text = "".join(decision(kind, name, mode) for name, (kind, mode) in decided.items())
            entries.append(text)
        closing = [*history, ([], None)]
        office = run(workspace, closing, [*entries, text])
        outcome = office.counted(), office.open_states()
        assert office.differing_after_rebuild() == []
        office = run(workspace, closing, [text] * len(closing))
        assert (office.counted(), office.open_states()) == outcome

    check()
