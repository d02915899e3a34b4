"""What operators read is Chinese or English, as the settings say; one catalogue has all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flows.cli import COMMANDS, import_command, main
from flows.commands.help import wrap
from flows.language import _, choose_language, language_of, ngettext, translate
from schemas.sentences import Sentence
from tests.support.messages import (
    LANGUAGES,
    compile_catalogue,
    messages_to,
    po_of,
    read_catalogue,
    untranslated,
    wrong_placeholders,
)

CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    choose_language("en")


def commands(named: dict[str, click.Command], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in named.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command.commands, (*before, name))


ALL_COMMANDS = [(), *commands({name: import_command(name) for name in COMMANDS})]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_what_the_source_says_and_no_more(language: str) -> None:
    catalogue = {message.id for message in read_catalogue(language) if message.id}
    assert catalogue == messages_to(language), "run `make messages`, and translate new messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_the_same_placeholders(language: str) -> None:
    assert untranslated(read_catalogue(language)) == []
    assert wrong_placeholders(read_catalogue(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    compiled = po_of(language).with_suffix(".mo").read_bytes()
    assert compiled == compile_catalogue(read_catalogue(language)), "run `make messages`"


@pytest.mark.parametrize("command", ALL_COMMANDS, ids=" ".join)
def test_help_is_in_one_language(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZONG_LANGUAGE", "zh")
    text = CliRunner().invoke(main, [*command, "--help"]).output
    assert text.startswith("用法：")
    assert english_sentences(text) == []
    assert "None" not in text  # the bound of a number without bounds
    assert not re.search(r"\b(OPTIONS|ARGS|CODE|FILE|DIR|NAME|TIME|PERIOD|MONTH|TEXT)\b", text)
    monkeypatch.setenv("HUIZONG_LANGUAGE", "en")
    text = CliRunner().invoke(main, [*command, "--help"]).output
    assert text.startswith("Usage:")
    assert not CHINESE.search(text.replace("行政执法统计年报", ""))


def english_sentences(text: str) -> list[str]:
    """Return where two English words follow each other: not names of commands, options, files and ids."""
    text = re.sub(r"用法：.*|https?://\S+|/\S+|\S*[._]\S*|`[^`]*`|“[^”]*”|--?[\w-]+( [A-Z]\w+)?", "·", text)
    return re.findall(r"\b[a-z]{2,} [a-z]{2,}\b", text)


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        (["rerun"], "缺少选项", "Missing option"),
        (["rerun", "--uni", "x"], "没有 '--uni' 这个选项", "No such option"),
        (["nihgtly"], "没有 nihgtly 这个命令", "No such command"),
        (["indicators", "--period"], "选项 --period 后面要写", "requires an argument"),
        (["demo", "--year", "x"], "“x”不是整数", "is no whole number"),
    ],
)
def test_errors_of_use_are_in_the_language(
    arguments: list[str], chinese: str, english: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, expected in (("zh", chinese), ("en", english)):
        monkeypatch.setenv("HUIZONG_LANGUAGE", language)
        result = CliRunner().invoke(main, arguments)
        assert (result.exit_code, expected in result.output) == (2, True), result.output


@pytest.mark.parametrize(
    ("text", "variable", "language"),
    [
        ("", None, "zh"),
        ('language = "en"', None, "en"),
        ('\ufefflanguage = "en"', None, "en"),
        ('language = "en"', "zh", "zh"),
        ("", "en", "en"),
        ('language = "fr"', None, "zh"),
        ("language = ", None, "zh"),
    ],
)
def test_the_language_comes_from_the_environment_then_the_home(
    text: str, variable: str | None, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "huizong.toml").write_text(text, "utf-8")
    monkeypatch.delenv("HUIZONG_LANGUAGE")
    if variable:
        monkeypatch.setenv("HUIZONG_LANGUAGE", variable)
    assert language_of(tmp_path) == language


def test_another_language_is_reported_as_a_wrong_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIZONG_LANGUAGE", "fr")
    (tmp_path / "inbox").mkdir()
    result = CliRunner().invoke(main, ["--home", str(tmp_path), "status"])
    assert (result.exit_code, "language" in result.output) == (2, True)


def test_a_sentence_is_english_text_that_can_be_said_in_chinese() -> None:
    inner = Sentence("unknown error")
    sentence = Sentence("Invalid value: {message}", message=inner)
    assert sentence == "Invalid value: unknown error"
    assert translate(ValueError(sentence)) == sentence
    choose_language("zh")
    assert translate(ValueError(sentence)) == "值有误：不明错误"
    assert translate(OSError(2, "gone")) == "[Errno 2] gone"
    assert (_("Options"), ngettext("{value!r} is not {choice}.", "", 1)[:9]) == ("选项", "{value!r}")


def test_chinese_is_wrapped_by_columns_and_no_sign_that_closes_begins_a_line() -> None:
    assert wrap("汇总各单位的台账。", 8) == ["汇总各单", "位的台", "账。"]
    assert wrap("one two 三四", 9) == ["one two", "三四"]
