"""Write the instruction sheet (填报说明) of a template, for a clerk who knows Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from schemas.catalogue import indicators
from schemas.figures.indicator import rosters
from schemas.forms import EXAMPLE_MARK, INSTRUCTIONS_SHEET, NOTHING_SHEET, RECEIPT_SHEET, REQUIRED_MARK
from schemas.ledgers.compiled import LedgerDefinition, Ledgers
from schemas.reporting.replacement import DELIVERY_CHOICES, DELIVERY_LABELS
from transforms.template import looks
from transforms.template.ledger_sheet import SERIAL, WAYS_OF_NOTHING
from transforms.template.words import (
    OPTIONAL,
    PRIVATE,
    REQUIRED,
    SOMETIMES,
    entry,
    money_unit,
    need,
    remarks,
    same_row,
)

TABLE_HEADERS = ("栏目", "是否必填", "填什么", "说明")
WIDTHS = (26, 12, 46, 60)
NUMERALS = "一二三四五"
IDENTITY = (
    "先填表头上方的两格：“填报单位”从下拉列表中选本单位；“填报期间”写年份和月份，如 2023年6月。"
    "一张表只报一个单位、一个月。"
)
HOW_TO_FILL = (
    f"从{EXAMPLE_MARK}的下面一行填起，一条一行。不要合并格子，不要在中间加小计。{EXAMPLE_MARK}那一行不计入，留着、删掉都可以，"
    f"但不要在上面改。超过 1000 行的，接着往下填就行。",
    f"栏名（带颜色的那一行）不要改，不要删。带 {REQUIRED_MARK} 的必填。多加的栏不会读取。",
)
AFTER_PASTING = (
    "从别的表里粘贴时，请用“选择性粘贴—数值”，不然会把这里的下拉列表和格式冲掉。",
    "日期写成 2023-06-05 的样子，要写到日。",
    "编号、文号、代码的栏已经设成文本格式，照原样录入，前面的 0 和 18 位代码都不会变。",
)
NEEDS = f"“{REQUIRED}”的栏每一行都要填；“{SOMETIMES}”的栏，说明里写的情况下要填；“{OPTIONAL}”的栏，有就填，没有就空着。"


def write_instructions(book: Any, sheet: Any, ledger: LedgerDefinition, ledgers: Ledgers) -> None:
    """Write the paragraphs and the table of all fields to `sheet`."""
    rows = count()
    _write_title(book, sheet, next(rows), f"{ledger.title}{INSTRUCTIONS_SHEET}")
    for numeral, (title, texts) in zip(NUMERALS, _sections(ledger).items(), strict=True):
        _write_section(book, sheet, rows, f"{numeral}、{title}", texts)
    table = next(rows)
    _write_table(book, sheet, table, ledger, ledgers)
    _set_up_page(sheet)
    sheet.repeat_rows(table)


def write_instructions_of_all(
    book: Any, sheet: Any, chosen: Sequence[LedgerDefinition], ledgers: Ledgers
) -> None:
    """Write what holds for all ledgers of a workbook, then a paragraph and the table of each."""
    rows = count()
    _write_title(book, sheet, next(rows), INSTRUCTIONS_SHEET)
    sections = {
        "怎样填": [f"每种台账一张工作表，本月有内容的才填；没有的，在“{NOTHING_SHEET}”里打 √。", *HOW_TO_FILL, *AFTER_PASTING],
        "本月没有内容可报": [
            f"也要报。{WAYS_OF_NOTHING}"
            "没有填、也没有写明本月没有的台账，这一份就没有报它。打了 √ 又填有内容的，系统会提醒核对。"
        ],
        "报送以后": _afterwards(),
        "各栏怎样填": [NEEDS, "以下按台账列出，顺序与工作表相同。"],
    }  # fmt: skip
    for numeral, (title, texts) in zip(NUMERALS, sections.items(), strict=False):
        _write_section(book, sheet, rows, f"{numeral}、{title}", texts)
    for ledger in chosen:
        _write_section(book, sheet, rows, ledger.title, [*_same(ledger), *_of_fields(ledger)])
        _write_table(book, sheet, next(rows), ledger, ledgers)
        for _ in range(len(ledger.fields) + 1):  # those of the table, and a blank one
            next(rows)
    _set_up_page(sheet)


def _write_title(book: Any, sheet: Any, row: int, title: str) -> None:
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    _write_line(sheet, row, title, book.add_format(looks.TITLE), 30)


def _write_section(book: Any, sheet: Any, rows: Iterator[int], title: str, texts: Sequence[str]) -> None:
    section, paragraph = book.add_format(looks.SECTION), book.add_format(looks.PARAGRAPH)
    _write_line(sheet, next(rows), title, section, 26)
    for number, text in enumerate(texts, start=1):
        numbered_text = f"{number}. {text}" if len(texts) > 1 else text
        height = looks.row_height([numbered_text], [sum(WIDTHS)])
        _write_line(sheet, next(rows), numbered_text, paragraph, height)


def _set_up_page(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(looks.PAPER_A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write_line(sheet: Any, row: int, text: str, look: Any, height: float) -> None:
    sheet.merge_range(row, 0, row, len(WIDTHS) - 1, text, look)
    sheet.set_row(row, height)


def _sections(ledger: LedgerDefinition) -> dict[str, list[str]]:
    """Return the paragraphs by section title; the table follows the last section."""
    return {
        "怎样填": _how_to_fill(ledger),
        "本月没有内容可报": [
            f"也要报。选好填报单位、写好填报期间，在{EXAMPLE_MARK}下面一行的“{SERIAL}”格写“无”，照样报送，"
            "系统记作“零报告”；什么都不填的，系统会提醒核对；不报的，记作“未报”。"
        ],
        "什么算同一条": _same(ledger),
        "报送以后": _afterwards(),
        "各栏怎样填": [NEEDS],
    }


def _same(ledger: LedgerDefinition) -> list[str]:
    """Say what one row is, and whether a later month repeats it: each month's roster is the whole one."""
    same = same_row(ledger) + "同一条只填一行；填了两行而内容不同的，两行都先不收。"
    if ledger.name in rosters(indicators().values()):
        return [
            same,
            "这种台账是名册，每个月都报当时的全部，不是只报变动的：没有变动的也要照填。以前月份报过的，不填就不再计入；"
            "写“无”、打 √ 的，就是一条也没有了。",
        ]
    return [
        same,
        "以前月份报过的，有了新进展需要再报时，这几栏照原样填写，系统就知道是同一条，不会重复计数。",
    ]


