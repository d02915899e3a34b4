"""The mistakes that are tried: those operators of cosmic-ray that a slip could be, and two of our own."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

#: comparisons turned round or moved by one, an operation for its opposite; the others of cosmic-ray, as `<<`
#: for `+`, mostly end in an exception
COMPARISONS = (
    "Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_Gt", "LtE_Lt", "LtE_GtE", "Gt_GtE", "Gt_Lt", "GtE_Gt", "GtE_LtE",
    "Is_IsNot", "IsNot_Is",
)  # fmt: skip
OPERATIONS = (
    "Add_Sub", "Sub_Add", "Mul_FloorDiv", "FloorDiv_Mul", "Div_Mul", "Mod_FloorDiv", "Pow_Mul", "BitAnd_BitOr",
    "BitOr_BitAnd",
)  # fmt: skip
SLIPS = (
    "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_Invert", "ReplaceUnaryOperator_Delete_USub",
    "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer",
    "ZeroIterationForLoop",
)  # fmt: skip

#: what is easily taken for the other
SWAPPED_NAMES = {
    "and_": "or_", "or_": "and_", "any": "all", "all": "any", "min": "max", "max": "min", "isna": "notna",
    "notna": "isna", "is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_", "cumsum": "cummax",
    "idxmin": "idxmax", "idxmax": "idxmin", "ffill": "bfill", "bfill": "ffill", "startswith": "endswith",
    "endswith": "startswith", "lstrip": "rstrip", "rstrip": "lstrip", "intersection": "union", "issubset": "issuperset",
    "union_all": "union", "left_only": "right_only", "head": "tail", "tail": "head", "add": "sub", "sub": "add",
}  # fmt: skip


class SwapName(Operator):
    """Replace a called function by its opposite."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        if node.type == "name" and node.value in SWAPPED_NAMES and _is_called(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002
        node.value = SWAPPED_NAMES[node.value]
        return node

    @classmethod
    def examples(cls) -> Iterable[Any]:
        return ()


class TurnMembership(Operator):
    """Replace `in` by `not in` and the other way round, also in the filter of a comprehension."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        if node.type == "comparison":
            for child in node.children[1::2]:
                if _words(child) in ("in", "not in"):
                    yield child.start_pos, child.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        children = [child for child in node.children[1::2] if _words(child) in ("in", "not in")]
        first = children[index].get_first_leaf()
        if _words(children[index]) == "in":
            first.value = "not in"
        else:
            first.value, children[index].get_last_leaf().value = "in", ""
        return node

    @classmethod
    def examples(cls) -> Iterable[Any]:
        return ()


def _is_called(node: Any) -> bool:
    following = node.get_next_leaf()
    return following is not None and following.value == "(" and node.get_previous_leaf().value != "def"


def _words(node: Any) -> str:
    return " ".join(node.get_code().split())


@cache
def all_operators() -> dict[str, Operator]:
    """Return the operators by name."""
    names = [
        *(f"ReplaceComparisonOperator_{name}" for name in COMPARISONS),
        *(f"ReplaceBinaryOperator_{name}" for name in OPERATIONS),
        *SLIPS,
    ]
    return {
        **{name: get_operator(f"core/{name}")() for name in names},
        "SwapName": SwapName(),
        "TurnMembership": TurnMembership(),
    }


@dataclass(frozen=True)
class Mutant:
    """One mistake in a file: the `occurrence`-th place where an operator can change it."""

    path: str
    operator: str
    occurrence: int
    line: int
    column: int
    #: lines of the statement
    statement: range
    #: first line of what a condition or loop decides about
    body_line: int
    is_in_function: bool

    def code(self, root: Path) -> str:
        """Return the whole file with the mistake."""
        text = (root / self.path).read_text(encoding="utf-8")
        return str(mutate_code(text, all_operators()[self.operator], self.occurrence))

    def diff(self, root: Path) -> str:
        text = (root / self.path).read_text(encoding="utf-8")
        lines = difflib.unified_diff(
            text.splitlines(),
            self.code(root).splitlines(),
            f"a/{self.path}",
            f"b/{self.path}",
            n=2,
            lineterm="",
        )
        return "\n".join(lines)

    def is_possible(self, root: Path) -> bool:
        """Whether Python takes the file at all."""
        try:
            compile(self.code(root), self.path, "exec", flags=ast.PyCF_ONLY_AST)
        except SyntaxError:
            return False
        return True

    def changed_line(self, root: Path) -> tuple[str, str]:
        """Return the line without and with the mistake, without indentation."""
        lines = [line for line in self.diff(root).splitlines()[3:] if line[:1] in "+-"]
        before = [" ".join(line[1:].split()) for line in lines if line.startswith("-")]
        after = [" ".join(line[1:].split()) for line in lines if line.startswith("+")]
        return " ".join(before), " ".join(after)


def list_mutants(root: Path, path: str) -> list[Mutant]:
    """List all mistakes that can be made in a file, except where they change nothing."""
    text = (root / path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    left_out, statements = list(_left_out(tree)), dict(_statements(tree))
    bodies = [
        range(node.body[0].lineno, node.end_lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    nodes = list(ast_nodes(get_ast(text)))
    mutants = []
    for name, operator in all_operators().items():
        positions = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, (line, column) in enumerate(positions):
            if not any(begin <= (line, column) < end for begin, end in left_out):
                around = min(
                    (lines for lines in statements if line in lines), key=len, default=range(line, line + 1)
                )
                is_in_function = any(line in body for body in bodies)
                body_line = statements.get(around, line)
                mutants.append(
                    Mutant(path, name, occurrence, line, column, around, body_line, is_in_function)
                )
    return mutants


def _left_out(tree: ast.AST) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Find annotations and decorators; `strict` of a `zip` changes nothing where lengths agree."""
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        parts += getattr(node, "decorator_list", [])
        if isinstance(node, ast.keyword) and node.arg == "strict":
            parts.append(node)
        for part in filter(None, parts):
            yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def _statements(tree: ast.AST) -> Iterator[tuple[range, int]]:
    """Find the lines of each statement (where it has a body, of its head), and the first line of its body."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        if body:
            yield range(node.lineno, max(body[0].lineno, node.lineno + 1)), body[0].lineno
        else:
            yield range(node.lineno, node.end_lineno + 1), node.lineno
