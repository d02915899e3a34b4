"""The expected rows of each ledger, one module per ledger; a new ledger is one new module here.

A module defines `NEEDS`, the ledgers whose rows it builds on, and `build(scenario, truth)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from graphlib import TopologicalSorter

from flows.sample_year.scenario import Scenario, Truth


def build_truth(scenario: Scenario) -> Truth:
    """Build every ledger's rows of the year, in the order of their dependencies."""
    modules = {
        iter_module.name: importlib.import_module(f"{__name__}.{iter_module.name}")
        for iter_module in pkgutil.iter_modules(__path__)
    }
    truth: Truth = {}
    for name in TopologicalSorter(
        {name: sorted(module.NEEDS) for name, module in modules.items()}
    ).static_order():
        truth[name] = modules[name].build(scenario, truth)
    return {name: truth[name] for name in modules}
