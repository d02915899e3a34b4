"""A case reported by two units, or in two months, counts once, for the right unit and month."""

from __future__ import annotations

from flows.workspace import Workspace
from schemas.ledgers.finding import compose_message
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import (
    BUREAU,
    CITY,
    RIVER,
    STAR,
    case,
    displayed_figure,
    findings_of,
    inbox,
    night,
)


class TestTheSameCaseFromTwoUnits:
    def test_counts_once_for_the_county_whatever_the_order(self, workspace: Workspace) -> None:
        put(inbox(workspace), f"2023-06/{BUREAU}/a.xlsx", ledger_bytes("cases", case(1)))
        night(workspace)
        put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1)), "2023-07-06T10:00")
        report = night(workspace)
        assert report is not None
        finding = findings_of(report).set_index("rule_id").loc["row.other_unit_has_key"]
        assert finding["file"] == f"2023-06/{BUREAU}/a.xlsx"
        assert "星河区" in compose_message(finding)
        assert (finding["column"], finding["cell"]) == ("案号", f"A{finding['row']}")
        figures = [
            displayed_figure(workspace, "case_filed_count", region=region)
            for region in (CITY, STAR, BUREAU)
        ]
        assert figures == ["1件", "1件", "0件"]

    def test_is_named_again_in_each_receipt_of_the_unit_whose_row_does_not_count(
        self, workspace: Workspace
    ) -> None:
        put(inbox(workspace), f"2023-06/{RIVER}/a.xlsx", ledger_bytes("cases", case(1)))
        night(workspace)
        put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1)))
        night(workspace)
        resent = ledger_bytes("cases", case(2), case(1))  # the row is unchanged, and elsewhere in the file
        put(inbox(workspace), f"2023-06/{STAR}/b.xlsx", resent, "2023-07-08T10:00")
        report = night(workspace)
        assert report is not None
        (finding,) = findings_of(report).query("rule_id == 'row.other_unit_has_key'").to_dict("records")
        assert (finding["file"], finding["row"]) == (f"2023-06/{STAR}/b.xlsx", 3)
        assert finding["submission_id"] == report.submissions["submission_id"].max()
        of_river = ledger_bytes("cases", case(1), case(2), case(3))
        put(inbox(workspace), f"2023-06/{RIVER}/b.xlsx", of_river, "2023-07-09T10:00")
        report = night(workspace)
        assert report is not None
        files = findings_of(report).query("rule_id == 'row.other_unit_has_key'")["file"].tolist()
        assert files == [f"2023-06/{RIVER}/b.xlsx"]  # of case 2, which the other reported first

    def test_counts_for_the_first_of_two_counties(self, workspace: Workspace) -> None:
        put(inbox(workspace), f"2023-06/{RIVER}/a.xlsx", ledger_bytes("cases", case(1)))
        night(workspace)
        put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1)))
        night(workspace)
        assert [
            displayed_figure(workspace, "case_filed_count", region=region) for region in (CITY, RIVER, STAR)
        ] == [
            "1件",
            "1件",
            "0件",
        ]

    def test_goes_to_the_unit_named_as_handling_it(self, workspace: Workspace) -> None:
        put(
            inbox(workspace),
            f"2023-06/{RIVER}/a.xlsx",
            ledger_bytes("cases", case(1, handling_unit="星河分局")),
        )
        put(
            inbox(workspace),
            f"2023-06/{STAR}/a.xlsx",
            ledger_bytes("cases", case(1, handling_unit="星河分局")),
        )
        night(workspace)
        assert [
            displayed_figure(workspace, "case_filed_count", region=region) for region in (CITY, RIVER, STAR)
        ] == [
            "1件",
            "0件",
            "1件",
        ]

    def test_counts_for_the_other_unit_when_the_owner_withdraws_it(self, workspace: Workspace) -> None:
        put(inbox(workspace), f"2023-06/{RIVER}/a.xlsx", ledger_bytes("cases", case(1)))
        put(
            inbox(workspace),
            f"2023-06/{STAR}/a.xlsx",
            ledger_bytes("cases", case(1), case(2)),
            "2023-07-06T10:00",
        )
        night(workspace)
        put(inbox(workspace), f"2023-06/{RIVER}/b.xlsx", ledger_bytes("cases"), "2023-07-08T10:00")
        night(workspace)
        assert [
            displayed_figure(workspace, "case_filed_count", region=region) for region in (CITY, RIVER, STAR)
        ] == [
            "2件",
            "0件",
            "2件",
        ]


def test_a_case_carried_over_into_a_later_month_counts_once_as_last_reported(workspace: Workspace) -> None:
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1)))
    later = ledger_bytes("cases", case(1, closed_on="2023-07-20"), case(2, filed_on="2023-07-02"))
    put(inbox(workspace), f"2023-07/{STAR}/a.xlsx", later, "2023-08-03T10:00")
    report = night(workspace)
    assert report is not None
    assert findings_of(report).empty
    assert [
        displayed_figure(workspace, "case_filed_count", period) for period in ("2023", "2023-06", "2023-07")
    ] == [
        "2件",
        "1件",
        "1件",
    ]


@on_each_database
def test_a_key_of_any_length_can_be_stored(workspace: Workspace) -> None:
    long = "某" * 5000
    put(
        inbox(workspace),
        f"2023-06/{STAR}/a.xlsx",
        ledger_bytes("cases", {"case_no": long}, {"case_no": long + "一"}),
    )
    night(workspace)
    assert displayed_figure(workspace, "case_filed_count") == "2件"
