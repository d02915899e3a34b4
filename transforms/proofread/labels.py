"""Numbers in tables: what the labels of a row and a column say about the number of a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from transforms.proofread.numerals import Numeral, parse_number
from transforms.proofread.text import Block
from transforms.proofread.units import CLASSES

#: stands between the labels of a row, the outer ones first
LABEL_END = "，"
_UNIT = r"(?P<scale>[万亿]?)余?(?P<unit>家次|场次|[件起宗人名家户次场元%])"
_UNIT_AT_END = _UNIT.replace("<scale>", "<end_scale>").replace("<unit>", "<end_unit>")
#: 处罚金额（万元）, 处罚金额/万元
_UNIT_IN_LABEL = re.compile(rf"[（(](?:单位[：:])?{_UNIT}[）)]|(?<=.)[/／，](?:单位[：:])?{_UNIT_AT_END}$")
_UNIT_BEFORE = re.compile(rf"[（(](?:单位[：:])?{_UNIT}[）)][：:为是]{{0,2}}$")
_UNIT_CELL = re.compile(_UNIT)
_NOTES = re.compile(r"备注|附注|注|说明|备考|情况说明")
_SHARE, _CHANGED = re.compile(r"占比|比重|比例"), re.compile(r"同比|环比|增|变化|上年")
_DERIVED = re.compile(
    r"同比|环比|增长|增减|增幅|变化|占比|比重|排名|序号|±|较上年|比上年|报齐|应报|已报|缺报"
)


@dataclass(frozen=True)
class LabelledNumber:
    """The labels of a number of a table, with the unit and value that it has by them.

    `row` is the innermost label of its row, `text` are all labels.
    """

    text: str
    row: str
    column: str
    unit: str
    value: Decimal
    step: Decimal
    rough_step: Decimal


def label_statement_words(block: Block, numeral: Numeral) -> LabelledNumber | None:
    """Return what the labels say about the only number of a cell; None for changes and shares."""
    row, column = (_UNIT_IN_LABEL.sub("", label) for label in (block.row_label, block.column_label))
    if is_derived_label(block) or numeral.value is None:
        return None
    unit, factor = numeral.unit, Decimal(1)
    if not unit:
        scale, unit = _unit_of(block)
        parsed = parse_number(f"1{scale}") if scale else None
        factor = parsed[0] if parsed else factor
        factor = Decimal("0.01") if unit == "%" else factor
    return LabelledNumber(
        f"{row}{column}",
        row.split(LABEL_END)[-1],
        column,
        unit,
        numeral.value * factor,
        numeral.step * factor,
        numeral.rough_step * factor,
    )


def with_unit_before(text: str, numeral: Numeral) -> Numeral:
    """Return a number of a paragraph with the unit that stands before it: 罚款（万元）：3446.52."""
    match = None if numeral.unit or numeral.value is None else _UNIT_BEFORE.search(text, 0, numeral.start)
    if match is None or numeral.value is None:
        return numeral
    parsed = parse_number(f"1{match['scale']}") if match["scale"] else None
    factor = parsed[0] if parsed else Decimal("0.01") if match["unit"] == "%" else Decimal(1)
    return replace(
        numeral,
        unit=match["unit"],
        value=numeral.value * factor,
        step=numeral.step * factor,
        rough_step=numeral.rough_step * factor,
    )


def is_derived_label(block: Block) -> bool:
    """Whether the labels of a cell name a change, a share, a rank or how many units reported."""
    is_rate = block.row_label.endswith("率") and not _CHANGED.search(block.row_label)
    if is_rate and _SHARE.fullmatch(_UNIT_IN_LABEL.sub("", block.column_label)):
        return False  # in the column of shares a rate is itself
    return bool(_DERIVED.search(block.column_label) or _DERIVED.search(block.row_label))


def is_of_notes(block: Block) -> bool:
    """Whether a cell stands in a column of notes, whose numbers are not the row's figure: 备注 提速45%."""
    return bool(_NOTES.fullmatch(block.column_label))


def _unit_of(block: Block) -> tuple[str, str]:
    """Return the multiple and the unit that the labels name, the column's first; empty where none does."""
    if match := _UNIT_CELL.fullmatch(block.unit):
        return match["scale"], match["unit"]
    for label in (block.column_label, block.row_label):
        if match := _UNIT_IN_LABEL.search(label):
            return match["scale"] or match["end_scale"] or "", match["unit"] or match["end_unit"]
    return "", ""


def is_unit(text: str) -> bool:
    """Whether a cell names a unit and nothing else."""
    return bool(_UNIT_CELL.fullmatch(text)) or text in CLASSES
