"""A zip of workbooks is read as its workbooks are."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, workbook_bytes
from tests.support.sheets import TITLE, case_cells, rule_ids_of
from tests.support.validation import CITY, INDEX, read
from transforms.read import FileRead
from transforms.read.bulk.read_in_bulk import read_in_bulk

PATH = "2023-06/临江市/台账.zip"
BOOK = workbook_bytes({TITLE: case_cells({})})
OTHER = workbook_bytes({TITLE: case_cells({"case_no": "某环立〔2023〕77号"})})


def zip_bytes(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return written.getvalue()


def reports(file: FileRead) -> list[tuple[Any, ...]]:
    return [(entry.unit_code, entry.period) for entry in file.submissions if not entry.is_rejected]


def rules(file: FileRead) -> list[str]:
    return [finding["rule_id"] for finding in file.findings] + [
        rule for entry in file.submissions for rule in rule_ids_of(entry)
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"立案.xlsx": BOOK},
        {"台账/6月/立案.xlsx": BOOK, "__MACOSX/._立案.xlsx": b"x", "台账/~$立案.xlsx": b"x"},
        {"立案.csv": csv_bytes(case_cells({}))},
    ],
)
def test_a_zip_of_one_workbook_is_read(members: dict[str, bytes]) -> None:
    data = zip_bytes(members)
    file = read(data, PATH)
    assert (reports(file), rules(file)) == ([("990181", "2023-06")], [])
    assert read_in_bulk([(PATH, data)], CITY, INDEX)[0].submissions[0].rows.equals(file.submissions[0].rows)


def test_names_in_gbk_are_read() -> None:
    data = zip_bytes({"abcd.xlsx": BOOK}).replace(b"abcd.xlsx", "5月".encode("gb18030") + b"a.xlsx")
    assert rules(read(data, PATH)) == ["submission.month_doubted"]


def test_each_workbook_of_a_zip_is_a_report() -> None:
    file = read(
        zip_bytes({"临江市.xlsx": BOOK, "长岭县.xlsx": OTHER, "回函.pdf": b"%PDF-1.4"}), "2023-06/a.zip"
    )
    assert (reports(file), rules(file)) == (
        [("990181", "2023-06"), ("990121", "2023-06")],
        ["file.archive_member_ignored"],
    )
    assert "压缩包里的“回函.pdf”是 PDF 文件，不是台账文件，没有读取" in compose_message(file.findings[0])
    assert [entry.sheet for entry in file.submissions] == ["临江市.xlsx/立案台账", "长岭县.xlsx/立案台账"]


def test_a_workbook_of_another_unit_in_a_zip_is_refused() -> None:
    file = read(zip_bytes({"临江市.xlsx": BOOK, "长岭县.xlsx": OTHER}), PATH)
    assert (reports(file), rules(file)) == ([("990181", "2023-06")], ["submission.unit_conflict"])


def test_a_workbook_of_another_month_in_a_zip_is_named() -> None:
    file = read(zip_bytes({"5月立案.xlsx": BOOK, "6月立案.xlsx": OTHER}), PATH)
    assert (reports(file), rules(file)) == ([("990181", "2023-06")], ["file.sheets_left_out"])


@pytest.mark.parametrize(
    ("members", "rule_id", "words"),
    [
        ({"回函.pdf": b"%PDF-1.4"}, "file.unknown_format", "里面是“回函.pdf”，没有能读的台账文件"),
        ({"a.zip": zip_bytes({"立案.xlsx": BOOK})}, "file.archive_nested", "压缩包里的压缩包"),
        ({f"{number}.csv": b"a,b" for number in range(101)}, "file.archive_too_many", "101 个文件"),
        ({"大.csv": b"a,b\n" * 2_000_000}, "file.inflated", "解开后大了"),
        ({"坏.xlsx": BOOK[:200]}, "file.unreadable", "打不开"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_true_words(
    members: dict[str, bytes], rule_id: str, words: str
) -> None:
    file = read(zip_bytes(members), PATH)
    (submission,) = file.submissions
    assert (rule_ids_of(submission), submission.unit_code, submission.period) == (
        [rule_id],
        "990181",
        "2023-06",
    )
    assert words in compose_message(submission.findings[0])
    assert "里面没有工作簿" not in compose_message(submission.findings[0])


def test_an_encrypted_zip_is_refused() -> None:
    data = bytearray(zip_bytes({"a.xlsx": BOOK}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (submission,) = read(bytes(data), PATH).submissions
    assert rule_ids_of(submission) == ["file.archive_encrypted"]
