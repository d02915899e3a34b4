"""A wrong option, a wrong value, a missing one, no home: every command says so in whole Chinese sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flows.cli import COMMANDS, import_command, main
from flows.language import choose_language

#: two English words in a row; names of options, and what is quoted, are none
ENGLISH = re.compile(r"[A-Za-z]{2,} +[A-Za-z]{2,}")
NAMES = re.compile(r"`[^`]*`|“[^”]*”|'[^']*'|--[a-z-]+|huizong( [a-z-]+)*|/[^ ]*")
#: a sentence of Chinese that ends or goes on as an English one
ENDS_IN_ENGLISH = re.compile(r"[一-鿿] ?[.?](?= |$)|[。？] +[一-鿿]")


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("HUIZONG_LANGUAGE", "zh")
    monkeypatch.chdir(tmp_path)
    yield
    choose_language("en")


def commands(
    named: dict[str, click.Command], before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in named.items():
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command.commands, (*before, name))


ALL_COMMANDS = list(commands({name: import_command(name) for name in COMMANDS}))


def said_of(*args: str) -> str:
    result = CliRunner().invoke(main, ["--home", "没有的", *args], prog_name="huizong")
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code, args
    return result.output


def english_in(text: str) -> list[str]:
    lines = [NAMES.sub("", line) for line in text.splitlines()]
    return [line for line in lines if ENGLISH.search(line) or ENDS_IN_ENGLISH.search(line)]


def wrong_uses(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
    """Yield arguments that the command's own options refuse, so that it never begins."""
    yield (*path, "--nosuch")
    yield (*path, "--hel")
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag:
            name = max(option.opts, key=len)
            yield (*path, name)
            if isinstance(option.type, click.Choice | click.IntRange) or option.type is click.INT:
                yield (*path, name, "错")
                yield (*path, name, "-7")
    if any(option.required for option in command.params) or isinstance(command, click.Group):
        yield path
    if isinstance(command, click.Group):
        yield (*path, "nosuch")


@pytest.mark.parametrize(
    ("path", "command"), ALL_COMMANDS, ids=lambda part: "-".join(part) if isinstance(part, tuple) else ""
)
def test_a_wrong_use_is_said_in_chinese(path: tuple[str, ...], command: click.Command) -> None:
    for args in wrong_uses(path, command):
        if "-7" in args and "publication" in args[-2]:
            continue  # a number like any other
        assert english_in(said_of(*args)) == []


@pytest.mark.parametrize(
    "args",
    [
        ("status",), ("indicators", "--period", "2023"), ("explain", "x", "--period", "2023"), ("verify",), ("deadlines",),
        ("changes", "--since", "2023-01-01"), ("backfill", "--from", "2023-01", "--to", "2023-02"),
        ("status", "--period", "2023-99"), ("rerun", "--unit", "x", "--period", "2023"), ("nosuch",), ("stattus",),
        ("report",), ("report", "--period", "2023", "--out", "x.pdf"),
    ],
)  # fmt: skip
def test_without_a_home_the_way_on_is_said_in_chinese(args: tuple[str, ...]) -> None:
    assert english_in(said_of(*args)) == []


def test_the_nearest_name_and_the_choices_are_said() -> None:
    assert "是不是 status？" in said_of("stattus")
    assert "没有 '--perod' 这个选项。是不是 --period？" in said_of("status", "--perod", "2023")
    assert "缺少选项 --role。可以写：clerk、operator、reader。" in said_of("account", "add", "某人")
    assert "缺少参数“指标”。" in said_of("explain")
    assert "“错”不在可选的值里：penalties、permits" in said_of("disclosure", "--kind", "错")
    assert "-7 不在 0 至 3660 之间" in said_of("deadlines", "--within", "-7")
    assert "“错”不是整数" in said_of("report", "--publication", "错")
    assert said_of("status", "--perod").startswith("用法：huizong status")


@pytest.mark.parametrize(
    ("text", "is_english"),
    [("缺少选项 --role. 可选：", True), ("Try that for help", True),
        ("没有这个选项。 是不是", True), ("没有 --x 这个选项。", False)],
)  # fmt: skip
def test_english_is_seen(text: str, is_english: bool) -> None:
    assert bool(english_in(text)) == is_english
