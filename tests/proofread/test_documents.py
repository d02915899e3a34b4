"""Documents as readers see them: Word with its hiding places, pages, Markdown, broken lines; comments."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from tests.support.proofread_texts import PROSE, SUMS, fill, read_as
from transforms.proofread.comment_docx import AUTHOR, comment_docx
from transforms.proofread.open_document import KINDS, UnreadableDocumentError, open_document
from transforms.proofread.text import TextRead


def figures_in(text: TextRead) -> list[tuple[str, str, str | None]]:
    return [
        (finding.text, finding.state.value, finding.indicator_id)
        for finding in read_as(text)
        if finding.state != "not_a_figure"
    ]


def word(*paragraphs: str, change: Callable[[Any], None] | None = None) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if change:
        change(document)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def page(text: str) -> bytes:
    lines = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return f"<html><head><title>9件</title><style>p{{}}</style></head><body>{lines}</body></html>".encode()


@pytest.mark.parametrize("ending", [".docx", ".html", ".md", ".txt"])
def test_the_same_report_is_the_same_in_every_kind_of_document(ending: str) -> None:
    text = fill(PROSE)
    data = {
        ".docx": word(*text.splitlines()),
        ".html": page(text),
        ".md": re.sub(r"(\d+)件", r"**\1**件", text).encode(),
        ".txt": text.encode("gb18030"),
    }[ending]
    findings = figures_in(open_document(data, ending).text)
    assert {state for _, state, _ in findings} == {"agrees"}
    assert sorted(str(name) for _, _, name in findings) == sorted(SUMS)


def test_positions_count_characters_of_the_text_as_read() -> None:
    text = open_document("\ufeff一、执法\r\n立案 248 件。".encode(), ".txt").text
    (finding,) = [finding for finding in read_as(text) if finding.indicator_id]
    assert "一、执法\n立案 248 件。"[finding.start : finding.end] == "248 件" == finding.text


def test_lines_broken_for_their_length_are_one_paragraph() -> None:
    text = "2023年全市生态环境系统坚持严格规范公正文明执法，共立案\n248件，收缴罚款2435.46\n万余元。\n\n复议案件61件。"
    assert figures_in(open_document(text.encode(), ".txt").text) == [
        ("248件", "agrees", "case_filed_count"),
        ("2435.46\n万余元", "agrees", "fine_collected_amount"),
        ("61件", "agrees", "reconsideration_count"),
    ]


TABLE = [
    ["指标", "单位", "2023年", "2022年", "同比"],
    ["立案", "件", "248", "200", "24%"],
    ["处罚款", "万元", "3446.52", "—", "—"],
    ["行政复议案件", "件", "62", "", ""],
    ["行政许可满意率", "%", "96.7", "", ""],
]
IN_TABLE = [
    ("248", "agrees", "case_filed_count"), ("200", "agrees", "case_filed_count"), ("24%", "agrees", "case_filed_count"),
    ("3446.52", "agrees", "fine_imposed_amount"),
    ("62", "differs", "reconsideration_count"), ("96.7", "agrees", "permit_satisfaction_rate"),
]  # fmt: skip
BY_UNIT = [
    ["单位", "立案（件）", "移动执法检查（家次）"],
    ["星河区", "90", "701"],
    ["长岭县", "60", "5"],
    ["合计", "248", "3948"],
]
IN_BY_UNIT = [
    ("90", "agrees", "case_filed_count"), ("701", "differs", "inspection_count"), ("60", "agrees", "case_filed_count"),
    ("248", "agrees", "case_filed_count"), ("3948", "agrees", "inspection_count"),
]  # fmt: skip


def word_table(rows: list[list[str]]) -> bytes:
    def add(document: Any) -> None:
        table = document.add_table(len(rows), len(rows[0]))
        for cells, values in zip(table.rows, rows, strict=True):
            for cell, value in zip(cells.cells, values, strict=True):
                cell.text = value

    return word(change=add)


@pytest.mark.parametrize(("rows", "expected"), [(TABLE, IN_TABLE), (BY_UNIT, IN_BY_UNIT)])
@pytest.mark.parametrize("ending", [".docx", ".html", ".md", ".txt"])
def test_numbers_in_tables_are_read_by_their_labels(
    ending: str, rows: list[list[str]], expected: list[tuple[str, str, str]]
) -> None:
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    data = {
        ".docx": word_table(rows),
        ".html": f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>".encode(),
        ".md": "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]]).encode(),
        ".txt": "\n".join("\t".join(row) for row in rows).encode(),
    }[ending]  # fmt: skip
    assert figures_in(open_document(data, ending).text) == expected


def test_a_cell_merged_over_rows_or_columns_is_read_once_and_labels_all_of_them() -> None:
    rows = [
        ["指标", "数值", "数值"],
        ["公平竞争审查文件", "政策措施（件）", "51"],
        ["", "合同（件）", "22"],
    ]

    def add(document: Any) -> None:
        table = document.add_table(3, 3)
        for cells, values in zip(table.rows, rows, strict=True):
            for cell, value in zip(cells.cells, values, strict=True):
                cell.text = value
        table.cell(0, 1).merge(table.cell(0, 2)).text = "数值"
        table.cell(1, 0).merge(table.cell(2, 0)).text = "公平竞争审查文件"

    text = open_document(word(change=add), ".docx").text
    assert text.text.count("公平竞争审查文件") == 1
    assert [name for _, _, name in figures_in(text)] == [
        "policy_review_policy_count",
        "policy_review_contract_count",
    ]


def add_hiding_places(document: Any) -> None:
    """Add text that libraries overlook: insertions, controls, links, boxes; and text that no reader sees."""
    run = '<w:r {extra}><w:t xml:space="preserve">{text}</w:t></w:r>'.format
    revision = 'w:id="1" w:author="甲" w:date="2024-01-01T00:00:00Z"'
    body = (
        f"<w:p {nsdecls('w')}>{run(extra='', text='立案')}<w:ins {revision}>{run(extra='', text='248')}</w:ins>"
        f"<w:del {revision}><w:r><w:delText>239</w:delText></w:r></w:del>"
        f"<w:hyperlink w:anchor='a'>{run(extra='', text='件')}</w:hyperlink>{run(extra='', text='，行政复议案件')}"
        f"<w:sdt><w:sdtContent>{run(extra='', text='61件')}</w:sdtContent></w:sdt>"
        f"<w:moveFrom {revision}>{run(extra='', text='，法制审核99次')}</w:moveFrom>"
        f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>，查封扣押99件</w:t></w:r>{run(extra='', text='。')}</w:p>"
    )
    document.element.body.insert(0, parse_xml(body))
    box = (
        f"<w:p {nsdecls('w')} xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'><w:r>"
        "<mc:AlternateContent><mc:Choice Requires='wps'><w:txbxContent><w:p><w:r><w:t>法制审核86次</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>法制审核86次</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    document.element.body.insert(1, parse_xml(box))
    document.sections[0].footer.paragraphs[0].text = "专题讲座45场次"


HIDDEN = [
    ("248件", "agrees", "case_filed_count"), ("61件", "agrees", "reconsideration_count"),
    ("86次", "differs", "legal_review_count"), ("45场次", "differs", "lecture_count"),
]  # fmt: skip


def test_word_is_read_as_its_readers_see_it() -> None:
    assert figures_in(open_document(word(change=add_hiding_places), ".docx").text) == HIDDEN


def test_a_footnote_is_read() -> None:
    note = "<w:footnote w:id='2'><w:p><w:r><w:t>立案249件</w:t></w:r></w:p></w:footnote>"
    notes = f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>"

    def add(document: Any) -> None:
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
        document.part.relate_to(
            part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
        )

    document = open_document(word("见注", change=add), ".docx")
    assert figures_in(document.text) == [("249件", "differs", "case_filed_count")]
    assert comments_of(commented(document)) == [("见注", "“249件”：看")]


def commented(document: Any) -> Any:
    marks = [
        (finding.start, finding.end, "看") for finding in read_as(document.text) if finding.is_doubtful
    ]
    return docx.Document(io.BytesIO(comment_docx(document.docx, marks)))


def comments_of(document: Any) -> list[tuple[str, str]]:
    """Return the text that each comment marks, and what it says."""
    marked = []
    for comment in document.comments:
        assert comment.author == AUTHOR
        is_within, text = False, ""
        for element in document.element.body.iter():
            own = element.get(qn("w:id")) == str(comment.comment_id)
            if own and element.tag == qn("w:commentRangeStart"):
                is_within = True
            elif own and element.tag == qn("w:commentRangeEnd"):
                is_within = False
            elif is_within and element.tag == qn("w:t"):
                text += element.text or ""
        marked.append((text, comment.text))
    return marked


def test_comments_mark_exactly_the_doubtful_numbers_and_formats_stay() -> None:
    def add(document: Any) -> None:
        paragraph = document.add_paragraph("全市立案")
        for text, is_bold in (
            ("25", True),
            ("8件，复议案件", False),
            ("62件", True),
            ("，诉讼案件31起", False),
        ):
            paragraph.add_run(text).bold = is_bold
        document.add_table(1, 1).cell(0, 0).text = "法制审核86次"

    before = open_document(word(change=add), ".docx")
    document = commented(before)
    assert comments_of(document) == [("258件", "看"), ("62件", "看"), ("86次", "看")]
    runs = [(run.text, run.bold) for run in document.paragraphs[0].runs if run.text]
    assert runs == [
        ("全市立案", None), ("25", True), ("8件", False), ("，复议案件", False), ("62件", True), ("，诉讼案件31起", False)
    ]  # fmt: skip
    saved = io.BytesIO()
    document.save(saved)
    assert open_document(saved.getvalue(), ".docx").text.text == before.text.text


def test_comments_of_inserted_text_boxes_and_footers_stand_where_word_has_comments() -> None:
    document = open_document(word("正文", change=add_hiding_places), ".docx")
    comments = comments_of(commented(document))
    assert comments[0][1] == "“86次”：看"
    assert comments[1] == ("立案", "“45场次”：看")


def test_a_page_is_read_as_a_browser_shows_it() -> None:
    source = (
        "<html><body><script>立案99件</script><style>立案98件</style><!-- 立案97件 --><p hidden>立案96件</p>"
        "<div>立案<b>24</b>8<i>件</i></div>复议案件<br>61件<p style='display:none'>立案95件</p>"
        "<table><tr><th rowspan=2>公平竞争审查</th><td>合同</td><td>22件</td></tr><tr><td>政策措施</td><td>51件</td></tr></table>"
        "</body></html>"
    )
    assert figures_in(open_document(source.encode(), ".html").text) == [
        ("248件", "agrees", "case_filed_count"),
        ("22件", "agrees", "policy_review_contract_count"),
        ("51件", "agrees", "policy_review_policy_count"),
    ]


def encrypted() -> bytes:
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"EncryptedPackage"


def other_zip() -> bytes:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as archive:
        archive.writestr("a.txt", "立案248件")
    return saved.getvalue()


@pytest.mark.parametrize(
    ("data", "ending", "words"),
    [
        (b"", ".docx", "save it as .docx"), (b"text", ".docx", "save it as .docx"), (other_zip(), ".docx", "save it as .docx"),
        (encrypted(), ".docx", "password"), (b"", ".doc", "save it as .docx"), (b"", ".wps", "save it as .docx"),
        (b"%PDF-1.7", ".pdf", "Word document"), (b"", ".xlsx", " ".join(KINDS)), (b"", "", "these can"),
        (b"\x80\x00\xff\xfe\x00\x81", ".txt", "UTF-8"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_refused_with_what_to_do(
    data: bytes, ending: str, words: str
) -> None:
    with pytest.raises(UnreadableDocumentError, match=re.escape(words)):
        open_document(data, ending)


def test_an_empty_document_has_no_figures() -> None:
    for data, ending in ((b"", ".txt"), (b"", ".html"), (b" ", ".md"), (word(), ".docx")):
        assert read_as(open_document(data, ending).text) == []
