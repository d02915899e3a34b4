"""Files that replace others, wait or are added; going back; what the bureau decides about them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from flows.cli import main
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.outputs.load_reports import LoadReport, write_missing_reports
from flows.pipeline import ingest
from flows.sandbox.pool import WorkerError
from flows.settings import Home
from flows.workspace import RunScope, Workspace
from schemas.catalogue import ledgers
from tests.conftest import drop_warehouse, on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.histories import examples
from warehouse.engine import reading

STAR, RIVER = "990102", "990181"
ADD, WHOLE = [["本次报送：", "□ 全部", "☑ 补充"]], [["本次报送：全部"]]
DECISION = """
[[{kind}]]
unit = "{unit}"
period = "2023-06"
ledger = "cases"
file = "2023-06/{unit}/{name}.xlsx"
{mode}
reason = "已核实"
approved_by = "法制科"
until = 2024-12-31
"""


def case(number: int, **changes: Any) -> dict[str, Any]:
    return {"case_no": f"某环立〔2023〕{number}号", "party_name": f"第{number}公司", **changes}


def cases(*numbers: int) -> list[dict[str, Any]]:
    return [case(number) for number in numbers]


def decision(kind: str, name: str, mode: str = "", unit: str = STAR) -> str:
    return DECISION.format(kind=kind, name=name, unit=unit, mode=f'mode = "{mode}"' if mode else "")


class Office:
    """A home that takes in files and decisions night by night."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.day = workspace, 1

    def send(self, name: str, *rows: dict[str, Any], unit: str = STAR, above: Any = ()) -> None:
        self.put(name, ledger_bytes("cases", *rows, above=above), unit)

    def put(self, name: str, data: bytes, unit: str = STAR) -> None:
        put(self.workspace.home.inbox, f"2023-06/{unit}/{name}.xlsx", data, f"2023-07-{self.day:02}T10:00")

    def decide(self, text: str) -> None:
        (self.workspace.home.folder / "adjustments.toml").write_text(text, encoding="utf-8")

    def night(self, scope: RunScope | None = None) -> None:
        self.day += 1
        home = Home(self.workspace.home.folder)
        self.workspace.adjustments = home.adjustments(ledgers(), self.workspace.regions)
        ingest(self.workspace, scope or RunScope(), datetime(2023, 7, self.day, 2))

    def counted(self, unit: str = STAR) -> list[int]:
        """Return the numbers of the unit's cases that count."""
        table = self.workspace.tables.ledgers["cases"]
        is_counted = table.c.retired_load.is_(None) & table.c.is_counted & (table.c.unit_code == unit)
        with reading(self.workspace.engine) as connection:
            rows = connection.execute(table.select().where(is_counted)).all()
        return sorted(int(row.case_no.rpartition("〕")[2].rstrip("号")) for row in rows)

    def open_states(self) -> dict[str, str]:
        """Return the states of the submissions that nothing superseded, by file name."""
        table = self.workspace.tables.submissions
        with reading(self.workspace.engine) as connection:
            rows = connection.execute(table.select().where(table.c.superseded_load.is_(None))).all()
        return {row.source_file.rsplit("/", 1)[-1].removesuffix(".xlsx"): row.state for row in rows}

    def reported_rules(self) -> list[str]:
        """Return the rules of the findings on submissions of the last load."""
        return sorted(
            finding.rule_id for finding in self.findings() if finding.rule_id.startswith("submission")
        )

    def findings(self) -> list[Any]:
        tables = self.workspace.tables
        with reading(self.workspace.engine) as connection:
            last = connection.execute(tables.loads.select().order_by(tables.loads.c.load_id.desc())).first()
            assert last is not None
            is_last = tables.findings.c.load_id == last.load_id
            return list(connection.execute(tables.findings.select().where(is_last)))

    def differing_after_rebuild(self) -> list[str]:
        rebuilt = rebuild(self.workspace.home, "sqlite://", lambda _line: None)
        try:
            return compare_warehouses(self.workspace, rebuilt).differing
        finally:
            rebuilt.engine.dispose()


@pytest.fixture
def office(workspace: Workspace) -> Iterator[Office]:
    office = Office(workspace)
    yield office
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

    @on_each_database
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
        assert first.startswith("按市局的确认，这份由 2023-07-02 报来的“a.xlsx”代替，不再计入（理由：")
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

    def test_a_zero_report_does_not_take_rows_away_in_silence(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b")
        office.night()
        assert (office.open_states()["b"], office.counted()) == ("awaiting", [1, 2, 3])


class TestOneNight:
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

    def test_a_file_named_a_correction_counts(self, office: Office) -> None:
        office.send("立案（更正）", case(1, party_name="别的公司"), case(2))
        office.send("立案", *cases(1, 2))
        office.night()
        assert office.open_states() == {"立案（更正）": "accepted"}


class TestGoingBack:
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

    def test_a_withdrawn_file_gives_way_to_the_one_before(self, office: Office) -> None:
        office.send("a", *cases(1, 2, 3))
        office.night()
        office.send("b", *cases(1, 2, 3, 9))
        office.night()
        office.decide(decision("withdraw", "b"))
        office.night()
        assert office.open_states() == {"a": "accepted", "b": "withdrawn"}
        assert office.counted() == [1, 2, 3]

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
                WorkerError(OSError(5, "Input/output error")) if path.endswith("/a.xlsx") else result
                for (path, _), result in zip(files, read(limits, files, *arguments, **options), strict=True)
            ],
        )  # fmt: skip
        office.night()
    assert office.open_states() == {"a": "accepted", "b": "awaiting", "诉讼": "accepted"}
    office.night()
    assert office.counted() == [1, 2, 3, 4, 5]


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

    @examples(3)
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
