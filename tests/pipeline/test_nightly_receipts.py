"""Receipts of nightly runs: in the folder of month and unit, with nothing of another unit, and made once."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import flows.outputs.load_reports
import flows.outputs.receipts
import flows.sandbox.render_receipts
import warehouse.frames
from flows.home import Home
from flows.outputs.load_reports import write_missing_reports
from flows.pipeline import ingest, run_pipeline
from flows.sandbox.pool import ChildError, Limits, map_isolated
from flows.workspace import RunScope, Workspace
from schemas.catalogue import ledgers
from schemas.forms import RECEIPT_SHEET
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from transforms.receipt import ReceiptSubject
from transforms.receipt.words import UNKNOWN

STAR, RIVER, BUREAU = "990102", "990181", "9901X0"
CASES, PENALTIES = ledgers()["cases"].title, ledgers()["penalties"].title
WAIVER = """
[[waiver]]
unit = "990102"
period = "2023-06"
ledger = "penalties"
row = { decision_no = "某环罚(星)〔2023〕1号" }
rule = "penalties.fine_fen.unit_mistaken"
reason = "已核对决定书原件"
approved_by = "法制科"
until = 2023-12-31
"""


@pytest.fixture
def workspace(home_folder: Path, laid_out_file: Path) -> Iterator[Workspace]:
    shutil.copy(laid_out_file, home_folder / "warehouse.sqlite")
    yield from opened(home_folder)


def opened(folder: Path) -> Iterator[Workspace]:
    workspace = Workspace(Home(folder))
    workspace.prepare()
    yield workspace
    workspace.engine.dispose()


def night(workspace: Workspace) -> None:
    ingest(workspace, RunScope(), datetime(2024, 2, 1))
    write_missing_reports(workspace)


def receipts(workspace: Workspace) -> dict[str, Path]:
    """Return the receipts by month, unit and name of their file."""
    files = sorted(workspace.home.receipts.rglob("*.xlsx"))
    return {
        "/".join((*file.relative_to(workspace.home.receipts).parts[:2], file.name.split("-回执-")[0])): file
        for file in files
    }


def first_page(receipt: Path) -> str:
    sheet = openpyxl.load_workbook(receipt)[RECEIPT_SHEET]
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def unpack_text(receipt: Path) -> str:
    """Return names and unpacked bytes of every part, as text."""
    with zipfile.ZipFile(io.BytesIO(receipt.read_bytes())) as archive:
        return "\n".join(
            f"{name}\n{archive.read(name).decode('utf-8', 'replace')}" for name in archive.namelist()
        )


def case(number: int, **other_values: Any) -> dict[str, Any]:
    return {"case_no": f"某环立(星)〔2023〕{number}号", **other_values}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [("all", {"错", "对", "坏"}), ("findings", {"错", "坏"}), ("none", set())],
)
def test_the_settings_say_which_files_get_a_receipt(
    home_folder: Path, laid_out_file: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, names: set[str]
) -> None:
    shutil.copy(laid_out_file, home_folder / "warehouse.sqlite")
    monkeypatch.setenv("HUIZONG_RECEIPTS", wanted)
    workspace = next(opened(home_folder))
    put(workspace.home.inbox, f"2023-06/{STAR}/错.xlsx", ledger_bytes("cases", case(1, filed_on="待定")))
    put(workspace.home.inbox, f"2023-06/{RIVER}/对.xlsx", ledger_bytes("cases", case(2)))
    put(workspace.home.inbox, f"2023-07/{STAR}/坏.xlsx", b"PK\3\4")
    night(workspace)
    assert {name.rsplit("/", 1)[-1] for name in receipts(workspace)} == names
    reports = list(workspace.home.reports.glob("load-*"))
    assert len(reports) == 1
    for receipt in receipts(workspace).values():
        receipt.write_bytes(b"PK")  # as a power failure leaves it
    write_missing_reports(workspace)
    assert {name.rsplit("/", 1)[-1] for name in receipts(workspace)} == names


def test_each_file_has_its_receipt_in_the_folder_of_its_unit(workspace: Workspace) -> None:
    files = {
        f"2023-06/{STAR}/a": (
            f"2023-06/{STAR}/a.xlsx",
            ledger_bytes("cases", case(1), case(2, filed_on="待定")),
        ),
        f"2023-06/{RIVER}/a": (f"2023-06/{RIVER}/a.xlsx", ledger_bytes("cases", case(3))),
        f"2023-07/{RIVER}/零": (f"2023-07/{RIVER}/零.xlsx", ledger_bytes("lawsuits")),
        f"2023-06/{STAR}/坏": (f"2023-06/{STAR}/坏.xlsx", b"PK\3\4"),
        f"{UNKNOWN}/{UNKNOWN}/不知谁": ("不知谁.xlsx", ledger_bytes("cases", case(9))),
    }
    for path, data in files.values():
        put(workspace.home.inbox, path, data)
    night(workspace)
    made_receipts = receipts(workspace)
    assert set(made_receipts) == set(files)
    pages = {name: first_page(receipt) for name, receipt in made_receipts.items()}
    for name, (path, data) in files.items():
        assert hashlib.sha256(data).hexdigest()[:12] in pages[name]
        assert path.rsplit("/", 1)[-1] in pages[name]
        assert "2023-07-05 18:00" in pages[name]  # in the county's time
    states = {name: [state for state in ("√ 已收下", "△ 部分收下", "○ 零报告", "× 退回") if state in page]
              for name, page in pages.items()}  # fmt: skip
    assert states[f"2023-06/{STAR}/a"] == ["△ 部分收下"]
    assert states[f"2023-06/{RIVER}/a"] == ["√ 已收下"]
    assert states[f"2023-07/{RIVER}/零"] == ["○ 零报告"]
    assert states[f"2023-06/{STAR}/坏"] == states[f"{UNKNOWN}/{UNKNOWN}/不知谁"] == ["× 退回"]
    assert "有 1 行不能收下" in pages[f"2023-06/{STAR}/a"]
    partial = openpyxl.load_workbook(made_receipts[f"2023-06/{STAR}/a"])
    numbers = next(row for row in partial[RECEIPT_SHEET].iter_rows(values_only=True) if row[0] == CASES)
    assert [number for number in numbers if isinstance(number, int)] == [
        1,
        1,
        1,
        0,
        0,
    ]  # rows accepted, rows quarantined, errors, warnings, notices
    assert "日期" in partial[CASES]["D3"].comment.text


def test_a_workbook_of_two_units_gives_each_only_its_own_sheet(workspace: Workspace) -> None:
    secrets = {"星河区": ("欧阳甲秘", "110105194912310021"), "临江市": ("司马乙秘", "43000019900101103X")}
    sheets = {}
    for number, (unit, (name, identity)) in enumerate(secrets.items(), 1):
        labels = [[f"填报单位：{unit}", "填报期间：2023年6月"]]
        good = {"decision_no": f"某环罚(星)〔2023〕{number}号", "party_name": name, "id_no": identity}
        wrong = {**good, "decision_no": f"某环罚(星)〔2023〕{number}0号", "decided_on": f"{name}写错"}
        sheets[f"{unit}处罚"] = sheet_cells("penalties", rows_of("penalties", good, wrong), above=labels)
    put(workspace.home.inbox, "2023-06/两家.xlsx", workbook_bytes(sheets))
    night(workspace)
    made_receipts = receipts(workspace)
    assert set(made_receipts) == {f"2023-06/{STAR}/两家", f"2023-06/{RIVER}/两家"}
    for unit, code in (("星河区", STAR), ("临江市", RIVER)):
        receipt = made_receipts[f"2023-06/{code}/两家"]
        assert openpyxl.load_workbook(receipt).sheetnames == [RECEIPT_SHEET, f"{unit}处罚"]
        content = unpack_text(receipt)
        assert secrets[unit][0] in content
        (other_unit,) = secrets.keys() - {unit}
        for secret in (*secrets[other_unit], f"{other_unit}处罚"):
            assert secret not in content
        assert "另有 1 张别的单位的工作表" in first_page(receipt)


def test_a_file_that_crashes_its_reader_gets_a_summary(workspace: Workspace) -> None:
    with (workspace.home.folder / "huizong.toml").open("a", encoding="utf-8") as settings:
        settings.write("reading_mebibytes = 64\nreading_processes = 1\n")
    workspace.home = Home(workspace.home.folder)
    put(workspace.home.inbox, f"2023-06/{STAR}/大.csv", b"," * 7_900_000)
    put(workspace.home.inbox, f"2023-06/{STAR}/好.xlsx", ledger_bytes("cases", case(1)))
    night(workspace)
    made_receipts = receipts(workspace)
    assert "√ 已收下" in first_page(made_receipts[f"2023-06/{STAR}/好"])
    hostile = made_receipts[f"2023-06/{STAR}/大"]
    assert openpyxl.load_workbook(hostile).sheetnames == [RECEIPT_SHEET]
    assert "没有收下" in first_page(hostile)


def test_a_receipt_that_an_internal_error_prevents_does_not_prevent_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Two receipts cannot be made from their workbooks, of these one lost
    its archived file; one fails completely.
    """
    for number, name in enumerate(("好", "坏", "丢", "无"), 1):
        put(workspace.home.inbox, f"2023-06/{STAR}/{name}.xlsx", ledger_bytes("cases", case(number)))

    def with_faults(
        limits: Limits, function: Any, calls: Sequence[tuple[Path | None, ReceiptSubject]]
    ) -> list[Any]:
        for original, subject in calls:
            if original and subject.file_name == "丢.xlsx":
                original.unlink()
        rendered = map_isolated(limits, function, calls)
        is_faulty = [
            ("坏" in subject.file_name and original) or "无" in subject.file_name
            for original, subject in calls
        ]
        return [
            ChildError(ValueError("internal")) if faulty else result
            for faulty, result in zip(is_faulty, rendered, strict=True)
        ]

    monkeypatch.setattr(flows.sandbox.render_receipts, "map_isolated", with_faults)
    outcome = run_pipeline(workspace, RunScope(), datetime(2024, 2, 1))
    made_receipts = receipts(workspace)
    assert {name[-1]: openpyxl.load_workbook(receipt).sheetnames for name, receipt in made_receipts.items()} == {
        "好": [RECEIPT_SHEET, CASES], "坏": [RECEIPT_SHEET], "丢": [RECEIPT_SHEET],
    }  # fmt: skip
    assert sorted(faulty_receipt.rpartition("/")[2][0] for faulty_receipt in outcome.faulty_receipts) == [
        "丢",
        "坏",
        "无",
    ]
    assert outcome.has_fault
    assert "汇总有 3 份回执没能完整生成" in [notification.title for notification in outcome.notifications]
    assert caplog.text.count("ValueError: internal") == 3
    assert (workspace.home.reports / "load-000001").exists()


