"""The thirty figures that every contender computes, by unit and month, and the comparison of the results.

One wording for DuckDB, SQLite and PostgreSQL. A contender answers from a table
or query with the columns of `QUERIED_COLUMNS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

QUERIED_COLUMNS = (
    "unit_code", "decision_no", "party_name", "party_uscc", "violation_type", "legal_basis", "penalty_kinds", "fine_fen",
    "confiscated_fen", "procedure", "decided_on", "served_on", "valid_until", "is_publishable", "published_on", "authority",
)  # fmt: skip


def _count(condition: str) -> str:
    return f"sum(case when {condition} then 1 else 0 end)"


def _fines(condition: str) -> str:
    return f"sum(case when {condition} then fine_fen else 0 end)"


#: by name; a rate is its numerator and its denominator, as everywhere in this project
THIRTY = {
    "decisions": "count(*)",
    "fines": "sum(fine_fen)",
    "least_fine": "min(fine_fen)",
    "greatest_fine": "max(fine_fen)",
    "average_fine": "avg(fine_fen)",
    "confiscated": "sum(coalesce(confiscated_fen, 0))",
    "fined": _count("fine_fen > 0"),
    "fines_below_1_wan": _count("fine_fen < 1000000"),
    "fines_1_to_5_wan": _count("fine_fen >= 1000000 and fine_fen < 5000000"),
    "fines_5_to_10_wan": _count("fine_fen >= 5000000 and fine_fen < 10000000"),
    "fines_from_10_wan": _count("fine_fen >= 10000000"),
    "sum_below_1_wan": _fines("fine_fen < 1000000"),
    "sum_from_10_wan": _fines("fine_fen >= 10000000"),
    "parties": "count(distinct party_name)",
    "codes": "count(distinct party_uscc)",
    "laws": "count(distinct legal_basis)",
    "organs": "count(distinct authority)",
    "kind_fine": _count("penalty_kinds = '罚款'"),
    "kind_with_warning": _count("penalty_kinds like '%警告%'"),
    "kind_with_confiscation": _count("penalty_kinds like '%没收%'"),
    "ordinary_procedure": _count("procedure = '普通'"),
    "summary_procedure": _count("procedure = '简易'"),
    "to_publish": _count("is_publishable"),
    "published": _count("is_publishable and published_on is not null"),
    "published_fines": _fines("is_publishable and published_on is not null"),
    "published_same_day": _count("published_on = decided_on"),
    "not_to_publish": _count("not is_publishable"),
    "served": _count("served_on is not null"),
    "served_same_day": _count("served_on = decided_on"),
    "average_published_fine": "avg(case when is_publishable then fine_fen end)",
}
assert len(THIRTY) == 30

Figures = dict[str, list[Any]]


def query(table: str) -> str:
    """Return the query of the figures over a table, a view or a named subquery."""
    month = "substr(cast(decided_on as text), 1, 7)"
    columns = ", ".join(f"{expression} as {name}" for name, expression in THIRTY.items())
    return f"select unit_code, {month} as month_of, {columns} from {table} group by unit_code, {month}"  # noqa: S608


def answers(rows: Sequence[Sequence[Any]]) -> Figures:
    """Return the figures by `unit month`, with numbers normalised across the three databases."""
    return {f"{row[0]} {row[1]}": [_number(value) for value in row[2:]] for row in rows}


def _number(value: Any) -> int | float | None:
    if value is None or isinstance(value, int):
        return value
    rounded = round(float(value), 4) if not isinstance(value, Decimal) else float(round(value, 4))
    return int(rounded) if rounded.is_integer() else rounded


def tell(folder: Path, figures: Figures, phases: dict[str, float]) -> None:
    """Write a contender's figures and the CPU seconds of its phases for the benchmark to read."""
    (folder / "figures.json").write_text(json.dumps(figures), "utf-8")
    (folder / "phases.json").write_text(json.dumps(phases), "utf-8")


def read_result(folder: Path) -> tuple[Figures, dict[str, float]]:
    read: Callable[[str], Any] = lambda name: json.loads((folder / name).read_text("utf-8"))  # noqa: E731
    return read("figures.json"), read("phases.json")


def differences(ours: Figures, theirs: Figures, whose: str) -> list[str]:
    """Describe differing figures: the first few, and how many."""
    problems = []
    for key in sorted(ours.keys() | theirs.keys()):
        if key not in ours or key not in theirs:
            problems.append(f"{key}: only {'ours' if key in ours else whose} has figures")
            continue
        pairs = zip(THIRTY, ours[key], theirs[key], strict=True)
        problems += [
            f"{key}: {name} is {our} by ours and {their} by {whose}"
            for name, our, their in pairs
            if our != their
        ]
    return [*problems[:5], f"{len(problems)} figures differ from {whose}"] if problems else []
