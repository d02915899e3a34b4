"""The upload file of 双公示: which decisions it has, what would be refused, and whose data stays out."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.commands import disclosure as command
from flows.workspace import Workspace
from schemas.catalogue import ledgers
from schemas.disclosure import disclosure_templates
from tests.support.counties import ledger_bytes, put
from tests.support.views import night

PENALTY = {
    "party_type": "法人及非法人组织", "party_name": "某某化工有限公司", "party_uscc": "91000000MA0000001R",
    "violation_fact": "废水超标", "legal_representative": "张三", "valid_until": "2023-12-31", "public_until": "2026-06-08",
    "authority_uscc": "110000000000000035", "source_unit": "星河区", "published_on": None, "decided_on": "2023-06-08",
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_june(monkeypatch: pytest.MonkeyPatch) -> None:
    class June(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
            return datetime(2023, 6, 16, 10)

    monkeypatch.setattr(command, "datetime", June)


def write(workspace: Workspace, *options: str) -> tuple[Result, Path]:
    out = workspace.home.folder / "上传.xlsx"
    arguments = ["--home", str(workspace.home.folder), "disclosure", "--out", str(out), *options]
    return CliRunner().invoke(main, arguments), out


def rows_of_sheet(file: Path, name: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(file)[name].iter_rows(values_only=True))


def send(workspace: Workspace, ledger: str, *rows: dict[str, Any]) -> None:
    put(
        workspace.home.inbox,
        f"2023-06/990102/{ledger}.xlsx",
        ledger_bytes(ledger, *rows),
        "2023-07-03T02:00",
    )
    night(workspace, datetime(2023, 7, 5, 2))


def number(serial: int) -> dict[str, Any]:
    return {"decision_no": f"某环罚(星)〔2023〕{serial}号"}


def test_the_templates_name_fields_of_their_ledgers() -> None:
    for name, template in disclosure_templates().items():
        assert set(template.fields()) <= set(ledgers()[name].field_names())
        headers = [column.header for column in template.columns]
        assert len(headers) == len(set(headers))
        assert not any(column.field in ("id_no",) for column in template.columns)


def test_penalties_that_are_not_published(workspace: Workspace) -> None:
    send(
        workspace, "penalties",
        {**PENALTY, **number(1)},
        {**PENALTY, **number(2), "published_on": "2023-06-12"},
        {**PENALTY, **number(3), "is_publishable": False},
        {**PENALTY, **number(4), "decided_on": "2023-06-05", "authority_uscc": None, "violation_fact": "长" * 5001},
        {**PENALTY, **number(5), "party_type": "自然人", "party_name": "王小明", "party_uscc": None,
         "id_type": "身份证", "id_no": "110101199003070134"},
    )  # fmt: skip
    printed, out = write(workspace, "--kind", "penalties")
    assert printed.exit_code == 0, printed.output
    assert "3 decisions to publish, 1 late" in printed.output
    assert "没有填“处罚机关统一社会信用代码”: 1" in printed.output
    assert "某环罚(星)〔2023〕4号: “违法事实”有5001个字，系统最多收5000个" in printed.output
    assert "王小明" not in printed.output
    sheet = rows_of_sheet(out, "行政处罚")
    assert list(sheet[0]) == [column.header for column in disclosure_templates()["penalties"].columns]
    by_number = {
        row[sheet[0].index("行政处罚决定书文号")]: dict(zip(sheet[0], row, strict=True))
        for row in sheet[1:]
    }
    assert list(by_number) == [number(serial)["decision_no"] for serial in (4, 1, 5)]
    first = by_number["某环罚(星)〔2023〕1号"]
    assert (first["罚款金额(万元)"], first["处罚决定日期"], first["法定代表人"]) == (
        3.5,
        datetime(2023, 6, 8),
        "张三",
    )
    person = by_number["某环罚(星)〔2023〕5号"]
    assert (person["行政相对人名称"], person["证件类型"], person["证件号码"], person["法定代表人"]) == (
        "王小明", "身份证", None, None,
    )  # fmt: skip
    assert "110101199003070134" not in str(sheet)
    notes, heads, *checked = rows_of_sheet(out, "核对")
    assert "数据来源单位统一社会信用代码" in str(notes[0])
    assert heads[0] == "单位"
    assert [(row[1], row[3].date(), row[4]) for row in checked][:2] == [
        ("某环罚(星)〔2023〕4号", date(2023, 6, 14), -2), ("某环罚(星)〔2023〕1号", date(2023, 6, 19), 3),
    ]  # fmt: skip
    assert (checked[1][5], "自然人" in str(checked[2][6])) == (None, True)


def test_permits_of_the_last_days_or_of_a_period(workspace: Workspace) -> None:
    base = {"result": "许可", "kind": "普通", "accepted_on": "2023-06-01"}
    send(
        workspace, "permits",
        {**base, "acceptance_no": "SL-2023-0001", "closed_on": "2023-06-02"},
        {**base, "acceptance_no": "SL-2023-0002", "closed_on": "2023-06-12", "applicant_uscc": None},
        {**base, "acceptance_no": "SL-2023-0003", "closed_on": "2023-06-12", "result": "不予许可"},
    )  # fmt: skip
    printed, out = write(workspace, "--kind", "permits")
    assert (printed.exit_code, "no column that says what was published" in printed.output) == (0, True)
    assert [row[1] for row in rows_of_sheet(out, "核对")[2:]] == ["SL-2023-0002"]
    assert "没有填“行政相对人代码_1(统一社会信用代码)”" in printed.output
    write(workspace, "--kind", "permits", "--period", "2023-06")
    assert [row[1] for row in rows_of_sheet(out, "核对")[2:]] == ["SL-2023-0001", "SL-2023-0002"]
    write(workspace, "--kind", "permits", "--period", "2023-05")
    assert rows_of_sheet(out, "核对")[2:] == []


def test_wrong_usage_is_refused(workspace: Workspace) -> None:
    arguments = [
        "--home",
        str(workspace.home.folder),
        "disclosure",
        "--kind",
        "penalties",
        "--out",
        "x.csv",
    ]
    refused = CliRunner().invoke(main, arguments)
    assert (refused.exit_code, "must end in .xlsx" in refused.output) == (2, True)
    assert write(workspace, "--kind", "cases")[0].exit_code == 2


def test_numbers_of_persons_are_in_no_column(workspace: Workspace) -> None:
    send(
        workspace, "penalties",
        {**PENALTY, **number(1), "party_name": "张建国430102199003077778",
         "penalty_text": "对张建国（身份证430102199003077778，电话13807380738）罚款 3.5 万元"},
        {**PENALTY, **number(2), "organisation_code": "430102199003077778", "source_unit": "13807380738"},
    )  # fmt: skip
    printed, out = write(workspace, "--kind", "penalties")
    written = str(rows_of_sheet(out, "行政处罚")) + str(rows_of_sheet(out, "核对")) + printed.output
    assert not any(digits in written for digits in ("430102199003077778", "13807380738"))
    assert "身份证*" in written
    assert "电话*" in written
    checked = {row[1]: row[5:7] for row in rows_of_sheet(out, "核对")[2:]}
    first, second = (checked[number(serial)["decision_no"]] for serial in (1, 2))
    assert first[0] is None
    assert "“处罚内容”里的个人证件号码" in first[1]
    assert "“行政相对人名称”里的" in first[1]
    assert "“数据来源单位”里只有个人的证件号码" in second[0]
    assert "组织机构代码" in second[0]
