"""Reports of a unit that did not exist in their month: assigned where that is certain, else rejected."""

from __future__ import annotations

import pytest

from schemas.catalogue import ledgers
from schemas.regions import parse_regions
from tests.schemas.test_region_history import DISSOLVED, HEADER, MERGED, RECODED, SPLIT, TOP
from transforms.read import HeaderIndex, Submission
from transforms.read.layout.read_file import read_file
from transforms.read.read_files import read_files

TABLE = parse_regions(HEADER + TOP + RECODED + MERGED + SPLIT + DISSOLVED)
INDEX = HeaderIndex(ledgers())
HEAD = "案号,当事人,行政相对人类别,立案日期,案由"


def read(path: str, title: str = "") -> Submission:
    """Read a table of cases, by itself and in bulk, with equal results."""
    text = (
        f"{title}\n" * bool(title)
        + f"{HEAD}\n某环立(岭)〔2023〕5号,某厂,法人及非法人组织,2023-03-02,超标排放\n"
    )
    (single,) = read_file(path, text.encode(), TABLE, INDEX).submissions
    (bulk,) = read_files([(path, text.encode())], TABLE, INDEX)[0].submissions
    assert (bulk.unit_code, bulk.period, bulk.findings) == (
        single.unit_code,
        single.period,
        single.findings,
    )
    return single


def rules_of(submission: Submission) -> list[str]:
    return [finding["rule_id"] for finding in submission.findings if "unit" in finding["rule_id"]]


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("2023-03/990182/立案.csv", "990121"),
        ("2023-04/990121/立案.csv", "990182"),
        ("2023-03/长岭市/立案.csv", "990121"),
        ("长岭县/2023年4月立案.csv", "990182"),
        ("2023-07/西区/立案.csv", "990133"),
    ],
)
def test_a_report_under_another_code_of_one_line_is_that_of_its_months_unit(path: str, unit: str) -> None:
    submission = read(path)
    assert submission.unit_code == unit
    assert rules_of(submission) == ["submission.unit_settled"]


@pytest.mark.parametrize(
    ("path", "title", "unit"),
    [
        ("2023-03/990121/立案.csv", "", "990121"),
        ("2023-04/990182/立案.csv", "", "990182"),
        ("2023-03/990182/立案.csv", "填报单位：长岭县", "990121"),
        ("2023-04/990182/立案.csv", "填报单位：长岭县", "990182"),
        # the names of both sides of a merger or division leave no choice together
        ("2023-06/990133/立案.csv", "填报单位：西区", "990132"),
        ("2023-10/990141/立案.csv", "填报单位：下河县", "990143"),
    ],
)  # fmt: skip
def test_names_that_agree_on_the_months_unit_need_no_notice(path: str, title: str, unit: str) -> None:
    submission = read(path, title)
    assert (submission.unit_code, rules_of(submission)) == (unit, [])


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("2023-06/990133/立案.csv", "东西区不报2023年6月的台账：自2023年7月1日起才有，此前由东区（990131）、西区（990132）报送"),
        ("2023-10/990141/立案.csv",
         "大河县不报2023年10月的台账：到2023年9月30日为止，之后由上河县（990142）、下河县（990143）分别报送"),
        ("2023-09/990142/立案.csv", "上河县不报2023年9月的台账：自2023年10月1日起才有，此前由大河县（990141）报送"),
        ("2023-03/990151/立案.csv", "旧新区不报2023年3月的台账：到2023年2月28日为止，之后没有接续的单位"),
        ("2019-12/990151/立案.csv", "旧新区不报2019年12月的台账：自2020年1月1日起才有"),
    ],
)  # fmt: skip
def test_a_report_of_no_certain_unit_is_rejected(path: str, problem: str) -> None:
    submission = read(path)
    assert submission.is_rejected
    assert rules_of(submission) == ["submission.unit_not_of_month"]
    assert submission.findings[-1]["problem"] == problem


def test_units_of_two_lines_still_contradict_each_other() -> None:
    assert rules_of(read("2023-03/990182/立案.csv", "填报单位：西区")) == ["submission.unit_conflict"]


def test_a_file_that_cannot_be_opened_counts_against_the_unit_of_its_month() -> None:
    (submission,) = read_file("2023-03/990182/立案.csv", b"", TABLE, INDEX).submissions
    assert (submission.unit_code, submission.is_rejected) == ("990121", True)
