"""Find what a person means by an id or by its Chinese name; offer the nearest ones for a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import click

from flows.language import _

#: how many are offered, and how alike they must be
MOST_OFFERED, LEAST_ALIKE = 4, 0.5
#: more than these are not listed in an error
MOST_LISTED = 30


def find_id(text: str, titles: Mapping[str, str], kind: str, hint: str, listed: str = "") -> str:
    """Return the id that is `text`, or whose title is.

    Raises BadParameter that offers the nearest of `titles` (id to title); where none is near, it lists all,
    as `listed` if that is given, or says where they are listed.
    """
    if text in titles:
        return text
    named = [name for name, title in titles.items() if text in (title, _short(title))]
    if len(named) == 1:
        return named[0]
    words = {word: name for name, title in titles.items() for word in (name, title, _short(title))}
    near = get_close_matches(text, words, MOST_OFFERED * 3, LEAST_ALIKE)
    nearest = list(dict.fromkeys([*named, *(words[word] for word in near)]))[:MOST_OFFERED]
    if nearest:
        offers = "、".join(f"{titles[name]}（{name}）" for name in nearest)
        raise click.BadParameter(
            _("no {kind} {text}; the nearest are {offers}").format(kind=kind, text=text, offers=offers),
            param_hint=hint,
        )
    if not listed and len(titles) > MOST_LISTED:
        problem = _("no {kind} {text}; `huizong dictionary --out FILE.html` lists them all")
        raise click.BadParameter(problem.format(kind=kind, text=text), param_hint=hint)
    listed = listed or "、".join(f"{title}（{name}）" for name, title in titles.items())
    problem = _("no {kind} {text}; there are {listed}").format(kind=kind, text=text, listed=listed)
    raise click.BadParameter(problem, param_hint=hint)


def _short(title: str) -> str:
    return title.removesuffix("台账")
