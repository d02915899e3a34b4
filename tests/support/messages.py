"""Keep the Chinese catalogue: `make messages` enters what the source says, and compiles the catalogue.

A message that the source no longer has is dropped; one that has no Chinese yet is printed.
"""

from __future__ import annotations

import io
import re
import string
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from flows.cli import COMMANDS, import_command, main
from flows.commands.help import join_paragraphs
from flows.language import DOMAIN, LOCALE

ROOT = Path(__file__).parent.parent.parent
#: the catalogues: the Chinese of messages that are English in the source, and the English of Chinese ones
LANGUAGES = ("zh", "en")
#: the functions whose first argument is a message
KEYWORDS = {"_": None, "mark": None, "Sentence": None, "ngettext": (1, 2)}
PACKAGES = ("flows", "schemas", "transforms", "warehouse")
#: what click translates from a variable
OF_CLICK = {"required"}
Id = str | tuple[str, ...]


def find_messages() -> set[Id]:
    """Return the messages of the source, of the help of every command, and of click."""
    folders = [*(ROOT / package for package in PACKAGES), Path(click.__file__).parent]
    written = {message for folder in folders for message in _read_folder(folder)}
    return (
        written | OF_CLICK | {text for text in _help_texts([main, *map(import_command, COMMANDS)]) if text}
    )


def _read_folder(folder: Path) -> Iterator[Id]:
    options = extract_from_dir(folder, [("**.py", "python")], keywords=KEYWORDS)
    for _file, _line, message, _comments, _context in options:
        yield message


def _help_texts(commands: Iterable[click.Command]) -> Iterator[str]:
    for command in commands:
        yield join_paragraphs(command.help or "")
        yield from (parameter.metavar for parameter in command.params if parameter.metavar)
        yield from (
            join_paragraphs(option.help or "")
            for option in command.params
            if isinstance(option, click.Option)
        )
        if isinstance(command, click.Group):
            yield from _help_texts(command.commands.values())


class Catalogue(Catalog):
    """A catalogue whose header names no day and no program: it changes with its messages only."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", "nplurals=1; plural=0;")]


def po_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def language_to(message: Id) -> str:
    """Return the language into which a message is translated: the other one than its own."""
    text = message[0] if isinstance(message, tuple) else message
    is_chinese = re.search(r"[\u3000-\u9fff\uff00-\uffef]", text) and not re.search(
        r"[A-Za-z]+,? [a-z]+", text
    )
    return "en" if is_chinese else "zh"


def messages_to(language: str) -> set[Id]:
    return {message for message in find_messages() if language_to(message) == language}


def read_catalogue(language: str) -> Catalogue:
    with po_of(language).open("rb") as file:
        known = read_po(file, locale=language)
    return update_catalogue(known, {message.id for message in known if message.id})


def update_catalogue(known: Catalog, messages: set[Id]) -> Catalogue:
    """Return a catalogue of these messages, with the translations that are known."""
    updated = Catalogue(locale=known.locale, fuzzy=False, header_comment="# make messages")
    for message in messages:
        of_message = known.get(message)
        updated.add(
            message, of_message.string if of_message else ("",) if isinstance(message, tuple) else ""
        )
    return updated


def compile_catalogue(catalogue: Catalogue) -> bytes:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def written_catalogue(catalogue: Catalogue) -> bytes:
    written = io.BytesIO()
    write_po(written, catalogue, width=108, sort_output=True, no_location=True)
    return written.getvalue()


def untranslated(catalogue: Catalog) -> list[Id]:
    return [message.id for message in catalogue if message.id and not all(_strings(message))]


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def wrong_placeholders(catalogue: Catalog) -> list[Id]:
    """Return the messages whose Chinese has other placeholders, of either kind."""
    wrong = []
    for message in catalogue:
        wanted = message.id[-1] if isinstance(message.id, tuple) else message.id
        if message.id and any(_placeholders(wanted) != _placeholders(text) for text in _strings(message)):
            wrong.append(message.id)
    return wrong


def _placeholders(text: str) -> set[str]:
    names = {
        str(name) for _text, name, _form, _conversion in string.Formatter().parse(text) if name is not None
    }
    return names | set(re.findall(r"%\((\w+)\)", text))


def renew(language: str) -> list[Id]:
    """Enter the messages of the source, compile them, and return those without a translation."""
    renewed = update_catalogue(read_catalogue(language), messages_to(language))
    po_of(language).write_bytes(written_catalogue(renewed))
    po_of(language).with_suffix(".mo").write_bytes(compile_catalogue(renewed))
    return untranslated(renewed)


if __name__ == "__main__":
    missing = [f"{language}: {message}" for language in LANGUAGES for message in renew(language)]
    print(*missing, sep="\n")
    sys.exit(f"{len(missing)} messages have no translation in {LOCALE}" if missing else 0)
