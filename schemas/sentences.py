"""Sentences that keep their template, so that the command line can print them in another language."""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """An English sentence: `Sentence("no unit {code}", code=code)`.

    It is text like any other, for logs and programs. Its template and values stay with it, and
    `flows/language.py` makes the Chinese of them.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Sentence:
        sentence = super().__new__(cls, template.format(**values) if values else template)
        sentence.template, sentence.values = template, values
        return sentence
