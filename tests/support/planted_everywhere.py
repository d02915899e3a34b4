"""Personal data of two counties, in every kind of column and every place where a clerk can write."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.comments import Comment

from schemas.catalogue import ledgers
from schemas.ledgers.compiled import LedgerDefinition
from tests.support.counties import GOOD_ROWS, csv_bytes, put, sheet_cells, workbook_bytes

MONTH, OTHER_MONTH = "2023-06", "2023-05"


class Person(NamedTuple):
    """Whom a county's clerk writes about; each text occurs nowhere else."""

    name: str
    telephone: str
    id_no: str
    address: str
    #: a telephone in groups, a home without a street, a plate, a passport, a name in another script
    odd_forms: tuple[str, ...]

    def marks(self) -> tuple[str, ...]:
        """Return the parts that may stand nowhere; a surname alone may."""
        return (
            self.name,
            self.name[:3],
            self.name[1:],
            self.telephone,
            self.id_no,
            self.id_no[:-4],
            self.address,
            *self.odd_forms,
        )

    def texts(self) -> tuple[str, ...]:
        """Return what clerks write into cells."""
        return (
            self.name, self.telephone, self.id_no, self.address, f"{self.name}（{self.telephone}）",
            f"据{self.name}反映，住{self.address}", f"{self.name}{self.id_no}", *self.odd_forms,
        )  # fmt: skip


ODD_FORMS = (
    (
        "138-0738-0739",
        "清溪小区5栋2单元301室",
        "湘K12345",
        "EA1234567",
        "Nguyễn Văn",
        "430102 19900307 7779",
    ),
    ("139 0731 1235", "锦里公寓7幢1层", "湘KD54321", "E87654321", "Smith John", "0731-88881234"),
)
#: by the unit that writes about them
PEOPLE = {
    "990102": Person("欧阳锦鳞", "13807380738", "430102199003077778", "枫林路88号", ODD_FORMS[0]),
    "990181": Person("令狐青岚", "13907311234", "430181198811113333", "桔洲巷16号", ODD_FORMS[1]),
}


def plant_everywhere(inbox: Path) -> None:
    """Send files with personal data in cells, headers, titles, comments and names of all kinds."""
    for unit, person in PEOPLE.items():
        # of the second unit every other ledger: what one unit may not read of another
        for ledger in list(ledgers().values())[slice(None) if unit == "990102" else slice(1, None, 2)]:
            book = workbook_bytes({f"{ledger.title}{person.name}": _cells(ledger, person)})
            put(inbox, f"{MONTH}/{unit}/{ledger.title}{person.name}.xlsx", _with_comment(book, person))
        _plant_odd_files(inbox, unit, person)


def plant_resubmissions(inbox: Path) -> None:
    """Send some again with rows gone, twice in one night, and as the file of another unit."""
    for unit, person in PEOPLE.items():
        for name in ("cases", "penalties", "petitions", "rewards"):
            ledger = ledgers()[name]
            cells = _cells(ledger, person)
            for number, version in enumerate((cells[:5], cells[:4] + cells[6:8])):
                path = f"{MONTH}/{unit}/{ledger.title}{person.name}又{number}.xlsx"
                put(inbox, path, workbook_bytes({ledger.title: version}), "2023-07-08T10:00")
    first = PEOPLE["990102"]
    title = ledgers()["cases"].title
    same = (inbox / f"{MONTH}/990102/{title}{first.name}.xlsx").read_bytes()
    put(inbox, f"{MONTH}/9901X0/{title}.xlsx", same, "2023-07-08T11:00")


def _cells(ledger: LedgerDefinition, person: Person) -> list[list[Any]]:
    """Return a title, a filler line, headers with an unknown one, and two rows for each column."""
    good = {**GOOD_ROWS[ledger.name]}
    above = [
        [f"{person.name}等人{ledger.title}（{person.address}）"],
        [f"填报人：{person.name}　电话：{person.telephone}"],
    ]
    cells = sheet_cells(ledger.name, [_numbered(good, 0), *_rows(ledger, good, person)], above=above)
    cells[2].append(f"{person.name}备查{person.telephone}")
    cells[3].append(person.id_no)
    cells += [[], [f"审核：{person.name}"], [None, None, None, f"{person.address}，{person.id_no}"]]
    return cells


