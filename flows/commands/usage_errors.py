"""What click says of a wrong use, as whole sentences in the chosen language."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click

from flows.language import _


class WholeNumber(click.IntRange):
    """A whole number, within bounds if there are any."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            self.fail(_("'{value}' is no whole number").format(value=value), param, ctx)
        if (self.min is not None and number < self.min) or (self.max is not None and number > self.max):
            problem = _("{number} is not within {range}").format(
                number=number, range=self._describe_range()
            )
            self.fail(problem, param, ctx)
        return number

    def _describe_range(self) -> str:
        if self.min is None and self.max is None:
            return ""
        if self.min is None or self.max is None:
            return super()._describe_range()
        return _("{least} to {most}").format(least=self.min, most=self.max)


class OneOf(click.Choice[str]):
    """One of some words."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:  # noqa: ARG002
        return _("'{value}' is none of {choices}").format(value=value, choices=_list(self.choices))


def type_in_words(kind: click.ParamType[Any]) -> click.ParamType[Any]:
    """Return the type that takes the same values, and says in the chosen language what it refuses."""
    if isinstance(kind, click.Choice):
        return OneOf(kind.choices, case_sensitive=kind.case_sensitive)
    if isinstance(kind, click.IntRange):
        return WholeNumber(kind.min, kind.max)
    return WholeNumber() if kind is click.INT else kind


def name_parameter(error: click.BadParameter) -> str | None:
    """Return the option of a wrong or missing value as it is typed, an argument as help calls it."""
    if isinstance(error.param_hint, str):
        return _(error.param_hint)
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.human_readable_name.rstrip(".…") if error.param else None


def in_words(error: click.ClickException) -> click.ClickException:
    """Return an error of click whose sentence is put together from parts as one that is whole."""
    if isinstance(error, click.MissingParameter):
        return click.UsageError(_describe_missing(error), error.ctx)
    if isinstance(error, click.BadParameter):
        error.param_hint = name_parameter(error)
    elif isinstance(error, click.UsageError) and (names := _similar_names(error)):
        sentence = _("{problem} Did you mean {names}?").format(problem=error.message, names=_list(names))
        return click.UsageError(sentence, error.ctx)
    return error


def _describe_missing(error: click.MissingParameter) -> str:
    is_option = isinstance(error.param, click.Option)
    sentence = (_("Missing option {name}.") if is_option else _("Missing argument {name}.")).format(
        name=name_parameter(error)
    )
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return _("{problem} Choose from {names}.").format(problem=sentence, names=_list(kind.choices))
    return sentence


def _similar_names(error: click.UsageError) -> list[str]:
    """Return the options or commands that are spelt like the one that there is not."""
    if isinstance(error, click.NoSuchOption):
        return list(error.possibilities or ())
    name = getattr(error, "command_name", None)
    if name is None or error.ctx is None or not isinstance(error.ctx.command, click.Group):
        return []
    return get_close_matches(name, error.ctx.command.list_commands(error.ctx))


def _list(names: Iterable[str]) -> str:
    return _(", ").join(names)
