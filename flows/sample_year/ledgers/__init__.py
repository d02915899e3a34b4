"""The true rows of each ledger, a module each: a new ledger is a new module here and nothing else.

A module defines `NEEDS`, the ledgers whose rows it builds on, and `build(world, truth)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from graphlib import TopologicalSorter

from flows.sample_year.scenario import Truth, World


def build_truth(world: World) -> Truth:
    """Every ledger's rows of the year, whatever the order in which they depend on each other."""
    modules = {
        iter_module.name: importlib.import_module(f"{__name__}.{iter_module.name}")
        for iter_module in pkgutil.iter_modules(__path__)
    }
    truth: Truth = {}
    for name in TopologicalSorter(
        {name: sorted(module.NEEDS) for name, module in modules.items()}
    ).static_order():
        truth[name] = modules[name].build(world, truth)
    return {name: truth[name] for name in modules}
