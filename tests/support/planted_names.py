"""Names, informants and ID numbers wherever a careless clerk might put them: no output may show them."""

from __future__ import annotations

from pathlib import Path

from schemas.catalogue import ledgers
from schemas.ledgers.compiled import LedgerField
from tests.support.counties import GOOD_ROWS, put, sheet_cells, workbook_bytes

#: a name, an informant with a telephone number, an ID number; they occur nowhere else
PERSON, INFORMANT, ID_NO = "欧阳锦鳞", "司马举报13807380738", "430102199003077778"
#: parts of them that no output may contain
MARKS = ("欧阳锦", "锦鳞", INFORMANT[:4], "13807380738", ID_NO, ID_NO[:-4])


def plant_names(inbox: Path) -> None:
    """Put them into private fields, parties' names, free texts, file and sheet names, and wrong cells."""
    party = {"party_type": "自然人"}
    for name, ledger in ledgers().items():
        row = {field.name: _planted(field, GOOD_ROWS[name].get(field.name)) for field in ledger.fields}
        good = {**row, **(party if "party_type" in row else {})}
        bad = {**good, ledger.dated_by: PERSON}
        sheet = {f"{ledger.title}{INFORMANT}": sheet_cells(name, [good])}
        put(inbox, f"2023-06/990102/{ledger.title}{PERSON}.xlsx", workbook_bytes(sheet))
        put(
            inbox,
            f"2023-06/990181/{name}{ID_NO}.xlsx",
            workbook_bytes({PERSON: sheet_cells(name, [good, bad, good])}),
        )
    put(inbox, f"{INFORMANT}/{PERSON}.xlsx", b"not a workbook")


def _planted(field: LedgerField, good: object) -> object:
    if field.type.kind == "identity_no":
        return ID_NO
    if field.private or field.shown_as in ("party", "organ"):
        return PERSON
    if field.type.kind == "text" and field.shown_as is None:
        return f"{good or ''}据{INFORMANT}反映，{PERSON}（{ID_NO}）"
    if field.shown_as == "kind":
        return f"{good or ''}{PERSON}"
    return good
