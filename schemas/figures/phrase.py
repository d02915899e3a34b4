"""How reports name a figure in words, for finding it in a text that a person wrote."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _split(value: Any) -> Any:
    """Split words at blanks: "移送 行政拘留"."""
    return tuple(value.split()) if isinstance(value, str) else value


def _name_words(value: Any) -> Any:
    """Accept bare words where a phrase has nothing else."""
    return {"words": value} if isinstance(value, str) else value


class Phrase(BaseModel):
    """Words that name a figure: all of them stand in the words of a number, in any order, with gaps.

    Where there is a `topic`, one of its words stands in the same paragraph or its heading. None of
    `not_with` stands in the same clause, none of `not_after` before it in the sentence. `units` are further
    units of the number beside the indicator's. Words that may well say something else are not `is_sure`:
    where the number is another, it is ambiguous.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[tuple[str, ...], BeforeValidator(_split)]
    topic: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    is_sure: bool = True

    def model_post_init(self, _context: Any) -> None:
        if not self.words:
            raise ValueError("a phrase needs words")


def _name_hint(value: Any) -> Any:
    """Read "罚款|罚单 入库|到账 !未": every word in one of its forms, and none of those behind the sign."""
    if not isinstance(value, str):
        return value
    words, _, without = value.partition("!")
    return {"words": words, "not_with": tuple(without.strip().split("|")) if without else ()}


SaidAs = Annotated[Phrase, BeforeValidator(_name_words)]
#: words of which each may be one of several forms
HintedBy = Annotated[Phrase, BeforeValidator(_name_hint)]
