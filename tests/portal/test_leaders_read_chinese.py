"""What a reader sees is Chinese: no English word, no id, no path; only the names of file formats stay."""

from __future__ import annotations

import html
import re

import pytest

from schemas.periods import months_in_words
from tests.support.portal_site import Site

PAGES = [
    "/figures?year=2023", "/figures?year=2023&region=990102", "/figures/fine_imposed_amount?year=2023",
    "/figures/head_appearance_rate?year=2023&region=990102", "/penalties?year=2023", "/coverage?year=2023",
    "/report?year=2023", "/figures/nothing", "/morning",
]  # fmt: skip
#: formats of files, as people call them, and the name of the account here
ALLOWED = {"CSV", "Excel", "Word", "reader"}
#: what no browser shows
UNSEEN = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)
SHOWN_ATTRIBUTES = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
#: an English word or a name for programs; 2023-06 and 2023-Q2 are periods for programs too
FOREIGN = re.compile(r"[A-Za-z][A-Za-z_]+|20[0-9]{2}-(?:Q[1-4]|[0-9]{2})|/[\w.]+/")


def foreign_words(page: str) -> set[str]:
    shown = " ".join([UNSEEN.sub(" ", page), *SHOWN_ATTRIBUTES.findall(page)])
    return set(FOREIGN.findall(html.unescape(shown))) - ALLOWED


@pytest.mark.parametrize("path", PAGES)
def test_a_readers_page_has_no_foreign_word(reported_once: Site, path: str) -> None:
    assert foreign_words(reported_once.visitor("reader").get(path).text) == set()


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p class='note'>2023年6月，Excel</p>", set()),
        ("<p>fine_imposed_amount</p>", {"fine_imposed_amount"}),
        ("<p>2023-06</p><script>var x</script>", {"2023-06"}),
        ('<a aria-label="last year">去年</a>', {"last", "year"}),
    ],
)
def test_a_foreign_word_is_seen(page: str, words: set[str]) -> None:
    assert foreign_words(page) == words


def test_months_of_a_sentence_are_in_words() -> None:
    assert (
        months_in_words("长岭县 2023-01 to 2023-03, 2023-05：台账")
        == "长岭县 2023年1月至2023年3月、2023年5月：台账"
    )
    assert months_in_words("2023-06/990102/a.xlsx 2023-06-07") == "2023-06/990102/a.xlsx 2023-06-07"
