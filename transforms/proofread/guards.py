"""Numbers that are no figures: dates, document numbers, ordinals, lengths of time, names of plans."""

from __future__ import annotations

import re

_CN = "零〇○一二两三四五六七八九十百"
_TO = "[-—–－~～至到]"
_MONTH_DAY = rf"[{_CN}]{{1,2}}月(?:[{_CN}]{{1,3}}日|份)"
_IN_UNIT = r"(?![\d.,%万亿件起人家次元])"
#: kind of a number that is no figure, and how it is written; earlier ones win
_PATTERNS = (
    ("identifier", r"\d{26,}"),
    ("title", r"《[^《》]{1,60}》"),
    ("quoted", r"“[^“”]{1,12}”|「[^「」]{1,12}」|\"[^\"]{1,12}\""),
    ("document_no", r"[〔\[（(【]\d{4}[〕\]）)】](?:第)?\d+(?:[-－]\d+)?号?|\d+号(?:令|文件|公告)?"),
    ("document_no", r"[A-Za-z]+[-/_.]?[A-Za-z]?\d[\d.\-—]*"),
    ("date", r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}日?|(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]"),
    ("date", rf"\d{{4}}年?{_TO}\d{{4}}年"),
    ("date", rf"(?:19|20)\d\d年度?(?:\d{{1,2}}{_TO}\d{{1,2}}月|\d{{1,2}}月份?|第?[一二三四1-4]季度)?"),
    ("date", rf"\d{{1,2}}月?{_TO}\d{{1,2}}月份?|\d{{1,2}}月份?(?!\d)"),
    ("date", rf"第?[一二三四1-4](?:季度)?{_TO}第?[一二三四1-4]季度|第?[一二三四1-4]季度|前[三两二]个?季度"),
    ("date", rf"[二一][{_CN}]{{3}}年(?:[{_CN}]{{1,2}}月)?(?:[{_CN}]{{1,3}}日)?|{_MONTH_DAY}"),
    ("date", rf"[{_CN}]{{1,2}}月(?=[，、底末初])"),
    ("date", r"\d{1,2}[日号](?=[，、。前起下上至晚早])|\d{1,2}[:：]\d{2}(?!\d)"),
    ("title", r"[二三四五两\d]个配套办法"),
    ("plan", r"[十一二三四五六七八九]{1,2}五(?:普法|规划|计划|期间|时期|以来|末)"),
    ("ordinal", rf"第(?:\d+|[{_CN}千]{{1,9}})(?:季度|次|条|款|项|届|批|期|号|章|节|名|位|个|类|轮|卷|版|起|件|家|场)?"),
    ("ordinal", r"(?:(?<=[见如])[表图]|附[表件图])\d+(?:[-—]\d+)?(?![\d.]*[万亿件起家次元%])"),
    ("ordinal", r"\d\ufe0f?\u20e3"),
    ("ordinal", rf"^(?:\d{{1,2}}(?:\.\d{{1,2}})*[、.．)）](?!\d)|[{_CN}]{{1,3}}[、.．])"),
    ("ordinal", rf"[（(](?:\d{{1,2}}|[{_CN}]{{1,3}})[）)]"),
    ("telephone", rf"(?<!\d)(?:0\d{{2,3}}[-—－]?\d{{7,8}}|1[3-9]\d{{9}}|123\d\d){_IN_UNIT}"),
    ("telephone", rf"(?<!\d)400[-—－]?\d{{3}}[-—－]?\d{{4}}{_IN_UNIT}"),
    ("duration", rf"(?:\d+(?:\.\d+)?|[{_CN}半]{{1,9}})(?:{_TO}(?:\d+|[{_CN}]{{1,9}}))?个?(?:多|余)?"
                 r"(?:工作日|自然日|小时|分钟|天|日(?!常)|周|年(?!度)|月(?!份)|岁|季度|星期)"),
    ("several_regions", r"(?<=全省)\d{1,3}个(?:市州|州市|地级市|设区市|县市区|区县)"),
    ("temperature", r"(?:零下)?\d+(?:\.\d+)?[多余]?(?:℃|摄氏度|度(?=以?上?的?(?:高温|低温|气温|酷暑|烈日|严寒)))"),
    ("fraction", rf"(?:[{_CN}]{{1,9}}|\d+)分之(?:[{_CN}]+|\d+)"),
    ("identifier", rf"(?<![\d.])\d{{9,}}{_IN_UNIT}|\d+\.\d+\.\d+[\d.]*"),
)  # fmt: skip
GUARDS = tuple((kind, re.compile(pattern, re.MULTILINE)) for kind, pattern in _PATTERNS)
#: what takes the place of a number that is no figure, so that nothing around it reads as one
BLANK = "\0"
_HAS_NUMBER = re.compile(rf"[\d{_CN}]")
_PERCENT_IN_WORDS = "百分之"


def find_guarded(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return (start, end, kind) of what is no figure, and the text with blanks in its place."""
    spans: list[tuple[int, int, str]] = []
    for kind, pattern in GUARDS:
        matches = [match for match in pattern.finditer(text) if _is_guarded(kind, match[0])]
        spans += [(*match.span(), kind) for match in matches]
        pieces, position = [], 0
        for match in matches:
            pieces += [text[position : match.start()], BLANK * len(match[0])]
            position = match.end()
        text = "".join([*pieces, text[position:]])
    return sorted(spans), text


def _is_guarded(kind: str, text: str) -> bool:
    """Whether a match is one: with a number that no earlier pattern took, and no percentage in words."""
    is_percent = kind == "fraction" and _PERCENT_IN_WORDS in text
    return BLANK not in text and not is_percent and bool(_HAS_NUMBER.search(text))
