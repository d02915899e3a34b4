"""Chinese words that the glossary has dropped: one thing has one word on pages, in mails and documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

#: a word that is not used (a pattern), and the one in its place; docs/glossary.md says what it means
INSTEAD = {
    "填报员|填表人|录入员|县区经办人": "填报人员",
    "操作员": "市局业务人员",
    "(?<!系统)(?<!数据库)管理员": "市局业务人员, 系统管理员 or 数据库管理员",
    "维护人员|运维人员": "系统管理员",
    "读者": "查阅人员",
    "区县": "县区",
    "上报|送出|报出": "报送",
    "重新报送|再次报送": "重报",
    "重跑|补报重算|重新接收": "重新入库",
    "夜间接收|夜间入库": "每夜入库",
    "重新核验": "重新校验",
    "已改报": "已重报",
    "收件夹": "收件箱",
    "已被替换|已由.{0,12}替换": "已被代替",
}
_WORD = re.compile("|".join(f"(?P<w{number}>{pattern})" for number, pattern in enumerate(INSTEAD)))
#: where people read Chinese; a folder stands for what is below it
READ_BY_PEOPLE = (
    "README.zh.md", "docs", "flows", "schemas/ledgers", "schemas/states.py", "transforms/receipt", "transforms/report",
    "transforms/template", "transforms/bulletin", "transforms/dictionary",
)  # fmt: skip
#: what imitates the files of counties has their words
WORDS_OF_COUNTIES = ("flows/sample_year",)
_SUFFIXES = (".py", ".md", ".html", ".po")


def list_chinese_files(root: Path) -> list[Path]:
    """Return the files with Chinese text for people."""
    files = list[Path]()
    for name in READ_BY_PEOPLE:
        path = root / name
        files += [path] if path.is_file() else path.rglob("*")
    return sorted(
        file
        for file in files
        if file.suffix in _SUFFIXES
        and not any(file.is_relative_to(root / name) for name in WORDS_OF_COUNTIES)
    )


def find_dropped_words(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line of each dropped word, the word, and the one in its place."""
    replacements = list(INSTEAD.values())
    for number, line in enumerate(text.splitlines(), 1):
        for match in _WORD.finditer(line):
            assert match.lastgroup is not None
            yield number, match[0], replacements[int(match.lastgroup[1:])]


def check_chinese_words(root: Path) -> list[str]:
    """Return one line for each dropped word, as `file:line: word -> what to use instead`."""
    return [
        f"{file.relative_to(root)}:{line}: {word} -> {instead}"
        for file in list_chinese_files(root)
        for line, word, instead in find_dropped_words(file.read_text("utf-8"))
    ]
