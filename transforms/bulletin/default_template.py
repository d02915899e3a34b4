"""The default Word template: the sections and sentences of `sections.py`, tables and annexes.

`huizong report --write-template` hands it out to be edited in Word or WPS.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section as PageSection
from docx.shared import Length, Mm, Pt
from docx.text.paragraph import Paragraph

from transforms.bulletin.sections import MAIN_FIGURES, SECTIONS, Section
from transforms.bulletin.word_tables import (
    CENTER,
    FANG,
    HEI,
    LEFT,
    RIGHT,
    SONG,
    format_closely,
    keep_together,
    make_table,
    repeat_heads,
    set_font,
    write_cell,
)

TITLE_LINES = ("{{ 地区 }}{{ 期间 }}", "行政执法和法治建设情况报告")
BODY_SIZE, TITLE_SIZE, NOTE_SIZE = 14.0, 20.0, 9.0
MARGIN = Mm(26)
#: titles of the columns of a table, what stands in a row, its alignment and width in mm
Columns = Sequence[tuple[str, str, object, int]]
FIGURES: Columns = (
    ("指标", "{{ 行.名称 }}", LEFT, 50), ("本期", "{{ 行.本期 }}", RIGHT, 28), ("上年", "{{ 行.上年 }}", RIGHT, 30),
    ("同比", "{{ 行.同比 }}", CENTER, 38), ("报齐", "{{ 行.报齐 }}", CENTER, 12),
)  # fmt: skip
QUALITY: Columns = (
    ("单位", "{{ 行.单位 }}", LEFT, 38), ("应报", "{{ 行.应报 }}", RIGHT, 18), ("按时", "{{ 行.按时 }}", RIGHT, 18),
    ("迟报", "{{ 行.迟报 }}", RIGHT, 18), ("缺报", "{{ 行.缺报 }}", RIGHT, 18), ("按时率", "{{ 行.按时率 }}", RIGHT, 22),
    ("一次通过率", "{{ 行.一次通过率 }}", RIGHT, 26),
)  # fmt: skip
ADJUSTMENTS: Columns = (
    ("类别", "{{ 行.类别 }}", CENTER, 20), ("单位", "{{ 行.单位 }}", LEFT, 40), ("台账", "{{ 行.台账 }}", LEFT, 54),
    ("月份", "{{ 行.月份 }}", CENTER, 24), ("行数", "{{ 行.行数 }}", RIGHT, 20),
)  # fmt: skip
MOVED: Columns = (
    ("指标", "{{ 行.名称 }}", LEFT, 42), ("原公布", "{{ 行.原数 }}", RIGHT, 28), ("现在", "{{ 行.现数 }}", RIGHT, 28),
    ("原因", "{{ 行.原因 }}", LEFT, 60),
)  # fmt: skip


@cache
def default_template() -> bytes:
    """Build the template."""
    document = docx.Document()
    _drop_old_parts(document)
    _set_styles(document)
    _set_page(document.sections[0])
    document.core_properties.title = "".join(TITLE_LINES)
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.core_properties.language = "zh-CN"
    _write_opening(document)
    for section in SECTIONS:
        _write_section(document, section)
    _write_tables(document)
    _write_statistics(document)
    _write_quality(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _drop_old_parts(document: Document) -> None:
    """Drop a second copy of the styles, which contradicts the first, and the picture of an empty page."""
    package = document.part.package
    assert package is not None
    for relations in (document.part.rels, package.rels):
        for name, relation in list(relations.items()):
            if relation.reltype.endswith(("/stylesWithEffects", "/thumbnail")):
                relations.pop(name)


def _set_styles(document: Document) -> None:
    for name, font, size in (
        ("Normal", FANG, BODY_SIZE),
        ("Heading 1", HEI, BODY_SIZE),
        ("Heading 2", HEI, BODY_SIZE),
    ):
        style = document.styles[name]
        style.font.name, style.font.size = font, Pt(size)
        style.font.bold = False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for each in list(fonts.attrib):
            if "Theme" in each:
                del fonts.attrib[each]
        fonts.set(qn("w:eastAsia"), font)
        colors = style.element.rPr.findall(qn("w:color"))
        for color in colors:
            style.element.rPr.remove(color)
        form = style.paragraph_format
        form.line_spacing, form.space_after = 1.4, Pt(2)
        form.space_before = Pt(0 if name == "Normal" else 8)


def _set_page(section: PageSection, *, is_landscape: bool = False) -> None:
    """Set A4 with margins, and the footer that tells where the figures come from."""
    width, height = (Mm(297), Mm(210)) if is_landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = width, height
    section.left_margin = section.right_margin = Mm(20) if is_landscape else MARGIN
    section.top_margin = section.bottom_margin = Mm(22)
    section.footer.is_linked_to_previous = False
    footer = section.footer.paragraphs[0]
    footer.alignment = CENTER
    format_closely(footer)
    set_font(footer.add_run("{{ 标识 }}　第"), SONG, 7.5)
    _add_field(footer, "PAGE")
    set_font(footer.add_run("页 共"), SONG, 7.5)
    _add_field(footer, "NUMPAGES")
    set_font(footer.add_run("页"), SONG, 7.5)


def _add_field(paragraph: Paragraph, name: str) -> None:
    """Add a field with a run for each of its parts: some programs format it by these only."""
    for kind in ("begin", "", "separate", "1", "end"):
        run = paragraph.add_run()
        set_font(run, SONG, 7.5)
        if kind in ("begin", "separate", "end"):
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:t" if kind else "w:instrText")
            element.text = kind or name
        run._r.append(element)


def _write_opening(document: Document) -> None:
    title = document.add_paragraph()
    title.alignment = CENTER
    title.paragraph_format.space_after = Pt(6)
    for number, line in enumerate(TITLE_LINES):
        run = title.add_run()
        if number:
            run.add_break()
        run.add_text(line)
        set_font(run, SONG, TITLE_SIZE, is_bold=True)
    subtitle = document.add_paragraph()
    subtitle.alignment = CENTER
    set_font(subtitle.add_run("（{{ 公布 }}，数据截至{{ 数据截至 }}）"), FANG, 12)
    _only_if(document, "是暂定", ["{{ 暂定说明 }}"], is_bold=True)


def _write_section(document: Document, section: Section) -> None:
    """Write a section, which is left out for a region that has none of its figures."""
    _plain(document, f"{{%p if 有.{section.name} %}}")
    document.add_heading(f"{{{{ 序.{section.name} }}}}、{section.heading}", 1)
    for text in section.paragraphs:
        _text(document, text)
    _only_if(document, f"上年说明.{section.name}", [f"{{{{ 上年说明.{section.name} }}}}"])
    for title in section.charts:
        _chart(document, f"{{{{ 月图.{title} }}}}")
    _plain(document, "{%p endif %}")


def _write_tables(document: Document) -> None:
    document.add_heading("{{ 序.指标 }}、指标一览", 1)
    _caption(document, "表1　{{ 地区 }}{{ 期间 }}各项指标")
    _loop_table(document, "指标表", FIGURES)
    _note(
        document,
        "带“*”的数字是暂定的：有单位还没有报齐。“报齐”是已经报齐的单位数和应报的单位数。“—”表示没有数，不等于零。带“†”的上年数是以前公布、后来录入的。",
    )
    _plain(document, "{%p if 有.单位表 %}")
    document.add_heading("{{ 序.单位 }}、各单位主要指标", 1)
    _caption(document, "表2　各单位{{ 期间 }}主要指标")
    columns = [(title, f"{{{{ 行.{title} }}}}", RIGHT, width) for title, width in MAIN_FIGURES.items()]
    _loop_table(
        document, "单位表", [("单位", "{{ 行.名称 }}", LEFT, 30), *columns], size=8.0, is_together=True
    )
    _note(document, "几个单位都报的同一事项只计一次，各单位之和因此可能大于{{ 地区 }}的数。")
    for title in ("立案", "处罚款"):
        _chart(document, f"{{{{ 单位图.{title} }}}}")
    _plain(document, "{%p endif %}")
    document.add_heading("{{ 序.报送 }}、数据报送情况", 1)
    _text(document, "{{ 报送情况 }}各单位的情况和缺报的台账见附件。")


def _write_statistics(document: Document) -> None:
    """Write the annex with the forms of the yearly statistics, on pages that lie on their side.

    It is left out with its pages for a period that is no year: what ends it stands behind its section break.
    """
    landscape = _add_section(document)
    _plain(document, "{%p if 有.统计表 %}")
    _set_page(landscape, is_landscape=True)
    document.add_heading("附件1　行政执法统计年报表", 1)
    _plain(document, "{{ 统计表 }}")


def _add_section(document: Document) -> PageSection:
    """Begin a section on a new page; its break stands in the last paragraph, where programs leave it."""
    section: PageSection = document.add_section(WD_SECTION.NEW_PAGE)
    empty = document.paragraphs[-1]._p
    last = document.paragraphs[-2]._p
    last.get_or_add_pPr().append(empty.get_or_add_pPr().find(qn("w:sectPr")))
    empty.getparent().remove(empty)
    return section


def _write_quality(document: Document) -> None:
    _set_page(_add_section(document))
    _plain(document, "{%p endif %}")
    document.add_heading("附件{{ '2' if 有.统计表 else '' }}　数据质量", 1)
    document.add_heading("（一）报送是否及时、一次通过", 2)
    _loop_table(document, "报送质量", QUALITY)
    _note(document, "退回而没有重报的计入缺报。一次通过率是首次报送就全部收下的份数占已报份数的比例。")
    _plain(document, "{%p if 缺报清单 %}")
    _text(document, "还没有报齐的台账：")
    _plain(document, "{%p for 行 in 缺报清单 %}")
    _note(document, "{{ 行.内容 }}")
    _plain(document, "{%p endfor %}")
    _plain(document, "{%p endif %}")
    document.add_heading("（二）市局对数据的更正与决定", 2)
    _plain(document, "{%p if 更正清单 %}")
    _loop_table(document, "更正清单", ADJUSTMENTS)
    _plain(document, "{%p else %}")
    _text(document, "没有正在起作用的更正、豁免、确认或撤回。")
    _plain(document, "{%p endif %}")
    document.add_heading("（三）公布以后的变动", 2)
    _text(document, "{{ 变动说明 }}")
    _plain(document, "{%p if 变动清单 %}")
    _loop_table(document, "变动清单", MOVED)
    _plain(document, "{%p endif %}")
    document.add_heading("（四）口径", 2)
    _plain(document, "{%p for 行 in 说明清单 %}")
    _note(document, "{{ 行.内容 }}")
    _plain(document, "{%p endfor %}")
    _note(document, "数字由规则版本{{ 规则版本 }}计算，校验码{{ 校验码 }}：校验码相同的文件，数字也相同。")


def _plain(document: Document, text: str) -> None:
    """Add a paragraph that only directs what follows."""
    paragraph = document.add_paragraph()
    format_closely(paragraph)
    set_font(paragraph.add_run(text), SONG, NOTE_SIZE)


def _only_if(document: Document, condition: str, texts: Sequence[str], *, is_bold: bool = False) -> None:
    _plain(document, f"{{%p if {condition} %}}")
    for text in texts:
        _text(document, text, is_bold=is_bold)
    _plain(document, "{%p endif %}")


def _text(document: Document, text: str, *, is_bold: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Pt(2 * BODY_SIZE)
    set_font(paragraph.add_run(text), FANG, BODY_SIZE, is_bold=is_bold)


def _chart(document: Document, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = CENTER
    paragraph.paragraph_format.line_spacing = 1.0
    set_font(paragraph.add_run(text), SONG, NOTE_SIZE)


def _caption(document: Document, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = CENTER
    paragraph.paragraph_format.keep_with_next = True
    set_font(paragraph.add_run(text), HEI, 11)


def _note(document: Document, text: str) -> None:
    paragraph = document.add_paragraph()
    format_closely(paragraph)
    paragraph.paragraph_format.space_before = Pt(3)
    set_font(paragraph.add_run(text), SONG, NOTE_SIZE)


def _loop_table(
    document: Document, rows: str, columns: Columns, size: float = NOTE_SIZE, *, is_together: bool = False
) -> None:
    """Add a table whose third row is repeated for each row of a list; `is_together`: on one page."""
    widths: list[Length] = [Mm(width) for *_, width in columns]
    table = make_table(document, 4, widths)
    for index, (head, text, align, _) in enumerate(columns):
        write_cell(table.cell(0, index), head, size=size, is_head=True)
        write_cell(table.cell(2, index), text, align, size)
    write_cell(table.cell(1, 0), f"{{%tr for 行 in {rows} %}}", size=size)
    write_cell(table.cell(3, 0), "{%tr endfor %}", size=size)
    repeat_heads(table, 1)
    if is_together:
        keep_together(table)
