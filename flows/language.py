"""The language in which operators are spoken to: Chinese, or English as it stands in the source.

Data for programs (JSON keys, headers of CSV, log lines, ids) is English always.
"""

from __future__ import annotations

import gettext
import os
import tomllib
from pathlib import Path
from typing import Literal, get_args

from schemas.sentences import Sentence

Language = Literal["zh", "en"]
DEFAULT: Language = "zh"
LANGUAGE_VARIABLE = "HUIZONG_LANGUAGE"
LOCALE, DOMAIN = Path(__file__).with_name("locale"), "huizong"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def choose_language(language: str) -> None:
    """Use a language from now on in this process, for the words of click too."""
    global _catalogue
    # click asks gettext itself, which finds the language in the environment
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)
    _catalogue = gettext.translation(DOMAIN, LOCALE, [language], fallback=True)


def language_of(folder: Path) -> str:
    """Return the language that the environment or the settings of a home name; Chinese where neither does.

    A file that cannot be read, or another value, is reported where the settings are read.
    """
    language = os.environ.get(LANGUAGE_VARIABLE) or ""
    if not language:
        try:
            text = (folder / "huizong.toml").read_text("utf-8-sig")
            language = tomllib.loads(text).get("language", DEFAULT)
        except (OSError, ValueError):
            return DEFAULT
    return language if language in get_args(Language) else DEFAULT


def _(message: str) -> str:
    """Return a message in the chosen language; placeholders are filled in afterwards."""
    return _catalogue.gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of a message for this count; placeholders are filled in afterwards."""
    return _catalogue.ngettext(singular, plural, count)


def mark(message: str) -> str:
    """Enter a constant into the catalogue; `_` translates it where it is used."""
    return message


def translate(text: object) -> str:
    """Return a text in the chosen language: a `Sentence` by its template, with the sentences in it; an
    exception by what it was raised with.
    """
    return _say(text, _catalogue)


def say_in_chinese(text: object) -> str:
    """Return what `translate` returns where Chinese is chosen, with the names alone of files and folders: for
    the portal's pages, which are Chinese, and whose readers need not know where the files are.
    """
    return _say(text, gettext.translation(DOMAIN, LOCALE, ["zh"]), hides_folders=True)


def _say(text: object, catalogue: gettext.NullTranslations, *, hides_folders: bool = False) -> str:
    if isinstance(text, BaseException):
        if len(text.args) != 1:
            return str(text)
        return _say(getattr(text, "sentence", None) or text.args[0], catalogue, hides_folders=hides_folders)
    if isinstance(text, Sentence):
        template = catalogue.gettext(text.template)
        values = {name: _say_value(value, catalogue, hides_folders) for name, value in text.values.items()}
        return template.format(**values) if values else template
    return str(text)


def _say_value(value: object, catalogue: gettext.NullTranslations, hides_folders: bool) -> object:
    if isinstance(value, tuple):
        parts = [_say(part, catalogue, hides_folders=hides_folders) for part in value]
        return catalogue.gettext(", ").join(parts)
    if isinstance(value, Path) and hides_folders:
        return value.name
    is_sentence = isinstance(value, Sentence | BaseException)
    return _say(value, catalogue, hides_folders=hides_folders) if is_sentence else value


choose_language(os.environ.get(LANGUAGE_VARIABLE) or DEFAULT)
