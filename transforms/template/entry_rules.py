"""Number formats, drop-downs and validation messages of the cells of a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from schemas.forms import LISTS_SHEET
from schemas.ledgers.compiled import LedgerField
from schemas.ledgers.model import EARLIEST
from schemas.reporting.replacement import DELIVERY_CHOICES, DELIVERY_LABELS
from transforms.template.words import entry, money_unit

#: Excel's limits
LONGEST_LIST, LONGEST_TITLE, LONGEST_MESSAGE = 255, 32, 255
USCC_LENGTH = 18
#: Excel's number of the built-in format @
AS_TEXT = 49
FEN_IN = {"元": 100, "万元": 1_000_000}

#: other kinds are text, so that Excel does not turn a long code into 4.3E+17 or 1-2 into a date
NUMBER_FORMATS = {"date": "yyyy-mm-dd", "integer": "0", "number": "General", "boolean": "General"}
MONEY_FORMATS = {"元": "#,##0.00", "万元": "#,##0.00####"}

Validation = Mapping[str, Any]


class Lists:
    """The lists of drop-downs: short ones inside the cell's rule, long ones on a separate sheet."""

    def __init__(self) -> None:
        self.long: list[Sequence[str]] = []

    def source(self, values: Sequence[str]) -> list[str] | str:
        """Return the source of a drop-down: the values, or a reference to the sheet of long lists."""
        if len(",".join(values)) <= LONGEST_LIST and not any("," in value for value in values):
            return list(values)
        self.long.append(values)
        column = xl_col_to_name(len(self.long) - 1)
        return f"='{LISTS_SHEET}'!${column}$1:${column}${len(values)}"


def number_format(field: LedgerField) -> str | int:
    """Return Excel's number format for the cells of a field."""
    if field.type.kind == "money":
        return MONEY_FORMATS[money_unit(field)]
    return NUMBER_FORMATS.get(field.type.kind) or AS_TEXT


def validation(field: LedgerField, lists: Lists) -> Validation | None:
    """Build the validation rule of a field's cells; None if any text is valid."""
    kind = field.type.kind
    if kind in ("category", "boolean"):
        return drop_down(field.header, field.allowed or ("是", "否"), lists)
    if kind == "categories":
        return {"validate": "any", **_hint(field)}
    if kind == "date":
        return {
            "validate": "date",
            "criteria": ">=",
            "value": EARLIEST,
            **_error("请填日期", _entry_message(field)),
        }
    if kind == "money":
        return {
            "validate": "decimal",
            **_bounds(field, FEN_IN[money_unit(field)]),
            **_hint(field),
            **_error("请填金额", _entry_message(field)),
        }
    if kind in ("integer", "number"):
        rule = "integer" if kind == "integer" else "decimal"
        return {"validate": rule, **_bounds(field, 1), **_error("请填数字", _entry_message(field))}
    if kind == "uscc":
        return {
            "validate": "length",
            "criteria": "==",
            "value": USCC_LENGTH,
            **_hint(field),
            **_error("代码应为 18 位", "统一社会信用代码应为 18 位，请对照营业执照核对。", "warning"),
        }
    return None


def drop_down(title: str, values: Sequence[str], lists: Lists) -> Validation:
    message = f"“{title}”只能从下拉列表中选择：{'、'.join(values)}"
    return {"validate": "list", "source": lists.source(values), **_error("请从下拉列表中选择", message)}


def delivery_entry(lists: Lists) -> Validation:
    """Choose how the sheet relates to what was sent before for the month."""
    message = "第一次报这个月的，不用选。这个月报过的，从下拉列表中选一种。"
    return {
        **drop_down(DELIVERY_LABELS[0], DELIVERY_CHOICES, lists),
        "input_title": DELIVERY_LABELS[0], "input_message": message,
    }  # fmt: skip


def month_entry() -> Validation:
    """Validate the month by its length only: it is text, so that Excel does not turn it into a date."""
    return {
        "validate": "length",
        "criteria": "between",
        "minimum": len("2023-6"),
        "maximum": len("2023年12月"),
        "input_title": "填报期间",
        "input_message": "写年份和月份，如 2023年6月。一张表只报一个月。",
        **_error("请写年份和月份", "请写成 2023年6月 的样子：四位年份和月份，不写日。", "warning"),
    }


def no_entry() -> Validation:
    """Keep clerks from writing over the example row, which is not read: only an empty cell is valid."""
    message = "这一行是示例，不会计入。请从下面一行填起；不需要示例的，可以把整行删除。"
    return {"validate": "length", "criteria": "==", "value": 0, **_error("示例行不用填", message)}


def _entry_message(field: LedgerField) -> str:
    return f"“{field.header}”：{entry(field)}。"


def _bounds(field: LedgerField, divisor: int) -> Validation:
    """Return the bounds in the unit of the header; without a minimum the lower bound is zero."""
    least = (field.minimum or 0) / divisor
    if field.maximum is None:
        return {"criteria": ">=", "value": least}
    return {"criteria": "between", "minimum": least, "maximum": field.maximum / divisor}


def _hint(field: LedgerField) -> Validation:
    return {"input_title": field.header[:LONGEST_TITLE], "input_message": _shorten(entry(field))}


def _error(title: str, message: str, kind: str = "stop") -> Validation:
    return {"error_type": kind, "error_title": title, "error_message": _shorten(message)}


def _shorten(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
