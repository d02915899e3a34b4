"""Long and hostile texts: the time grows with their length, and what is too long is refused in a sentence."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from tests.support.proofread_texts import claims, read_as
from transforms.proofread import open_document as opening
from transforms.proofread.numerals import find_numerals
from transforms.proofread.open_document import UnreadableDocumentError, open_document
from transforms.proofread.text import LONGEST_BLOCK, Block, pieces_of

#: seconds of the processor; with time by the square of the length each would need minutes
MOST_SECONDS = 10
LONG = {
    "one sentence": "、".join(f"{number % 9}件" for number in range(2500)),
    "figures in a sentence": "".join(f"立案{number}件，" for number in range(2500)),
    "lines": "1\n" * 2500,
    "digits": "1" * 100_000,
    "numerals": "一" * 60_000,
    "half": "半" * 60_000,
    "regions": "长岭县" * 8_000,
    "blanks": "1 a" * 20_000 + " " * 100_000,
    "wide table": "立案\t" * 8_000 + "\n" + "1\t2\n" * 500,
    "tables": "立案\t1\t2\n\n" * 1200,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_the_time_grows_with_the_length(text: str) -> None:
    before = time.process_time()
    read_as(open_document(text.encode(), ".txt").text)
    assert time.process_time() - before < MOST_SECONDS


@pytest.mark.parametrize(
    "page",
    ["<div>" * 50_000 + "1件", "<table><tr><td>" * 3000, "<table><tr>" + "<td rowspan=100>1" * 3000, "<!-- -->"],
    ids=["blocks", "tables", "spans", "nothing"],
)  # fmt: skip
def test_deep_and_odd_pages_are_read_or_refused(page: str) -> None:
    try:
        read_as(open_document(page.encode(), ".html").text)
    except UnreadableDocumentError as error:
        assert "the page cannot be read" in str(error)  # noqa: PT017 - either will do


@pytest.mark.parametrize(
    ("limit", "length"), [("MOST_BYTES", 20), ("MOST_CHARACTERS", 10), ("MOST_NUMBERS", 3)]
)
def test_a_text_that_is_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, length: int
) -> None:
    text = "1件、2件、3件、4件。".encode()
    assert open_document(text, ".txt").text.text
    monkeypatch.setattr(opening, limit, length)
    with pytest.raises(UnreadableDocumentError, match="too long to be proofread"):
        open_document(text, ".txt")


def test_numbers_without_end_are_no_figures() -> None:
    for text in ("1" * 40 + "件", "1" + "0" * 50 + "件", "1亿亿亿亿件", "立案" + "1万" * 50 + "件"):
        assert [numeral.guard for numeral in find_numerals(text)] == ["identifier"], text
    assert find_numerals("3.2万亿元")[0].value == Decimal("3.2e12")


def test_long_paragraphs_are_read_in_pieces_and_none_is_lost() -> None:
    text = "全市立案248件，讲座44场次。" * 400
    block = Block(text, range(len(text)))
    pieces = list(pieces_of(block))
    assert "".join(piece.text for piece in pieces) == text
    assert max(len(piece.text) for piece in pieces) <= LONGEST_BLOCK
    assert [state for _, state, _ in claims(text)] == ["agrees"] * 800
    assert list(pieces_of(Block("短", (0,)))) == [Block("短", (0,))]


@pytest.mark.parametrize("tag", ["b", "div"])
def test_what_lies_deep_in_a_page_is_read(tag: str) -> None:
    page = f"<{tag}>" * 300 + "2023年全市立案5件。" + f"</{tag}>" * 300
    assert "立案5件" in open_document(page.encode(), ".html").text.text


def test_a_page_of_which_something_would_be_left_out_is_refused() -> None:
    page = "<div>" * 5000 + "2023年全市立案5件。" + "</div>" * 5000
    with pytest.raises(UnreadableDocumentError):
        open_document(page.encode(), ".html")


def test_a_span_of_any_length_is_read() -> None:
    page = f"<table><tr><td colspan='{'9' * 5000}'>立案</td><td>5件</td></tr></table>"
    assert "5件" in open_document(page.encode(), ".html").text.text


@pytest.mark.parametrize(
    "text", [f"处罚款{'9' * 30}元，立案5件。", f"同比增长{'9' * 5000}%。", f"立案{'9' * 250}件。", f"处罚款{'9' * 24}亿元。",
             f"处罚款{'9' * 24}至3亿元。"],
)  # fmt: skip
def test_a_number_that_counts_nothing_is_no_figure(text: str) -> None:
    findings = read_as(open_document(f"2023年全市{text}".encode(), ".txt").text)
    assert all(finding.state == "not_a_figure" for finding in findings if "99" in finding.text)
