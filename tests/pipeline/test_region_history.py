"""Units that are recoded, merged, divided and dissolved while they report, in a tree of any depth."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.home import Home
from flows.pipeline import ingest
from flows.queries.figures import figure_rows
from flows.queries.missing_reports import describe_missing_reports
from flows.queries.moved_figures import figures_moved_by_load
from flows.refresh.marts import refresh_marts
from flows.refresh.status import report_status
from flows.workspace import LostUnitError, RunScope, Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from tests.pipeline.test_archive import differing_after_rebuild
from tests.support.counties import ledger_bytes, put
from tests.support.views import rows_of as rows_of_view
from warehouse.engine import reading
from warehouse.load.record_load import last_load

HEADER = "code,name,level,parent,document_mark,note,valid_from,valid_to,successor\n"
CITY = "990100,某市,city,,某环,,,,\n"
STAR = "990102,星河区,unit,990100,星,,,,\n"
SETTINGS = """regions = "regions.csv"
[[obligations]]
every = "never"
[[obligations]]
ledgers = ["cases", "officers"]
from = "2023-01"
"""


class Office:
    """A home whose region table changes between its nights."""

    def __init__(self, home: Path, laid_out_file: Path) -> None:
        home.mkdir()
        (home / "huizong.toml").write_text(SETTINGS, encoding="utf-8")
        shutil.copy(laid_out_file, home / "warehouse.sqlite")
        self.home, self.day = home, 0

    def send(self, unit: str, month: int, ledger: str, *rows: dict[str, Any], name: str = "表") -> None:
        path = f"2023-{month:02}/{unit}/{name}-{ledger}.xlsx"
        put(
            self.home / "inbox",
            path,
            ledger_bytes(ledger, *rows),
            f"2024-01-{self.day + 1:02}T01:00",
        )

    def send_roster(self, unit: str, month: int, *numbers: str) -> None:
        self.send(
            unit,
            month,
            "officers",
            *({"officer_no": number, "certified_on": "2023-01-05"} for number in numbers),
        )

    def send_cases(
        self, unit: str, month: int, numbers: Sequence[int], mark: str = "岭", name: str = "表"
    ) -> None:
        cases = [
            {"case_no": f"某环立({mark})〔2023〕{number}号", "filed_on": f"2023-{month:02}-03"}
            for number in numbers
        ]
        self.send(unit, month, "cases", *cases, name=name)

    def run(self, table: str, *, of: str = "990100,某市,city,,某环,,,,\n") -> Workspace:
        """Write the region table, and take in what lies in the inbox on the next day."""
        self.day += 1
        (self.home / "regions.csv").write_text(HEADER + of + table, encoding="utf-8")
        workspace = Workspace(Home(self.home))
        now = datetime(2024, 1, self.day, 2)
        ingest(workspace, RunScope(), now)
        refresh_marts(workspace, now)
        self.check_views(workspace)
        return workspace

    def check_views(self, workspace: Workspace) -> None:
        """The stored figures, refreshed load by load, are those computed from all rows."""
        stored = {
            (row["indicator_id"], row["region_code"], row["period"]): row
            for row in rows_of_view(workspace, "mart_indicators")
        }
        names = ("display", "units_expected", "units_reported", "is_provisional")
        for period in {"2023", "2023-Q1", "2023-03", "2023-04"} & {period for *_, period in stored}:
            for row in all_figures(workspace, period):
                key = row["indicator_id"], row["region_code"], row["period"]
                assert {name: stored[key][name] for name in names} == {name: row[name] for name in names}, (
                    key
                )


@pytest.fixture
def office(tmp_path: Path, laid_out_file: Path) -> Office:
    return Office(tmp_path / "home", laid_out_file)


def all_figures(workspace: Workspace, period: str) -> list[dict[str, Any]]:
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        chosen, regions = list(indicators().values()), list(workspace.regions.regions)
        return figure_rows(workspace, as_of, chosen, regions, Period.parse(period))


def figure(
    workspace: Workspace, region: str, period: str, name: str = "case_filed_count"
) -> dict[str, Any]:
    return next(
        row
        for row in all_figures(workspace, period)
        if (row["indicator_id"], row["region_code"]) == (name, region)
    )


def cases_of(workspace: Workspace, period: str, *regions: str) -> list[float | None]:
    values = [figure(workspace, region, period)["value"] for region in regions]
    return [None if value is None else int(value) for value in values]


def expected(workspace: Workspace, period: str, region: str = "990100") -> int:
    return int(figure(workspace, region, period)["units_expected"])


def rules(workspace: Workspace) -> set[str]:
    return {row["rule_id"] for row in rows_of_view(workspace, "mart_findings")}


class TestARecodedCounty:
    OLD = "990121,长岭县,unit,990100,岭,,,,\n" + STAR
    NEW = (
        "990121,长岭县,unit,990100,岭,,,2023-03-31,990182\n"
        + STAR
        + "990182,长岭市,unit,990100,岭,,2023-04-01,,\n"
    )

    @pytest.fixture
    def office(self, tmp_path: Path, laid_out_file: Path) -> Office:
        office = Office(tmp_path / "home", laid_out_file)
        for month in (1, 2, 3):
            office.send_cases("990121", month, [10 * month + number for number in range(3)])
        office.run(self.OLD)
        return office

    def test_keeps_its_past_and_goes_on(self, office: Office) -> None:
        office.send_cases("990182", 4, [41, 42])
        workspace = office.run(self.NEW)
        assert cases_of(workspace, "2023", "990100", "990121", "990182") == [11, 9, 11]
        assert cases_of(workspace, "2023-03", "990100", "990121", "990182") == [3, 3, 3]
        assert [expected(workspace, month) for month in ("2023-03", "2023-04")] == [2, 2]
        assert expected(workspace, "2023-Q1", "990182") == 1
        assert differing_after_rebuild(workspace) == []

    def test_its_past_month_sent_again_under_the_new_code_replaces_it(self, office: Office) -> None:
        office.send_cases("990182", 3, [30, 31, 32, 33], name="补报")
        workspace = office.run(self.NEW)
        assert cases_of(workspace, "2023", "990100", "990121", "990182") == [10, 10, 10]
        assert rules(workspace) == {"submission.unit_settled"}
        states = {
            (row["unit_code"], row["period"]): row["state"]
            for row in rows_of_view(workspace, "mart_coverage")
            if row["ledger"] == "cases"
        }
        assert states["990121", "2023-03"] == "replaced"
        assert ("990121", "2023-04") not in states
        assert ("990182", "2023-03") not in states
        assert states["990182", "2023-04"] == "missing"

    def test_a_month_after_its_end_in_the_old_folder_is_of_the_new_code(self, office: Office) -> None:
        office.send_cases("990121", 4, [41])
        workspace = office.run(self.NEW)
        assert cases_of(workspace, "2023-04", "990100", "990121", "990182") == [1, None, 1]

    def test_a_case_that_both_report_counts_once_as_the_new_code_tells_it(self, office: Office) -> None:
        case = {"case_no": "某环立(岭)〔2023〕30号", "filed_on": "2023-03-03", "closed_on": "2023-04-20"}
        office.send("990182", 4, "cases", case)
        workspace = office.run(self.NEW)
        assert cases_of(workspace, "2023", "990100", "990182") == [9, 9]
        assert rules(workspace) == set()
        (row,) = [row for row in rows_of_view(workspace, "mart_cases") if row["case_no"].endswith("〕30号")]
        assert row["unit_code"] == "990182"
        assert row["closed_on"] is not None

    def test_its_roster_stands_until_the_new_code_sends_one(self, office: Office) -> None:
        office.send_roster("990121", 3, "R1", "R2")
        workspace = office.run(self.NEW)
        name = "officer_certified_rate"
        assert figure(workspace, "990100", "2023-04", name)["denominator"] == 2
        office.send_roster("990182", 4, "R1", "R3", "R4")
        workspace = office.run(self.NEW)
        assert [
            figure(workspace, "990100", f"2023-0{month}", name)["denominator"] for month in (3, 4, 5)
        ] == [2, 3, 3]
        assert figure(workspace, "990100", "2023", "newly_certified_officer_count")["value"] == 4
        with reading(workspace.engine) as connection:
            as_of = workspace.as_of_moment(connection)
            moved = figures_moved_by_load(workspace, as_of, every_region=True)
        assert {row["region_code"] for row in moved} >= {"990100", "990182"}

    def test_is_asked_for_the_months_that_each_code_lived(self, office: Office) -> None:
        workspace = office.run(self.NEW)
        with reading(workspace.engine) as connection:
            as_of = workspace.as_of_moment(connection)
            chosen = [indicators()["case_filed_count"]]
            missing = describe_missing_reports(workspace, as_of, chosen, "990182", Period.parse("2023"))
        assert missing == ["长岭市 2023-04 to 2023-12: 全部台账"]


class TestUnitsThatMerge:
    OLD = "990131,东区,unit,990100,东,,,,\n990132,西区,unit,990100,西,,,,\n" + STAR
    NEW = (
        "990131,东区,unit,990100,东,,,2023-03-31,990133\n990132,西区,unit,990100,西,,,2023-03-31,990133\n"
        "990133,东西区,unit,990100,,,2023-04-01,,\n" + STAR
    )

    def test_have_one_past_in_what_they_became(self, office: Office) -> None:
        office.send_cases("990131", 3, [1, 2], "东")
        office.send_cases("990132", 3, [5], "西")
        office.run(self.OLD)
        office.send_cases("990133", 4, [7], "东")
        office.send_cases("990132", 3, [5, 6], "西", name="补报")
        workspace = office.run(self.NEW)
        regions = ("990100", "990131", "990132", "990133")
        assert cases_of(workspace, "2023", *regions) == [5, 2, 2, 5]
        assert [expected(workspace, month) for month in ("2023-03", "2023-04", "2023")] == [3, 2, 4]
        assert differing_after_rebuild(workspace) == []

    def test_a_past_month_of_both_together_is_asked_back(self, office: Office) -> None:
        office.send_cases("990131", 3, [1, 2], "东")
        office.run(self.OLD)
        office.send_cases("990133", 3, [1, 2, 5])
        workspace = office.run(self.NEW)
        assert cases_of(workspace, "2023", "990100") == [2]
        assert "submission.unit_not_of_month" in rules(workspace)


def test_a_unit_that_is_divided_keeps_its_past_alone(office: Office) -> None:
    office.send_cases("990141", 3, [1, 2, 3])
    office.run("990141,大河县,unit,990100,岭,,,,\n" + STAR)
    office.send_cases("990142", 4, [4])
    office.send_cases("990143", 4, [5, 6])
    office.send_cases("990141", 4, [9], name="误报")
    workspace = office.run(
        "990141,大河县,unit,990100,岭,,,2023-03-31,990142;990143\n990142,上河县,unit,990100,,,2023-04-01,,\n"
        "990143,下河县,unit,990100,,,2023-04-01,,\n" + STAR
    )
    regions = ("990100", "990141", "990142", "990143")
    assert cases_of(workspace, "2023", *regions) == [6, 3, 1, 2]
    assert [expected(workspace, month) for month in ("2023-03", "2023-04")] == [2, 3]
    assert "submission.unit_not_of_month" in rules(workspace)


def test_a_unit_that_is_dissolved_has_no_staff_and_owes_nothing(office: Office) -> None:
    old = "990151,旧新区,unit,990100,,,,,\n" + STAR
    office.send_cases("990151", 3, [1])
    office.send_roster("990151", 3, "R1")
    office.send_roster("990102", 3, "R9")
    office.run(old)
    workspace = office.run("990151,旧新区,unit,990100,,,,2023-04-30,\n" + STAR)
    rosters = [
        figure(workspace, "990100", f"2023-0{month}", "officer_certified_rate") for month in (3, 4, 5)
    ]
    assert [row["denominator"] for row in rosters] == [2, 2, 1]
    assert [row["units_expected"] for row in rosters] == [2, 2, 1]
    assert cases_of(workspace, "2023", "990100") == [1]
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        status = report_status(
            workspace, as_of, Period.parse("2023").months(), datetime(2024, 1, 30).date()
        )
    months = sorted({row["period"] for row in status.rows() if row["unit_code"] == "990151"})
    assert months == ["2023-01", "2023-02", "2023-03", "2023-04"]


def test_a_quarterly_unit_that_ends_within_a_quarter_is_not_waited_for(office: Office) -> None:
    settings = SETTINGS + '[[obligations]]\nledgers = ["cases"]\nevery = "quarter"\nfrom = "2023-01"\n'
    (office.home / "huizong.toml").write_text(settings, encoding="utf-8")
    office.send_cases("990151", 3, [1])
    office.send_cases("990151", 5, [2])
    workspace = office.run("990151,旧新区,unit,990100,,,,2023-05-31,\n")
    for period in ("2023-Q2", "2023", "2023-04"):
        row = figure(workspace, "990100", period)
        assert (row["units_expected"], row["units_reported"]) == (1, 1)


class TestATableThatLostALine:
    @pytest.fixture
    def office(self, tmp_path: Path, laid_out_file: Path) -> Office:
        office = Office(tmp_path / "home", laid_out_file)
        office.send_cases("990121", 3, [1, 2])
        office.send_cases("990121", 4, [3])
        office.run("990121,长岭县,unit,990100,岭,,,,\n" + STAR)
        return office

    def test_is_refused_before_anything_changes(self, office: Office) -> None:
        office.send_cases("990102", 4, [9], "星")
        with pytest.raises(
            LostUnitError, match=r"长岭县 \(990121\), which has 2 current reports \(2023-03 to 2023-04\)"
        ):
            office.run(STAR)
        workspace = Workspace(Home(office.home))
        with reading(workspace.engine) as connection:
            assert last_load(connection, workspace.tables)[0] == 1

    def test_goes_on_once_the_line_is_back(self, office: Office) -> None:
        office.send_cases("990102", 4, [9], "星")
        with pytest.raises(LostUnitError):
            office.run(STAR)
        workspace = office.run("990121,长岭县,unit,990100,岭,,,2023-04-30,\n" + STAR)
        assert cases_of(workspace, "2023", "990100") == [4]
        assert differing_after_rebuild(workspace) == []

    def test_may_lose_a_unit_without_reports(self, office: Office) -> None:
        workspace = office.run("990121,长岭县,unit,990100,岭,,,,\n")
        assert cases_of(workspace, "2023", "990100") == [3]


def test_every_region_of_a_province_has_its_figures(office: Office) -> None:
    office.send_cases("990102", 3, [1, 2], "星")
    office.send_cases("990202", 3, [5], "月")
    office.send_cases("9902X0", 3, [7], "本")
    office.run(
        "990100,甲市,city,990000,,,,,\n990102,星河区,unit,990100,星,,,,\n990200,乙市,city,990000,,,,,\n"
        "9902X0,乙市本级,bureau,990200,,,,,\n990202,月湖区,unit,990200,月,,,,\n",
        of="990000,某省,province,,,,,,\n",
    )
    workspace = Workspace(Home(office.home))
    regions = ("990000", "990100", "990200", "990102", "990202", "9902X0")
    assert cases_of(workspace, "2023-03", *regions) == [4, 2, 2, 2, 1, 1]
    assert [expected(workspace, "2023-03", region) for region in regions] == [3, 1, 2, 1, 1, 1]
    levels = {row["region_code"]: row["region_level"] for row in rows_of_view(workspace, "mart_indicators")}
    assert levels == {
        "990000": "province", "990100": "city", "990200": "city", "990102": "unit", "990202": "unit", "9902X0": "bureau",
    }  # fmt: skip
    units = {row["unit_code"]: row["parent_name"] for row in rows_of_view(workspace, "mart_units")}
    assert (units["990202"], units["990000"]) == ("乙市", None)


class TestACorrectionOfTheTable:
    """Reports that came before it are read again by it."""

    OLD = STAR + "990121,长岭县,unit,990100,岭,,,,\n"
    RECODED = (
        STAR
        + "990121,长岭县,unit,990100,岭,,,2023-03-31,990182\n990182,长岭市,unit,990100,岭,,2023-04-01,,\n"
    )

    def reports(self, workspace: Workspace) -> set[tuple[str, str, str]]:
        """Return unit, month and ledger of the current reports."""
        table = workspace.tables.submissions
        with reading(workspace.engine) as connection:
            is_open = table.c.superseded_load.is_(None)
            rows = connection.execute(table.select().where(is_open, table.c.state != "rejected"))
            return {(row.unit_code, row.period, row.ledger) for row in rows}

    def test_hands_over_the_months_of_a_unit_that_was_recoded_before_them(self, office: Office) -> None:
        for month in (3, 4, 5):
            office.send_cases("990121", month, [10 * month + 1, 10 * month + 2])
        office.run(self.OLD)
        workspace = office.run(self.RECODED)
        assert self.reports(workspace) == {
            ("990121", "2023-03", "cases"), ("990182", "2023-04", "cases"), ("990182", "2023-05", "cases"),
        }  # fmt: skip
        assert cases_of(workspace, "2023", "990100", "990121", "990182") == [6, 2, 6]
        assert cases_of(workspace, "2023-04", "990100", "990121", "990182") == [2, None, 2]
        with reading(workspace.engine) as connection:
            assert workspace.as_of_moment(connection).load_id == 2
        office.run(self.RECODED)
        with reading(workspace.engine) as connection:
            assert workspace.as_of_moment(connection).load_id == 2
        assert differing_after_rebuild(workspace) == []

    def test_leaves_a_month_that_the_new_code_sent_itself(self, office: Office) -> None:
        office.send_cases("990121", 4, [1, 2])
        office.run(self.OLD)
        office.send_cases("990182", 4, [1, 2, 3], name="新")
        workspace = office.run(self.RECODED)
        assert cases_of(workspace, "2023-04", "990100", "990182") == [3, 3]
        assert differing_after_rebuild(workspace) == []

    def test_gives_a_decision_to_the_county_of_its_mark(self, office: Office) -> None:
        for unit in ("990121", "990102"):
            office.send(
                unit, 3, "penalties", {"decision_no": "某环罚(岭)〔2023〕1号", "decided_on": "2023-03-03"}
            )
        wrong = "990102,星河区,unit,990100,岭,,,,\n990121,长岭县,unit,990100,星,,,,\n"
        assert self.owners(office.run(wrong)) == ["990102"]
        workspace = office.run(self.OLD)
        assert self.owners(workspace) == ["990121"]
        assert differing_after_rebuild(workspace) == []

    def owners(self, workspace: Workspace) -> list[str]:
        """Return the units whose decisions count."""
        table = workspace.tables.ledgers["penalties"]
        with reading(workspace.engine) as connection:
            is_counted = table.c.retired_load.is_(None) & table.c.is_counted
            return [row.unit_code for row in connection.execute(table.select().where(is_counted))]

    def test_reads_nothing_again_where_only_a_note_changed(self, office: Office) -> None:
        office.send_cases("990121", 3, [1])
        office.run(self.OLD)
        workspace = office.run(self.OLD.replace("岭,,,,", "岭,备注,,,"))
        with reading(workspace.engine) as connection:
            assert workspace.as_of_moment(connection).load_id == 1