def _rows(ledger: LedgerDefinition, good: dict[str, Any], person: Person) -> Iterator[dict[str, Any]]:
    texts, number = person.texts(), 0
    for field in ledger.fields:
        for text in (texts[number % len(texts)], texts[(number + 3) % len(texts)]):
            number += 1
            kept = f"{good.get(field.name) or ''} {text}" if number % 2 else text
            yield {**_numbered(good, number), field.name: kept}
    yield {
        **_numbered(good, number + 1),
        **{field.name: person.name for field in ledger.fields if field.private},
    }


def _numbered(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Give a row numbers of its own: 〔2023〕1号 becomes 〔2023〕100号."""
    return {
        name: f"{value[:-2]}{number + 100}号"
        if str(value).endswith("1号")
        else f"{value}{number}"
        if name.endswith("_no")
        else value
        for name, value in row.items()
    }


def _with_comment(book: bytes, person: Person) -> bytes:
    workbook = openpyxl.load_workbook(io.BytesIO(book))
    sheet = workbook.worksheets[0]
    sheet["B4"].comment = Comment(f"问{person.name} {person.telephone}", person.name)
    sheet.merge_cells("A1:D1")
    workbook.properties.creator = workbook.properties.title = person.name
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _plant_odd_files(inbox: Path, unit: str, person: Person) -> None:
    """Send files that are rejected, ignored or packed, each for another reason."""
    folder = f"{MONTH}/{unit}/{person.name}{person.telephone}"
    cases = ledgers()["cases"]
    cells = sheet_cells("cases", [_numbered(GOOD_ROWS["cases"], 900)])
    put(inbox, f"{folder}/坏{person.id_no}.xlsx", b"not a workbook")
    put(inbox, f"{folder}/空{person.name}.csv", b"")
    put(inbox, f"{folder}/{person.name}照片.jpg", b"\xff\xd8\xff")
    put(
        inbox,
        f"{person.name}/{person.address}.xlsx",
        workbook_bytes({person.name: [["甲", "乙"], [person.name, 1]]}),
    )
    no_unit = [[f"填报单位：{person.name}"], [f"填报期间：{person.telephone}"], *cells]
    put(inbox, f"{person.name}/{cases.title}.csv", csv_bytes(no_unit))
    wrong_month = [
        [f"填报期间：2023年4月 {person.name}"],
        ["填报单位：长岭县"],
        [f"金额单位：{person.name}"],
        *cells,
    ]
    put(inbox, f"{OTHER_MONTH}/{unit}/{person.name}.csv", csv_bytes(wrong_month))
    headers = {field.name: f"{field.header}{person.name}" for field in cases.fields[:2]}
    put(inbox, f"{OTHER_MONTH}/{unit}/{cases.title}{person.address}.xlsx", workbook_bytes({
        f"{person.name}": sheet_cells("cases", [GOOD_ROWS["cases"]], headers=headers),
        f"{person.telephone}": [[person.name] * 5] * 3, f"示例{person.name}": cells,
    }))  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{person.name}/{cases.title}{person.id_no}.csv", csv_bytes(cells))
        archive.writestr(f"{person.name}.jpg", b"\xff\xd8")
    put(inbox, f"{OTHER_MONTH}/{unit}/{person.name}.zip", packed.getvalue())
    (inbox / folder / f"{person.name}的链接").symlink_to("nowhere")


def adjustments() -> str:
    """Decisions of the bureau that name people: a correction, a waiver and a confirmation."""
    lines = []
    for unit, person in PEOPLE.items():
        common = {
            "unit": unit,
            "period": MONTH,
            "ledger": "cases",
            "reason": f"问过{person.name}",
            "approved_by": "法制科",
        }
        row = {"party_name": person.name}
        entries: list[tuple[str, dict[str, Any]]] = [
            (
                "correction",
                {"row": row, "field": "filed_on", "stands": person.name, "read_as": "2023-06-03"},
            ),
            ("confirm", {"file": f"{MONTH}/{unit}/立案台账{person.name}.xlsx", "mode": "add"}),
        ]
        for kind, entry in entries:
            lines += [
                f"[[{kind}]]",
                *(f"{key} = {_toml(value)}" for key, value in (common | entry).items()),
            ]
            lines.append("until = 2030-01-01")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {json.dumps(text)}" for key, text in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
