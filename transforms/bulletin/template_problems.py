"""What is wrong with a Word template, before a figure is put into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from transforms.bulletin.sentences import make_environment
from transforms.bulletin.variables import ROW_NAMES
from transforms.errors import TransformError

Kind = Literal[
    "unknown", "full_width", "half_tag", "syntax", "not_alone", "section_break", "unsafe", "failed", "no_document",
    "too_large", "too_demanding"
]  # fmt: skip
#: how many names are offered for a wrong one, how alike they must be, and how much of a paragraph is quoted
MOST_OFFERED, LEAST_ALIKE, LONGEST_QUOTE = 4, 0.4, 60
TAG = re.compile(r"\{\{(.*?)\}\}|\{%.*?%\}|\{#.*?#\}")
HALF_TAG = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
#: brackets as Chinese input methods write them, also where only one of two is
FULL_WIDTH = re.compile(r"[｛{]\s*｛|｛\s*[{%％]|｝\s*[｝}]|[}%％]\s*｝|\{％|％\}")
#: variables that a chart or tables take the place of, which need a paragraph of their own
STANDS_ALONE = re.compile(r"^(?:月图|单位图)\s*[.\[]|^统计表$")


@dataclass(frozen=True)
class TemplateProblem:
    """A problem, the name or paragraph that has it, and the nearest names that are valid."""

    kind: Kind
    text: str
    nearest: tuple[str, ...] = ()


class TemplateRefusedError(TransformError):
    """A Word template cannot be filled; `problems` has everything that is wrong with it."""

    def __init__(self, problems: list[TemplateProblem]) -> None:
        super().__init__("; ".join(f"{problem.kind}: {problem.text}" for problem in problems))
        self.problems = problems


def check_paragraphs(texts: Iterable[str]) -> Iterator[TemplateProblem]:
    """Yield what is wrong with single paragraphs: brackets, and what cannot be understood between them."""
    environment = make_environment()
    for text in texts:
        quote = text.strip()[:LONGEST_QUOTE]
        between = TAG.sub("", text)
        if FULL_WIDTH.search(between):
            yield TemplateProblem("full_width", quote)
        elif HALF_TAG.search(between):
            yield TemplateProblem("half_tag", quote)
        else:
            yield from _check_tags(environment, text, quote)


def _check_tags(environment: SandboxedEnvironment, text: str, quote: str) -> Iterator[TemplateProblem]:
    for match in TAG.finditer(text):
        expression = (match[1] or "").strip()
        if not expression:
            continue
        if STANDS_ALONE.search(expression) and TAG.sub("", text).strip():
            yield TemplateProblem("not_alone", quote)
        try:
            environment.parse("{{" + _repair_quotes(re.sub(r"^(?:p|r|tr|tc) ", "", expression)) + "}}")
        except (TemplateSyntaxError, RecursionError):  # the latter of thousands of brackets
            yield TemplateProblem("syntax", quote)


def _repair_quotes(expression: str) -> str:
    """Write quotes as code has them; docxtpl does so too."""
    return expression.translate(str.maketrans("“”‘’", "\"\"''"))


def check_names(source: str, variables: Mapping[str, Any]) -> list[TemplateProblem]:
    """List the names in a template's source that there are not, also where nothing would have shown them.

    Raises TemplateSyntaxError.
    """
    environment = make_environment()
    tree = environment.parse(source)
    undeclared = meta.find_undeclared_variables(tree) - variables.keys() - environment.globals.keys()
    problems = {name: unknown_name(name, variables) for name in sorted(undeclared)}
    members = {name: set(value) for name, value in variables.items() if isinstance(value, Mapping)}
    wrong = list(_wrong_members(tree, members))
    for loop in tree.find_all(nodes.For):
        if (
            isinstance(loop.target, nodes.Name)
            and isinstance(loop.iter, nodes.Name)
            and loop.iter.name in ROW_NAMES
        ):
            wrong += _wrong_members(loop, {loop.target.name: _row_names(loop.iter.name, variables)})
    for parent, member, valid in wrong:
        name = f"{parent}.{member}"
        problems[name] = unknown_name(name, valid, parent)
    return list(problems.values())


def _row_names(name: str, variables: Mapping[str, Any]) -> set[str]:
    """Return what the rows of a list have; those of the units have every figure besides their name."""
    return {*ROW_NAMES[name], *(variables["上年"] if name == "单位表" else ())}


def _wrong_members(
    tree: nodes.Node, members: Mapping[str, set[str]]
) -> Iterator[tuple[str, str, set[str]]]:
    """Yield what is called of one of these names and is not among its members."""
    for parent, member in _members(tree):
        if parent in members and member not in members[parent]:
            yield parent, member, members[parent]


def _members(tree: nodes.Node) -> Iterator[tuple[str, str]]:
    for member in tree.find_all(nodes.Getattr):
        if isinstance(member.node, nodes.Name):
            yield member.node.name, member.attr
    for item in tree.find_all(nodes.Getitem):
        if (
            isinstance(item.node, nodes.Name)
            and isinstance(item.arg, nodes.Const)
            and type(item.arg.value) is str
        ):
            yield item.node.name, item.arg.value


def unknown_name(name: str, valid: Iterable[str], parent: str = "") -> TemplateProblem:
    """Return the problem of a name that there is not, with the nearest that there are."""
    prefix = f"{parent}." if parent else ""
    near = get_close_matches(name.removeprefix(prefix), list(valid), MOST_OFFERED, LEAST_ALIKE)
    return TemplateProblem("unknown", name, tuple(prefix + each for each in near))
