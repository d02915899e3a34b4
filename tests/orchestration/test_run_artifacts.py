"""What a run shows on Prefect's page: first this run, then who has reported and whom to remind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from flows.orchestration import artifacts
from flows.orchestration.run_artifacts import show_run, show_status
from flows.pipeline import run_pipeline
from flows.workspace import RunScope, Workspace
from tests.support.counties import ledger_bytes, put


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for name in ("create_table_artifact", "create_markdown_artifact"):
        monkeypatch.setattr(artifacts, name, lambda **content: made.append(content))
    return made


@pytest.mark.usefixtures("chinese")
def test_a_run_shows_counts_refused_files_with_the_reason_and_moved_figures(
    workspace: Workspace, made: list[dict[str, Any]]
) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}))
    put(workspace.home.inbox, "2023-06/990121/立案.xlsx", b"no workbook")
    result = run_pipeline(workspace, RunScope(), datetime(2023, 8, 3))
    assert result.load_id is not None
    show_run(workspace, result.report_on(workspace, result.load_id), "")
    show_status(workspace, result)
    run, by_unit, status, reminders = made
    assert [run["key"], run["description"]] == ["this-run", "本次运行"]
    lines = run["markdown"].splitlines()
    headings = [line for line in lines if line.startswith("### ")]
    assert headings == ["### 结果", "### 退回", "### 变动的数字"]
    assert "第 1 次入库：2 份报送：收下 1 份、退回 1 份" in lines[2]
    assert "找不到表头" in run["markdown"]
    assert any("→ 1件" in line for line in lines)
    assert by_unit["table"][0]["单位"] == "星河区"
    assert "迟 迟报" in status["description"]
    assert status["table"][0]["台账"].startswith("全部 ")
    assert {"单位", "情况", "原因"} <= set(reminders["table"][0])


def test_texts_of_counties_are_no_markdown_in_lists(made: list[dict[str, Any]]) -> None:
    artifacts.show_lists("this-run", {"*a*": ["<b>", "[c](d)"]}, "_e_")
    (page,) = made
    assert "<b>" not in page["markdown"]
    assert "[c](d)" not in page["markdown"]
