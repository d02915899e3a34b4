"""Whose text it is: the bureau's, its government's, or that of another authority."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from transforms.proofread.scopes import UNKNOWN, RegionWords
from transforms.proofread.text import Block

REGION_NAME = r"(?:[一-龥]{2,7}?(?:省|市|州|县|区)|[省市县区州]|我[省市县区州])?"
_ORGAN = (
    r"(?:局|委员会|委|厅|支队|大队|法院|检察院|管理所|医院|中学|小学|一中|公司|集团|银行"
    r"|人民政府(?:办公[厅室])?|政府办公[厅室]|常务委员会|常委会)"
)
#: a title that begins with an authority: 某市水利局2023年…, 某市财政局关于…
_OF_TITLE = re.compile(rf"{REGION_NAME}[一-龥]{{0,14}}?{_ORGAN}(?=关于|20\d\d|[：:]|$|工作报告)")
_YEAR = r"(?:20\d\d年度?)?"
_GOVERNMENT_REPORT = re.compile(rf"{_YEAR}{REGION_NAME}{_YEAR}(?:人民)?政府工作报告")
#: lines below the title that say whose report it is
_OF_CONGRESS = re.compile(
    r"在([一-龥]{2,7}[省市州县区])第[一二三四五六七八九十\d]+届人民代表大会"
    r"|^([一-龥]{2,7}[省市州县区])(?:人民政府)?(?:代理?)?[省市州县区]长"
    r"|代表([一-龥]{0,7}[省市州县区])人民政府"
)
_NAMED_REGION = re.compile(r"(?:20\d\d年度?)?([一-龥]{2,7}[省市州县区])")
_SIGNATURE = re.compile(rf"{REGION_NAME}[一-龥]{{0,18}}{_ORGAN}")
_OWN_ORGAN = re.compile(r"环境|环保|生态|我局|本局|分局")
_GOVERNMENT = re.compile(r"政府(?:办公[厅室])?(?:工作报告)?$")
_OF_PROVINCE = re.compile(r"厅$")
_SPEECH, _DATE_BLOCKS = re.compile(r"(?:讲话|发言|致辞)(?:稿|提纲)?(?:$|[（(])"), 5
_NEWS = re.compile(r"本报讯|讯[（(]|记者|通讯员")
_DATED = re.compile(r"(?:^|[（(])20\d\d年\d{1,2}月(?:\d{1,2}日)?[）)]?$")
_COMPARES = re.compile(r"同比|同期|[比较与同](?:去年|上年)|由(?:去年|上年)|今年(?!以来)")
_TITLE_BLOCKS, _SIGNATURE_BLOCKS, _OPENING_BLOCKS = 3, 4, 6
#: words of the field, without which no number in a government's text is the bureau's
FIELD = re.compile(r"环境|环保|生态|排污|污染|我局|本局")


class Author(StrEnum):
    """Whose text it is. In one of a government a number is the bureau's only beside words of the field."""

    OURS = "ours"
    GOVERNMENT = "government"
    OTHER = "other"


def unit_of(blocks: Sequence[Block], regions: RegionWords) -> str | None:
    """Return the code of the unit that wrote a text: 某市生态环境局长岭分局 in its title or signature."""
    filled = [block for block in blocks[:50] if block.text and not block.is_cell]
    titles = [_OF_TITLE.match(block.text) for block in filled[:_TITLE_BLOCKS]]
    names = [title[0] for title in titles if title] or [block.text for block in _signatures(blocks)]
    codes = {regions.regions.names.find_unit(name) for name in names if _OWN_ORGAN.search(name)}
    code = codes.pop() if len(codes) == 1 else None
    known = regions.regions.regions
    return code if code in known and not known[code].is_bureau and not regions.is_unit else None


def _signatures(blocks: Sequence[Block]) -> list[Block]:
    """Return the lines at the end of a text that name an authority and nothing else."""
    last = [block for block in blocks[-50:] if block.text and not block.is_cell]
    is_long = len(last) > _SIGNATURE_BLOCKS
    return [block for block in last[-_SIGNATURE_BLOCKS:] if is_long and _SIGNATURE.fullmatch(block.text)]


def author_of(blocks: Sequence[Block], regions: RegionWords) -> Author:
    """Say whose text it is, by its title, else by its signature; ours where neither names an authority."""
    filled = [block for block in blocks[:50] if block.text and not block.is_cell]
    for index, block in enumerate(filled[:_TITLE_BLOCKS]):
        is_title = block.is_heading or index == 0  # a title without a stop runs into the first paragraph
        match = _GOVERNMENT_REPORT.match(block.text) or _OF_TITLE.match(block.text) if is_title else None
        if match and not block.text.startswith("关于"):
            if _GOVERNMENT_REPORT.match(match[0]) and not _NAMED_REGION.match(match[0]):
                return _government_of(filled[index + 1 : index + _OPENING_BLOCKS], regions)
            return _author_named(match[0], regions)
    authors = [_author_named(block.text, regions) for block in _signatures(blocks)]
    return Author.OURS if not authors or Author.OURS in authors else authors[-1]


def _government_of(blocks: Sequence[Block], regions: RegionWords) -> Author:
    """Return whose government reports, by the lines below the title; the region's own where none says it."""
    matches = [match for block in blocks for match in _OF_CONGRESS.finditer(block.text)]
    for name in (next(filter(None, match.groups())) for match in matches):
        if len(name) > 1:
            return _author_named(f"{name}人民政府", regions)
        if name in "县区" and not regions.is_unit:
            return Author.OTHER
    return Author.GOVERNMENT


def is_spoken_after(blocks: Sequence[Block], year: int) -> bool:
    """Whether a text looks back on the year from the one after: 讲话（2024年1月23日）, 本报讯 … 2023年.

    News name the year once, and call it last year from there on. So does what is dated in the year after,
    where it compares with no other year.
    """
    first = [block.text for block in blocks[:_DATE_BLOCKS]]
    last = [block.text for block in blocks[-_SIGNATURE_BLOCKS:]]
    if any(map(_SPEECH.search, first)) and any(f"{year + 1}年" in text for text in first):
        return True
    is_dated_after = any(_DATED.search(text) and f"{year + 1}年" in text for text in (*first, *last))
    if is_dated_after and not any(_COMPARES.search(block.text) for block in blocks):
        return True
    return any(_NEWS.search(text) and f"{year}年" in text for text in first)


def _author_named(name: str, regions: RegionWords) -> Author:
    """Return whose an authority's name is: ours only with a region of the table, or with none."""
    keys = {scope.key for _, scope in regions.find(name)}
    if _GOVERNMENT.search(name):
        is_unknown = not keys and bool(_NAMED_REGION.match(name))  # a county of another city
        return Author.OTHER if is_unknown or not keys <= {regions.own} else Author.GOVERNMENT
    is_elsewhere = bool(keys) and keys == {UNKNOWN}
    if (
        not _OWN_ORGAN.search(name)
        or is_elsewhere
        or (_OF_PROVINCE.search(name) and not regions.is_province)
    ):
        return Author.OTHER
    return Author.OURS
