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
    units of the number beside the indicator's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[tuple[str, ...], BeforeValidator(_split)]
    topic: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def model_post_init(self, _context: Any) -> None:
        if not self.words:
            raise ValueError("a phrase needs words")


SaidAs = Annotated[Phrase, BeforeValidator(_name_words)]
