"""Chapter of terms: names and meanings of the codes in views, receipts and exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.figures.display import DISPLAY_WORDS
from schemas.ledgers.rules import SEVERITY_WORDS, Severity
from schemas.ledgers.types import FIELD_TYPES, FieldType
from schemas.states import REPORT_WORDS, SUBMISSION_WORDS, Word
from transforms.dictionary.structure import Chapter, DictionaryEntry, DictionaryTable, Group, facts
from transforms.normalise.booleans import NO, YES

WORDS = "用语"
INTRO = "系统、视图和导出文件里的代号，叫什么，是什么意思。"


def kind_id(kind: str) -> str:
    return f"words.kind.{kind}"


def severity_id(severity: Severity) -> str:
    return f"words.severity.{severity}"


def display_id(display: str) -> str:
    return f"words.display.{display}"


def word_chapter() -> Chapter:
    """Build the chapter that explains types, severities and forms of display."""
    kinds = {field_type.kind: _describe_type(field_type) for field_type in FIELD_TYPES}
    displays = {display: Word(words.split("，")[0], words) for display, words in DISPLAY_WORDS.items()}
    groups = (
        _group("severity", "轻重", SEVERITY_WORDS),
        _group("submission", "受理结果", SUBMISSION_WORDS),
        _group("report", "报送情况", REPORT_WORDS),
        _group("kind", "栏目类型", kinds),
        _group("display", "公布写法", displays),
    )
    return Chapter("words", "用语", INTRO, groups)


def _group(name: str, title: str, words: Mapping[Any, Word]) -> Group:
    entries = (
        DictionaryEntry(
            f"words.{name}.{code}", facts({"用语": word.title, "代号": str(code), "意思": word.meaning})
        )
        for code, word in words.items()
    )
    return Group(f"words.{name}", title, tables=(DictionaryTable(WORDS, tuple(entries)),))


def _describe_type(field_type: type[FieldType]) -> Word:
    answers = _accepted_answers(field_type.kind)
    return Word(field_type.title, f"填：{field_type.expected}。{answers}存为：{field_type.stored}。")


def _accepted_answers(kind: str) -> str:
    return f"“是”也认：{' '.join(YES[1:])}。“否”也认：{' '.join(NO[1:])}。" if kind == "boolean" else ""
