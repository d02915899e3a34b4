"""The check of words and layers rejects what it should, names it, and accepts everything else."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.support.check_layers import check_imports, find_circles, find_layer_violations
from tests.support.check_words import ROOT, check_markdown, check_python, main
from tests.support.chinese_words import check_chinese_words, find_dropped_words


@pytest.mark.parametrize(
    "source",
    [
        "told = 1",
        "for one in rows: pass",
        "names = [at for at in range(3)]",
        "def place(): pass",
        "def read(found): pass",
        "def read(*, which=None): pass",
        "class anew: pass",
        "self.several = 1",
        "try: pass\nexcept OSError as told: pass",
        "import numpy as one",
        "if (found := 1): pass",
        "class _Said: pass",
        "OTHERS = ()",
    ],
)
def test_vague_names_are_rejected(source: str) -> None:
    assert len(check_python(source)) == 1


def test_good_names_pass() -> None:
    source = "received_at = 1\nfor submission in found_rows: submission.at[0] = place.one\n"
    assert check_python(source) == []


@pytest.mark.parametrize("base", ["Exception", "ValueError", "click.ClickException"])
def test_an_exception_is_named_error(base: str) -> None:
    [problem] = check_python(f"class NotReadable({base}): pass")
    assert problem.instead.startswith("NotReadableError")
    assert check_python(f"class NotReadableError({base}): pass") == []


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        ('"""Read a file.\n\nWhat is told of it.\n"""', 3, "told"),
        ("x = 1  # A fault of ours", 1, "fault of ours"),
        ("# all rows, but\n# for the first\nx = 1", 1, "but for"),
        ("def read():\n    '''Read it anew.'''", 2, "anew"),
    ],
)
def test_phrases_in_docstrings_and_comments_are_rejected(source: str, line: int, word: str) -> None:
    [problem] = check_python(source)
    assert (problem.line, " ".join(problem.word.split())) == (line, word)


def test_code_in_backticks_and_single_words_are_no_wording() -> None:
    assert check_python('"""Return `told`."""\ncolumn = "told"\n') == []
    assert check_markdown("`told`\n\n```\nanew\n```\n") == []


def test_phrases_in_messages_are_rejected_outside_the_tests() -> None:
    source = 'x = 1\nmessage = f"{x} has to be made anew"\n'
    assert [(problem.line, problem.word) for problem in check_python(source)] == [(2, "anew")]
    assert check_python(source, has_messages=False) == []


def test_phrases_in_markdown_are_rejected_on_their_line() -> None:
    problems = check_markdown("```\ncode\n```\nLet go of it, whoever\nyou are.\n")
    assert [(problem.line, problem.word) for problem in problems] == [(4, "Let go"), (4, "whoever")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("请填报员上报", ["填报员", "上报"]),
        ("请管理员看一下", ["管理员"]),
        ("填报人员报送后由系统管理员、数据库管理员处理", []),
    ],
)
def test_dropped_chinese_words_are_rejected_on_their_line(text: str, words: list[str]) -> None:
    assert [(line, word) for line, word, _ in find_dropped_words(f"一\n{text}")] == [(2, w) for w in words]


def test_pages_and_catalogues_have_no_dropped_chinese_word() -> None:
    assert check_chinese_words(ROOT) == []


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("schemas", "import transforms.read"),
        ("transforms", "from warehouse.engine import reading"),
        ("warehouse", "import prefect"),
        ("flows", "from sqlalchemy import select"),
        ("schemas", "from pathlib import Path"),
    ],
)
def test_an_import_against_the_layers_is_rejected(package: str, source: str) -> None:
    assert len(list(check_imports(package, source))) == 1


def test_imports_along_the_layers_pass() -> None:
    assert list(check_imports("flows", "import os, prefect, schemas.regions, warehouse.engine")) == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one module that breaks a rule of each kind."""
    (tmp_path / "schemas").mkdir()
    source = '''\
        """Read what counties send."""
        import flows.settings

        told = 1
        '''
    (tmp_path / "schemas" / "regions.py").write_text(textwrap.dedent(source), "utf-8")
    (tmp_path / "NOTES.md").write_text("Read it again.\n", "utf-8")
    return tmp_path


def test_output_names_file_line_word_and_what_to_use(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schemas"], repository) == 1
    words, layers = capsys.readouterr().out.splitlines()
    assert words.startswith("schemas/regions.py:4: told -> the noun of what it holds")
    assert layers == "schemas/regions.py: schemas must not import flows"
    assert find_layer_violations(repository) == [layers]


def test_a_clean_repository_passes(repository: Path) -> None:
    (repository / "schemas" / "regions.py").unlink()
    assert main([], repository) == 0


def test_a_wrong_path_is_an_error(repository: Path) -> None:
    assert main(["no_such_folder"], repository) == 2


def test_a_circle_of_sub_packages_is_found(tmp_path: Path) -> None:
    for name, source in {
        "ingest": "import flows.refresh.status",
        "refresh": "from flows import ingest",
    }.items():
        (tmp_path / "flows" / name).mkdir(parents=True)
        (tmp_path / "flows" / name / "status.py").write_text(source, "utf-8")
    circle = frozenset({"flows.ingest", "flows.refresh"})
    assert find_circles(tmp_path) == {circle}
    assert find_layer_violations(tmp_path) == ["import circle: flows.ingest, flows.refresh"]


def test_sub_packages_that_import_one_way_make_no_circle(tmp_path: Path) -> None:
    (tmp_path / "flows" / "ingest").mkdir(parents=True)
    (tmp_path / "flows" / "refresh").mkdir()
    (tmp_path / "flows" / "ingest" / "load.py").write_text("import flows.refresh.status", "utf-8")
    (tmp_path / "flows" / "refresh" / "status.py").write_text("import os", "utf-8")
    assert find_circles(tmp_path) == set()
