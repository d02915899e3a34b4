"""Files of the sample year: all reports are there, all irregularities occur, errors get corrected."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from flows.sample_year import published_figures, write_demo_year
from flows.sample_year.deliveries import SHANGHAI, Delivery, build_monthly_deliveries
from flows.sample_year.error_injection import CORRECTED, inject_incidents
from flows.sample_year.ledgers import build_truth
from flows.sample_year.published import Targets
from flows.sample_year.scenario import Scenario, Truth
from schemas.catalogue import ledgers
from schemas.regions import RegionTable, parse_regions
from tests.support.regions import default_regions

YEAR = 2023


def make_city(units: int, *, has_bureau: bool = True) -> RegionTable:
    names = [f"{first}{second}县" for first in "青白赤墨" for second in "石川溪岭"]
    rows = ["code,name,level,parent,document_mark,note", "990100,测州市,city,,,"]
    rows += ["9901X0,测州市本级,unit,990100,测环,"] if has_bureau else []
    rows += [
        f"9901{index},{name},unit,990100,,"
        for index, name in enumerate(names[: units - has_bureau], start=21)
    ]
    return parse_regions("\n".join(rows))


def make_scenario(regions: RegionTable) -> Scenario:
    return Scenario(YEAR, regions, Targets(published_figures()))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return make_scenario(default_regions())


@pytest.fixture(scope="module")
def truth(scenario: Scenario) -> Truth:
    return build_truth(scenario)


@pytest.fixture(scope="module")
def deliveries(scenario: Scenario, truth: Truth) -> list[Delivery]:
    return inject_incidents(scenario, build_monthly_deliveries(scenario, truth))


@dataclass(frozen=True)
class Table:
    """A sheet read from a file; cells are values, those of CSV are text."""

    path: Path
    sheet: str
    is_hidden: bool
    rows: list[list[object]]

    def texts(self) -> list[str]:
        return [cell for row in self.rows for cell in row if isinstance(cell, str)]


def read_tables(path: Path) -> list[Table]:
    data = path.read_bytes()
    if path.suffix == ".csv":
        text = data.decode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "gbk")
        return [Table(path, "", False, [list(row) for row in csv.reader(io.StringIO(text, newline=""))])]
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [
        Table(path, meta.name, meta.visible != SheetVisibleEnum.Visible,
              [list(row) for row in book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)])
        for meta in book.sheets_metadata
    ]  # fmt: skip


@pytest.fixture(scope="module")
def inbox(sample_year: Path) -> Path:
    return sample_year


@pytest.fixture(scope="module")
def files(inbox: Path) -> list[Path]:
    return sorted(path for path in inbox.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def tables(files: list[Path]) -> list[Table]:
    return [table for path in files for table in read_tables(path)]


class TestFiles:
    def test_files_written_twice_are_the_same(self, inbox: Path, files: list[Path], tmp_path: Path) -> None:
        again = write_demo_year(tmp_path, YEAR, default_regions())
        assert sorted(path.relative_to(tmp_path) for path in again) == [
            path.relative_to(inbox) for path in files
        ]
        for path in files:
            twin = tmp_path / path.relative_to(inbox)
            assert twin.read_bytes() == path.read_bytes()
            assert twin.stat().st_mtime == path.stat().st_mtime

    def test_every_unit_sends_every_ledger_every_month(self, inbox: Path, tables: list[Table]) -> None:
        titles = {ledger.title for ledger in ledgers().values()}
        titles_by_folder: dict[str, set[str]] = defaultdict(set)
        for table in tables:
            sheet_name = f"{table.path.stem} {table.sheet}台账"
            titles_by_folder[table.path.parent.relative_to(inbox).as_posix()] |= {
                title for title in titles if title in sheet_name
            }
        months = [f"{YEAR}-{month:02}" for month in range(1, 13)]
        expected = {f"{month}/{unit}" for month in months for unit in default_regions().unit_codes()}
        assert set(titles_by_folder) == expected
        assert all(titles == sent_titles for sent_titles in titles_by_folder.values())

    def test_only_copies_have_the_same_content(self, files: list[Path]) -> None:
        by_hash = defaultdict(list)
        for path in files:
            by_hash[hashlib.sha256(path.read_bytes()).hexdigest()].append(path)
        twins = [sorted(paths) for paths in by_hash.values() if len(paths) > 1]
        assert twins
        assert all(len(pair) == 2 and any("副本" in path.name for path in pair) for pair in twins)

    def test_files_arrive_early_in_the_next_month_or_late(self, files: list[Path]) -> None:
        days = []
        for path in files:
            arrived_at = datetime.fromtimestamp(path.stat().st_mtime, SHANGHAI)
            month = int(path.parts[-3][5:])
            assert (arrived_at.year, arrived_at.month) == (YEAR + month // 12, month % 12 + 1)
            assert 9 <= arrived_at.hour <= 18
            assert 3 <= arrived_at.day <= 6 or CORRECTED in path.name or arrived_at.day == 26
            days.append(arrived_at.day)
        assert 26 in days

    def test_there_are_not_too_many_files(self, files: list[Path]) -> None:
        assert len(files) <= 900

    def test_text_is_never_a_formula(self, tables: list[Table]) -> None:
        assert not any(text.startswith("=") for table in tables for text in table.texts())


def any_text(condition: Callable[[str], bool]) -> Callable[[Table], bool]:
    return lambda table: any(condition(text) for text in table.texts())


def has_magic(path: Path, magic: bytes) -> bool:
    return path.read_bytes().startswith(magic)


def is_serial_of_the_year(cell: object) -> bool:
    return isinstance(cell, int | float) and 0 <= cell - (date(YEAR, 1, 1) - date(1899, 12, 30)).days < 365


ZIP, OLE = b"PK", b"\xd0\xcf\x11\xe0"

IRREGULARITIES: dict[str, Callable[[Table], bool]] = {
    "xlsx": lambda table: table.path.suffix == ".xlsx" and has_magic(table.path, ZIP),
    "xls": lambda table: table.path.suffix == ".xls" and has_magic(table.path, OLE),
    "et": lambda table: table.path.suffix == ".et" and has_magic(table.path, OLE),
    "xlsx named xls": lambda table: table.path.suffix == ".xls" and has_magic(table.path, ZIP),
    "csv with BOM": lambda table: table.path.suffix == ".csv" and has_magic(table.path, b"\xef\xbb\xbf"),
    "csv in GBK": lambda table: table.path.suffix == ".csv" and not has_magic(table.path, b"\xef\xbb\xbf"),
    "hidden sheet": lambda table: table.is_hidden,
    "empty sheet": lambda table: table.sheet == "Sheet3" and not table.rows,
    "short sheet name": lambda table: table.sheet == "立案",
    "title": any_text(lambda text: f"{YEAR}年6月行政处罚决定台账" in text),
    "unit label": any_text(lambda text: text.startswith("填报单位：")),
    "period label": any_text(lambda text: text == f"填报期间：{YEAR}年6月"),
    "money label": any_text(lambda text: text == "单位：万元"),
    "serial column": any_text(lambda text: text == "序号"),
    "extra column": any_text(lambda text: text == "经办备注"),
    "total": any_text(lambda text: text == "合计"),
    "foot": any_text(lambda text: text.startswith("填表日期：")),
    "note": any_text(lambda text: text.startswith("注：")),
    "bare money header": any_text(lambda text: "".join(text.split()) == "罚款金额"),
    "broken header": any_text(lambda text: "\n" in text and "".join(text.split()) == "处罚决定书文号"),
    "alias header": any_text(lambda text: text == "立案号"),
    "thousands": any_text(lambda text: text.replace(",", "").isdigit() and "," in text),
    "ten thousands in the cell": any_text(lambda text: text.endswith("万") and text[:1].isdigit()),
    "Excel date": lambda table: any(isinstance(cell, date) for row in table.rows for cell in row),
    "serial date": lambda table: any(is_serial_of_the_year(cell) for row in table.rows for cell in row),
    "dotted date": any_text(lambda text: text.startswith(f"{YEAR}.6.")),
    "slashed date": any_text(lambda text: text.startswith(f"{YEAR}/6/")),
    "compact date": any_text(lambda text: text.startswith(f"{YEAR}06") and len(text) == 8),
    "full-width date": any_text(lambda text: text.startswith("２０２３年６月")),
    "square brackets": any_text(lambda text: f"[{YEAR}]" in text),
    "lenticular brackets": any_text(lambda text: f"【{YEAR}】" in text),
    "round brackets": any_text(lambda text: f"罚决字(新)({YEAR})" in text),
    "full-width brackets": any_text(lambda text: "（２０２３）" in text or f"［{YEAR}］" in text),
    "leading zeros": any_text(lambda text: "）００" in text and text.endswith("号")),
    "no 号": any_text(lambda text: f"〔{YEAR}〕" in text and text[-1].isdigit()),
    "ticks": any_text(lambda text: text == "√"),
    "crosses": any_text(lambda text: text == "×"),
    "有": any_text(lambda text: text == "有"),
    "dash for nothing": any_text(lambda text: text == "—"),
    "slash for nothing": any_text(lambda text: text == "/"),
    "kinds with comma": any_text(lambda text: text == "警告，罚款"),
    "kinds with pause mark": any_text(lambda text: text == "警告、罚款"),
    "several lines in a cell": any_text(lambda text: "。\n" in text or "；\n" in text),
    "zero report of one row": lambda table: (
        [cell for cell in table.rows[-1] if cell] == ["无"] if table.rows else False
    ),
    "impossible date": any_text(lambda text: text == f"{YEAR}-02-30"),
    "amount in words": any_text(lambda text: text == "三万多"),
    "total of people": lambda table: (
        any(row[:1] == ["合计"] for row in table.rows) and "检查" in table.sheet
    ),
    "number with brackets in its kind": any_text(lambda text: "查(封)" in text),
    "column of informants": any_text(lambda text: text == "举报人"),
    "unknown rating": any_text(lambda text: text == "好评"),
    "decision in capitals": any_text(lambda text: "罚款人民币" in text and "整" in text),
}


@pytest.mark.parametrize("kind", IRREGULARITIES)
def test_every_irregularity_occurs(kind: str, tables: list[Table]) -> None:
    assert any(IRREGULARITIES[kind](table) for table in tables)


def test_offices_write_zero_reports_in_their_own_words(tables: list[Table]) -> None:
    headers = {field.header for field in ledgers()["lawsuits"].fields}
    of_lawsuits = [table for table in tables if "行政诉讼" in table.path.name and table.rows]
    assert not any(headers <= set(table.rows[-1]) for table in of_lawsuits)
    zero_words = {cell for table in of_lawsuits for cell in table.rows[-1]}
    assert {"无", "本月无"} <= zero_words


class TestIncidents:
    def test_the_last_version_of_every_report_is_true(
        self, deliveries: list[Delivery], scenario: Scenario, truth: Truth
    ) -> None:
        last = {}
        for delivery in deliveries:
            for ledger, rows in delivery.ledgers.items():
                last[delivery.unit, delivery.month, ledger] = rows
        assert len(last) == len(scenario.offices) * 12 * len(ledgers())
        bureau = scenario.bureau
        for (unit, month, ledger), sent_rows in last.items():
            own_rows = [row for row in truth[ledger] if row.unit == unit]
            right_rows = [row.values for row in own_rows if row.month == month]
            right_rows += [
                row.later_values for row in own_rows if row.later_month == month and row.later_values
            ]
            extra_rows = [row for row in sent_rows if row not in right_rows]
            assert not extra_rows or (unit, ledger) == (bureau, "cases"), (
                "only the bureau reports what others handle"
            )
            assert all(row.values in sent_rows for row in own_rows if row.month == month)
            reported_again = [
                row.later_values for row in own_rows if row.later_month == month and row.is_reported_again
            ]
            assert all(values in sent_rows for values in reported_again)

    def test_every_incident_happens(self, deliveries: list[Delivery]) -> None:
        corrected = [delivery for delivery in deliveries if delivery.suffix == CORRECTED]
        assert Counter(ledger for delivery in corrected for ledger in delivery.ledgers) == {
            "penalties": 3, "cases": 1, "payments": 1, "inspections": 1, "transfers": 1, "permits": 1,
        }  # fmt: skip
        assert sum(bool(delivery.copied_as) for delivery in deliveries) == 1
        assert sum(delivery.arrived_at.day == 26 for delivery in deliveries) == 2

    def test_one_row_among_right_rows_is_wrong(self, deliveries: list[Delivery]) -> None:
        for correction in (delivery for delivery in deliveries if delivery.suffix == CORRECTED):
            ledger, right = next(iter(correction.ledgers.items()))
            first = next(
                other_city_files
                for other_city_files in deliveries
                if (other_city_files.unit, other_city_files.month) == (correction.unit, correction.month)
            )
            assert first.arrived_at < correction.arrived_at
            differing = [row for row in first.ledgers[ledger] if row not in right]
            assert len(differing) == 1
            assert len(first.ledgers[ledger]) >= 2

    def test_a_shared_case_names_the_county(self, deliveries: list[Delivery], scenario: Scenario) -> None:
        bureau = scenario.regions.bureau
        assert bureau is not None
        senders = defaultdict(set)
        for delivery in deliveries:
            for row in delivery.ledgers.get("cases", []):
                senders[row["case_no"], row["handling_unit"]].add(delivery.unit)
        shared = {key: units for key, units in senders.items() if len(units) > 1}
        assert len(shared) == 2
        for (_, handling_unit), units in shared.items():
            assert bureau.code in units
            assert {scenario.regions.find_unit(handling_unit)} == units - {bureau.code}

    def test_cases_are_reported_again_when_they_end(self, deliveries: list[Delivery]) -> None:
        months = defaultdict(set)
        for delivery in deliveries:
            for row in delivery.ledgers.get("cases", []):
                months[delivery.unit, row["case_no"]].add(
                    (delivery.month, row["closed_on"] or row["withdrawn_on"])
                )
        reported_again = [
            sorted(months_and_ends, key=lambda pair: pair[0])
            for months_and_ends in months.values()
            if len({month for month, _ in months_and_ends}) > 1
        ]
        assert reported_again
        assert all(months_and_ends[-1][1] is not None for months_and_ends in reported_again)


@pytest.fixture(scope="module")
def other_city_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_demo_year(tmp_path_factory.mktemp("other_city"), 2024, make_city(3))


class TestAnotherCity:
    def test_another_city_has_its_own_names(self, other_city_files: list[Path]) -> None:
        assert {path.parts[-2] for path in other_city_files} == {"9901X0", "990121", "990122"}
        texts = [
            text
            for path in other_city_files
            for table in read_tables(path)
            for text in [path.name, *table.texts()]
        ]
        assert not any(word in text for text in texts for word in ("娄", "冷水江", "4313", "湘"))
        assert any("测州市生态环境局青石分局2024年6月" in text for text in texts)
        assert any("测环罚(青)" in text for text in texts)

    def test_months_are_of_the_year_asked_for(self, other_city_files: list[Path]) -> None:
        assert {path.parts[-3] for path in other_city_files} == {
            f"2024-{month:02}" for month in range(1, 13)
        }