def test_a_long_name_is_cut_to_what_a_disk_allows(workspace: Workspace) -> None:
    put(workspace.home.inbox, f"2023-06/{STAR}/{'😀' * 60}.xlsx", ledger_bytes("cases", case(1)))
    night(workspace)
    assert list(receipts(workspace)) == [f"2023-06/{STAR}/{'😀' * 45}"]


def test_a_waiver_in_force_is_named(workspace: Workspace) -> None:
    (workspace.home.folder / "adjustments.toml").write_text(WAIVER, encoding="utf-8")
    workspace.adjustments = Home(workspace.home.folder).adjustments(workspace.ledgers, workspace.regions)
    for unit in (STAR, RIVER):
        mistaken = {"decision_no": f"某环罚(星)〔2023〕{int(unit == RIVER) + 1}号", "fine_fen": 35000}
        put(workspace.home.inbox, f"2023-06/{unit}/a.xlsx", ledger_bytes("penalties", mistaken))
    night(workspace)
    made_receipts = receipts(workspace)
    page = first_page(made_receipts[f"2023-06/{STAR}/a"])
    for words in ("准予收下", "已核对决定书原件", "法制科", "2023年12月31日", "√ 已收下"):
        assert words in page
    assert "准予收下" not in first_page(made_receipts[f"2023-06/{RIVER}/a"])