def _how_to_fill(ledger: LedgerDefinition) -> list[str]:
    name = f"一张工作表只填一种台账。本页、工作表“{ledger.title}”的名称都不用改。"
    return [IDENTITY, *HOW_TO_FILL, name, *AFTER_PASTING, *_of_fields(ledger)]


def _of_fields(ledger: LedgerDefinition) -> list[str]:
    """Return what to know of the units of amounts, and which fields are private."""
    texts = list[str]()
    if amounts := [field for field in ledger.fields if field.type.kind == "money"]:
        texts.append(_amounts({field.header: money_unit(field) for field in amounts}))
    if private := [f"“{field.header}”" for field in ledger.fields if field.private]:
        texts.append(f"{'、'.join(private)}是{PRIVATE.replace('，', '，对外')}。")
    return texts


def _amounts(units: dict[str, str]) -> str:
    """Explain the units 元 and 万元, because mixing them up is the most harmful mistake."""
    headers = "；".join(f"“{header}”填的是{unit}" for header, unit in units.items())
    return f"金额看清栏名里的单位：{headers}。三万五千元，按万元填 3.5，按元填 35000。只填数字，不写“元”“万元”。"


def _afterwards() -> list[str]:
    return [
        f"系统逐格检查，退给您一份“{RECEIPT_SHEET}”：就是您报的这张表，有问题的格子涂了颜色，写明哪里不对、应当怎样改。",
        "有错误的行先不收，其他行照常收下；只是提醒核对的行也已经收下。",
        f"改好以后，把这个月的整张表重新报一次，“{DELIVERY_LABELS[0]}”选“{DELIVERY_CHOICES[0]}”："
        "重报的表会整张代替以前报的，少了的行不再计入。",
        f"只报补充或改过的几行的，“{DELIVERY_LABELS[0]}”选“{DELIVERY_CHOICES[1]}”：以前报的照旧有效，编号相同的行以这次的为准。",
        "什么都没选而又少了很多行的，系统不知道是哪一种，先不计入，等本单位或市局确认。",
    ]


def _write_table(book: Any, sheet: Any, first: int, ledger: LedgerDefinition, ledgers: Ledgers) -> None:
    body_format = book.add_format(looks.BODY)
    head = book.add_format({**looks.HEAD, "bg_color": looks.EXAMPLE_GROUND})
    sheet.set_row(first, 22)
    for column, text in enumerate(TABLE_HEADERS):
        sheet.write_string(first, column, text, head)
    for row, field in enumerate(ledger.fields, start=first + 1):
        need_word = need(ledger, field)
        cells = (field.header, need_word, entry(field), "；\n".join(remarks(ledger, field, ledgers)))
        sheet.set_row(row, looks.row_height(cells, WIDTHS))
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, body_format)
        ground = {**looks.BODY, "align": "center", "bg_color": looks.HEAD_COLOURS[need_word]}
        sheet.write_string(row, 1, need_word, book.add_format(ground))
