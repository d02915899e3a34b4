"""Find the unit and the month of a table in folder, file name and cells, and whether they agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from schemas.periods import month_words
from schemas.regions import RegionTable
from schemas.reporting.replacement import (
    DELIVERY_CLAIMS,
    DELIVERY_LABELS,
    DELIVERY_WORDS,
    OPEN_BOXES,
    TICKS,
    Delivery,
)
from schemas.sheet_words import (
    HEADING_WORDS,
    LONGEST_HEADING,
    MONEY_LABELS,
    NOTE_WORDS,
    PERIOD_LABELS,
    SENT_LABELS,
    SPAN_LABELS,
    UNIT_LABELS,
)
from transforms.normalise.money_units import (
    is_currency_name,
    units_in,
    units_in_brackets,
    units_in_phrases,
    units_of_title,
)
from transforms.read.containers.grid import UnusableFileError, cell_text
from transforms.read.layout.months import (
    NO_MONTHS,
    MonthsNamed,
    find_period,
    read_label,
    read_months,
    read_sent,
    without_months,
)

#: those that name nothing but a unit of money
_PURE_MONEY_LABELS = ("金额单位", "货币单位")
#: 填报单位(盖章): is the label; 单位负责人: is another
_SEAL = r"(?:\s*\((?:盖章|公章|签章|章)\))?"
_LABELS = "|".join(
    [
        *(r"\s*".join(label) + r"(?!\s*[单部时日人月])" for label in DELIVERY_LABELS),
        *(
            r"\s*".join(label)
            for label in dict.fromkeys(
                (*UNIT_LABELS, *PERIOD_LABELS, *SPAN_LABELS, *MONEY_LABELS, *SENT_LABELS)
            )
        ),
    ]
)
#: a label at the start of a cell may lack its colon; further on it needs one
_LABEL = re.compile(
    rf"^\(?(?P<first>{_LABELS})(?!\s*(?:负责|领导|地址|电话|代码)){_SEAL}\s*:?|(?<=[\s,;、。(])(?P<later>{_LABELS}){_SEAL}\s*:"
)
#: a label at the start of a text without white space, alone or with its value behind a colon
LABEL_AT_START = re.compile(rf"\(?(?:{_LABELS}){_SEAL}(?::|$)")
_EITHER_MONTH = re.compile(r"(?:19|20)\d\d\.1")
_NOT_ALONE = re.compile(r"[^\W\d_]")
_PLACE_NAME = re.compile(r"[一-鿿]{2,}?[市县区]")


#: a folder of the inbox stands for what was chosen at sending, as the form of an upload does
FOLDER, FILE_NAME, TAB, ABOVE = "报送时选的", "文件名", "工作表名", "表头上方"
MEMBER = "压缩包里的文件名"
#: where an unknown unit is named, and what to do, if it is the folder of the inbox
_UNKNOWN_FOLDER = ("报送时放的文件夹", "请放到以本单位名称或代码命名的文件夹后重报")


@dataclass(frozen=True)
class IdentityHint:
    """What one source (folder, file name, cell) says of unit, month and money; each may be missing.

    `further_units` are those that it names beside `unit`. `authority` is a unit whose authority it names
    as the branches of that authority do too. `stranger` is a unit that it names and that the region table
    lacks. `money_units` are the units of money that it names, of UNIT_POWERS or, where they cannot be read,
    as they are written. `months` is what it says of months besides `period`. `delivery` is how
    the sender relates the sheet to what was sent before; `unread_delivery` what is written there instead.
    """

    origin: str
    unit: str | None = None
    period: str | None = None
    money_units: tuple[str, ...] = ()
    stranger: str | None = None
    further_units: tuple[str, ...] = ()
    authority: str | None = None
    months: MonthsNamed = NO_MONTHS
    delivery: Delivery | None = None
    unread_delivery: str = ""

    @property
    def is_label(self) -> bool:
        """Whether a label beside the hint was read, such as 填报单位."""
        return "“" in self.origin


def hints_from_path(path: str, regions: RegionTable) -> list[IdentityHint]:
    """Return what the folders below the inbox and the file name say.

    An unknown unit folder is a stranger.
    """
    *folders, name = path.split("/")
    hints = []
    units = [regions.find_unit(folder) for folder in folders]
    for depth, folder in enumerate(folders):
        hint = hint_from_text(FOLDER, folder, regions)
        period = find_period(folder)
        names_month = period or hint.months.month or hint.months.years
        stranger = folder if depth > 0 and not names_month and not any(units) else None
        hints.append(replace(hint, period=period, stranger=stranger))
    stem = name.rpartition(".")[0] or name
    by_name = hint_from_text(FILE_NAME, stem, regions)
    return complete_period([*hints, replace(by_name, money_units=units_in_brackets(stem))])


def hints_from_member(name: str, regions: RegionTable) -> list[IdentityHint]:
    """Return what the name of a file in a zip and of its folders there say."""
    parts = (name.rpartition(".")[0] or name).split("/")
    return [hint_from_text(MEMBER, part, regions) for part in parts]


def hint_from_text(origin: str, text: str, regions: RegionTable) -> IdentityHint:
    """Return what a name or a title says."""
    units, months = regions.find_units(text), read_months(text)
    authority = None if units else regions.find_authority(text)
    return IdentityHint(
        origin,
        next(iter(units), None),
        months.period,
        further_units=tuple(units[1:]),
        authority=authority,
        months=months,
    )


def is_identity_alone(text: str, regions: RegionTable, titles: Sequence[str]) -> bool:
    """Return whether a text holds nothing but units, months, titles of ledgers and the words around them."""
    words = regions.names.without_units(text)
    if len(words) > LONGEST_HEADING:
        return False
    words = without_months(words)
    for word in sorted((*titles, *HEADING_WORDS), key=len, reverse=True):
        words = words.replace(word, "")
    return not _NOT_ALONE.search(words)


def complete_period(hints: Sequence[IdentityHint]) -> list[IdentityHint]:
    """Give a month without its year the only year that is named, where no month with its year is."""
    years = {year for hint in hints for year in hint.months.years}
    if len(years) != 1 or any(hint.period for hint in hints):
        return list(hints)
    (year,) = years
    return [
        replace(hint, period=f"{year}-{hint.months.month:02}") if hint.months.month else hint
        for hint in hints
    ]


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
            if (title := text[: ends[0]]) and not title.startswith(NOTE_WORDS):
                units = units_of_title(title) if title == text else ()
                hints.append(replace(hint_from_text(ABOVE, title, regions), money_units=units))
            for label, end in zip(labels, ends[1:], strict=True):
                name = re.sub(r"\s", "", label["first"] or label["later"])
                if name in DELIVERY_LABELS:
                    hints.append(_hint_of_delivery(label, text[label.end() : end], texts[column + 1 :]))
                    continue
                value = text[label.end() : end].strip() or _value_beside(texts[column + 1 :])
                hints.append(_hint_of_label(name, value, regions))
    return hints


def hints_from_foot(
    rows: Sequence[Sequence[object]], regions: RegionTable, is_typed: bool = True
) -> list[IdentityHint]:
    """Return what the labels below a table say; other words there (notes, 填表日期) do not count."""
    hints = hints_from_cells(rows, regions, is_typed)
    return [replace(hint, origin=f"表尾的{hint.origin}") for hint in hints if hint.is_label]


def money_hints_from_foot(rows: Sequence[Sequence[object]]) -> list[IdentityHint]:
    """Return the units of money that the notes below a table give for all amounts."""
    units = (units_in_phrases(cell_text(cell)) for cells in rows for cell in cells)
    return [IdentityHint("表尾的说明", money_units=named) for named in units if named]


def with_last_resort(evidence: list[IdentityHint], fallbacks: Sequence[IdentityHint]) -> list[IdentityHint]:
    """Add to the evidence what `fallbacks` say of a matter on which it says nothing."""
    has_unit = any(hint.unit or hint.authority or hint.stranger for hint in evidence)
    has_period = any(hint.period for hint in evidence)
    has_money = any(hint.money_units for hint in evidence)
    added = [
        replace(
            fallback,
            unit=None if has_unit else fallback.unit,
            further_units=() if has_unit else fallback.further_units,
            authority=None if has_unit else fallback.authority,
            stranger=None if has_unit else fallback.stranger,
            period=None if has_period else fallback.period,
            months=NO_MONTHS if has_period else fallback.months,
            money_units=() if has_money else fallback.money_units,
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


def _hint_of_delivery(label: re.Match[str], text: str, beside: Sequence[str]) -> IdentityHint:
    """Read the choice behind a label, whose boxes may be in several cells."""
    is_sentence = bool(text.strip()) and not label[0].endswith(":")
    beside = list(takewhile(lambda value: not _LABEL.match(value), beside))
    chosen = None if is_sentence else find_delivery(" ".join([text, *beside]))
    hint = IdentityHint(f"“{label['first'] or label['later']}”", delivery=chosen)
    written = text.strip() or _value_beside(beside)
    is_claim = not is_sentence and any(claim in written for claim in DELIVERY_CLAIMS)
    is_blank_form = any(box in " ".join([text, *beside]) for box in OPEN_BOXES)
    return hint if chosen or not is_claim or is_blank_form else replace(hint, unread_delivery=written)


def find_delivery(text: str) -> Delivery | None:
    """Return the one choice that is ticked, or the only one that is written; None where nothing or both are
    chosen.

    Where the text begins with a box, boxes stand before their words, else behind them.
    """
    words = {word: delivery for delivery, named in DELIVERY_WORDS.items() for word in named}
    tokens = re.findall("|".join([*words, f"[{TICKS}{OPEN_BOXES}]"]), text)
    deliveries = [words.get(token) for token in tokens]
    if all(deliveries):
        chosen = set(deliveries)
    else:
        step = 1 if deliveries[0] is None else -1
        marked = range(len(tokens))
        chosen = {
            deliveries[index + step]
            for index in marked
            if tokens[index] in TICKS and 0 <= index + step < len(tokens)
        }
    return chosen.pop() if len(chosen) == 1 else None


def _hint_of_label(label: str, value: str, regions: RegionTable) -> IdentityHint:
    label_text = f"“{label}”"
    if label in PERIOD_LABELS or label in SPAN_LABELS:
        months = read_label(value)
        if label in SPAN_LABELS and len(months.possible) == 1:
            months = NO_MONTHS
        return IdentityHint(label_text, period=months.period, months=months)
    if label in SENT_LABELS:
        return IdentityHint(label_text, months=MonthsNamed(sent=read_sent(value)))
    if label in MONEY_LABELS and (money_units := units_in(value)):
        return IdentityHint(label_text, money_units=money_units)
    if label in _PURE_MONEY_LABELS:
        return IdentityHint(label_text, money_units=() if is_currency_name(value) else (value,))
    units = regions.find_units(value)
    if not units and (bureau := regions.find_unit(value) or regions.find_bureau(value)):
        units = [bureau]
    is_place = not units and _PLACE_NAME.search(value)
    return IdentityHint(
        label_text,
        next(iter(units), None),
        further_units=tuple(units[1:]),
        stranger=value if is_place else None,
    )


def weigh_units(hints: Sequence[IdentityHint], regions: RegionTable) -> list[IdentityHint]:
    """Leave out what titles and names say of units that is no contradiction to what the rest says.

    An authority stands above the table of each of its branches. A name may hold two units, of which
    another source names one.
    """
    certain = {hint.unit for hint in hints if hint.unit and (hint.is_label or not hint.further_units)}
    weighed = []
    for hint in hints:
        if hint.authority:
            bureau = hint.authority
            is_above = bool(certain) and all(regions.is_branch(unit, bureau) for unit in certain)
            weighed.append(replace(hint, authority=None, unit=None if is_above else bureau))
        elif hint.further_units:
            is_settled = (
                not hint.is_label and len(certain) == 1 and certain <= {hint.unit, *hint.further_units}
            )
            if is_settled:
                weighed.append(replace(hint, unit=None))
            else:
                weighed += [
                    replace(hint, unit=unit, further_units=()) for unit in (hint.unit, *hint.further_units)
                ]
        else:
            weighed.append(hint)
    return weighed


def agreed_unit(evidence: list[IdentityHint], regions: RegionTable) -> str:
    """Return the one unit that the evidence names.

    Raises UnusableFileError: unknown, missing or in conflict.
    """
    strangers = [(hint.origin, hint.stranger) for hint in evidence if hint.stranger]
    if strangers:
        origin, stranger = strangers[0]
        location, advice = _UNKNOWN_FOLDER if origin == FOLDER else (f"{origin}写的", "请改正单位后重报")
        raise UnusableFileError(
            "submission.unit_unknown",
            detail=stranger,
            origin=location,
            valid=regions.valid_units(),
            advice=advice,
        )
    claims = [(hint.origin, hint.unit) for hint in evidence if hint.unit]
    return _agree(claims, "submission.unit_missing", "submission.unit_conflict", regions.name_of)


def agreed_period(evidence: list[IdentityHint]) -> str:
    """Return the one month that the evidence names. Raises UnusableFileError: missing or in conflict."""
    claims = [(hint.origin, hint.period) for hint in evidence if hint.period]
    period = _agree(claims, "submission.period_missing", "submission.period_conflict", month_words)
    labels = [
        (hint.origin, f"{hint.months.month}月")
        for hint in evidence
        if hint.is_label and hint.months.month not in (None, int(period[5:]))
    ]
    return _agree(
        [*claims, *labels], "submission.period_missing", "submission.period_conflict", month_words
    )


def agreed_delivery(evidence: list[IdentityHint]) -> Delivery | None:
    """Return how the sheet relates to what was sent before, where its cells say one thing."""
    claims = {hint.delivery for hint in evidence if hint.delivery}
    return claims.pop() if len(claims) == 1 else None


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
