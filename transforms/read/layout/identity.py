"""Find the unit and the month of a table in folder, file name and cells, and whether they agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from schemas.periods import Period
from schemas.regions import RegionTable
from transforms.normalise.money_units import (
    is_currency_name,
    units_in,
    units_in_brackets,
    units_in_phrases,
    units_of_title,
)
from transforms.read.containers.grid import UnusableFileError, cell_text

_MONTHS = (
    re.compile(r"(?<!\d)((?:19|20)\d\d)年(0?[1-9]|1[0-2])月(?!份?\d{1,2}[日号])"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)[-._/](0?[1-9]|1[0-2])(?![\d]|[-._/]\d)"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(?!\d)"),
)
#: 2023年1月至6月 and 2023年1-6月 name no single month
_SPAN = re.compile(r"(?:年\d{1,2}|月份?)[-~—–至到](?:(?:19|20)\d\d年)?\d{1,2}月")
_FIRST_DAY = re.compile(r"((?:19|20)\d\d-(?:0[1-9]|1[0-2]))-01")  # what Excel turns a typed 2023年6月 into
_UNIT_LABELS = ("填报单位", "报送单位", "填报部门", "单位名称", "单位")
_PERIOD_LABELS = ("填报期间", "填报月份", "报送月份", "统计期间", "所属月份", "报告期")
#: those that name nothing but a unit of money, and those that may name one
_PURE_MONEY_LABELS = ("金额单位", "货币单位")
_MONEY_LABELS = (*_PURE_MONEY_LABELS, "计量单位", "单位", "Unit", "UNIT", "unit")
#: 填报单位(盖章): is the label; 单位负责人: is another
_SEAL = r"(?:\s*\((?:盖章|公章|签章|章)\))?"
_LABELS = "|".join(
    r"\s*".join(label) for label in dict.fromkeys((*_UNIT_LABELS, *_PERIOD_LABELS, *_MONEY_LABELS))
)
#: a label at the start of a cell may lack its colon; further on it needs one
_LABEL = re.compile(
    rf"^\(?(?P<first>{_LABELS})(?!\s*(?:负责|领导|地址|电话|代码)){_SEAL}\s*:?|(?<=[\s,;、。(])(?P<later>{_LABELS}){_SEAL}\s*:"
)
#: a label at the start of a text without white space, alone or with its value behind a colon
LABEL_AT_START = re.compile(rf"\(?(?:{_LABELS}){_SEAL}(?::|$)")
_EITHER_MONTH = re.compile(r"(?:19|20)\d\d\.1")
_PLACE_NAME = re.compile(r"[一-鿿]{2,}?[市县区]")


FOLDER = "文件夹"


@dataclass(frozen=True)
class IdentityHint:
    """What one source (folder, file name, cell) says of unit, month and money; each may be missing.

    `stranger` is a unit that it names and that the region table lacks; `money_units` are the units of money
    that it names, of UNIT_POWERS or, where they cannot be read, as they are written.
    """

    origin: str
    unit: str | None = None
    period: str | None = None
    money_units: tuple[str, ...] = ()
    stranger: str | None = None


def find_period(text: str) -> str | None:
    """Return the month that a text names, as `2023-06`, or None."""
    normal = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if _SPAN.search(normal):
        return None
    for pattern in _MONTHS:
        if match := pattern.search(normal):
            return str(Period.of_month(int(match[1]), int(match[2])))
    return None


def hints_from_path(path: str, regions: RegionTable) -> list[IdentityHint]:
    """Return what the folders below the inbox and the file name say.

    An unknown unit folder is a stranger.
    """
    *folders, name = path.split("/")
    hints = []
    units = [regions.find_unit(folder) for folder in folders]
    for depth, (folder, unit) in enumerate(zip(folders, units, strict=True)):
        period = find_period(folder)
        stranger = folder if depth > 0 and period is None and not any(units) else None
        hints.append(IdentityHint(FOLDER, unit, period, stranger=stranger))
    stem = name.rpartition(".")[0] or name
    hints.append(
        IdentityHint("文件名", regions.find_unit(stem), find_period(stem), units_in_brackets(stem))
    )
    return hints


def hints_from_cells(
    rows: Sequence[Sequence[object]], regions: RegionTable, is_typed: bool = True
) -> list[IdentityHint]:
    """Return what the cells above a header say: titles, and labels with their values.

    `is_typed`: numbers are distinct from text, unlike in a CSV.
    """
    hints = []
    for cells in rows:
        texts = [_identifying_text(cell, is_typed) for cell in cells]
        for column, text in enumerate(texts):
            labels = list(_LABEL.finditer(text))
            ends = [label.start() for label in labels] + [len(text)]
            if title := text[: ends[0]]:
                units = units_of_title(title) if title == text else ()
                hints.append(IdentityHint("表头上方", regions.find_unit(title), find_period(title), units))
            for label, end in zip(labels, ends[1:], strict=True):
                value = text[label.end() : end].strip() or _value_beside(texts[column + 1 :])
                hints.append(
                    _hint_of_label(re.sub(r"\s", "", label["first"] or label["later"]), value, regions)
                )
    return hints


def hints_from_foot(
    rows: Sequence[Sequence[object]], regions: RegionTable, is_typed: bool = True
) -> list[IdentityHint]:
    """Return what the labels below a table say; other words there (notes, 填表日期) do not count."""
    hints = hints_from_cells(rows, regions, is_typed)
    return [replace(hint, origin=f"表尾的{hint.origin}") for hint in hints if hint.origin.startswith("“")]


def money_hints_from_foot(rows: Sequence[Sequence[object]]) -> list[IdentityHint]:
    """Return the units of money that the notes below a table give for all amounts."""
    units = (units_in_phrases(cell_text(cell)) for cells in rows for cell in cells)
    return [IdentityHint("表尾的说明", money_units=named) for named in units if named]


def with_last_resort(evidence: list[IdentityHint], fallbacks: Sequence[IdentityHint]) -> list[IdentityHint]:
    """Add to the evidence what `fallbacks` say of a matter on which it says nothing."""
    has_unit = any(hint.unit or hint.stranger for hint in evidence)
    has_period = any(hint.period for hint in evidence)
    has_money = any(hint.money_units for hint in evidence)
    added = [
        IdentityHint(
            fallback.origin,
            None if has_unit else fallback.unit,
            None if has_period else fallback.period,
            () if has_money else fallback.money_units,
            None if has_unit else fallback.stranger,
        )
        for fallback in fallbacks
    ]
    return [*evidence, *(hint for hint in added if hint != IdentityHint(hint.origin))]


def _identifying_text(cell: object, is_typed: bool) -> str:
    """Return the text of a cell; empty for a number such as 2023.1, which may have been typed as 2023.10."""
    text = unicodedata.normalize("NFKC", cell_text(cell))
    is_number = isinstance(cell, int | float) or not is_typed
    return "" if is_number and _EITHER_MONTH.fullmatch(text) else text


def _value_beside(texts: Sequence[str]) -> str:
    """Return the first filled cell to the right, if it is not a label itself."""
    value = next((text for text in texts if text), "")
    return "" if _LABEL.match(value) else value


def _hint_of_label(label: str, value: str, regions: RegionTable) -> IdentityHint:
    label_text = f"“{label}”"
    if label in _PERIOD_LABELS:
        first_day = _FIRST_DAY.fullmatch(value)
        return IdentityHint(label_text, period=first_day[1] if first_day else find_period(value))
    if label in _MONEY_LABELS and (units := units_in(value)):
        return IdentityHint(label_text, money_units=units)
    if label in _PURE_MONEY_LABELS:
        return IdentityHint(label_text, money_units=() if is_currency_name(value) else (value,))
    unit_code = regions.find_unit(value)
    if unit_code is None:
        unit_code = regions.find_bureau(value)
    is_place = unit_code is None and _PLACE_NAME.search(value)
    return IdentityHint(label_text, unit_code, stranger=value if is_place else None)


def agreed_unit(evidence: list[IdentityHint], regions: RegionTable) -> str:
    """Return the one unit that the evidence names.

    Raises UnusableFileError: unknown, missing or in conflict.
    """
    strangers = [hint.stranger for hint in evidence if hint.stranger]
    if strangers:
        raise UnusableFileError("submission.unit_unknown", detail=strangers[0], valid=regions.valid_units())
    claims = [(hint.origin, hint.unit) for hint in evidence if hint.unit]
    return _agree(claims, "submission.unit_missing", "submission.unit_conflict", regions.name_of)


def agreed_period(evidence: list[IdentityHint]) -> str:
    """Return the one month that the evidence names. Raises UnusableFileError: missing or in conflict."""
    claims = [(hint.origin, hint.period) for hint in evidence if hint.period]
    return _agree(claims, "submission.period_missing", "submission.period_conflict", str)


def _agree(claims: list[tuple[str, str]], missing: str, conflict: str, name: Callable[[str], str]) -> str:
    if not claims:
        raise UnusableFileError(missing)
    first_of: dict[str, str] = {}
    for origin, value in claims:
        first_of.setdefault(value, origin)
    if len(first_of) > 1:
        raise UnusableFileError(
            conflict, detail="，".join(f"{origin}是“{name(value)}”" for value, origin in first_of.items())
        )
    return claims[0][1]
