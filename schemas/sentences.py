"""Sentences that keep their template, so that the command line can print them in another language."""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """An English sentence: `Sentence("no unit {code}", code=code)`.

    It is text like any other, for logs and programs. Its template and values stay with it, and
    `flows/language.py` makes the Chinese of them. A value may be a sentence or an exception itself; a
    tuple is listed.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Sentence:
        shown = {name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
                 for name, value in values.items()}  # fmt: skip
        sentence = super().__new__(cls, template.format(**shown) if values else template)
        sentence.template, sentence.values = template, values
        return sentence
