"""What is wrong in a file that a person wrote in TOML, as a sentence: its form, or the value of a key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemas.sentences import Sentence

if TYPE_CHECKING:
    from tomllib import TOMLDecodeError

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

#: sentences by pydantic's type of the problem; the placeholders are those of its context
_SENTENCES = {
    "extra_forbidden": Sentence("there is no such key"),
    "missing": Sentence("it is missing"),
    "literal_error": Sentence("'{input}' is none of {expected}"),
    "enum": Sentence("'{input}' is none of {expected}"),
    "string_type": Sentence("a text is wanted"),
    "string_pattern_mismatch": Sentence("'{input}' has not the form {pattern}"),
    "int_type": Sentence("a whole number is wanted"),
    "int_parsing": Sentence("'{input}' is no whole number"),
    "int_from_float": Sentence("'{input}' is no whole number"),
    "float_type": Sentence("a number is wanted"),
    "float_parsing": Sentence("'{input}' is no number"),
    "bool_type": Sentence("true or false is wanted"),
    "bool_parsing": Sentence("'{input}' is neither true nor false"),
    "list_type": Sentence("a list is wanted"),
    "dict_type": Sentence("a table is wanted"),
    "date_type": Sentence("a day is wanted, as 2023-06-30"),
    "date_from_datetime_parsing": Sentence("a day is wanted, as 2023-06-30"),
    "greater_than": Sentence("{input} is not greater than {gt}"),
    "greater_than_equal": Sentence("{input} is less than {ge}"),
    "less_than": Sentence("{input} is not less than {lt}"),
    "less_than_equal": Sentence("{input} is more than {le}"),
}
#: what the parser's messages begin with, and what a person can do about it
_FAULTS_OF_FORM = {
    "Cannot": Sentence("the key or table stands there already; each may stand once"),
    "Expected ']'": Sentence("a square bracket is not closed"),
    "Expected '='": Sentence("an = is missing after the key"),
    "Unterminated": Sentence("a text is not closed by its quote"),
    "Illegal character": Sentence("a text is not closed by its quote"),
}
_NO_VALUE = Sentence("this is no value; texts stand in quotes, lists in square brackets")
_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)$")


def describe_toml_error(name: str, error: TOMLDecodeError) -> Sentence:
    """Say where a file is not written as TOML, and what may be wrong there."""
    fault = next(
        (sentence for begin, sentence in _FAULTS_OF_FORM.items() if str(error).startswith(begin)), _NO_VALUE
    )
    if position := _POSITION.search(str(error)):
        return Sentence(
            "{file}, line {line}, column {column}: {fault}",
            file=name,
            line=position[1],
            column=position[2],
            fault=fault,
        )
    return Sentence("{file}, at its end: {fault}", file=name, fault=fault)


def describe_first_problem(where: str, error: ValidationError) -> Sentence:
    """Say which key of a table is wrong first, and why."""
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))
    return Sentence("{where}: {key}: {problem}", where=where, key=key, problem=describe_problem(first))


def describe_problem(problem: ErrorDetails) -> str:
    """Say what is wrong with one key."""
    context = problem.get("ctx", {})
    if isinstance(error := context.get("error"), ValueError) and error.args:
        return error.args[0] if isinstance(error.args[0], Sentence) else str(error)
    values = {**context, "input": problem["input"]}
    if sentence := _SENTENCES.get(problem["type"]):
        return Sentence(sentence, **values) if "{" in sentence else sentence
    return Sentence("'{input}' is not valid", input=problem["input"])
