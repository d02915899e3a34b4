"""All definitions, discovered: a new module in `datasets` or a new TOML block is enough to add one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from schemas import datasets
from schemas.deadlines import deadlines
from schemas.figures.indicator import Indicator
from schemas.figures.load_toml import parse_indicators
from schemas.ledgers.compile_ledger import compile_ledger
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.cross_ledger_rules import check_limits, cross_rules, reconciliations
from schemas.ledgers.model import Ledger
from schemas.ledgers.rules import ADJUSTMENT_RULES, SUBMISSION_RULES, Rule


@cache
def ledgers() -> dict[str, LedgerDefinition]:
    """Return the ledgers by name, sorted by name."""
    definitions = {}
    for module_info in pkgutil.iter_modules(datasets.__path__):
        module = importlib.import_module(f"{datasets.__name__}.{module_info.name}")
        models = [
            model for _, model in inspect.getmembers(module, inspect.isclass)
            if issubclass(model, Ledger) and model.__module__ == module.__name__
        ]  # fmt: skip
        if len(models) != 1:
            raise ValueError(f"{module.__name__} must define one ledger, it defines {len(models)}")
        definitions[module_info.name] = compile_ledger(module_info.name, models[0])
    check_limits(definitions)
    return definitions


@cache
def indicators() -> dict[str, Indicator]:
    """Return the indicators by id, in the order of the TOML files."""
    return parse_indicators(ledgers())


def rules() -> dict[str, Rule]:
    """Return every rule by id: of files and sheets, of each ledger, between ledgers and between figures."""
    of_ledgers = (rule for ledger in ledgers().values() for rule in ledger.rules().values())
    of_figures = (reconciliation.rule(name) for name, reconciliation in reconciliations().items())
    of_limits = (limit.rule() for limit in deadlines().values() if limit.is_duty)
    of_files = (*SUBMISSION_RULES.values(), *ADJUSTMENT_RULES.values())
    return {
        rule.rule_id: rule
        for rule in (*of_files, *of_ledgers, *cross_rules(ledgers()), *of_figures, *of_limits)
    }
