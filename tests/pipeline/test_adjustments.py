"""The bureau's corrections and waivers: decisions about rows, valid for
resubmissions, reported when not needed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.home import Home
from flows.ingest import process as judging
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.ingest.revalidate import find_revalidation_set
from flows.pipeline import ingest
from flows.queries.adjustments import adjustment_effects, describe_effect
from flows.sandbox.pool import ChildCrashed, ChildError
from flows.workspace import RunScope, Workspace
from schemas.adjustments import AdjustmentError, parse_adjustments
from schemas.catalogue import ledgers
from schemas.ledgers.finding import compose_message
from tests.conftest import on_each_database
from tests.support.counties import GOOD_ROWS, ledger_bytes, put
from tests.support.validation import CITY
from warehouse.engine import reading
from warehouse.load.adjustments import current_adjustments

NUMBER = GOOD_ROWS["penalties"]["decision_no"]
OTHER = "某环罚(星)〔2023〕2号"
WAIVER = """
[[waiver]]
unit = "990102"
period = "2023-06"
ledger = "penalties"
row = { decision_no = "某环罚（星）[2023]1号" }
rule = "penalties.fine_fen.unit_mistaken"
reason = "已核对决定书原件"
approved_by = "法制科"
until = 2023-12-31
"""
CORRECTION = WAIVER.replace("[[waiver]]", "[[correction]]").replace(
    'rule = "penalties.fine_fen.unit_mistaken"', 'field = "fine_fen"\nstands = "35000"\nread_as = "3.5"'
)
#: 35,000 万元, where the decision says 3.5
MISTAKEN = {"fine_fen": 35000}


def parse(text: str) -> Any:
    return parse_adjustments("adjustments.toml", text, ledgers(), CITY.unit_codes())


class Office:
    """A home that gets files and decisions, one nightly run after another."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.day = 1

    def decide(self, text: str) -> None:
        (self.workspace.home.folder / "adjustments.toml").write_text(text, encoding="utf-8")

    def send(self, *changes: dict[str, Any]) -> None:
        put(
            self.workspace.home.inbox,
            "2023-06/990102/处罚.xlsx",
            ledger_bytes("penalties", *changes),
            f"2023-07-0{self.day}T10:00",
        )

    def night(self) -> None:
        self.day += 1
        self.workspace.adjustments = Home(self.workspace.home.folder).adjustments(
            ledgers(), self.workspace.regions
        )
        ingest(self.workspace, RunScope(), datetime(2023, 7, self.day, 2))

    def fines(self) -> dict[str, int]:
        """Return the current fines in 元, by decision number."""
        table = self.workspace.tables.ledgers["penalties"]
        with reading(self.workspace.engine) as connection:
            rows = connection.execute(table.select().where(table.c.retired_load.is_(None))).all()
        return {row.decision_no: row.fine_fen // 100 for row in rows}

    def last(self) -> Any:
        """Return the last submission, as the warehouse stores it."""
        table = self.workspace.tables.submissions
        with reading(self.workspace.engine) as connection:
            return connection.execute(table.select().order_by(table.c.submission_id.desc())).first()

    def notices(self) -> list[str]:
        """Return the messages to the last submission about decisions."""
        table = self.workspace.tables.findings
        with reading(self.workspace.engine) as connection:
            rows = connection.execute(
                table.select().where(table.c.submission_id == self.last().submission_id)
            ).all()
        return [
            compose_message(row._asdict()) for row in rows if row.rule_id in ("row.waived", "row.corrected")
        ]

    def effects(self) -> list[int | None]:
        with reading(self.workspace.engine) as connection:
            return [
                adjustment["rows"] for adjustment in current_adjustments(connection, self.workspace.tables)
            ]


@pytest.fixture
def office(workspace: Workspace) -> Office:
    return Office(workspace)


@on_each_database
def test_a_waiver_admits_rows_that_came_before_it(office: Office) -> None:
    office.send(MISTAKEN, {"decision_no": OTHER})
    office.night()
    assert (office.fines(), office.last().state) == ({OTHER: 35_000}, "partial")
    office.decide(WAIVER)
    office.night()
    assert (office.fines(), office.last().state) == ({NUMBER: 350_000_000, OTHER: 35_000}, "accepted")
    (findings,) = office.notices()
    assert "（H2）" in findings
    assert "市局已准予收下（理由：已核对决定书原件；批准：法制科；有效至 2023年12月31日）" in findings
    assert office.effects() == [1]


def test_a_rejected_report_is_accepted_after_a_waiver(office: Office) -> None:
    office.send(MISTAKEN)
    office.night()
    assert office.last().state == "rejected"
    office.decide(WAIVER)
    office.night()
    assert office.fines() == {NUMBER: 350_000_000}


def test_a_withdrawn_waiver_removes_its_row(office: Office) -> None:
    office.decide(WAIVER)
    office.send(MISTAKEN)
    office.night()
    assert office.fines() == {NUMBER: 350_000_000}
    office.decide("")
    office.night()
    assert (office.fines(), office.last().state, office.last().held_back) == ({}, "partial", 1)
    assert office.effects() == []


def test_a_correction_replaces_the_value_of_the_cell(office: Office) -> None:
    office.decide(CORRECTION)
    office.send(MISTAKEN)
    office.night()
    assert (office.fines(), office.last().state) == ({NUMBER: 35_000}, "accepted")
    (findings,) = office.notices()
    assert findings.startswith(
        "第 2 行“罚款金额(万元)”（H2）：填的是“35000”，按市局的更正读作“3.5”（理由："
    )


def test_decisions_are_valid_for_resubmissions_and_reported_when_not_needed(office: Office) -> None:
    office.decide(CORRECTION)
    office.send(MISTAKEN)
    office.night()
    office.send(MISTAKEN, {"decision_no": OTHER})
    office.night()
    assert (office.fines(), office.effects()) == ({NUMBER: 35_000, OTHER: 35_000}, [1])
    office.send({}, {"decision_no": OTHER})
    office.night()
    assert (office.fines(), office.effects(), office.notices()) == (
        {NUMBER: 35_000, OTHER: 35_000},
        [0],
        [],
    )


@pytest.mark.parametrize(
    "outcome",
    [ChildError(OSError(5, "Input/output error")), ChildCrashed(None)],
    ids=["failed", "died"],
)
def test_a_decision_whose_file_could_not_be_read_again_is_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, outcome: Any
) -> None:
    office.send(MISTAKEN)
    office.night()
    office.decide(WAIVER)
    put(
        office.workspace.home.inbox,
        "2023-06/990181/诉讼.xlsx",
        ledger_bytes("lawsuits", {}),
        "2023-07-02T01:00",
    )
    read_isolated = judging.read_isolated
    with monkeypatch.context() as patch:
        patch.setattr(
            judging, "read_isolated", lambda limits, files, *arguments, **options: [
                outcome if "处罚" in path else file_read
                for (path, _), file_read in zip(files, read_isolated(limits, files, *arguments, **options), strict=True)
            ],
        )  # fmt: skip
        office.night()
    assert (office.last().ledger, office.fines(), office.effects()) == ("lawsuits", {}, [])
    office.night()
    assert (office.fines(), office.effects()) == ({NUMBER: 350_000_000}, [1])
    rebuilt = rebuild(office.workspace.home, "sqlite://", lambda _line: None)
    assert compare_warehouses(office.workspace, rebuilt).differing == []
    rebuilt.engine.dispose()


