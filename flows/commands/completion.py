"""What the shell completes: ids after `--unit`, `--region`, `--dataset`, `--indicator` and as arguments."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from click.shell_completion import CompletionItem


def _units(folder: Path) -> Mapping[str, str]:
    from flows.home import Home

    regions = Home(folder).regions()
    return {code: regions.name_of(code) for code in regions.unit_codes()}


def _regions(folder: Path) -> Mapping[str, str]:
    from flows.home import Home

    regions = Home(folder).regions()
    return {code: regions.name_of(code) for code in regions.regions}


def _ledgers(_folder: Path) -> Mapping[str, str]:
    from schemas.catalogue import ledgers

    return {name: ledger.title for name, ledger in ledgers().items()}


def _indicators(_folder: Path) -> Mapping[str, str]:
    from schemas.catalogue import indicators

    return {name: indicator.title for name, indicator in indicators().items()}


#: what stands for ids of each kind: an option, or the name of an argument
_OFFERS: dict[str, Callable[[Path], Mapping[str, str]]] = {
    "--unit": _units,
    "--region": _regions,
    "--dataset": _ledgers,
    "names": _ledgers,
    "--indicator": _indicators,
    "indicator_id": _indicators,
}


class _Offered(click.types.StringParamType):
    """A text for which the shell offers ids with their titles, and titles where one was begun."""

    def __init__(self, offer: Callable[[Path], Mapping[str, str]]) -> None:
        self._offer = offer

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        del param  # an offer is of one kind
        try:
            titles = self._offer(Path(ctx.find_root().params.get("folder") or "var"))
        except Exception:  # a shell that completes shows no errors; the command itself does
            return []
        ids = [
            CompletionItem(name, help=title)
            for name, title in titles.items()
            if name.startswith(incomplete)
        ]
        named = [title for title in titles.values() if incomplete and title.startswith(incomplete)]
        return ids + [CompletionItem(title) for title in named]


def offer_ids(parameter: click.Parameter) -> click.Parameter:
    """Return a copy of a parameter that the shell completes, or the parameter itself."""
    names = parameter.opts if isinstance(parameter, click.Option) else [str(parameter.name)]
    offer = next((_OFFERS[name] for name in names if name in _OFFERS), None)
    if offer is None or not isinstance(parameter.type, click.types.StringParamType):
        return parameter
    completed = copy.copy(parameter)
    completed.type = _Offered(offer)
    return completed
