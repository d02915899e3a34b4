"""A pytest plugin: tests on SQLite only, and the lines of the product that each of them executes.

Lines of a fixture that tests share belong to all tests of the file: which of them sets it up is chance.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

#: the file to write the lines to; without it nothing is traced
TRACE = "HUIZONG_MUTANTS_TRACE"


def pytest_configure(config: pytest.Config) -> None:
    if TRACE in os.environ:
        config.pluginmanager.register(_Trace(Path(os.environ[TRACE]), Path(config.rootpath)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests on PostgreSQL."""
    left_out = [
        item
        for item in items
        if "postgresql" in item.nodeid or "postgresql_url" in getattr(item, "fixturenames", ())
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


class _Trace:
    """The lines that each test function executes, and the seconds that it takes."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root = path, root
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: set[str] = set()
        self.coverage = coverage.Coverage(
            data_file=None, config_file=False, source=[str(root / name) for name in ("transforms", "warehouse", "flows")]
        )  # fmt: skip
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(_function_of(item.nodeid))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        if fixturedef.scope == "function":
            return (yield)
        node = request.node.nodeid
        self.coverage.switch_context(request._pyfuncitem.nodeid.split("::")[0] if node else "")
        try:
            return (yield)
        finally:
            self.coverage.switch_context(_function_of(request._pyfuncitem.nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[_function_of(report.nodeid)] += report.duration
        if report.failed:
            self.failed.add(_function_of(report.nodeid))

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {
            str(Path(source).relative_to(self.root)): data.contexts_by_lineno(source)
            for source in data.measured_files()
        }
        known = {"seconds": dict(self.seconds), "failed": sorted(self.failed), "lines": lines}
        self.path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")


def _function_of(node_id: str) -> str:
    """Return the test function of a test, without the parameters."""
    return node_id.split("[")[0]
