"""What is wrong in a file that a person wrote is said with its line or key, in plain words."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.problems import describe_first_problem, describe_toml_error


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    mode: Literal["add", "replace"] = "add"
    rows: int = 1
    until: date = date(2023, 6, 30)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = \nb = 1", "f.toml, line 1, column 5: this is no value; texts stand in quotes, lists in square brackets"),
        ("a = 1\na = 2\n", "f.toml, line 2, column 6: the key or table stands there already; each may stand once"),
        ("[a", "f.toml, at its end: a square bracket is not closed"),
        ("a 1", "f.toml, line 1, column 3: an = is missing after the key"),
        ('a = "x\n', "f.toml, line 1, column 7: a text is not closed by its quote"),
        ("a = [", "f.toml, at its end: this is no value; texts stand in quotes, lists in square brackets"),
    ],
)  # fmt: skip
def test_a_wrong_form(text: str, sentence: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as refused:
        tomllib.loads(text)
    assert describe_toml_error("f.toml", refused.value) == sentence


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"mode": "x"}, "mode: 'x' is none of 'add' or 'replace'"),
        ({"rows": "x"}, "rows: a whole number is wanted"),
        ({"until": "bald"}, "until: a day is wanted, as 2023-06-30"),
        ({"foo": 1}, "foo: there is no such key"),
    ],
)
def test_a_wrong_value(entry: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Entry.model_validate(entry)
    assert describe_first_problem("f.toml: [[a]]", refused.value) == f"f.toml: [[a]]: {problem}"
