"""What pydantic says of a wrong setting, as a sentence in the chosen language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.language import _, mark, translate

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: sentences by the type of the problem; the placeholders are those of its context
_SENTENCES = {
    "extra_forbidden": mark("there is no such key"),
    "missing": mark("it is missing"),
    "literal_error": mark("'{input}' is none of {expected}"),
    "enum": mark("'{input}' is none of {expected}"),
    "string_type": mark("a text is wanted"),
    "string_pattern_mismatch": mark("'{input}' has not the form {pattern}"),
    "int_type": mark("a whole number is wanted"),
    "int_parsing": mark("'{input}' is no whole number"),
    "int_from_float": mark("'{input}' is no whole number"),
    "float_type": mark("a number is wanted"),
    "float_parsing": mark("'{input}' is no number"),
    "bool_type": mark("true or false is wanted"),
    "bool_parsing": mark("'{input}' is neither true nor false"),
    "list_type": mark("a list is wanted"),
    "dict_type": mark("a table is wanted"),
    "greater_than": mark("{input} is not greater than {gt}"),
    "greater_than_equal": mark("{input} is less than {ge}"),
    "less_than": mark("{input} is not less than {lt}"),
    "less_than_equal": mark("{input} is more than {le}"),
}


def describe_problem(problem: ErrorDetails) -> str:
    """Say what is wrong with one key."""
    context = problem.get("ctx", {})
    if isinstance(error := context.get("error"), ValueError):
        return translate(error)
    if sentence := _SENTENCES.get(problem["type"]):
        return _(sentence).format(**{**context, "input": problem["input"]})
    return _("'{input}' is not valid").format(input=problem["input"])
