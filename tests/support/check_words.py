"""Check names and wording against the glossary, and imports against the layers. `make lint` runs it.

    python -m tests.support.check_words            # all files except released migrations
    python -m tests.support.check_words flows/     # these files

Wording is checked in docstrings, comments and pages, and outside the tests in strings of several words, which
people read as messages or help. Words in backticks are code and are not checked as wording.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.check_layers import find_layer_violations
from tests.support.chinese_words import check_chinese_words

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "transforms", "warehouse", "flows", "tests", "benchmarks")

#: released migrations are never altered, so they are checked only when they are named
RELEASED = "warehouse/migrations/versions/"

#: a name that says too little, also with a leading underscore or a capital, and what to use instead
IDENTIFIERS = {
    "told": "the noun of what it holds: message, description, reported_findings",
    "one": "the noun of what it is: submission, row, column",
    "at": "index, position or row_number; for an instant a name that ends in _at",
    "place": "position, location or path; an opened home is a workspace",
    "found": "the noun of what it holds: findings, match, rows",
    "which": "the noun of what is chosen: kind, name, ledger",
    "several": "the plural of what it holds: submissions, rows",
    "anew": "again, or the imperative verb: rebuild, reload",
    "said": "the noun of what it holds: text, hint, context",
    "asked": "requested, or the noun: request, question, pending_reports",
    "given": "the noun of what it holds: value, hint, options",
    "taken": "the noun of what it holds: accepted_rows, used_names",
    "drawn": "rendered, or the noun: cells, sheet",
    "alike": "the noun of what is equal: duplicates, same_rows",
    "rest": "the noun of what is left: remainder, remaining_files",
    "others": "the noun of what they are: other_rows, remaining_units",
}
#: a phrase that is out of use or private to this project, and what to write instead
PHRASES = {
    "fault of ours": "internal error",
    "as they are by then": "the state at that moment, named",
    "told": "reported, said, described or notified",
    "anew": "again",
    "of ours": "of this project, or leave it out",
    "so many": "the number, or 'that many'",
    "but for": "except for",
    "whoever": "anyone who, or the person or program by name",
    "let go": "released, dropped or freed",
}
EXCEPTION_BASE = re.compile(r"BaseException|\w*(Exception|Error)")
CODE_IN_MARKDOWN = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
CODE_IN_COMMENT = re.compile(r"`[^`\n]*`")
PHRASE = re.compile(
    r"\b(" + "|".join(phrase.replace(" ", r"\s+") for phrase in PHRASES) + r")\b", re.IGNORECASE
)


@dataclass(frozen=True, order=True)
class Problem:
    """A word that is not to be used, and what to use instead."""

    line: int
    word: str
    instead: str


def check_python(source: str, *, has_messages: bool = True) -> list[Problem]:
    """Return the problems of a Python module, in the order of its lines.

    `has_messages`: whether its strings are for people; those of tests quote what is rejected.
    """
    tree = ast.parse(source)
    problems = [
        Problem(line, name, IDENTIFIERS[name.strip("_").lower()])
        for name, line in _list_defined_names(tree)
        if name.strip("_").lower() in IDENTIFIERS
    ]
    problems += _check_exception_names(tree)
    messages = _list_messages(tree) if has_messages else ()
    for first_line, text in (*_list_docstrings(tree), *_list_comments(source), *messages):
        problems += _check_phrases(_blank_out(CODE_IN_COMMENT, text), first_line)
    return sorted(set(problems))


def check_markdown(source: str) -> list[Problem]:
    """Return the problems of a Markdown page, in the order of its lines."""
    return _check_phrases(_blank_out(CODE_IN_MARKDOWN, source), 1)


def _list_defined_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each name that the module gives to something, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name):
                yield name, node.lineno
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name, node.lineno
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name, node.lineno
            case ast.alias(asname=str(name)):
                yield name, node.lineno


def _check_exception_names(tree: ast.Module) -> Iterator[Problem]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or node.name.endswith("Error"):
            continue
        bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
        if any(EXCEPTION_BASE.fullmatch(base) for base in bases):
            yield Problem(node.lineno, node.name, f"{node.name}Error: names of exceptions end in Error")


def _list_docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the docstrings with their first line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body[:1]:
                case [ast.Expr(value=ast.Constant(value=str(text)) as docstring)]:
                    yield docstring.lineno, text


def _list_messages(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of several words with their first line; docstrings are among them."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if " " in text.strip():
                yield node.lineno, text


def _list_comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield the comments with their first line; comments on lines that follow each other are one text."""
    first_line, lines = 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if lines and token.start[0] != first_line + len(lines):
            yield first_line, "\n".join(lines)
            lines = []
        if not lines:
            first_line = token.start[0]
        lines.append(token.string.lstrip("#:"))
    if lines:
        yield first_line, "\n".join(lines)


def _blank_out(pattern: re.Pattern[str], text: str) -> str:
    """Replace what matches by as many empty lines, so that line numbers stay."""
    return pattern.sub(lambda match: "`" + "\n" * match[0].count("\n"), text)


def _check_phrases(text: str, first_line: int) -> list[Problem]:
    problems = []
    for match in PHRASE.finditer(text):
        phrase = " ".join(match[0].split())
        line = first_line + text.count("\n", 0, match.start())
        problems.append(Problem(line, phrase, PHRASES[phrase.lower()]))
    return problems


def list_files(root: Path) -> list[Path]:
    """Return the Python files of the packages and the Markdown pages of the repository."""
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    for package in PACKAGES:
        pages += [*(root / package).rglob("*.py"), *(root / package).rglob("*.md")]
    return sorted(pages)


def check_files(root: Path, files: Iterable[Path]) -> list[str]:
    """Return one line for each problem, as `file:line: word -> what to use instead`."""
    return [
        f"{file.relative_to(root)}:{problem.line}: {problem.word} -> {problem.instead}"
        for file in files
        for problem in _check_file(file, root)
    ]


def _check_file(file: Path, root: Path) -> list[Problem]:
    source = file.read_text("utf-8")
    if file.suffix != ".py":
        return check_markdown(source)
    return check_python(source, has_messages=not file.is_relative_to(root / "tests"))


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Print the problems; return 1 where there are any."""
    chosen = [(root / argument).resolve() for argument in arguments]
    missing = [str(path) for path in chosen if not path.exists()]
    if missing:
        print("no such file or folder:", ", ".join(missing))
        return 2
    files = [
        file
        for file in list_files(root)
        if any(file.is_relative_to(path) for path in chosen)
        or (not chosen and not file.relative_to(root).as_posix().startswith(RELEASED))
    ]
    problems = [*check_files(root, files), *find_layer_violations(root), *check_chinese_words(root)]
    print("\n".join(problems) or f"words and layers: {len(files)} files checked, no problem")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
