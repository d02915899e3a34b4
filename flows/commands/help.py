"""The words of `--help` in the chosen language, wrapped by the width of what a terminal shows."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable

import click
from rich.cells import cell_len

from flows.commands.completion import offer_ids
from flows.commands.usage_errors import type_in_words
from flows.language import _

#: what a line may end after: a word, or a Chinese sign with the signs that close it
_CLOSING = "[）」』】》，。；：、！？”]*"
_PIECES = re.compile(rf"[^\s\u2e80-\uffff]+{_CLOSING}\s*|[\u2e80-\uffff]{_CLOSING}\s*|\s+")
FIRST_COLUMN = 30


def join_paragraphs(text: str) -> str:
    """Join the lines of each paragraph of a docstring: so it stands in the catalogue."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def translate_command(command: click.Command) -> click.Command:
    """Return a copy of a command with its help in the chosen language."""
    translated = copy.copy(command)
    translated.context_class = _Context
    translated._help_option = None  # click keeps it with the words of the language that came first
    translated.help = _(join_paragraphs(command.help)) if command.help else None
    translated.short_help = _(command.short_help) if command.short_help else None
    translated.params = [_translate_parameter(parameter) for parameter in command.params]
    translated.options_metavar = _("[OPTIONS]")
    if isinstance(translated, click.Group):
        translated.subcommand_metavar = _("COMMAND [ARGS]...")
        translated.commands = {name: translate_command(each) for name, each in translated.commands.items()}
    return translated


def _translate_parameter(parameter: click.Parameter) -> click.Parameter:
    translated = copy.copy(offer_ids(parameter))
    translated.type = type_in_words(translated.type)
    if translated.metavar:
        translated.metavar = _(translated.metavar)
    elif isinstance(translated.type, click.IntRange):
        translated.metavar = _("NUMBER")
    if isinstance(translated, click.Option) and translated.help:
        translated.help = _(join_paragraphs(translated.help))
    return translated


def wrap(text: str, width: int) -> list[str]:
    """Wrap text at blanks and between Chinese signs, which are two columns wide."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _PIECES.findall(paragraph):
            if line and cell_len((line + piece).rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += piece
        lines.append(line.rstrip())
    return lines


class _Formatter(click.HelpFormatter):
    """Click's formatter, which counts a Chinese sign as one column, with the right widths."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage; a full-width colon has its blank within."""
        heading = prefix or _("Usage:")
        super().write_usage(prog, args, heading if heading.endswith("：") else f"{heading} ")

    def write_heading(self, heading: str) -> None:
        line = _("{heading}:").format(heading=heading)
        self.write(f"{' ' * self.current_indent}{line}\n")

    def write_text(self, text: str) -> None:
        for line in wrap(text, self.width - self.current_indent):
            self.write(f"{' ' * self.current_indent}{line}".rstrip() + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = FIRST_COLUMN, col_spacing: int = 2
    ) -> None:
        rows = list(rows)
        first_column = min(max(cell_len(name) for name, text in rows), col_max) + col_spacing
        indent = " " * self.current_indent
        for name, text in rows:
            lines = wrap(text, max(self.width - self.current_indent - first_column, 10)) if text else [""]
            gap = first_column - cell_len(name)
            if gap < col_spacing:
                self.write(f"{indent}{name}\n")
            else:
                lines[0] = f"{name}{' ' * gap}{lines[0]}"
            for index, line in enumerate(lines):
                hangs = index > 0 or gap < col_spacing
                self.write(f"{indent}{' ' * first_column if hangs else ''}{line}".rstrip() + "\n")


class _Context(click.Context):
    formatter_class = _Formatter
