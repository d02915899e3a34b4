"""The demo year: its true rows make the published figures, and its files hold every report and every kind of dirt."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from flows.demo import published_figures, write_demo_year
from flows.demo.days import last_known_day
from flows.demo.incidents import CORRECTED, with_incidents
from flows.demo.parcels import SHANGHAI, Parcel, monthly_parcels
from flows.demo.published import Targets
from flows.demo.truth import build_truth
from flows.demo.world import Truth, World
from schemas.catalogue import ledgers
from schemas.regions import RegionTable, default_regions, parse_regions

YEAR = 2023
LEDGERS = ("cases", "hearings", "lawsuits", "payments", "penalties")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def made_up_city(units: int, *, has_bureau: bool = True) -> RegionTable:
    names = [f"{one}{two}县" for one in "青白赤墨" for two in "石川溪岭"]
    rows = ["code,name,level,parent,document_mark,note", "990100,测州市,city,,,"]
    rows += ["9901X0,测州市本级,unit,990100,测环,"] if has_bureau else []
    rows += [f"9901{at},{name},unit,990100,," for at, name in enumerate(names[: units - has_bureau], start=21)]
    return parse_regions("\n".join(rows))


def world_of(regions: RegionTable) -> World:
    return World(YEAR, regions, Targets(published_figures()))


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(default_regions())


@pytest.fixture(scope="module")
def truth(world: World) -> Truth:
    return build_truth(world)


@pytest.fixture(scope="module")
def parcels(world: World, truth: Truth) -> list[Parcel]:
    return with_incidents(world, monthly_parcels(world, truth))


@dataclass(frozen=True)
class Table:
    """A sheet as it is found in a file; the cells as values, CSV ones as text."""

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
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    write_demo_year(folder, YEAR, default_regions())
    return folder


@pytest.fixture(scope="module")
def files(inbox: Path) -> list[Path]:
    return sorted(path for path in inbox.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def tables(files: list[Path]) -> list[Table]:
    return [table for path in files for table in read_tables(path)]


def published_text(indicator_id: str) -> str:
    return next(one.published_text for one in published_figures() if one.indicator_id == indicator_id)


def as_wan(fen: int) -> str:
    """分 as the report prints them: 万元 cut to two decimals, 余 where something was cut."""
    whole, rest = divmod(fen, 100 * 100)
    return f"{whole // 100}.{whole % 100:02}万{'余' if rest else ''}元"


def as_rate(parts: Iterable[bool]) -> str:
    answers = list(parts)
    assert answers, "a rate of nothing is no rate"
    return f"{100 * sum(answers) // len(answers)}%"


def figures(truth: Truth) -> dict[str, str]:
    """The figures of the five ledgers by plain arithmetic on the rows."""
    cases, penalties, payments, lawsuits, hearings = (
        [row.values for row in truth[name]] for name in ("cases", "penalties", "payments", "lawsuits", "hearings")
    )
    proven = {
        (one["case_no"], one["instance"]) for one in hearings if one["head_appeared"] and one["identity_proven"] is not False
    }
    heard = {(one["case_no"], one["instance"]) for one in hearings}
    due = [one for one in penalties if one["is_publishable"] is not False]
    return {
        "case_filed_count": f"{len({one['case_no'] for one in cases if one['filed_on'].year == YEAR})}件",
        "fine_imposed_amount": as_wan(sum(one["fine_fen"] or 0 for one in penalties if one["decided_on"].year == YEAR)),
        "fine_collected_amount": as_wan(sum(one["amount_fen"] for one in payments if one["kind"] == "罚款")),
        "lawsuit_count": f"{len({(one['case_no'], one['instance']) for one in lawsuits})}起",
        "head_appearance_rate": as_rate(case in proven for case in heard),
        "head_speaking_rate": as_rate(one["head_spoke"] for one in hearings),
        "lawsuit_platform_entry_rate": as_rate(one["platform_entered_on"] is not None for one in lawsuits),
        "penalty_publication_rate": as_rate(one["published_on"] is not None for one in due),
    }


def expected(truth: Truth) -> dict[str, str]:
    return {indicator_id: published_text(indicator_id) for indicator_id in figures(truth)}


class TestPublished:
    def test_all_rows_of_the_year_are_packaged(self) -> None:
        rows = published_figures()
        assert len(rows) == 50
        assert len({row.indicator_id for row in rows}) == 50
        assert published_text("fine_imposed_amount") == "3446.52万余元"

    def test_an_unknown_indicator_is_named(self) -> None:
        with pytest.raises(KeyError, match="no_such"):
            Targets(published_figures()).count("no_such")


class TestTruth:
    def test_the_rows_add_up_to_the_published_figures(self, truth: Truth) -> None:
        assert tuple(truth) == LEDGERS
        assert figures(truth) == expected(truth)

    @pytest.mark.parametrize("units", [1, 2, 3, 14])
    @pytest.mark.parametrize("has_bureau", [True, False])
    def test_they_do_for_any_number_of_units(self, units: int, has_bureau: bool) -> None:
        other = build_truth(world_of(made_up_city(units, has_bureau=has_bureau)))
        assert figures(other) == expected(other)

    def test_the_figures_follow_the_table_and_not_the_code(self) -> None:
        changed = {
            "case_filed_count": ("97", "97件"), "fine_imposed_amount": ("8001200", "800.12万元"),
            "fine_collected_amount": ("5000000", "500.00万余元"), "lawsuit_count": ("3", "3起"),
        }  # fmt: skip
        figures_of = {one.indicator_id: one for one in published_figures()}
        for name, (value, text) in changed.items():
            figures_of[name] = replace(figures_of[name], value=value, published_text=text)
        table = list(figures_of.values())
        found = figures(build_truth(World(YEAR, default_regions(), Targets(table))))
        assert {name: found[name] for name in changed} == {name: text for name, (_, text) in changed.items()}

    def test_impossible_figures_are_refused(self) -> None:
        too_much = {"fine_collected_amount": {"value": "99999900"}}
        table = [replace(one, **too_much.get(one.indicator_id, {})) for one in published_figures()]
        with pytest.raises(ValueError, match="less than"):
            build_truth(World(YEAR, default_regions(), Targets(table)))

    def test_payments_come_after_the_decision_and_never_exceed_it(self, truth: Truth) -> None:
        decisions = {row.values["decision_no"]: row.values for row in truth["penalties"]}
        paid: Counter[tuple[str, str]] = Counter()
        for row in truth["payments"]:
            decision = decisions[row.values["decision_no"]]
            assert decision["decided_on"] <= row.values["paid_on"] <= date(YEAR, 12, 31)
            paid[row.values["decision_no"], row.values["kind"]] += row.values["amount_fen"]
        for (number, kind), fen in paid.items():
            limit = "confiscated_fen" if kind == "没收" else "fine_fen"
            assert fen <= decisions[number][limit]
        assert {kind for _, kind in paid} == {"罚款", "没收", "加处罚款"}
        assert {number for number, _ in paid} < set(decisions), "some decisions are unpaid"

    def test_keys_are_unique(self, truth: Truth) -> None:
        keys = {
            "cases": ("case_no",), "penalties": ("decision_no",), "lawsuits": ("case_no", "instance"),
            "hearings": ("case_no", "instance", "heard_on", "session"),
            "payments": ("receipt_no", "decision_no", "paid_on", "amount_fen", "instalment"),
        }  # fmt: skip
        for ledger, names in keys.items():
            found = [tuple(row.values[name] for name in names) for row in truth[ledger]]
            assert len(set(found)) == len(found), ledger

    def test_rows_know_nothing_that_lies_ahead_of_their_file(self, truth: Truth) -> None:
        for name, definition in ledgers().items():
            dates = [one.name for one in definition.fields if one.type.kind == "date" and not one.may_lie_ahead]
            for row in truth.get(name, []):
                assert row.values[definition.dated_by].month == row.month
                for month, values in ((row.month, row.values), (row.later_month, row.later_values)):
                    known = [values[one] for one in dates if values[one]] if values and month else []
                    assert all(day <= last_known_day(YEAR, month or 12) for day in known)

    def test_rows_hold_the_fields_of_their_ledger(self, truth: Truth) -> None:
        for name, rows in truth.items():
            assert all(set(row.values) == set(ledgers()[name].field_names()) for row in rows)

    def test_it_is_as_varied_as_life(self, truth: Truth) -> None:
        penalties = [row.values for row in truth["penalties"]]
        fines = [one["fine_fen"] for one in penalties if one["fine_fen"] is not None]
        assert 2_000_00 <= min(fines) < 10_000_00
        assert 500_000_00 < max(fines) <= 1_000_000_00
        assert 0 < sum(fen % 100_00 != 0 for fen in fines) < len(fines) / 4
        assert {one["party_type"] for one in penalties} == {"法人及非法人组织", "个体工商户", "自然人"}
        assert any(one["fine_fen"] is None for one in penalties)
        assert any(one["is_publishable"] is False and one["published_on"] is None for one in penalties)
        assert any(f"〔{YEAR - 1}〕" in one["case_no"] for one in penalties)
        assert any(one["id_no"] for one in penalties)
        assert any(row.values["instalment"] for row in truth["payments"])
        undecided = {row.values["case_no"] for row in truth["cases"]} - {one["case_no"] for one in penalties}
        assert undecided

    def test_codes_are_valid_and_nobodys(self, truth: Truth) -> None:
        codes = {row.values[name] for row in truth["penalties"] for name in ("party_uscc", "authority_uscc")} - {None}
        assert len(codes) > 100
        for code in codes:
            total = sum(USCC_ALPHABET.index(one) * pow(3, at, 31) for at, one in enumerate(code[:17]))
            assert len(code) == 18
            assert USCC_ALPHABET.index(code[17]) == (31 - total % 31) % 31
        for number in {row.values["id_no"] for row in truth["penalties"]} - {None}:
            weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
            total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
            assert number[17] == "10X98765432"[total % 11]
            assert number.startswith("999999")

    def test_the_words_of_a_decision_agree_with_its_amount(self, truth: Truth) -> None:
        for row in truth["penalties"]:
            fen, text = row.values["fine_fen"], row.values["penalty_text"]
            assert ("罚款" in text) == (fen is not None)
            if fen is not None and "人民币" not in text:
                amount = text.rsplit("罚款", 1)[1].rstrip("。").removesuffix("元")
                assert round(float(amount.removesuffix("万")) * (1_000_000 if amount.endswith("万") else 100)) == fen


class TestFiles:
    def test_written_twice_they_are_the_same(self, inbox: Path, files: list[Path], tmp_path: Path) -> None:
        again = write_demo_year(tmp_path, YEAR, default_regions())
        assert sorted(path.relative_to(tmp_path) for path in again) == [path.relative_to(inbox) for path in files]
        for path in files:
            twin = tmp_path / path.relative_to(inbox)
            assert twin.read_bytes() == path.read_bytes()
            assert twin.stat().st_mtime == path.stat().st_mtime

    def test_every_unit_sends_every_ledger_every_month(self, inbox: Path, tables: list[Table]) -> None:
        titles = {ledgers()[name].title for name in LEDGERS}
        found: dict[str, set[str]] = defaultdict(set)
        for table in tables:
            place = f"{table.path.stem} {table.sheet}台账"
            found[table.path.parent.relative_to(inbox).as_posix()] |= {one for one in titles if one in place}
        months = [f"{YEAR}-{month:02}" for month in range(1, 13)]
        wanted = {f"{month}/{unit}" for month in months for unit in default_regions().unit_codes()}
        assert set(found) == wanted
        assert all(titles == sent for sent in found.values())

    def test_no_two_have_the_same_content_but_the_copies(self, files: list[Path]) -> None:
        by_hash = defaultdict(list)
        for path in files:
            by_hash[hashlib.sha256(path.read_bytes()).hexdigest()].append(path)
        twins = [sorted(paths) for paths in by_hash.values() if len(paths) > 1]
        assert twins
        assert all(len(pair) == 2 and any("副本" in path.name for path in pair) for pair in twins)

    def test_they_arrive_early_in_the_next_month_or_late(self, files: list[Path]) -> None:
        days = []
        for path in files:
            arrived_at = datetime.fromtimestamp(path.stat().st_mtime, SHANGHAI)
            month = int(path.parts[-3][5:])
            assert (arrived_at.year, arrived_at.month) == (YEAR + month // 12, month % 12 + 1)
            assert 9 <= arrived_at.hour <= 18
            assert 3 <= arrived_at.day <= 6 or CORRECTED in path.name or arrived_at.day == 26
            days.append(arrived_at.day)
        assert 26 in days

    def test_text_is_never_a_formula(self, tables: list[Table]) -> None:
        assert not any(text.startswith("=") for table in tables for text in table.texts())


def any_text(wanted: Callable[[str], bool]) -> Callable[[Table], bool]:
    return lambda table: any(wanted(text) for text in table.texts())


def starts(path: Path, magic: bytes) -> bool:
    return path.read_bytes().startswith(magic)


def is_serial_of_the_year(cell: object) -> bool:
    return isinstance(cell, int | float) and 0 <= cell - (date(YEAR, 1, 1) - date(1899, 12, 30)).days < 365


ZIP, OLE = b"PK", b"\xd0\xcf\x11\xe0"

DIRT: dict[str, Callable[[Table], bool]] = {
    "xlsx": lambda one: one.path.suffix == ".xlsx" and starts(one.path, ZIP),
    "xls": lambda one: one.path.suffix == ".xls" and starts(one.path, OLE),
    "et": lambda one: one.path.suffix == ".et" and starts(one.path, OLE),
    "xlsx named xls": lambda one: one.path.suffix == ".xls" and starts(one.path, ZIP),
    "csv with BOM": lambda one: one.path.suffix == ".csv" and starts(one.path, b"\xef\xbb\xbf"),
    "csv in GBK": lambda one: one.path.suffix == ".csv" and not starts(one.path, b"\xef\xbb\xbf"),
    "hidden sheet": lambda one: one.is_hidden,
    "empty sheet": lambda one: one.sheet == "Sheet3" and not one.rows,
    "short sheet name": lambda one: one.sheet == "立案",
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
    "Excel date": lambda one: any(isinstance(cell, date) for row in one.rows for cell in row),
    "serial date": lambda one: any(is_serial_of_the_year(cell) for row in one.rows for cell in row),
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
    "zero report of one row": lambda one: [cell for cell in one.rows[-1] if cell] == ["无"] if one.rows else False,
    "impossible date": any_text(lambda text: text == f"{YEAR}-02-30"),
    "amount in words": any_text(lambda text: text == "三万多"),
    "decision in capitals": any_text(lambda text: "罚款人民币" in text and "整" in text),
}


@pytest.mark.parametrize("kind", DIRT)
def test_dirt_occurs(kind: str, tables: list[Table]) -> None:
    assert any(DIRT[kind](table) for table in tables)


def test_a_zero_report_can_be_a_header_alone(tables: list[Table]) -> None:
    headers = {field.header for field in ledgers()["lawsuits"].fields}
    of_lawsuits = [one for one in tables if "行政诉讼" in one.path.name and one.rows]
    assert any(headers <= set(one.rows[-1]) for one in of_lawsuits)


class TestIncidents:
    def test_the_last_word_on_every_report_is_true(self, parcels: list[Parcel], world: World, truth: Truth) -> None:
        last = {}
        for parcel in parcels:
            for ledger, rows in parcel.ledgers.items():
                last[parcel.unit, parcel.month, ledger] = rows
        assert len(last) == len(world.offices) * 12 * len(LEDGERS)
        for ledger in LEDGERS:
            name = {"payments": "receipt_no", "penalties": "decision_no"}.get(ledger, "case_no")
            sent = {row[name] for (*_, of), rows in last.items() if of == ledger for row in rows}
            assert sent == {row.values[name] for row in truth[ledger]}
        fines = [row["fine_fen"] for (*_, of), rows in last.items() if of == "penalties" for row in rows]
        assert as_wan(sum(fen or 0 for fen in fines)) == published_text("fine_imposed_amount")
        paid = [row for (*_, of), rows in last.items() if of == "payments" for row in rows]
        collected = sum(row["amount_fen"] for row in paid if row["kind"] == "罚款")
        assert as_wan(collected) == published_text("fine_collected_amount")

    def test_each_happens(self, parcels: list[Parcel]) -> None:
        corrected = [one for one in parcels if one.suffix == CORRECTED]
        assert len(corrected) == 5
        assert Counter(ledger for one in corrected for ledger in one.ledgers) == {
            "penalties": 3,
            "cases": 1,
            "payments": 1,
        }
        assert sum(bool(one.copied_as) for one in parcels) == 1
        assert sum(one.arrived_at.day == 26 for one in parcels) == 2

    def test_what_is_wrong_is_one_row_among_right_ones(self, parcels: list[Parcel]) -> None:
        for one in (parcel for parcel in parcels if parcel.suffix == CORRECTED):
            ledger, right = next(iter(one.ledgers.items()))
            first = next(other for other in parcels if (other.unit, other.month) == (one.unit, one.month))
            assert first.arrived_at < one.arrived_at
            differing = [row for row in first.ledgers[ledger] if row not in right]
            assert len(differing) == 1
            assert len(first.ledgers[ledger]) >= 2

    def test_a_shared_case_names_the_county(self, parcels: list[Parcel], world: World) -> None:
        bureau = world.regions.bureau
        assert bureau is not None
        senders = defaultdict(set)
        for one in parcels:
            for row in one.ledgers.get("cases", []):
                senders[row["case_no"], row["handling_unit"]].add(one.unit)
        shared = {key: units for key, units in senders.items() if len(units) > 1}
        assert len(shared) == 2
        for (_, handling_unit), units in shared.items():
            assert bureau.code in units
            assert {world.regions.find_unit(handling_unit)} == units - {bureau.code}

    def test_cases_come_again_when_they_end(self, parcels: list[Parcel]) -> None:
        months = defaultdict(set)
        for one in parcels:
            for row in one.ledgers.get("cases", []):
                months[one.unit, row["case_no"]].add((one.month, row["closed_on"] or row["withdrawn_on"]))
        again = [sorted(seen, key=lambda pair: pair[0]) for seen in months.values() if len({month for month, _ in seen}) > 1]
        assert again
        assert all(seen[-1][1] is not None for seen in again)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_demo_year(tmp_path_factory.mktemp("other"), 2024, made_up_city(3))


class TestAnotherCity:
    def test_it_has_its_own_names(self, other: list[Path]) -> None:
        assert {path.parts[-2] for path in other} == {"9901X0", "990121", "990122"}
        texts = [text for path in other for table in read_tables(path) for text in [path.name, *table.texts()]]
        assert not any(word in text for text in texts for word in ("娄", "冷水江", "4313", "湘"))
        assert any("测州市生态环境局青石分局2024年6月" in text for text in texts)
        assert any("测环罚(青)" in text for text in texts)

    def test_months_are_of_the_year_asked_for(self, other: list[Path]) -> None:
        assert {path.parts[-3] for path in other} == {f"2024-{month:02}" for month in range(1, 13)}
