"""The command `check` as a county's clerk or an upload form calls it: only files and their findings."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.preview import PREVIEW_COLUMNS
from flows.sandbox.pool import ChildCrashed
from schemas.catalogue import ledgers
from schemas.forms import RECEIPT_SHEET
from schemas.ledgers.finding import PRINTED_COLUMNS
from tests.support.counties import csv_bytes, ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from tests.support.sheets import LABELS

pytestmark = pytest.mark.usefixtures("chinese")

KEYS = ["rule_id", "severity", "file", "sheet", "row", "column", "cell", "value", "expected", "message"]
LABELLED = [LABELS]
#: two faults in one sheet of the ledger of cases, the header in row 2
BAD = (
    {"case_no": "某环立(江)〔2023〕1号", "filed_on": "待定"},
    {"case_no": "某环立(江)〔2023〕2号"},
    {"case_no": "某环立(江)〔2023〕3号", "party_type": "厂"},
)


class Clerk:
    """A folder with files, and the command that checks them."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder

    def write_file(self, name: str, data: bytes) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def check(self, *arguments: Any) -> Result:
        result = CliRunner().invoke(main, ["--home", str(self.home), "check", *map(str, arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def list_findings(self, *arguments: Any) -> list[dict[str, Any]]:
        findings: list[dict[str, Any]] = json.loads(self.check(*arguments, "--json").stdout)
        return findings

    def files(self) -> list[str]:
        return sorted(
            file.relative_to(self.folder).as_posix() for file in self.folder.rglob("*") if file.is_file()
        )


@pytest.fixture
def clerk(home_folder: Path, tmp_path: Path) -> Clerk:
    (tmp_path / "desk").mkdir()
    return Clerk(home_folder, tmp_path / "desk")


def first_page(receipt: Path) -> str:
    sheet = openpyxl.load_workbook(receipt)[RECEIPT_SHEET]
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_a_good_file(clerk: Clerk) -> None:
    file = clerk.write_file("立案.xlsx", ledger_bytes("cases", {}, above=LABELLED))
    result = clerk.check(file)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{file}：可以报送",
        "  工作表“立案台账”：立案台账，临江市，2023年6月，√ 可以报送（1 行）",
        f"  回执：{clerk.folder / '立案-回执-可以报送.xlsx'}",
    ]
    assert clerk.files() == ["立案-回执-可以报送.xlsx", "立案.xlsx"]
    assert clerk.list_findings(file) == []
    assert "可以报送" in first_page(clerk.folder / "立案-回执-可以报送.xlsx")


def test_a_bad_file(clerk: Clerk) -> None:
    file = clerk.write_file("立案.xlsx", ledger_bytes("cases", *BAD, above=LABELLED))
    result = clerk.check(file)
    assert result.exit_code == 3
    verdict, sheet, *faults, receipt = result.stdout.splitlines()
    assert verdict == f"{file}：先不要报送，要改正 2 处"
    assert sheet == "  工作表“立案台账”：立案台账，临江市，2023年6月，△ 部分可报（可收 1 行，暂不收 2 行）"
    assert faults[0] == (
        "    错误　第 3 行“立案日期”（D3）：填的是“待定”，不是日期。应为日期，如 2023-05-06。请写成年-月-日。"
    )
    assert faults[1].startswith("    错误　第 5 行“行政相对人类别”（C5）：填的是“厂”")
    assert receipt == f"  回执：{clerk.folder / '立案-回执-需改2处.xlsx'}"
    marked = openpyxl.load_workbook(clerk.folder / "立案-回执-需改2处.xlsx")["立案台账"]
    assert "日期" in marked["D3"].comment.text
    assert marked["C5"].comment is not None


def test_json_has_exactly_the_agreed_keys_in_their_order(clerk: Clerk) -> None:
    file = clerk.write_file("立案.xlsx", ledger_bytes("cases", *BAD, above=LABELLED))
    broken = clerk.write_file("坏.xlsx", b"PK\3\4")
    result = clerk.check(file, broken, "--json")
    assert result.exit_code == 3
    findings = json.loads(result.stdout)
    assert [list(finding) for finding in findings] == [KEYS] * 3
    assert KEYS == PRINTED_COLUMNS
    assert findings[0] == {
        "rule_id": "cases.filed_on.not_a_date", "severity": "error", "file": str(file), "sheet": "立案台账", "row": 3,
        "column": "立案日期", "cell": "D3", "value": "待定", "expected": "日期，如 2023-05-06",
        "message": "第 3 行“立案日期”（D3）：填的是“待定”，不是日期。应为日期，如 2023-05-06。请写成年-月-日。",
    }  # fmt: skip
    assert isinstance(findings[0]["row"], int)
    assert {key: findings[2][key] for key in ("rule_id", "severity", "file", "sheet", "row", "column", "cell", "value")} == {
        "rule_id": "file.unreadable", "severity": "fatal", "file": str(broken), "sheet": "", "row": None, "column": None,
        "cell": None, "value": None,
    }  # fmt: skip


def test_csv_has_the_same_findings_and_no_formulas(clerk: Clerk) -> None:
    file = clerk.write_file(
        "立案.csv", csv_bytes(sheet_cells("cases", rows_of("cases", {"filed_on": "=1+1"}), above=LABELLED))
    )
    result = clerk.check(file, "--csv")
    assert result.exit_code == 3
    header, *rows = csv.reader(io.StringIO(result.stdout.removeprefix("\ufeff")))
    assert header == KEYS
    on_sheet, on_cell = (dict(zip(header, row, strict=True)) for row in rows)
    assert (
        on_sheet["rule_id"] == "submission.all_rows_held"
    )  # what is said of a sheet stands before its rows
    cells_by_column = on_cell
    assert (
        cells_by_column["rule_id"],
        cells_by_column["row"],
        cells_by_column["cell"],
        cells_by_column["value"],
    ) == (
        "cases.filed_on.not_a_date",
        "3",
        "D3",
        "'=1+1",
    )


def test_findings_are_printed_below_their_sheet(clerk: Clerk) -> None:
    changes = {
        "cases": ({"filed_on": "待定"}, {"case_no": "某环立(星)〔2023〕2号"}),
        "lawsuits": ({}, {"case_no": "(2023)某01行初2号"}),
        "payments": ({"paid_on": "待定"}, {"receipt_no": "P-2"}),
    }
    sheets = {
        ledgers()[ledger].title: sheet_cells(ledger, rows_of(ledger, *rows), above=LABELLED)
        for ledger, rows in changes.items()
    }
    result = clerk.check(clerk.write_file("全部.xlsx", workbook_bytes({**sheets, "底稿": [["随手记"]]})))
    lines = [line.split("：")[0] for line in result.stdout.splitlines()]
    cases, lawsuits, payments = (
        f"  工作表“{ledgers()[name].title}”" for name in ("cases", "lawsuits", "payments")
    )
    assert [lines.index(sheet_line) for sheet_line in (cases, lawsuits, payments)] == [1, 3, 4]
    assert "（D3）" in lines[2]
    assert "（B3）" in lines[5]
    assert lines[6] == "  文件里的其他内容"
    assert "底稿" in lines[7]


class TestWhereReceiptsGo:
    def test_a_folder_that_is_not_there_yet(self, clerk: Clerk) -> None:
        file = clerk.write_file("立案.xlsx", ledger_bytes("cases", {}, above=LABELLED))
        assert clerk.check(file, "--out", clerk.folder / "回执" / "六月").exit_code == 0
        assert clerk.files() == ["回执/六月/立案-回执-可以报送.xlsx", "立案.xlsx"]

    def test_files_of_one_name_do_not_share_a_receipt(self, clerk: Clerk) -> None:
        good = clerk.write_file("甲/a.xlsx", ledger_bytes("cases", {}, above=LABELLED))
        bad = clerk.write_file("乙/a.xlsx", ledger_bytes("cases", *BAD, above=LABELLED))
        capital = clerk.write_file(
            "丙/A.csv", csv_bytes(sheet_cells("lawsuits", rows_of("lawsuits", {}), above=LABELLED))
        )
        out = clerk.folder / "out"
        result = clerk.check(good, bad, capital, "--out", out)
        assert result.exit_code == 3
        assert {finding["file"] for finding in clerk.list_findings(good, bad, capital)} == {str(bad)}
        assert sorted(file.name for file in out.iterdir()) == [
            "A-回执-可以报送-2.xlsx",
            "a-回执-可以报送.xlsx",
            "a-回执-需改2处.xlsx",
        ]
        assert "全部可以报送" in first_page(out / "a-回执-可以报送.xlsx")
        assert "需要改正 2 处" in first_page(out / "a-回执-需改2处.xlsx")
        assert "诉讼" in first_page(out / "A-回执-可以报送-2.xlsx")

    def test_a_file_that_is_checked_is_never_written_over(self, clerk: Clerk) -> None:
        """A clerk corrects the receipt itself and checks it beside the file that it came from."""
        file = clerk.write_file("a.xlsx", ledger_bytes("cases", *BAD, above=LABELLED))
        clerk.check(file)
        corrected = clerk.folder / "a-回执-需改2处.xlsx"
        before = corrected.read_bytes()
        clerk.check(file, corrected)
        assert corrected.read_bytes() == before
        receipts = [f"a-回执-需改2处{number}.xlsx" for number in ("", "-2", "-3")]
        assert clerk.files() == sorted([*receipts, "a.xlsx"])

    def test_a_receipt_in_which_cells_were_corrected_is_never_written_over(self, clerk: Clerk) -> None:
        file = clerk.write_file("立案.xlsx", ledger_bytes("cases", *BAD, above=LABELLED))
        clerk.check(file)
        clerk.check(file)
        assert clerk.files() == ["立案-回执-需改2处.xlsx", "立案.xlsx"]
        corrected = clerk.write_file(
            "立案-回执-需改2处.xlsx", ledger_bytes("cases", {}, above=LABELLED)
        ).read_bytes()
        assert str(clerk.folder / "立案-回执-需改2处-2.xlsx") in clerk.check(file).stdout
        assert (clerk.folder / "立案-回执-需改2处.xlsx").read_bytes() == corrected

    def test_the_receipt_of_an_earlier_check_goes(self, clerk: Clerk) -> None:
        """The receipts of other files stay, and those in which cells were corrected."""
        kept = ["立案2-回执-需改2处.xlsx", "立案-回执-000001-123456-需改2处.xlsx"]
        file = clerk.write_file("立案.xlsx", ledger_bytes("cases", *BAD, above=LABELLED))
        clerk.check(file)
        for name in kept:
            shutil.copy(clerk.folder / "立案-回执-需改2处.xlsx", clerk.folder / name)
        shutil.copy(clerk.folder / "立案-回执-需改2处.xlsx", clerk.folder / "立案-回执.xlsx")
        corrected = openpyxl.load_workbook(clerk.folder / "立案-回执-需改2处.xlsx")
        corrected.save(clerk.folder / "立案-回执-需改3处.xlsx")
        clerk.write_file("立案.xlsx", ledger_bytes("cases", {}, above=LABELLED))
        clerk.check(file)
        now = ["立案-回执-可以报送.xlsx", "立案-回执-需改3处.xlsx", "立案.xlsx"]
        assert clerk.files() == sorted([*kept, *now])

    def test_a_folder_that_cannot_be_made(self, clerk: Clerk) -> None:
        file = clerk.write_file("立案.xlsx", ledger_bytes("cases", {}, above=LABELLED))
        result = clerk.check(file, "--out", file / "回执")
        assert result.exit_code in (1, 2)
        assert "Traceback" not in result.output

    def test_a_name_in_gbk_on_the_disk(self, clerk: Clerk) -> None:
        file = clerk.folder / os.fsdecode("立案.xlsx".encode("gbk"))
        try:
            file.write_bytes(ledger_bytes("cases", *BAD, above=LABELLED))
        except OSError:
            pytest.skip("this disk takes no such name")
        (finding, _) = clerk.list_findings(file)
        assert finding["file"].endswith("/立案.xlsx")
        assert (clerk.folder / "立案-回执-需改2处.xlsx").exists()


class TestUnitAndMonth:
    def test_options_name_the_unit_and_month_that_a_file_does_not_name(self, clerk: Clerk) -> None:
        file = clerk.write_file("a.xlsx", ledger_bytes("cases", {}))
        (missing,) = clerk.list_findings(file)
        assert missing["rule_id"] == "submission.unit_missing"
        assert "立案台账，看不出单位，看不出月份，× 会退回" in clerk.check(file).stdout
        result = clerk.check(file, "--unit", "990181", "--period", "2023-06")
        assert result.exit_code == 0
        assert "立案台账，临江市，2023年6月，√ 可以报送" in result.stdout

    @pytest.mark.parametrize(
        ("options", "names"),
        [
            (("--unit", "990102", "--period", "2023-06"), ("星河区", "临江市")),
            (("--unit", "990181", "--period", "2023-07"), ("2023年7月", "2023年6月")),
        ],
    )
    def test_options_that_contradict_the_file_are_an_error(
        self, clerk: Clerk, options: tuple[str, ...], names: tuple[str, str]
    ) -> None:
        file = clerk.write_file("a.xlsx", ledger_bytes("cases", {}, above=LABELLED))
        assert clerk.check(file, *options).exit_code == 3
        (finding,) = clerk.list_findings(file, *options)
        assert finding["severity"] == "fatal"
        assert all(name in finding["message"] for name in names)
        assert "命令里的选项" in finding["message"]

    @pytest.mark.parametrize("options", [("--unit", "12"), ("--period", "2023"), ("--period", "六月")])
    def test_an_unknown_unit_or_month_is_wrong_usage(self, clerk: Clerk, options: tuple[str, str]) -> None:
        result = clerk.check(clerk.write_file("a.xlsx", ledger_bytes("cases", {})), *options)
        assert result.exit_code == 2
        assert options[1] in result.stderr
        assert clerk.files() == ["a.xlsx"]

    def test_the_folder_names_neither_unit_nor_month(self, clerk: Clerk) -> None:
        file = clerk.write_file("2023-06/临江市/a.xlsx", ledger_bytes("cases", {}))
        assert clerk.list_findings(file)[0]["rule_id"] == "submission.unit_missing"
        labelled = clerk.write_file("2023-07/星河区/b.xlsx", ledger_bytes("cases", {}, above=LABELLED))
        assert clerk.list_findings(labelled) == []

    def test_the_file_name_can_name_unit_and_month(self, clerk: Clerk) -> None:
        file = clerk.write_file("临江市2023年6月立案台账.xlsx", ledger_bytes("cases", {}))
        assert clerk.check(file).exit_code == 0


def test_a_file_that_crashes_its_reader_is_reported_and_the_others_are_checked(clerk: Clerk) -> None:
    """Eight million cells in a child process that may use 64 MiB: it really dies."""
    with (clerk.home / "huizong.toml").open("a", encoding="utf-8") as settings:
        settings.write("reading_mebibytes = 64\nreading_processes = 1\n")
    hostile = clerk.write_file("大.csv", b"," * 7_900_000)
    good = clerk.write_file("好.xlsx", ledger_bytes("cases", {}, above=LABELLED))
    bad = clerk.write_file("坏.xlsx", ledger_bytes("cases", *BAD, above=LABELLED))
    result = clerk.check(hostile, good, bad)
    assert result.exit_code == 3
    assert f"{good}：可以报送" in result.stdout
    assert f"{bad}：先不要报送，要改正 2 处" in result.stdout
    (sentence,) = [line for line in result.stdout.splitlines() if line.startswith("    退回")]
    assert "文件“大.csv”" in sentence
    assert "请" in sentence
    assert "不能收下" in first_page(clerk.folder / "大-回执-需改1处.xlsx")


@pytest.mark.parametrize("text", ['[cases]\nfiled_onn = ["x"]\n', "[cases\n", '[case]\na = ["x"]\n'])
def test_a_mistake_in_the_headers_ends_in_the_line_that_nightly_prints(clerk: Clerk, text: str) -> None:
    (clerk.home / "headers.toml").write_text(text, "utf-8")
    file = clerk.write_file("好.xlsx", ledger_bytes("cases", {}, above=LABELLED))
    nightly = CliRunner().invoke(main, ["--home", str(clerk.home), "nightly"])
    result = clerk.check(file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert nightly.exit_code == 2
    assert result.stderr.splitlines()[-1] == nightly.stderr.splitlines()[-1]
    assert "headers.toml" in result.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [("adjustments.toml", "[[waiver\n"), ("huizong.toml", '\n[[obligations]]\nledgers = ["nothing"]\n')],
)
def test_a_comparison_that_a_mistake_prevents_is_said_to_be_left_out(
    clerk: Clerk, name: str, text: str
) -> None:
    with (clerk.home / name).open("a", encoding="utf-8") as settings:
        settings.write(text)
    result = clerk.check(clerk.write_file("好.xlsx", ledger_bytes("cases", {}, above=LABELLED)))
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("没有与以前的报送比较：")


def test_a_check_that_exceeds_its_limits_ends_in_a_sentence(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = clerk.write_file("好.xlsx", ledger_bytes("cases", {}, above=LABELLED))
    monkeypatch.setattr("flows.precheck.map_isolated", lambda *call: [ChildCrashed(None)] * len(call[-1]))
    result = clerk.check(file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "校验没有完成：超过了时限" in result.stderr


def test_it_runs_by_itself_without_home_warehouse_or_prefect(tmp_path: Path) -> None:
    """Run it in a process of its own, with the packaged region table."""
    labels = [["填报单位：娄星区", "填报期间：2023年6月"]]
    file = tmp_path / "a.xlsx"
    file.write_bytes(ledger_bytes("cases", *BAD, above=labels))
    code = (
        "import sys\nfrom flows.cli import main\n"
        "try:\n    main(['--home', sys.argv[1], 'check', sys.argv[2]])\n"
        "finally:\n    print(sorted({'prefect', 'sqlalchemy'} & set(sys.modules)), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "nowhere"), str(file)]
    result = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )
    hint = f"没有 {tmp_path / 'nowhere'} 这个文件夹。按程序自带的设置和单位名录进行。\n"
    assert (result.returncode, result.stderr) == (3, f"{hint}[]\n")
    assert "先不要报送，要改正 2 处" in result.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-回执-需改2处.xlsx", "a.xlsx"]


def test_the_receipt_of_a_file_of_the_inbox_is_no_new_report(home_folder: Path) -> None:
    file = put(home_folder / "inbox", "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}))
    result = CliRunner().invoke(main, ["--home", str(home_folder), "check", str(file)])
    assert result.exit_code == 3, result.output  # unit and month are not taken from its folders
    assert [path.name for path in (home_folder / "inbox").rglob("*.xlsx")] == ["立案.xlsx"]
    assert (home_folder / "receipts" / "check" / "立案-回执-需改1处.xlsx").is_file()


@pytest.fixture
def reported(clerk: Clerk, laid_out_file: Path) -> Clerk:
    """A home with an empty warehouse."""
    shutil.copy(laid_out_file, clerk.home / "warehouse.sqlite")
    return clerk


def test_the_preview_says_which_figures_would_move(reported: Clerk) -> None:
    file = reported.write_file("立案.xlsx", ledger_bytes("cases", {}))
    options = (file, "--unit", "990102", "--period", "2023-06", "--preview")
    text = reported.check(*options).stdout
    assert "如果现在报送，这些数字会变：" in text
    assert "2023年　星河区　立案：— → 1件" in text
    printed = json.loads(reported.check(*options, "--json").stdout)
    assert list(printed) == ["findings", "preview"]
    assert list(printed["preview"][0]) == PREVIEW_COLUMNS
    (month,) = [
        figure for figure in printed["preview"]
        if (figure["indicator_id"], figure["region_code"], figure["period"]) == ("case_filed_count", "990102", "2023-06")
    ]  # fmt: skip
    assert (month["before"], month["after"], month["display_after"]) == (None, 1, "1件")


def test_a_file_that_is_refused_moves_nothing(reported: Clerk) -> None:
    file = reported.write_file("立案.xlsx", b"nothing")
    result = reported.check(file, "--preview")
    assert "没有数字会变" in result.stdout
    assert json.loads(reported.check(file, "--preview", "--json").stdout)["preview"] == []


def test_the_preview_of_files_of_one_name_counts_both(reported: Clerk) -> None:
    files = [
        reported.write_file(f"{number}/a.xlsx", ledger_bytes(name, {}))
        for number, name in enumerate(("cases", "lawsuits"))
    ]
    options = ("--unit", "990102", "--period", "2023-06", "--preview", "--json")
    moved = json.loads(reported.check(*files, *options).stdout)["preview"]
    assert {"case_filed_count", "lawsuit_count"} <= {figure["indicator_id"] for figure in moved}


def test_the_preview_needs_a_warehouse_and_is_no_csv(clerk: Clerk) -> None:
    file = clerk.write_file("立案.xlsx", ledger_bytes("cases", {}))
    assert clerk.check(file, "--preview").exit_code == 1
    assert not (clerk.home / "warehouse.sqlite").exists()
    result = clerk.check(file, "--preview", "--csv")
    assert (result.exit_code, "--json" in result.stderr) == (2, True)
