"""The command `proofread`: exit codes, JSON, publications, comments, refusals."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.outputs.publication import publish
from flows.workspace import Workspace
from schemas.periods import Period
from tests.pipeline.test_archive import night
from tests.support.counties import ledger_bytes, put

PUBLISHED = (
    "indicator_id,published_text\n立案,231件\nfine_imposed_amount,3012.07万余元\n复议被纠错案件,0件\n"
)
KEYS = ["text", "start", "end", "context", "value", "unit", "state", "indicator_id", "expected", "message"]


def run(workspace: Workspace, file: Path, *options: str, period: str = "2022") -> Result:
    command = ["proofread", str(file), "--period", period, *options]
    return CliRunner().invoke(main, ["--home", str(workspace.home.folder), *command])


def write(workspace: Workspace, name: str, text: str) -> Path:
    file = workspace.home.folder / name
    if name.endswith(".docx"):
        document = docx.Document()
        document.add_paragraph(text)
        saved = io.BytesIO()
        document.save(saved)
        file.write_bytes(saved.getvalue())
    else:
        file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def published(workspace: Workspace) -> Workspace:
    """A home with figures of 2022 that were published before it existed."""
    file = write(workspace, "published.csv", PUBLISHED)
    arguments = ["publish", "--period", "2022", "--from-file", str(file)]
    result = CliRunner().invoke(main, ["--home", str(workspace.home.folder), *arguments])
    assert result.exit_code == 0, result.output
    return workspace


def test_a_text_that_is_right_is_accepted(published: Workspace) -> None:
    file = write(published, "报告.md", "2022年立案**231件**，处罚款3012.07万余元。")
    result = run(published, file)
    assert result.exit_code == 0, result.output
    assert "2 agree, 0 differ, 0 ambiguous" in result.output
    assert "复议被纠错案件" in result.output
    assert "doubtful" not in result.output


def test_json_has_the_promised_keys_and_a_difference_is_exit_code_3(published: Workspace) -> None:
    file = write(
        published, "a.txt", "2022年立案232件，处罚款3012.07万余元，全省立案9件。没有复议被纠错案件。"
    )
    result = run(published, file, "--json", "--publication", "1")
    assert result.exit_code == 3
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    assert all(list(row) == KEYS for row in rows)
    states = [(row["text"], row["state"], row["indicator_id"]) for row in rows]
    assert states == [
        ("2022年", "not_a_figure", None), ("232件", "differs", "case_filed_count"),
        ("3012.07万余元", "agrees", "fine_imposed_amount"), ("9件", "not_a_figure", "case_filed_count"),
        ("没有", "agrees", "reconsideration_corrected_count"),
    ]  # fmt: skip
    assert (rows[1]["value"], rows[1]["unit"], rows[1]["expected"], rows[1]["start"]) == (
        232,
        "件",
        "231件",
        7,
    )
    assert (rows[2]["value"], rows[2]["unit"]) == (30120700, "元")
    assert "232件" in rows[1]["message"]


def test_the_document_comes_back_with_comments_and_is_never_overwritten(published: Workspace) -> None:
    file = write(published, "报告.docx", "2022年立案232件。")
    before, out = file.read_bytes(), file.with_name("报告-校对.docx")
    assert run(published, file, "--out", str(out)).exit_code == 3
    (comment,) = docx.Document(str(out)).comments
    assert "231件" in comment.text
    other_name = file.with_name("link.docx")
    other_name.hardlink_to(file)
    for target in (file, other_name, file.with_name("a.txt"), file.parent / "gone" / "b.docx"):
        result = run(published, file, "--out", str(target))
        assert result.exit_code in (1, 2), result.output
    assert file.read_bytes() == before


def test_wrong_use_is_refused_with_what_to_do(published: Workspace) -> None:
    text = write(published, "a.txt", "立案231件。")
    for options, words in (
        (("--publication", "7"), "no publication 7 of 2022; there are 1 (2022)"),
        (("--publication", "1", "--region", "990102"), "holds no figure of 星河区"),
        (("--out", "b.docx"), "Word documents only"),
        (("--region", "星河"), "the nearest are"),
    ):
        result = run(published, text, *options)
        assert (result.exit_code, words in result.output.replace("\n", " ")) == (2, True), result.output
    old = write(published, "a.doc", "")
    assert "save it as .docx" in run(published, old).output


def test_what_was_published_stays_whatever_comes_later(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, 1)
    publish(workspace, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2023, 7, 3, 9))
    later = ledger_bytes("cases", {}, {"case_no": "某环立(星)〔2023〕2号"})
    put(workspace.home.inbox, "2023-06/990102/补报-立案.xlsx", later, "2023-07-04T01:00")
    night(workspace, 4)
    file = write(workspace, "a.txt", "6月，星河区立案1件；全市立案1件。")
    assert run(workspace, file, "--publication", "1", period="2023-06").exit_code == 0
    now = run(workspace, file, "--json", period="2023-06")
    assert now.exit_code == 3
    assert [row["state"] for row in json.loads(now.stdout)] == ["not_a_figure", "differs", "differs"]
