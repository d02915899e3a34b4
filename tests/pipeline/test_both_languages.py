"""Every command over a loaded home, in both languages: none is mixed within a line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import COMMANDS, main
from flows.language import choose_language
from schemas.catalogue import indicators, ledgers
from tests.conftest import CITY_TABLE
from tests.support.counties import ledger_bytes, put

WRONG = {"fine_fen": "待定", "decision_no": "某环罚(星)〔2023〕2号"}
#: what follows the name of a command, of the others nothing
COMMAND_LINES = {
    "rerun": ["--unit", "星河区", "--period", "2023-06"],
    "backfill": ["--from", "2023-05", "--to", "2023-07"],
    "status": ["--period", "2023"],
    "indicators": ["--period", "2023"],
    "explain": ["case_filed_count", "--period", "2023"],
    "changes": ["--since", "2023-01-01", "--period", "2023", "--indicator", "case_filed_count"],
    "statistics": ["--year", "2023"],
    "publish": ["--period", "2023", "--provisional"],
    "export": ["--out", "OUT/export"],
    "template": ["cases", "--out", "OUT"],
    "dictionary": ["--out", "OUT/dictionary.html"],
    "check": ["OUT/处罚.xlsx", "--out", "OUT"],
    "grant-reader": ["leser"],
    "account": ["add", "科员", "--role", "clerk", "--unit", "星河区"],
}
#: wrong use, whose sentences name what is right
MISTAKES = [
    ["rerun", "--unit", "没有", "--period", "2023-06"],
    ["explain", "没有", "--period", "2023"],
    ["indicators", "--period", "2023", "--region", "没有"],
    ["indicators", "--period", "2023", "--publication", "7"],
    ["indicators", "--period", "2023-13"],
    ["status", "--out", "/nirgends/催报.csv"],
    ["changes", "--since", "gestern"],
    ["backfill", "--from", "2023-06", "--to", "2023-05"],
    ["publish", "--period", "2023"],
    ["verify", "--anchor", "xyz"],
    ["template", "没有", "--out", "OUT"],
    ["account", "reset", "没有"],
    ["publish", "--period", "2021", "--from-file", "OUT/公布.csv"],
]
#: served until stopped, or tried elsewhere; demo takes long
NOT_HERE = {"serve", "portal", "demo", "proofread", "report"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a report taken, one taken in part, one refused and one that came again."""
    home = tmp_path_factory.mktemp("loaded") / "home"
    (home / "inbox").mkdir(parents=True)
    (home / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (home / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    put(home / "inbox", "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}))
    put(home / "inbox", "2023-06/990102/处罚.xlsx", ledger_bytes("penalties", {}, WRONG))
    put(home / "inbox", "2023-06/990121/立案.xlsx", b"no workbook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        yield home


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command(
    language: str, loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIZONG_LANGUAGE", language)
    home, out = tmp_path / "home", tmp_path / "out"
    out.mkdir()
    shutil.copytree(loaded, home)
    put(out, "处罚.xlsx", ledger_bytes("penalties", {}, WRONG))
    put(out, "公布.csv", "indicator_id,published_text\ncase_filed_count,多\nx,3\n".encode())
    first = run(home, out, ["nightly"])
    put(
        home / "inbox",
        "2023-06/990102/立案2.xlsx",
        ledger_bytes("cases", {"case_no": "某环立(星)〔2023〕9号"}),
    )
    lines = [
        first,
        *(run(home, out, [name, *options]) for name, options in lines_of(language).items()),
        run(home, out, ["account", "list"]),
        run(home, out, ["publish", "--period", "2023", "--provisional"]),
        *(run(home, out, mistake) for mistake in MISTAKES),
        run(tmp_path / "nirgends", out, ["status"]),
    ]
    choose_language("en")
    find = english_in if language == "zh" else chinese_in
    assert {line: mixed for text in lines for line in text.splitlines() if (mixed := find(line))} == {}


def lines_of(language: str) -> dict[str, list[str]]:
    """Return the command lines, of a new command its name alone.

    The yearly tables are published forms, which are Chinese in each language.
    """
    left_out = NOT_HERE | ({"statistics"} if language == "en" else set())
    return {name: COMMAND_LINES.get(name, []) for name in COMMANDS if name not in left_out}


def run(home: Path, out: Path, arguments: list[str]) -> str:
    arguments = [argument.replace("OUT", str(out)) for argument in arguments]
    result = CliRunner().invoke(main, ["--home", str(home), *arguments], prog_name="huizong")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


#: commands, options, ids, paths, names of files, digests: they are the same in both languages
SAME = re.compile(
    r"Usage:.*|用法：.*|\bhuizong [a-z-]+|--?[a-z][\w-]*( [A-Z]\w*)?|\S*[/_.=]\S*|`[^`]*`|'[^']*'|\[\[\w+\]\]|\b[0-9a-f]{12,}"
)


def english_in(line: str) -> list[str]:
    """Return where two English words follow each other."""
    return re.findall(r"\b[A-Za-z]{2,},? [a-z]{2,}\b", SAME.sub("·", line))


#: what is Chinese in itself: what a county wrote or reads on a receipt, definitions, units of figures
QUOTED = re.compile(
    r"(文件|工作表|第 \d+ 行)“.*|(Definition|Rule|Source): .*|[A-Z]\d+ +某环.*号|代替了.*号"
    r"|[—\d.](余?元|万元|万余元|件|%|个)|figure in 件|(counts|Units) \(\w+\)|[\w（）〔〕()-]*\d+号"
    r"|请使用统一的台账模板.*|应为含有台账.*|\S*期限已过.*"
)


def chinese_in(line: str) -> list[str]:
    """Return the Chinese that is no name, no title and not quoted."""
    names = [
        "公开处罚决定",
        "送达处罚决定书",
        "作出处罚决定",
        "某市本级",
        "某市",
        "星河区",
        "长岭县",
        "临江市",
        "科员",
        "没有",
    ]
    names += [ledger.title for ledger in ledgers().values()]
    names += [indicator.title for indicator in indicators().values()]
    for name in sorted(names, key=len, reverse=True):
        line = line.replace(name, "·")
    return re.findall(r"[\u3400-\u9fff]+", SAME.sub("·", QUOTED.sub("·", line)))
