"""A decision is cancelled: its entry becomes a comment with the reason, and everything else stays."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from flows.outputs.decisions_file import (
    DecisionRefusedError,
    DecisionsChangedError,
    cancel_decision,
    entry_text,
    fingerprint,
)
from flows.workspace import Workspace
from schemas.adjustments import parse_adjustments
from tests.portal.test_decisions import ENTRY, WHY, file_of, form_of
from tests.support.counties import put
from tests.support.portal_site import Site, Visitor, cases_workbook

OTHER = ENTRY | {"file": "2023-06/990102/b.xlsx"}


def written(workspace: Workspace, text: str) -> Path:
    file = workspace.home.folder / "adjustments.toml"
    file.write_bytes(text.encode())
    return file


def id_of(workspace: Workspace, **entry: object) -> str:
    units = workspace.regions.unit_codes()
    [adjustment] = parse_adjustments("", entry_text("withdraw", entry), workspace.ledgers, units)
    return adjustment.adjustment_id


@pytest.fixture
def withdrawn(site: Site) -> Visitor:
    """An operator who has withdrawn the only submission; it took effect."""
    put(site.portal.workspace().home.inbox, "2023-06/990102/a.xlsx", cases_workbook(1, 2))
    site.night()
    bureau = site.visitor("bureau")
    bureau.post("/decisions", **form_of(bureau, kind="withdraw", submission="1"), **WHY)
    site.wait(minutes=20)
    site.night()
    assert "已撤回" in bureau.get("/reports/2023-06/990102/cases").text
    return bureau


def cancel_page(bureau: Visitor) -> tuple[str, str]:
    """Open the page that cancels the only decision; return its path and what was seen."""
    match = re.search(r"/decisions/\w+/cancel", bureau.get("/decisions").text)
    assert match
    seen = re.search(r'name="seen" value="(\w+)"', bureau.get(match[0]).text)
    assert seen
    return match[0], seen[1]


def test_a_decision_is_cancelled_and_the_report_counts_again(site: Site, withdrawn: Visitor) -> None:
    path, seen = cancel_page(withdrawn)
    assert path in withdrawn.get("/reports/2023-06/990102/cases").text
    assert withdrawn.post(path, reason=" ", seen=seen).status_code == 422
    answer = withdrawn.post(path, reason="撤回错了", seen=seen)
    assert answer.headers["location"] == "/rerun?unit=990102&period=2023-06&decided=cancelled"
    assert "决定已经取消" in withdrawn.get(answer.headers["location"]).text
    text = file_of(site).read_text("utf-8")
    assert tomllib.loads(text) == {}
    assert "bureau在门户上写入" in text
    assert "bureau在门户上取消了下面这一条，理由：撤回错了\n# [[withdraw]]\n# unit = " in text
    assert ("bureau", "cancel_decision", "990102 2023-06 cases") in site.audited()
    assert "决定：撤回；理由：撤回错了" in withdrawn.get("/audit").text
    assert "还没有" in withdrawn.get("/decisions").text
    site.wait(minutes=20)
    site.night()
    assert '<p class="value">2件' in withdrawn.get("/figures/case_filed_count?year=2023").text


def test_a_second_press_cancels_nothing_twice(site: Site, withdrawn: Visitor) -> None:
    path, seen = cancel_page(withdrawn)
    assert withdrawn.post(path, reason="撤回错了", seen=seen).status_code == 303
    assert "或者已经取消" in withdrawn.post(path, reason="撤回错了", seen=seen).text
    assert len([entry for entry in site.audited() if entry[1] == "cancel_decision"]) == 1
    assert withdrawn.get(path).status_code == 404


def test_an_edit_between_showing_and_cancelling_is_not_overwritten(site: Site, withdrawn: Visitor) -> None:
    path, seen = cancel_page(withdrawn)
    changed = file_of(site).read_text("utf-8") + "# 别人刚写的\n"
    file_of(site).write_text(changed, encoding="utf-8")
    assert withdrawn.post(path, reason="撤回错了", seen=seen).status_code == 409
    assert file_of(site).read_text("utf-8") == changed


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_all_else_in_the_file_stays(workspace: Workspace, newline: str, bom: str) -> None:
    first, second = entry_text("withdraw", ENTRY), entry_text("withdraw", OTHER)
    text = bom + f"# 上面的话\n{first}# 里面的话\n\n# 第二条的话\n{second}".replace("\n", newline)
    file = written(workspace, text)
    cancel_decision(workspace, id_of(workspace, **ENTRY), fingerprint(workspace), "取消")
    after = file.read_bytes().decode()
    assert [entry["file"] for entry in tomllib.loads(after.removeprefix("\ufeff"))["withdraw"]] == [
        OTHER["file"]
    ]
    assert after.startswith(f"{bom}# 上面的话")
    assert after.endswith(f"# 里面的话\n\n# 第二条的话\n{second}".replace("\n", newline))
    for line in first.splitlines():
        assert f"# {line}{newline}" in after


def test_an_entry_with_a_table_of_its_row_is_cancelled_whole(workspace: Workspace) -> None:
    text = """[[waiver]]
unit = "990102"
period = "2023-06"
ledger = "penalties"
rule = "penalties.fine_fen.unit_mistaken"
reason = \"\"\"
已核对
[[waiver]] 不是这里\"\"\"
approved_by = "法制科"
until = 2024-06-30
[waiver.row]
decision_no = "某环罚〔2023〕5号"
"""
    written(workspace, text.replace("[[waiver]] 不", "不"))
    [entry] = Workspace(workspace.home).adjustments
    assert cancel_decision(workspace, entry.adjustment_id, fingerprint(workspace), "") == entry
    assert Workspace(workspace.home).adjustments == ()


def test_what_has_no_lines_of_its_own_is_left(workspace: Workspace) -> None:
    fields = ", ".join(line for line in entry_text("withdraw", ENTRY).splitlines()[1:])
    file = written(workspace, f"withdraw = [{{ {fields} }}]\n")
    before = file.read_bytes()
    with pytest.raises(DecisionRefusedError, match="直接在文件里删去"):
        cancel_decision(workspace, id_of(workspace, **ENTRY), fingerprint(workspace), "")
    assert file.read_bytes() == before
    with pytest.raises(DecisionsChangedError):
        cancel_decision(workspace, id_of(workspace, **ENTRY), "", "")
    assert cancel_decision(workspace, "nothing", "", "") is None