def test_the_next_run_makes_the_receipts_of_a_killed_run_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, unit in enumerate((STAR, RIVER), 1):
        put(workspace.home.inbox, f"2023-06/{unit}/a.xlsx", ledger_bytes("cases", case(number)))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(flows.outputs.load_reports, "write_receipts", killed)
        with pytest.raises(KeyboardInterrupt):
            night(workspace)
    assert receipts(workspace) == {}
    night(workspace)
    made_receipts = receipts(workspace)
    assert set(made_receipts) == {f"2023-06/{STAR}/a", f"2023-06/{RIVER}/a"}
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in made_receipts.values()}
    night(workspace)
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in receipts(workspace).values()
    } == before
    assert not [path.name for path in workspace.home.receipts.rglob(".*")]


def test_the_next_run_makes_the_same_receipts_as_a_killed_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill between two receipts both are made again, byte for byte."""
    for number, unit in enumerate((STAR, RIVER), 1):
        put(workspace.home.inbox, f"2023-06/{unit}/a.xlsx", ledger_bytes("cases", case(number)))
    write = flows.outputs.receipts.write_atomic
    calls: list[Path] = []

    def write_once(target: Path, data: bytes) -> None:
        if calls:
            raise KeyboardInterrupt
        calls.append(target)
        write(target, data)

    with monkeypatch.context() as patched:
        patched.setattr(flows.outputs.receipts, "write_atomic", write_once)
        with pytest.raises(KeyboardInterrupt):
            night(workspace)
    (first,) = receipts(workspace).values()
    before = first.read_bytes()
    night(workspace)
    assert len(receipts(workspace)) == 2
    assert first.read_bytes() == before


def test_a_date_of_another_century_prevents_no_receipt(workspace: Workspace) -> None:
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("petitions", {"due_on": "2123-08-01"}))
    night(workspace)
    put(workspace.home.inbox, f"2023-06/{RIVER}/b.xlsx", ledger_bytes("cases", case(1)))
    night(workspace)
    assert set(receipts(workspace)) == {f"2023-06/{STAR}/a", f"2023-06/{RIVER}/b"}


def test_a_receipt_made_again_has_the_findings_of_its_own_load(workspace: Workspace) -> None:
    """The second load finds that another unit has the case too, which
    is a finding on the row of the first.
    """
    for day, unit in enumerate((BUREAU, STAR), 1):
        put(
            workspace.home.inbox,
            f"2023-06/{unit}/a.xlsx",
            ledger_bytes("cases", case(1)),
            f"2023-07-0{day}T10:00",
        )
        night(workspace)
    findings_csv = (workspace.home.reports / "load-000002" / "findings.csv").read_text("utf-8-sig")
    assert "row.other_unit_has_key" in findings_csv
    before = {receipt: receipt.read_bytes() for receipt in receipts(workspace).values()}
    shutil.rmtree(workspace.home.receipts)
    shutil.rmtree(workspace.home.reports)
    night(workspace)
    assert {receipt: receipt.read_bytes() for receipt in receipts(workspace).values()} == before


def test_two_versions_of_a_file_that_are_revalidated_have_a_receipt_each(workspace: Workspace) -> None:
    penalty = {"decision_no": "某环罚(星)〔2023〕1号"}
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("penalties", penalty))
    night(workspace)
    rejected = ledger_bytes("penalties", penalty | {"decided_on": "不知道"})
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", rejected, "2023-08-01T10:00")
    night(workspace)
    (workspace.home.folder / "adjustments.toml").write_text(
        WAIVER.replace("2023-12-31", "2024-12-31"), encoding="utf-8"
    )
    again = Workspace(Home(workspace.home.folder))
    again.prepare()
    night(again)
    again.engine.dispose()
    pages = [first_page(receipt) for receipt in workspace.home.receipts.rglob("*-000003-*.xlsx")]
    assert sorted("没有收下" in page for page in pages) == [False, True]


def test_output_written_in_parts_is_the_same_as_written_at_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare findings on rows, on whole files, and on a file without submission."""
    wrong = ["2023-02-30", "待定", "某日", "2023-13-01", ""]
    for unit in (STAR, RIVER):
        rows = [
            case(number, case_no=f"某环立({unit})〔2023〕{number}号", filed_on=day)
            for number, day in enumerate(wrong)
        ]
        put(workspace.home.inbox, f"2023-06/{unit}/a.xlsx", ledger_bytes("cases", *rows))
        put(workspace.home.inbox, f"2023-06/{unit}/cut.xlsx", ledger_bytes("cases", *rows)[:900])
        put(workspace.home.inbox, f"2023-06/{unit}/copy of a.xlsx", ledger_bytes("cases", *rows))
    night(workspace)
    report = workspace.home.reports / "load-000001"
    whole = {
        receipt: receipt.read_bytes() for receipt in (*receipts(workspace).values(), *report.iterdir())
    }
    assert len((report / "findings.csv").read_text("utf-8-sig").splitlines()) > 10
    shutil.rmtree(workspace.home.receipts)
    shutil.rmtree(report)
    monkeypatch.setattr(workspace.home.settings, "files_per_task", 1)
    monkeypatch.setattr(warehouse.frames, "ROWS_A_PAGE", 2)
    night(workspace)
    assert {
        receipt: receipt.read_bytes() for receipt in (*receipts(workspace).values(), *report.iterdir())
    } == whole
