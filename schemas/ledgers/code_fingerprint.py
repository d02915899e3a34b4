"""Fingerprint what a function computes, so that a rule keeps its identity when only its spelling changes.

A comment, docstring, annotation, format, file, function name or variable name does not change the
fingerprint. A changed operation, constant, column name or helper function does.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from types import FunctionType, ModuleType
from typing import Any

_OUR_PACKAGE = __name__.split(".", 1)[0]
_PLAIN_TYPES = (str, bytes, int, float, complex, date, timedelta, type(None), type(Ellipsis))
#: parts of the syntax tree that say nothing about what is computed, or differ between versions of Python
_IGNORED = {"annotation", "returns", "type_comment", "type_params", "decorator_list", "ctx", "kind", "name"}


def fingerprint_function(function: Callable[..., Any]) -> str:
    """Return a hash of what `function` and every helper of this project that it calls compute.

    Raises TypeError where it uses an object whose meaning cannot be written down.
    """
    text = json.dumps(_describe(function, ()), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def columns_read(function: Callable[..., Any]) -> set[str]:
    """Return the columns that a function and its helpers take from
    their frame, as in `frame["decided_on"]`.
    """
    columns: set[str] = set()
    visited: set[Any] = set()
    waiting: list[Any] = [inspect.unwrap(function)]
    while waiting:
        current = waiting.pop()
        if current in visited:
            continue
        visited.add(current)
        tree, scope = _parse(current)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.slice, ast.Constant)
                and isinstance(node.slice.value, str)
            ):
                columns.add(node.slice.value)
            elif isinstance(node, ast.Name | ast.Attribute) and _is_ours(value := scope.resolve(node)):
                waiting.append(value)
    return columns


class _Scope:
    """The meaning of the names in one function."""

    def __init__(self, function: FunctionType, tree: ast.FunctionDef) -> None:
        closure = inspect.getclosurevars(function)
        self.values: Mapping[str, Any] = {**closure.builtins, **function.__globals__, **closure.nonlocals}
        self.locals = _local_names(tree)
        self.order: dict[str, int] = {}

    def position(self, name: str) -> int:
        """Number local variables by first use: their names do not matter."""
        return self.order.setdefault(name, len(self.order))

    def resolve(self, node: ast.expr) -> Any:
        """Return the object behind a global name or an attribute of a
        module or class of this project, else None.
        """
        if isinstance(node, ast.Name):
            return None if node.id in self.locals else _unwrap(self.values.get(node.id))
        if isinstance(node, ast.Attribute):
            owner = self.resolve(node.value)
            if isinstance(owner, ModuleType) or (isinstance(owner, type) and _is_in_our_package(owner)):
                return _unwrap(getattr(owner, node.attr, None))
        return None


def _local_names(tree: ast.FunctionDef) -> set[str]:
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return names | {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node is not tree
    }


def _parse(function: FunctionType) -> tuple[ast.FunctionDef, _Scope]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise TypeError(
            f"{function.__qualname__} has no source of its own: write it as a function with a name"
        )
    return tree, _Scope(function, tree)


def _describe(function: Callable[..., Any], callers: tuple[Any, ...]) -> Any:
    function = inspect.unwrap(function)
    if function in callers:
        return ["recursive", len(callers) - callers.index(function)]
    assert isinstance(function, FunctionType)
    tree, scope = _parse(function)
    return list(_describe_node(tree, scope, (*callers, function)))


def _describe_node(node: ast.AST, scope: _Scope, callers: tuple[Any, ...]) -> Iterator[Any]:
    if isinstance(node, ast.Name | ast.Attribute) and (value := scope.resolve(node)) is not None:
        yield _describe_object(value, callers)
        return
    yield type(node).__name__
    if isinstance(node, ast.Name | ast.arg):
        name = node.id if isinstance(node, ast.Name) else node.arg
        yield scope.position(name) if name in scope.locals else name
        return
    for field, value in ast.iter_fields(node):
        if field in _IGNORED or value is None or value == []:
            continue
        if field == "body" and isinstance(node, ast.FunctionDef):
            value = _without_docstring(value)
        if isinstance(node, ast.Call) and field == "keywords":
            yield [field, [_describe_keyword(node, keyword, scope, callers) for keyword in node.keywords]]
        elif isinstance(value, ast.AST):
            yield [field, *_describe_node(value, scope, callers)]
        elif isinstance(value, list):
            yield [
                field,
                [list(_describe_node(item, scope, callers)) for item in value if isinstance(item, ast.AST)],
            ]
        else:
            yield [field, repr(value)]


def _describe_keyword(
    call: ast.Call, keyword: ast.keyword, scope: _Scope, callers: tuple[Any, ...]
) -> list[Any]:
    """Number the parameters of this project's functions; the names of a library's parameters matter."""
    called = scope.resolve(call.func)
    name: Any = keyword.arg
    if name is not None and _is_ours(called):
        name = list(inspect.signature(called).parameters).index(name)
    return [name, *_describe_node(keyword.value, scope, callers)]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    is_docstring = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if is_docstring else body


def _describe_object(value: Any, callers: tuple[Any, ...]) -> Any:
    """Describe a global object: this project's functions by code, data by value, others by library name."""
    if _is_ours(value):
        return ["function", _describe(value, callers)]
    if isinstance(value, Enum):
        return ["value", repr(value.value)]
    if isinstance(value, _PLAIN_TYPES):
        return ["value", repr(value)]
    if isinstance(value, tuple | list):
        return ["values", [_describe_object(item, callers) for item in value]]
    if isinstance(value, set | frozenset):
        return ["set", sorted(repr(item) for item in value)]
    if isinstance(value, Mapping):
        return [
            "mapping",
            sorted([repr(key), _describe_object(item, callers)] for key, item in value.items()),
        ]
    if isinstance(value, ModuleType):
        return ["module", value.__name__]
    if isinstance(value, type) and _is_in_our_package(value) and issubclass(value, Exception):
        return ["error"]  # which class is raised does not change a result
    if hasattr(value, "__qualname__") and not _is_in_our_package(value):
        return ["library", f"{value.__module__}.{value.__qualname__}"]
    raise TypeError(
        f"the meaning of a {type(value).__name__} in a rule cannot be written down; use a constant or a function"
    )


def _unwrap(value: Any) -> Any:
    """Return the function behind a decorator such as `cache`."""
    return inspect.unwrap(value) if callable(value) else value


def _is_ours(value: Any) -> bool:
    return isinstance(value, FunctionType) and _is_in_our_package(value)


def _is_in_our_package(value: Any) -> bool:
    return str(value.__module__).split(".", 1)[0] == _OUR_PACKAGE
