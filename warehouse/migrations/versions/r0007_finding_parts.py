"""Table `findings`: columns `problem` and `remedy` in place of the sentence
`message`; `expected` is empty, never null.

The sentences of existing rows are taken apart here. The code below is a copy of how sentences were composed
until this revision; it does not change when the program's own texts do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Row, Text, bindparam, column, select, table, update

revision = "0007"
down_revision = "0006"

FINDINGS = table(
    "findings",
    column("finding_id", BigInteger),
    column("row", Integer),
    *(column(name, Text) for name in ("rule_id", "file", "sheet", "column", "cell", "value")),
    *(column(name, Text) for name in ("message", "problem", "expected", "remedy")),
)
PARTS = ("problem", "expected", "remedy")
ROWS_AT_ONCE = 10_000
#: rules that never had a remedy, and whose problem quotes texts of others, which may hold a full stop
WITHOUT_REMEDY = {
    "file.unsafe_parts",
    "file.duplicate",
    "sheet.unknown_column",
    "row.repeated",
    "row.waived",
}


class Parts(NamedTuple):
    """The texts of a finding."""

    problem: str
    expected: str
    remedy: str


def upgrade() -> None:
    with op.batch_alter_table("findings") as findings:
        for name in ("problem", "remedy"):
            findings.add_column(Column(name, Text))
    for rows in _pages():
        _update(PARTS, [{"key": row.finding_id, **parse_parts(row)._asdict()} for row in rows])
    with op.batch_alter_table("findings") as findings:
        for name in PARTS:
            findings.alter_column(name, existing_type=Text(), nullable=False)
        findings.drop_column("message")


def downgrade() -> None:
    with op.batch_alter_table("findings") as findings:
        findings.add_column(Column("message", Text))
    for rows in _pages():
        _update(("message",), [{"key": row.finding_id, "message": compose_message(row)} for row in rows])
    with op.batch_alter_table("findings") as findings:
        findings.alter_column("message", existing_type=Text(), nullable=False)
        findings.alter_column("expected", existing_type=Text(), nullable=True)
        for name in ("problem", "remedy"):
            findings.drop_column(name)


def parse_parts(row: Row[Any]) -> Parts:
    """Take a sentence apart. No rule's own text holds a full stop, but a text quoted in a problem may."""
    body, expected = row.message, row.expected or ""
    for location in _possible_locations(row):
        if body.startswith(location):
            body = body.removeprefix(location)
            break
    body = body.removeprefix(f"填的是“{row.value}”，").removesuffix("。")
    separator = f"。应为{expected}。"
    if expected and separator in f"{body}。":
        problem, _, remedy = f"{body}。".rpartition(separator)
        return Parts(problem, expected, remedy.removesuffix("。"))
    if row.rule_id in WITHOUT_REMEDY or "。" not in body:
        return Parts(body, expected, "")
    problem, _, remedy = body.rpartition("。")
    return Parts(problem, expected, remedy)


def compose_message(row: Row[Any]) -> str:
    location = _possible_locations(row)[0]
    value = f"填的是“{row.value}”，" if row.value else ""
    expected = f"应为{row.expected}。" if row.expected else ""
    remedy = f"{row.remedy}。" if row.remedy else ""
    return f"{location}{value}{row.problem}。{expected}{remedy}"


def _possible_locations(row: Row[Any]) -> list[str]:
    """List how a sentence about this cell, sheet or file may begin, the likeliest first."""
    named_row = f"第 {row.row} 行" if row.row is not None else ""
    named_column = row._mapping["column"]
    locations = []
    if named_column:
        locations += [f"{named_row}“{named_column}”（{row.cell}）："] if row.cell else []
        locations += [f"{named_row}“{named_column}”："]
    locations += [f"工作表“{row.sheet}”{named_row}："] if row.sheet else []
    return [*locations, f"文件“{row.file.rsplit('/', 1)[-1]}”{named_row}："]


def _pages() -> Iterator[list[Row[Any]]]:
    last_id, query = -1, select(FINDINGS).order_by(FINDINGS.c.finding_id).limit(ROWS_AT_ONCE)
    while rows := list(op.get_bind().execute(query.where(FINDINGS.c.finding_id > last_id))):
        yield rows
        last_id = rows[-1].finding_id


def _update(names: tuple[str, ...], values: list[dict[str, Any]]) -> None:
    statement = update(FINDINGS).where(FINDINGS.c.finding_id == bindparam("key"))
    op.get_bind().execute(statement.values({name: bindparam(name) for name in names}), values)