def test_a_decision_ends_for_files_that_arrive_later(office: Office) -> None:
    office.decide(WAIVER.replace("2023-12-31", "2023-07-01"))
    office.send(MISTAKEN)
    office.night()
    assert office.fines() == {NUMBER: 350_000_000}
    office.send(MISTAKEN, {"decision_no": OTHER})
    office.night()
    assert (office.last().state, office.effects()) == ("partial", [0])


def test_an_unchanged_file_of_decisions_revalidates_nothing(office: Office) -> None:
    office.decide(WAIVER + CORRECTION.replace("990102", "990121"))
    office.send(MISTAKEN)
    office.night()
    assert find_revalidation_set(office.workspace, RunScope(), []).submissions == []
    assert sorted(office.effects(), key=str) == [1, None]


def test_a_rerun_of_another_unit_leaves_a_new_decision_to_the_nightly_run(office: Office) -> None:
    office.send(MISTAKEN)
    office.night()
    office.decide(WAIVER)
    office.workspace.adjustments = parse(WAIVER)
    assert find_revalidation_set(office.workspace, RunScope("990121", "2023-06"), []).submissions == []
    assert len(find_revalidation_set(office.workspace, RunScope("990102", "2023-06"), []).submissions) == 1
    assert len(find_revalidation_set(office.workspace, RunScope(), []).submissions) == 1
    assert (
        find_revalidation_set(office.workspace, RunScope(), ["2023-06/990102/处罚.xlsx"]).submissions == []
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WAIVER.replace("990102", "990999"), "adjustments.toml:2: [[waiver]]: no unit '990999'; there are 9901X0"),
        (WAIVER.replace("2023-06\"", "2023\""), "period: '2023' is no month"),
        (WAIVER.replace('"penalties"', '"fines"'), "no ledger 'fines'"),
        (WAIVER.replace("decision_no", "number"), "ledger penalties has no field 'number'"),
        (WAIVER.replace("fine_fen.unit_mistaken", "decided_on.not_a_date"), "cannot be waived (where the value is wrong"),
        (WAIVER.replace('approved_by = "法制科"\n', ""), "approved_by: it is missing"),
        (WAIVER + 'field = "fine_fen"\n', "a waiver has no field"),
        (CORRECTION.replace('stands = "35000"\n', ""), "a correction needs field, stands and read_as"),
        (CORRECTION + 'rule = "penalties.fine_fen.unit_mistaken"\n', "a correction has no rule"),
        (WAIVER + WAIVER, "two equal entries"),
        ("[[waivers]]\n", "'waivers' is none of [[waiver]], [[correction]], [[confirm]], [[withdraw]]"),
        ("[waiver]\n", "write [[waiver]] with two brackets"),
        ("[[waiver\n", "line 1"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_rejected_with_its_position(text: str, message: str) -> None:
    with pytest.raises(AdjustmentError) as error:
        parse(text)
    assert message in str(error.value)


CAME_AGAIN = "and the report came again since: extend `until` if it still applies, else take it out"


@pytest.mark.parametrize(
    ("counts", "today", "description"),
    [
        ([], date(2023, 8, 1), "takes effect with the next run"),
        ([None], date(2023, 8, 1), "its report has not come yet"),
        ([0], date(2023, 8, 1), "no longer needed: take it out"),
        ([0], date(2024, 8, 1), f"ended on 2023-12-31, {CAME_AGAIN}"),
        ([2], date(2023, 8, 1), "in effect on 2 rows"),
        ([1], date(2024, 1, 1), "in effect on 1 row; holds for nothing that arrives after 2023-12-31"),
    ],
)
def test_the_status_says_what_an_entry_does(
    counts: list[int | None], today: date, description: str
) -> None:
    (adjustment,) = parse(WAIVER)
    assert (
        describe_effect(adjustment, dict.fromkeys([adjustment.adjustment_id] * len(counts), *counts), today)
        == description
    )


WITHDRAW = """
[[withdraw]]
unit = "990102"
period = "2023-06"
ledger = "{ledger}"
file = "2023-06/990102/{name}"
reason = "放错了"
approved_by = "法制科"
until = 2023-12-31
"""


@pytest.mark.parametrize(
    ("ledger", "name", "text", "is_idle"),
    [
        ("penalties", "处罚.xlsx", "in effect on 1 submission", False),
        ("penalties", "处罰.xlsx", "there is no such file, so this entry does nothing; "
         "of this unit and month came 2023-06/990102/处罚.xlsx", True),
        ("cases", "处罚.xlsx", "the file holds no report of this ledger, so this entry does nothing; it holds penalties",
         True),
    ],
)  # fmt: skip
def test_an_entry_whose_file_is_not_there_says_so(
    office: Office, ledger: str, name: str, text: str, *, is_idle: bool
) -> None:
    office.send({"decision_no": OTHER})
    office.night()
    office.decide(WITHDRAW.format(ledger=ledger, name=name))
    office.night()
    (effect,) = adjustment_effects(office.workspace, date(2023, 8, 1))
    assert (effect.text, effect.is_idle) == (text, is_idle)


@pytest.mark.usefixtures("without_prefect", "chinese")
def test_the_nightly_run_lists_entries_without_effect(office: Office) -> None:
    office.send({"decision_no": OTHER})
    office.decide(WITHDRAW.format(ledger="penalties", name="处罰.xlsx"))
    home = str(office.workspace.home.folder)
    for _ in range(2):  # also when nothing new came
        output = CliRunner().invoke(main, ["--home", home, "nightly"], catch_exceptions=False).output
        assert "adjustments.toml 里不起作用的条目：" in output
        assert "（有效期 2023-12-31 已过）：没有找到这个文件" in output
