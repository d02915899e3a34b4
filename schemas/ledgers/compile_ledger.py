"""Compile the pandera model of a ledger to its definition, and refuse a model whose parts do not fit."""

from __future__ import annotations

import re
import sys
from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.ledgers.compiled import DerivedField, LedgerDefinition, LedgerField, Matter, RowRule
from schemas.ledgers.masking import MASKED_SUFFIX
from schemas.ledgers.model import UNIT, Ledger
from schemas.ledgers.rules import Rule

#: optional imports of pandera, half a second each, for features that are not used here
_UNUSED_PANDERA_IMPORTS = ("dask.dataframe", "hypothesis")

#: column names that no field may have: provenance and history of a row
RESERVED = {
    "submission", "submission_id", "file", "sheet", "source_row", "unit_code", "period", "period_end", "arrived_on", "row_key",
    "handling_rank", "version_id", "claimed_load", "is_counted", "recorded_load", "recorded_by", "retired_load", "retired_by",
    UNIT,
}  # fmt: skip


def _build_schema(model: type[Ledger]) -> pa.DataFrameSchema:
    """Build the model's schema, hiding the unused optional imports from pandera."""
    modules: dict[str, Any] = sys.modules
    unloaded = [name for name in _UNUSED_PANDERA_IMPORTS if name not in modules]
    modules.update(dict.fromkeys(unloaded))  # None makes the import fail as if not installed
    try:
        schema = model.to_schema()
        schema.register_default_backends(pd.DataFrame)
    finally:
        for name in unloaded:
            del modules[name]
    return schema


def compile_ledger(name: str, model: type[Ledger]) -> LedgerDefinition:
    """Compile a model. Raises ValueError if its key, date or rules name an unknown field."""
    schema = _build_schema(model)
    meta: dict[str, Any] = vars(model.Config)["metadata"]  # pandera leaves it off the schema
    natural_key = _parse_natural_key(meta["natural_key"])
    in_key = {field for alternative in natural_key for part in alternative for field in part}
    fields = tuple(
        _build_field(field_name, column, field_name in in_key)
        for field_name, column in schema.columns.items()
    )
    row_rules = tuple(_row_rules(name, model))
    definition = LedgerDefinition(
        name=name,
        title=meta["title"],
        row=meta["row"],
        fields=fields,
        natural_key=natural_key,
        matter=Matter(*(_parse_part(meta[name]) for name in ("party", "day", "amount", "cause"))),
        dated_by=meta["dated_by"],
        handled_by=meta["handled_by"],
        earliest=meta["earliest"],
        doubted_after_months=meta["doubted_after_months"],
        late_steps=meta["late_steps"],
        row_rules=row_rules,
        derived=tuple(_derived_fields(model)),
        limits=meta["limits"],
        schema=schema,
    )
    _check_fields(definition)
    return definition


def _build_field(name: str, column: pa.Column, is_in_key: bool) -> LedgerField:
    return LedgerField(name=name, type=column.dtype, is_in_key=is_in_key, **column.metadata)


def _parse_natural_key(text: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    alternatives = re.split(r"\s+\|\s+", text.strip())
    return tuple(
        tuple(tuple(part.split("|")) for part in alternative.split("+")) for alternative in alternatives
    )


def _parse_part(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _row_rules(ledger: str, model: type[Ledger]) -> list[RowRule]:
    marked = [function for function in vars(model).values() if hasattr(function, "__row_rule__")]
    rules = []
    for function in marked:
        field_and_code, severity, texts, does_without = function.__row_rule__
        rule = Rule(f"{ledger}.{field_and_code}", severity, *texts)
        rules.append(RowRule(rule, field_and_code.split(".")[0], function, does_without))
    return rules


def _derived_fields(model: type[Ledger]) -> list[DerivedField]:
    marked = [
        (name, function) for name, function in vars(model).items() if hasattr(function, "__derived__")
    ]
    return [
        DerivedField(name, function.__derived__[0](), function.__derived__[1], function)
        for name, function in marked
    ]


def _check_fields(definition: LedgerDefinition) -> None:
    if reserved := sorted(definition.stored_columns().keys() & RESERVED):
        raise ValueError(
            f"ledger {definition.name}: '{reserved[0]}' names where a row comes from and can be no field"
        )
    if masks := [name for name in definition.stored_columns() if name.endswith(MASKED_SUFFIX)]:
        raise ValueError(
            f"ledger {definition.name}: '{masks[0]}' is the name of a mask and can be no field"
        )
    known = {*definition.field_names(), UNIT}
    named = {definition.dated_by, *definition.late_steps, *(rule.field for rule in definition.row_rules)}
    named |= {name for alternative in definition.natural_key for part in alternative for name in part}
    named |= {name for part in definition.matter.parts for name in part}
    dates = [(field.same_year_as, field.year_up_to) for field in definition.fields]
    named |= {name for pair in dates for name in pair if name}
    if unbounded := [
        field.name for field in definition.fields if field.type.kind == "integer" and field.maximum is None
    ]:
        raise ValueError(f"ledger {definition.name}: the count '{unbounded[0]}' needs a maximum")
    if definition.handled_by:
        named.add(definition.handled_by)
    if unknown := sorted(named - known):
        raise ValueError(
            f"ledger {definition.name}: no field {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        )
