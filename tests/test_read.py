"""From a file's bytes: every container, and bytes that are none."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from counties import csv_bytes, ledger_bytes, rows_of, sheet_cells, workbook_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judge_all, read, read_one
from reading import TITLE, case_cells, refusal, xls_bytes


def compound_file(stream: str) -> bytes:
    """A compound file of one empty stream: header, allocation table, directory."""
    end, table, free = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<109I", *[free] * 108, free)
    allocation = struct.pack("<128I", table, end, *[free] * 126)

    def entry(name: str, kind: int, child: int) -> bytes:
        text = name.encode("utf-16-le")
        return struct.pack("<64sHBBIII36xIII", text, len(text) + 2 if name else 0, kind, 1, free, free, child, end, 0, 0)

    directory = entry("Root Entry", 5, 1) + entry(stream, 2, free) + entry("", 0, free) * 2
    return header + allocation + directory


CELLS = case_cells({}, {"case_no": "某环立(星)〔2023〕2号", "closed_on": "2023-06-28"})


class TestContainers:
    @pytest.mark.parametrize(
        ("ending", "data"),
        [
            ("xlsx", workbook_bytes({TITLE: CELLS})),
            ("xls", workbook_bytes({TITLE: CELLS})),
            ("csv", workbook_bytes({TITLE: CELLS})),
            ("xls", xls_bytes({TITLE: CELLS})),
            ("et", xls_bytes({TITLE: CELLS})),
            ("xlsx", xls_bytes({TITLE: CELLS})),
            *(("csv", csv_bytes(CELLS, encoding)) for encoding in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16")),
            ("csv", b"\xfe\xff" + csv_bytes(CELLS, "utf-16-be")),
            ("txt", csv_bytes(CELLS, "gbk").replace(b",", b"\t")),
            ("xls", csv_bytes(CELLS).replace(b"\r\n", b"\n")),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_read_by_what_it_is(self, ending: str, data: bytes) -> None:
        submission = read_one(data, f"2023-06/临江市/{TITLE}.{ending}")
        assert submission.findings == ()
        assert submission.rows["case_no"].tolist() == ["某环立(星)〔2023〕1号", "某环立(星)〔2023〕2号"]
        assert submission.rows["closed_on"].tolist()[1] == "2023-06-28"
        assert submission.rows["source_row"].tolist() == [2, 3]

    @pytest.mark.parametrize("make", [workbook_bytes, xls_bytes])
    def test_typed_cells(self, make: Any) -> None:
        day = date(2023, 6, 20)
        cells = sheet_cells("payments", rows_of("payments", {"paid_on": day, "amount_fen": 35000.5, "instalment": 2}))
        judged = judge_all([read_one(make({"罚款缴纳台账": cells}))])
        row = judged.rows["payments"].iloc[0]
        assert (str(row["paid_on"].date()), row["amount_fen"], row["instalment"]) == ("2023-06-20", 3_500_050, 2)

    def test_an_error_or_a_formula_without_result_is_not_read_as_empty(self) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({"A&B 立案台账": CELLS})))
        sheet = workbook.active
        assert sheet is not None
        sheet["F2"], sheet["F3"], sheet["C3"] = "#REF!", "=D3+1", "#N/A"
        written = io.BytesIO()
        workbook.save(written)
        judged = judge_all([read_one(written.getvalue())])
        assert judged.findings[["rule_id", "cell", "value"]].to_numpy().tolist()[:3] == [
            ["cases.closed_on.not_a_date", "F2", "#REF!"],
            ["cases.closed_on.not_a_date", "F3", "#公式没有结果"],
            ["cases.party_type.allowed", "C3", "#N/A"],
        ]

    def test_a_formula_whose_result_is_empty_text_is_empty(self) -> None:
        data = workbook_bytes({TITLE: [*CELLS, ["=D3"]]})
        replaced = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(replaced, "w") as new:
            for name in old.namelist():
                content = old.read(name).replace(b'<c r="A4"><f>D3</f><v /></c>', b'<c r="A4" t="str"><f>D3</f><v></v></c>')
                new.writestr(name, content)
        assert len(read_one(data).rows) == 3
        assert len(read_one(replaced.getvalue()).rows) == 2

    @pytest.mark.parametrize(
        ("data", "rule_id"),
        [
            (b"", "file.empty"),
            (b" \r\n\t", "file.empty"),
            (b"\xef\xbb\xbf", "file.empty"),
            (b"\xff\xfe", "file.empty"),
            (bytes(100), "file.empty"),
            (compound_file("EncryptedPackage"), "file.encrypted"),
            (compound_file("WordDocument"), "file.unreadable"),
            (ledger_bytes("cases", {})[:-200], "file.unreadable"),
            (ledger_bytes("cases", {})[:60], "file.unreadable"),
            (xls_bytes({TITLE: CELLS})[:600], "file.unreadable"),
            (b"PK\x03\x04", "file.unreadable"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.unreadable"),
            (b"<html><table><tr><td>\xe6\xa1\x88\xe5\x8f\xb7", "file.unknown_format"),
            (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML>", "file.unknown_format"),
            (b'<?xml version="1.0"?><Workbook/>', "file.unknown_format"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "file.unknown_format"),
            (b"\xff\xfe\x00\xd8", "file.unknown_format"),
            (b"%PDF-1.7\n\xff\xff\xff", "file.unknown_format"),
            ('案号,当事人\n"甲"乙,1\n'.encode(), "file.broken_csv"),
            ('案号,当事人\n"甲,1\n'.encode(), "file.broken_csv"),
            (b'"' + b"a" * 40_000 + b'"', "file.broken_csv"),
            ("只有一句话".encode(), "sheet.no_header"),
        ],
        ids=lambda one: one if isinstance(one, str) else "",  # bytes of a workbook hold the time of their making
    )
    def test_what_cannot_be_read_says_why(self, data: bytes, rule_id: str) -> None:
        found = refusal(read_one(data))
        assert found["rule_id"] == rule_id
        assert found["message"].startswith("文件“报表.xlsx”")
        assert found["message"].count("请") >= 1

    def test_an_encrypted_xls(self) -> None:
        data = xls_bytes({TITLE: CELLS})
        first_record = data.index(b"\x09\x08\x10\x00")
        encrypted = data[: first_record + 20] + b"\x2f\x00" + data[first_record + 22 :]
        assert refusal(read_one(encrypted))["rule_id"] == "file.encrypted"

    def test_a_broken_csv_names_its_line(self) -> None:
        found = refusal(read_one('案号,当事人\n甲,1\n"乙"乙,1\n'.encode()))
        assert found["row"] == 3
        assert found["message"].startswith("文件“报表.xlsx”第 3 行：引号或分隔符有误")

    def test_line_breaks_and_commas_within_quotes(self) -> None:
        submission = read_one(csv_bytes(case_cells({"cause": "超标排放，\n屡教不改, 严重"})))
        assert submission.rows["cause"].tolist() == ["超标排放，\n屡教不改, 严重"]


MAGICS = (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"<html")
REAL = (
    workbook_bytes({TITLE: case_cells({})}),
    xls_bytes({TITLE: case_cells({})}),
    csv_bytes(case_cells({})),
    csv_bytes(case_cells({}), "gb18030"),
    csv_bytes(case_cells({}), "utf-16"),
)


def is_whole(data: bytes) -> bool:
    """Reading ends in submissions that are either rows or one sentence why not, whatever the bytes."""
    found = read(data)
    assert found.submissions
    return all(one.is_rejected == any(told["severity"] == "fatal" for told in one.findings) for one in found.submissions)


@given(st.sampled_from(MAGICS), st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_raise(magic: bytes, rest: bytes) -> None:
    assert is_whole(magic + rest)


@given(st.text(alphabet='案号当事人,;\t"\r\n=- 无合计：0', max_size=120))
@settings(deadline=None)
def test_no_text_raises(text: str) -> None:
    assert is_whole(("案号,当事人,行政相对人类别,立案日期,案由\n" + text).encode())


@given(
    st.sampled_from(REAL), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 9)
)
@settings(deadline=None, derandomize=True)
def test_no_damaged_file_raises(data: bytes, changes: list[tuple[int, int]], tenths: int) -> None:
    damaged = bytearray(data)
    for at, byte in changes:
        damaged[at % len(damaged)] = byte
    assert is_whole(bytes(damaged if tenths else damaged[: len(damaged) // 2]))
