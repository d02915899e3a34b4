"""Check which package imports which: flows -> transforms -> schemas <- warehouse <- flows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MAY_IMPORT: dict[str, set[str]] = {
    "schemas": set(),
    "transforms": {"schemas"},
    "warehouse": {"schemas"},
    "flows": {"schemas", "transforms", "warehouse"},
}
#: a library and the only package that may import it
ONLY_IN = {"prefect": "flows", "sqlalchemy": "warehouse", "alembic": "warehouse"}
#: packages with one entry, and the only module that may import each
FENCED = {
    "transforms.read.bulk": "transforms/read/read_files.py",
    "transforms.receipt.workbook": "transforms/receipt/make.py",
}
#: libraries that reach the disk, the clock or the environment
OUTSIDE_WORLD = {"os", "pathlib", "time", "subprocess", "shutil", "tempfile"}
PURE = ("schemas", "transforms")


def find_layer_violations(root: Path) -> list[str]:
    """Return one line for each import that a package may not have, as `file: what is wrong`."""
    return (
        [
            f"{file.relative_to(root)}: {violation}"
            for package in MAY_IMPORT
            for file in sorted((root / package).rglob("*.py"))
            for violation in check_imports(package, file.read_text("utf-8"))
        ]
        + [f"import circle: {', '.join(sorted(circle))}" for circle in find_circles(root)]
        + find_breaches(root)
    )


def find_breaches(root: Path) -> list[str]:
    """Return one line for each module that imports a fenced package and is not the one that may."""
    breaches = []
    for fenced, owner in FENCED.items():
        folder = fenced.replace(".", "/")
        for package in MAY_IMPORT:
            for file in sorted((root / package).rglob("*.py")):
                name = file.relative_to(root).as_posix()
                is_inside = name == owner or name.startswith(f"{folder}/")
                if not is_inside and fenced in file.read_text("utf-8"):
                    breaches.append(f"{name}: only {owner} may import {fenced}")
    return breaches


def find_circles(root: Path) -> set[frozenset[str]]:
    """Return the groups of sub-packages, such as flows.ingest, that import each other, also indirectly."""
    imports: dict[str, set[str]] = {}
    for package in MAY_IMPORT:
        for file in sorted((root / package).rglob("*.py")):
            parts = file.relative_to(root).parts
            if len(parts) > 2:
                importer = ".".join(parts[:2])
                imports.setdefault(importer, set()).update(find_modules(file.read_text("utf-8")))
    targets = {
        importer: {name for name in imports if names & {name} and name != importer}
        for importer, names in imports.items()
    }
    reached = {name: _reach(name, targets) for name in targets}
    return {
        frozenset(member for member in reached[name] if name in reached[member])
        for name in targets
        if name in reached[name]
    }


def _reach(start: str, targets: dict[str, set[str]]) -> set[str]:
    """Return all that can be reached from `start` in one or more steps."""
    reached: set[str] = set()
    waiting = list(targets[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += targets[name]
    return reached


def find_modules(source: str) -> set[str]:
    """Return the first two parts of each imported name, as flows.ingest."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return {".".join(name.split(".")[:2]) for name in names}


def check_imports(package: str, source: str) -> Iterator[str]:
    """Yield what is wrong with the imports of a module of this package."""
    names = find_imports(source)
    for name in sorted(names & set(MAY_IMPORT) - MAY_IMPORT[package] - {package}):
        yield f"{package} must not import {name}"
    for library, owner in ONLY_IN.items():
        if library in names and package != owner:
            yield f"only {owner} may import {library}"
    if package in PURE:
        for name in sorted(names & OUTSIDE_WORLD):
            yield f"{package} must not import {name}: only flows reaches disk, clock and environment"


def find_imports(source: str) -> set[str]:
    """Return the top-level names that a module imports."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return {name.split(".")[0] for name in names}
