"""A bulletin made without a warehouse, and Word templates of a few paragraphs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import docx

from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from tests.bulletin.files import word_text
from transforms.bulletin.model import Bulletin, BulletinFigure, UnitFigures
from transforms.bulletin.word import write_word
from transforms.report.year_comparison import compare_years

NOW = datetime(2024, 2, 20)


def row(indicator: Indicator, value: Any = 7, region: str = "990100", **changes: Any) -> dict[str, Any]:
    """Return a row as `indicators --json` has it."""
    return {
        "indicator_id": indicator.indicator_id, "title": indicator.title, "unit": indicator.unit, "region_code": region,
        "region_name": "某市", "period": "2023", "value": value, "numerator": value, "denominator": None,
        "display": "—" if value is None else f"{value}{indicator.unit}", "units_expected": 4, "units_reported": 4,
        "is_provisional": False, "as_of": None, **changes,
    }  # fmt: skip


def make_bulletin(region_name: str = "某市", **values: tuple[Any, Any] | Mapping[str, Any]) -> Bulletin:
    """Return a bulletin of 2023; `values` has an indicator's value now and last year, or its changed row."""
    figures = {}
    for name, indicator in indicators().items():
        of_name = values.get(name, (7, None))
        changes, last = (
            (of_name, None) if isinstance(of_name, Mapping) else ({"value": of_name[0]}, of_name[1])
        )
        now = row(indicator, **changes)
        figures[name] = BulletinFigure(indicator, now, compare_years(now, row(indicator, last), None))
    units = [
        UnitFigures(code, name, {key: row(each, 3, code) for key, each in indicators().items()})
        for code, name in (("990102", "星河区"), ("990121", "长岭县"))
    ]
    return Bulletin(
        "990100",
        region_name,
        Period(2023, 1, 12),
        None,
        "2024-02-01 02:00",
        "0.1.0-aaaaaaaa",
        figures,
        units,
    )


def make_template(*paragraphs: str | Sequence[str]) -> bytes:
    """Make a template; a paragraph that is a list is split into runs, as Word does at every correction."""
    document = docx.Document()
    for text in paragraphs:
        runs = [text] if isinstance(text, str) else text
        paragraph = document.add_paragraph()
        for number, run in enumerate(runs):
            paragraph.add_run(run).bold = number % 2 == 1
    return saved(document)


def saved(document: Any) -> bytes:
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def fill(template: bytes, bulletin: Bulletin | None = None) -> str:
    return word_text(write_word(bulletin or make_bulletin(), template, NOW))
