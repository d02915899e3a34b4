"""Write docs/configuration.md from the settings model: every key with
its default, values, meaning and variable.

Run `make docs` after a change of the settings; a test fails while the page is out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flows.home import HOME_VARIABLE
from flows.settings import SETTINGS_FILE, Settings
from schemas.reporting.obligations import Obligation

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
#: settings that are tables of their own in the file, with their own section on the page
TABLES = ("obligations", "holidays")
TYPE_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}
LIMIT_NAMES = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}

#: the keys of one [[obligations]] entry: meaning, and what holds where the key is left out
OBLIGATION_KEYS = {
    "units": ("codes of the units that the entry is about", "all units"),
    "ledgers": ("ids of the ledgers that the entry is about", "all ledgers"),
    "every": ("how often a report is due", "`month`"),
    "from": ("first month that the entry is about", "no first month"),
    "until": ("last month that the entry is about", "no last month"),
    "due_working_day": (
        "working day of the next month on which the report is due",
        "the setting `due_working_day`",
    ),
}

INTRODUCTION = f"""\
# Configuration

Made from `flows/settings.py` by `make docs`. Do not edit it by hand.

Settings stand in `{SETTINGS_FILE}` in the home. Every key is optional. An unknown key is an error, so that a typing
mistake is noticed at once.

Each key also has an environment variable. The variable wins over the file. Write a list or a table in a variable as
JSON: `HUIZONG_NOTIFY_COMMAND='["/usr/local/bin/notify", "--json"]'`.

The home itself is chosen by `--home DIR`, else by the variable `{HOME_VARIABLE}`, else it is `./var`. `huizong init` makes a
home, with a `{SETTINGS_FILE}` in which every key is commented out; see
[operations.md](operations.md#the-home).
"""

OBLIGATIONS = """\
## `[[obligations]]`: which unit owes which ledger, and when

Without an entry every unit owes every ledger every month. Each entry changes that for some units, ledgers and months.
Where several entries fit, the last one decides. A report that is due every quarter is the report of the quarter's last
month and covers all three months.

```toml
[[obligations]]
units = ["990102"]
ledgers = ["permits"]
every = "quarter"
from = "2022-01"
due_working_day = 10
```
"""

HOLIDAYS = """\
## `[holidays.YEAR]`: the holidays of a year

The calendar package knows China's working days up to the last year that was announced when it was released. Add a later
year here, or install a newer version of the package. A year given here replaces what the package knows of it.

```toml
[holidays.2027]
days_off = [2027-01-01]
make_up_days = [2027-02-07]
```

| key | values | meaning |
| --- | --- | --- |
| `days_off` | list of dates | working days (Monday to Friday) that are free |
| `make_up_days` | list of dates | Saturdays and Sundays that are worked instead |
"""


def render_page() -> str:
    """Return the text of docs/configuration.md."""
    keys = [(name, field) for name, field in Settings.model_fields.items() if name not in TABLES]
    return "\n".join(
        [
            INTRODUCTION,
            *_render_table(
                ("key", "default", "values", "meaning", "environment variable"),
                (
                    (
                        f"`{name}`",
                        _describe_default(field),
                        _describe_values(field),
                        field.description or "",
                        f"`{variable_name(name)}`",
                    )
                    for name, field in keys
                ),
            ),
            "",
            OBLIGATIONS,
            *_render_table(("key", "values", "meaning", "if left out"), _obligation_rows()),
            "",
            f"As a variable: `{variable_name('obligations')}`, a JSON list of such entries.",
            "",
            HOLIDAYS,
            f"As a variable: `{variable_name('holidays')}`, a JSON object with one entry for each year.",
            "",
        ]
    )


def variable_name(key: str) -> str:
    """Return the environment variable of a setting, as `HUIZONG_TIMEZONE` for `timezone`."""
    return f"{Settings.model_config['env_prefix']}{key}".upper()


def fields_by_key(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields of a model by their key in the file: the alias if there is one."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _obligation_rows() -> Iterable[Sequence[str]]:
    for key, field in fields_by_key(Obligation).items():
        meaning, if_left_out = OBLIGATION_KEYS[key]
        yield f"`{key}`", _describe_values(field), meaning, if_left_out


def _render_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    escaped_lines = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    return [f"| {' | '.join(line)} |" for line in escaped_lines]


def _describe_default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default in ("", [], {}):
        return "empty"
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _describe_values(field: FieldInfo) -> str:
    """Return the type and limits of a field in words, as "whole number, at least 1"."""
    limits = [
        f"{word} {getattr(constraint, limit):g}"
        for constraint in field.metadata
        for limit, word in LIMIT_NAMES.items()
        if getattr(constraint, limit, None) is not None
    ]
    patterns = [
        f"matches `{constraint.pattern}`"
        for constraint in field.metadata
        if getattr(constraint, "pattern", None)
    ]
    return ", ".join([_describe_type(field.annotation), *limits, *patterns])


def _describe_type(annotation: Any) -> str:
    if annotation in TYPE_NAMES:
        return TYPE_NAMES[annotation]
    parts = [part for part in get_args(annotation) if part not in (NoneType, ...)]
    origin = get_origin(annotation)
    if origin is Literal:
        return _list_choices(parts)
    if origin in (list, tuple):
        return f"list of {_describe_type(parts[0])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _list_choices([member.value for member in annotation])
    if len(parts) == 1:  # the value or None
        return _describe_type(parts[0])
    raise TypeError(f"say in _describe_type how to write {annotation} in words")


def _list_choices(choices: Iterable[str]) -> str:
    return " or ".join(f"`{choice}`" if choice else "empty" for choice in choices)


def main() -> None:
    """Write the page."""
    PAGE.write_text(render_page(), "utf-8")


if __name__ == "__main__":
    main()
