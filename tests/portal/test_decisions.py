"""Decisions of the bureau written by a form: the same data as by hand, valid, over nobody's edit."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import urlencode

import pytest

from flows.outputs.decisions_file import (
    DecisionRefusedError,
    DecisionsChangedError,
    add_decision,
    entry_text,
    fingerprint,
)
from flows.workspace import Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site, Visitor, cases_workbook

WHY = {"reason": "已核对决定书原件", "approved_by": "法制科", "until": "2024-06-30"}
ENTRY = {"unit": "990102", "period": "2023-06", "ledger": "cases", "file": "2023-06/990102/a.xlsx", **WHY}


def file_of(site: Site) -> Path:
    return site.portal.workspace().home.folder / "adjustments.toml"


def form_of(visitor: Visitor, **choice: str) -> dict[str, str]:
    """Open the form of a decision and return what stands in it."""
    answer = visitor.get(f"/decisions/new?{urlencode(choice)}")
    assert answer.status_code == 200, answer.text
    seen = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert seen
    return {**choice, "seen": seen[1]}


@pytest.fixture
def bureau(site: Site) -> Visitor:
    """An operator over one report of which a row is held back: its fine looks like one in the wrong unit."""
    held = {"fine_fen": 35000, "decision_no": "某环罚(星)〔2023〕2号"}
    put(site.portal.workspace().home.inbox, "2023-06/990102/处罚.xlsx", ledger_bytes("penalties", {}, held))
    site.night()
    return site.visitor("bureau")


def held_row(bureau: Visitor) -> str:
    page = bureau.get("/submissions/1").text
    match = re.search(r"/submissions/1/rows/(\d+)", page)
    assert match, page
    return match[1]


def test_a_correction_is_written_as_by_hand_and_takes_effect(site: Site, bureau: Visitor) -> None:
    file_of(site).write_text("# 自己的话，留着\n", encoding="utf-8")
    row = held_row(bureau)
    assert "某环罚(星)〔2023〕2号" in bureau.get(f"/submissions/1/rows/{row}").text
    form = form_of(bureau, kind="correction", submission="1", row=row, field="fine_fen")
    answer = bureau.post("/decisions", **form, **WHY, read_as="3.5")
    location = answer.headers["location"]
    assert location.startswith("/rerun?unit=990102&period=2023-06&decided=")
    offered = bureau.get(location).text
    assert (
        "已经写入更正表：更正，某环罚(星)〔2023〕2号，“罚款金额(万元)”更正为 3.5（理由：已核对决定书原件"
        in offered
    )
    assert "换一个单位、月份或台账" in offered
    text = file_of(site).read_text("utf-8")
    assert text.startswith("# 自己的话，留着\n")
    [entry] = tomllib.loads(text)["correction"]
    assert entry["row"] == {"decision_no": "某环罚(星)〔2023〕2号"}
    assert (entry["field"], entry["stands"], entry["read_as"]) == ("fine_fen", "35000", "3.5")
    site.night()
    assert "7万元" in bureau.get("/figures?year=2023").text
    assert ("bureau", "decide_correction", "990102 2023-06 penalties") in site.audited()
    assert "已核对决定书原件" in bureau.get("/decisions").text
    audit = bureau.get("/audit").text
    assert "报送 #1；理由：已核对决定书原件；批准：法制科；有效至 2024年6月30日" in audit
    assert "approved_by=" not in audit
    assert "已核对决定书原件" in bureau.get("/reports/2023-06/990102/penalties").text
    history = bureau.get("/figures/fine_imposed_amount/history?year=2023").text
    assert "市局更正或决定" in history
    assert "更正为 3.5（理由：已核对决定书原件；批准：法制科" in history
    replaced = bureau.get(f"/submissions/1/rows/{row}").text
    assert "这份报送已被" in replaced
    assert "kind=correction" not in replaced
    [later] = set(re.findall(r'/submissions/(\d+)">#', replaced))
    assert (
        "已更正，读作“3.5”；理由：已核对决定书原件" in bureau.get(f"/submissions/{later}/rows/{row}").text
    )


def test_a_submission_is_withdrawn_and_one_that_waits_confirmed(site: Site) -> None:
    inbox = site.portal.workspace().home.inbox
    put(inbox, "2023-06/990102/a.xlsx", cases_workbook(1, 2, 3, 4))
    site.night()
    put(inbox, "2023-06/990102/b.xlsx", cases_workbook(1))
    site.wait(minutes=20)
    site.night()
    bureau = site.visitor("bureau")
    assert "确认这份报送" in bureau.get("/submissions/2").text
    form = form_of(bureau, kind="confirm", submission="2")
    assert bureau.post("/decisions", **form, **WHY).status_code == 422
    assert bureau.post("/decisions", **form, **WHY, mode="replace").status_code == 303
    site.wait(minutes=20)
    site.night()
    assert '<p class="value">1件' in bureau.get("/figures/case_filed_count?year=2023").text
    current = re.findall(
        r"/submissions/(\d+)\"[^!]*?现在算数", bureau.get("/reports/2023-06/990102/cases").text
    )
    bureau.post("/decisions", **form_of(bureau, kind="withdraw", submission=current[0]), **WHY)
    site.wait(minutes=20)
    site.night()
    assert "已撤回" in bureau.get("/reports/2023-06/990102/cases").text


def test_a_waiver_admits_a_row(site: Site, bureau: Visitor) -> None:
    row = held_row(bureau)
    page = bureau.get(f"/submissions/1/rows/{row}").text
    rule = re.search(r"kind=waiver[^\"]*rule=([\w.]+)", page)
    assert rule, page
    form = form_of(bureau, kind="waiver", submission="1", row=row, rule=rule[1])
    assert bureau.post("/decisions", **form, **WHY).status_code == 303
    site.night()
    assert "部分收下" not in bureau.get("/reports/2023-06/990102/penalties").text.split("现在算数")[0]


def test_a_second_press_writes_nothing_twice(site: Site, bureau: Visitor) -> None:
    form = form_of(bureau, kind="withdraw", submission="1")
    for _ in range(2):
        assert bureau.post("/decisions", **form, **WHY).status_code == 303
    assert len(tomllib.loads(file_of(site).read_text("utf-8"))["withdraw"]) == 1
    assert len([entry for entry in site.audited() if entry[1] == "decide_withdraw"]) == 1


def test_an_edit_between_showing_and_writing_is_not_overwritten(site: Site, bureau: Visitor) -> None:
    form = form_of(bureau, kind="withdraw", submission="1")
    file_of(site).write_text("# 别人刚写的\n", encoding="utf-8")
    assert bureau.post("/decisions", **form, **WHY).status_code == 409
    assert file_of(site).read_text("utf-8") == "# 别人刚写的\n"


def test_what_is_missing_is_asked_for_and_what_was_written_stays(bureau: Visitor) -> None:
    form = form_of(bureau, kind="withdraw", submission="1")
    for changes, words in (
        ({"reason": " "}, "请写明理由"), ({"approved_by": ""}, "请写明谁批准"), ({"until": "明天"}, "请选这个决定到哪天"),
        ({"until": ""}, "请选这个决定到哪天"),
    ):  # fmt: skip
        answer = bureau.post("/decisions", **form, **(WHY | changes))
        assert answer.status_code == 422
        assert words in answer.text
        assert ("法制科" in answer.text) == ("approved_by" not in changes)


def test_what_cannot_be_decided_is_refused(site: Site, bureau: Visitor) -> None:
    for choice in (
        {"kind": "x", "submission": "1"}, {"kind": "withdraw", "submission": "99"},
        {"kind": "withdraw", "submission": "x"},
        {"kind": "waiver", "submission": "1", "row": "3", "rule": "penalties.decision_no.missing"},
        {"kind": "correction", "submission": "1", "row": "3", "field": "nothing"},
        {"kind": "correction", "submission": "1", "row": "999", "field": "fine_fen"},
        {"kind": "correction", "submission": "1", "row": "99999999999999", "field": "fine_fen"},
        {"kind": "correction", "submission": "1", "row": "-1", "field": "fine_fen"},
    ):  # fmt: skip
        assert bureau.get(f"/decisions/new?{urlencode(choice)}").status_code == 404
        assert bureau.post("/decisions", **choice, **WHY, seen="").status_code == 404
    assert not file_of(site).exists()


@pytest.mark.parametrize("text", ['"', "\\", "\n[[waiver]]", "\x7f", "\u202e", "'''", "\t", "😀"])
def test_any_text_is_written_as_itself(workspace: Workspace, text: str) -> None:
    entry = ENTRY | {"reason": f"理由{text}"}
    written = add_decision(workspace, "withdraw", entry, fingerprint(workspace), f"谁{text}")
    assert written is not None
    content = (workspace.home.folder / "adjustments.toml").read_text("utf-8")
    assert tomllib.loads(content)["withdraw"][0]["reason"] == f"理由{text}"
    assert written.reason == f"理由{text}"


def test_what_the_parser_refuses_is_not_written(workspace: Workspace) -> None:
    file = workspace.home.folder / "adjustments.toml"
    for entry in (
        ENTRY | {"unit": "1"},
        ENTRY | {"ledger": "x"},
        ENTRY | {"until": "soon"},
        ENTRY | {"reason": "\ud800x"},
    ):
        with pytest.raises(DecisionRefusedError):
            add_decision(workspace, "withdraw", entry, fingerprint(workspace), "")
    assert not file.exists()
    file.write_text("withdraw = [\n", encoding="utf-8")
    with pytest.raises(DecisionRefusedError):
        add_decision(workspace, "withdraw", ENTRY, fingerprint(workspace), "")
    assert file.read_text("utf-8") == "withdraw = [\n"
    file.write_text(entry_text("withdraw", ENTRY | {"file": "b"}), encoding="utf-8")
    with pytest.raises(DecisionsChangedError):
        add_decision(workspace, "withdraw", ENTRY, "", "")


def test_a_correction_is_asked_for_in_the_words_and_the_unit_of_the_file(bureau: Visitor) -> None:
    row = held_row(bureau)
    choice = {"kind": "correction", "submission": "1", "row": row, "field": "fine_fen"}
    page = bureau.get(f"/decisions/new?{urlencode(choice)}").text
    assert "<dt>单位</dt><dd>万元</dd>" in page
    assert "按万元读" in page


def test_a_correction_that_cannot_be_read_is_refused(site: Site, bureau: Visitor) -> None:
    form = form_of(bureau, kind="correction", submission="1", row=held_row(bureau), field="fine_fen")
    answer = bureau.post("/decisions", **form, **WHY, read_as="两万多")
    assert answer.status_code == 422
    assert "“两万多”不能作为更正后的内容" in answer.text
    assert not file_of(site).exists()


def test_a_second_correction_of_a_cell_has_to_be_confirmed(site: Site, bureau: Visitor) -> None:
    choice = {"kind": "correction", "submission": "1", "row": held_row(bureau), "field": "fine_fen"}
    bureau.post("/decisions", **form_of(bureau, **choice), **WHY, read_as="3.4")
    assert "下次运行起作用" in bureau.get("/decisions").text
    form = form_of(bureau, **choice)
    answer = bureau.post("/decisions", **form, **WHY, read_as="3.5")
    assert answer.status_code == 422
    assert "读作“3.4”" in answer.text
    assert bureau.post("/decisions", **form, **WHY, read_as="3.5", replaces="1").status_code == 303
    site.night()
    page = bureau.get("/decisions").text
    assert "对 1 行起作用" in page
    assert "没有起作用" in page
    assert "7万元" in bureau.get("/figures?year=2023").text
