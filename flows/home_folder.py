"""Which folders are homes, and how a new home is made.

No command but `init` and `demo` makes a home: a mistyped `--home` must not begin an empty installation beside
the real one.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from flows.archive.log import LOG_FILE
from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.file_modes import HOME_MODE, SECRET_MODE, set_mode
from flows.home import ADJUSTMENTS_FILE, HEADERS_FILE, Home
from flows.settings import SETTINGS_FILE, Settings
from schemas.contacts import FILE as CONTACTS_FILE
from schemas.regions import default_regions_text
from schemas.sentences import Sentence

#: the region table that comes with the project, to be copied and edited
EXAMPLE_REGIONS = "regions.example.csv"
#: what an operator may put into a folder before it is made a home
FILES_BEFORE_A_HOME = (
    "lost+found",
    ".*",
    "regions*.csv",
    ADJUSTMENTS_FILE,
    HEADERS_FILE,
    CONTACTS_FILE,
    "statistics.toml",
)
#: how alike the names of a missing home and of one beside it are, for it to be proposed
LIKENESS = 0.6

OBLIGATION_EXAMPLE = """\
# [[obligations]]                  # 谁应报什么：不写的，每个单位每月报每一种台账
# units = ["990102"]               # 单位代码；不写：所有单位
# ledgers = ["permits"]            # 台账；不写：所有台账
# every = "quarter"                # month、quarter、half_year、year、never
# from = "2022-01"
# due_working_day = 10
"""
HOLIDAY_EXAMPLE = """\
# [holidays.2027]                  # 程序还不知道的年份的节假日与调休
# days_off = [2027-01-01]
# make_up_days = [2027-02-07]
"""


class NoHomeError(FlowError):
    """The chosen folder is no home; nothing was made."""

    exit_code = 2


def is_home(folder: Path) -> bool:
    """Whether a folder is a home: it has settings, an inbox, an archive or a warehouse.

    Homes that were begun before `init` existed need not have settings.
    """
    return (
        (folder / SETTINGS_FILE).is_file()
        or (folder / "inbox").is_dir()
        or (folder / "archive" / LOG_FILE).is_file()
        or (folder / "warehouse.sqlite").is_file()
    )


def require_home(folder: Path) -> None:
    """Raise NoHomeError, saying what to do, unless the folder is a home."""
    folder = folder.resolve()
    if not is_home(folder):
        raise NoHomeError(
            Sentence(
                "{problem}{proposal} Check --home (or the variable HUIZONG_HOME); to make a new home, run "
                "huizong --home {folder} init first. Nothing was made or changed.",
                problem=describe_other_folder(folder),
                proposal=_propose(folder),
                folder=folder,
            )
        )


def describe_other_folder(folder: Path) -> Sentence:
    """Say why a folder is no home."""
    if not folder.exists():
        return Sentence("There is no folder {folder}.", folder=folder)
    if not folder.is_dir():
        return Sentence("{folder} is a file, not a home.", folder=folder)
    if not any(folder.iterdir()):
        return Sentence("{folder} is an empty folder, and no home yet.", folder=folder)
    return Sentence(
        "{folder} is no home: it has neither {settings_file} nor an inbox.",
        folder=folder,
        settings_file=SETTINGS_FILE,
    )


def create_home(folder: Path) -> list[str]:
    """Make a folder a home; return what was made, nothing if it was one with settings already.

    Files that are there stay as they are. Raises NoHomeError for a folder that holds other things, OSError.
    """
    folder = folder.resolve()
    if (folder / SETTINGS_FILE).exists():
        return []
    if folder.exists() and not is_home(folder):
        _require_room(folder)
    folders = [part for part in ("inbox", "archive", "reports", "receipts") if not (folder / part).exists()]
    Home(folder).make()
    texts = {EXAMPLE_REGIONS: "\ufeff" + default_regions_text(), SETTINGS_FILE: settings_text()}
    files = [name for name in texts if not (folder / name).exists()]
    for name in files:
        write_atomic(folder / name, texts[name].encode())
    set_mode(folder, HOME_MODE)
    if SETTINGS_FILE in files:  # passwords will be written into it
        set_mode(folder / SETTINGS_FILE, SECRET_MODE)
    return [*(f"{part}/" for part in folders), *files]


def _require_room(folder: Path) -> None:
    """Raise NoHomeError if something in the folder belongs to something else."""
    if not folder.is_dir():
        raise NoHomeError(
            Sentence(
                "{problem} Choose another folder.",
                problem=describe_other_folder(folder),
            )
        )
    foreign = sorted(
        entry.name
        for entry in folder.iterdir()
        if not any(entry.match(pattern) for pattern in FILES_BEFORE_A_HOME)
    )
    if foreign:
        more = Sentence(" and {count} more", count=len(foreign) - 1) if len(foreign) > 1 else ""
        raise NoHomeError(
            Sentence(
                "{folder} holds other things ({foreign}{more}) and cannot be made a home. Choose an empty folder, or one "
                "that is not there yet. Nothing was made or changed.",
                folder=folder,
                foreign=foreign[0],
                more=more,
            )
        )


def _propose(folder: Path) -> str:
    """Return a sentence that names the home that is probably meant, if there is one around the folder."""
    around = [parent for parent in folder.parents if is_home(parent)][:1]
    if not around and folder.parent.is_dir():
        names = sorted(entry.name for entry in folder.parent.iterdir() if entry.is_dir() and is_home(entry))
        similar = difflib.get_close_matches(folder.name, names, n=1, cutoff=LIKENESS)
        around = [folder.parent / name for name in similar]
    return Sentence(" Is {around} meant?", around=around[0]) if around else ""


def settings_text() -> str:
    """Return the settings file of a new home: every key with its meaning and default, all commented out."""
    tables = {"obligations": OBLIGATION_EXAMPLE, "holidays": HOLIDAY_EXAMPLE}
    keys = {name: field for name, field in Settings.model_fields.items() if name not in tables}
    return "\n".join([*_introduction(), *_keys(keys), *tables.values()])


def _introduction() -> Iterable[str]:
    yield "# 本数据目录的设置。每一项都可以不写；去掉行首的 # 再改，下次运行起生效。"
    yield f'# 另一个市：把 {EXAMPLE_REGIONS} 复制为 regions.csv，改成本市的单位，再写 regions = "regions.csv"。'
    yield "# Every key is optional; what is commented out is the default. See docs/configuration.md."
    yield ""


def _keys(fields: dict[str, FieldInfo]) -> Iterator[str]:
    for name, field in fields.items():
        default = json.dumps(field.get_default(call_default_factory=True), ensure_ascii=False)
        yield f"# {field.description}"
        yield f"# {name} = {default}"
        yield ""
