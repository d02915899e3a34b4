"""Every ledger as a definition: it compiles, its headers are
unambiguous, it agrees with the list of fields.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemas.catalogue import ledgers
from schemas.ledgers.compile_ledger import compile_ledger
from schemas.ledgers.model import UNIT, Ledger, about, column, row_rule
from schemas.ledgers.rules import SUBMISSION_RULES, Severity
from schemas.ledgers.types import FIELD_TYPES, Date, Text
from tests.support.counties import GOOD_ROWS
from tests.support.validation import validate_rows
from transforms.read.layout.header_text import fold_header, split_money_unit
from transforms.validate.typing import PARSERS

CHINESE = re.compile(r"[一-鿿]")
EVERY_LEDGER = pytest.mark.parametrize("name", ledgers())


def agreed_ledgers() -> dict[str, tuple[str, str, list[str]]]:
    """Read title, natural key and the lines of the fields, by ledger."""
    ledgers_by_name: dict[str, tuple[str, str, list[str]]] = {}
    text = Path(__file__).with_name("agreed_ledgers.txt").read_text("utf-8")
    for line in filter(None, text.split("\n\n", 1)[1].splitlines()):
        if line.startswith("# "):
            name, title, key = line.removeprefix("# ").split(": ")
            ledgers_by_name[name] = (title, key, [])
        else:
            ledgers_by_name[name][2].append(line)
    return ledgers_by_name


def key_text(key: tuple[tuple[tuple[str, ...], ...], ...]) -> str:
    return " | ".join("+".join("|".join(part) for part in alternative) for alternative in key)


@EVERY_LEDGER
def test_is_what_was_agreed(name: str) -> None:
    definition = ledgers()[name]
    title, key, lines = agreed_ledgers()[name]
    assert (definition.title, key_text(definition.natural_key)) == (title, key)
    field_lines = []
    for field in definition.fields:
        default = (
            "" if field.default is None else " = yes" if field.default is True else f" = {field.default}"
        )
        kind = f"{field.type.kind}{' private' if field.private else ''}{default}"
        line = f"{field.name}{'*' if field.required else ''} | {kind} | {' ; '.join(field.headers)} | {','.join(field.allowed)}"
        field_lines.append(line.removesuffix(" | "))
    assert field_lines == lines


@EVERY_LEDGER
def test_has_title_key_and_dated_field(name: str) -> None:
    definition = ledgers()[name]
    assert definition.name == name
    assert definition.title.endswith("台账")
    assert definition.field(definition.dated_by).type.kind == "date"
    last = {field for part in definition.natural_key[-1] for field in part} - {UNIT}
    assert any(definition.field(field).required for field in last), "a row must always have a key"


def test_titles_and_names_are_distinct() -> None:
    assert len({ledger.title for ledger in ledgers().values()}) == len(ledgers())


@EVERY_LEDGER
def test_no_header_means_two_fields(name: str) -> None:
    owner: dict[str, str] = {}
    for field in ledgers()[name].fields:
        for header in field.headers:
            folded = split_money_unit(header)[0] if field.type.kind == "money" else fold_header(header)
            assert owner.setdefault(folded, field.name) == field.name, header
            assert header == header.strip()
            assert CHINESE.search(header)


@EVERY_LEDGER
def test_no_header_occurs_twice(name: str) -> None:
    headers = [header for field in ledgers()[name].fields for header in field.headers]
    assert len(headers) == len(set(headers))


@EVERY_LEDGER
def test_field_names_say_their_type(name: str) -> None:
    for field in ledgers()[name].fields:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
        assert (field.type.kind == "money") == field.name.endswith("_fen")
        assert not field.name.endswith("_on") or field.type.kind == "date"
        assert not field.name.startswith(("is_", "has_")) or field.type.kind == "boolean"


@EVERY_LEDGER
def test_rules_are_well_formed(name: str) -> None:
    definition = ledgers()[name]
    fields = "|".join(definition.field_names())
    for rule_id, rule in definition.rules().items():
        assert rule_id == rule.rule_id
        assert re.fullmatch(rf"{name}\.(?:{fields})\.[a-z][a-z_]*", rule_id)
        assert CHINESE.search(rule.problem)
        for text in (rule.problem, rule.expected, rule.remedy):
            assert not text.endswith(("。", "，", "；", " ")), "the finding sets the full stops"
            assert "{" not in text.replace("{detail}", "")
        assert rule.remedy or rule.severity is Severity.NOTICE


@EVERY_LEDGER
def test_a_row_rule_does_not_hide_a_rule_of_its_field(name: str) -> None:
    definition = ledgers()[name]
    ids = [row_rule.rule.rule_id for row_rule in definition.row_rules]
    assert len(ids) == len(set(ids))
    for field in definition.fields:
        assert not (field.required and f"{name}.{field.name}.required" in ids)


@pytest.mark.parametrize("rule_id", SUBMISSION_RULES)
def test_submission_rules_are_well_formed(rule_id: str) -> None:
    rule = SUBMISSION_RULES[rule_id]
    assert re.fullmatch(r"(?:file|sheet|submission|row)\.[a-z][a-z_]*", rule_id)
    assert CHINESE.search(rule.problem) or rule.problem == "{detail}"
    for text in (rule.problem, rule.expected, rule.remedy):
        assert not text.endswith(("。", "，", "；", " "))
    assert rule.remedy or rule.severity is Severity.NOTICE


@EVERY_LEDGER
def test_good_row_has_no_finding(name: str) -> None:
    result = validate_rows(name, {})
    assert result.findings.empty
    assert result.submissions.loc[0].tolist() == [1, 0, "accepted"]
    assert result.rows[name].columns.tolist() == [
        *ledgers()[name].stored_columns(), "row_key", "handling_rank", "source_row", "submission",
    ]  # fmt: skip


def test_every_ledger_has_a_good_row() -> None:
    assert GOOD_ROWS.keys() == ledgers().keys()


def test_every_type_has_a_parser_and_words() -> None:
    assert {field_type.kind for field_type in FIELD_TYPES} == PARSERS.keys()
    for field_type in FIELD_TYPES:
        assert CHINESE.search(field_type.expected)
        assert all(CHINESE.search(fault.problem) for fault in field_type.faults.values())


class Sample(Ledger):
    sample_no: Text = column("编号", required=True)
    taken_on: Date = column("日期")


@pytest.mark.parametrize(
    ("natural_key", "dated_by", "handled_by", "named"),
    [
        ("sample_no+depth", "taken_on", None, "depth"),
        ("sample_no", "held_on", None, "held_on"),
        ("sample_no", "taken_on", "office", "office"),
        ("sample_no | depth|sample_no", "taken_on", None, "depth"),
    ],
)
def test_a_name_that_is_no_field_is_rejected(
    natural_key: str, dated_by: str, handled_by: str | None, named: str
) -> None:
    class Wrong(Sample):
        class Config(Ledger.Config):
            metadata = about(
                title="样品台账",
                row="一个样品",
                natural_key=natural_key,
                dated_by=dated_by,
                handled_by=handled_by,
            )

    with pytest.raises(ValueError, match=rf"ledger samples: no field {named}; it has sample_no, taken_on"):
        compile_ledger("samples", Wrong)


def test_a_row_rule_on_no_field_is_rejected() -> None:
    class Wrong(Sample):
        class Config(Ledger.Config):
            metadata = about(title="样品台账", row="一个样品", natural_key="sample_no", dated_by="taken_on")

        @row_rule("depth.odd", Severity.ERROR, "不对", remedy="请核对")
        def odd(frame):  # type: ignore[no-untyped-def]
            return frame["sample_no"].isna()

    with pytest.raises(ValueError, match="no field depth"):
        compile_ledger("samples", Wrong)
