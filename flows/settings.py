"""The settings of an installation: `huizong.toml` in its home, overridden by environment variables
`HUIZONG_…`.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from flows.errors import FlowError
from flows.language import DEFAULT, Language
from schemas.reporting.replacement import NEVER, SHARE_GONE
from schemas.sentences import Sentence
from schemas.states import NotificationEvent

SETTINGS_FILE = "huizong.toml"
#: homes of one process whose class of settings is kept
SETTINGS_KEPT = 16


class Settings(BaseSettings):
    """Every key with its default; an unknown key in the file is an error."""

    model_config = SettingsConfigDict(env_prefix="HUIZONG_", extra="forbid")

    regions: str = Field(
        "", description="region table (CSV) below the home; empty: the one that comes with the project"
    )
    language: Language = Field(
        DEFAULT, description="of what operators read on the terminal; data for programs stays English"
    )
    warehouse_url: str = Field("", description="SQLAlchemy URL; empty: warehouse.sqlite in the home")
    readers_folder: str = Field(
        "",
        description="folder outside the home for marts.sqlite, which every user of the machine may then read; "
        "empty: the home, which its group alone may enter",
    )
    timezone: str = Field("Asia/Shanghai", description="in which days begin and instants are shown")
    due_working_day: int = Field(
        5, ge=1, le=20, description="the working day of the next month by which a month is due"
    )
    replacement_share: float = Field(
        SHARE_GONE,
        ge=0,
        le=NEVER,
        description="a later file that lacks more than this share of the rows sent before for its report, and at least two, "
        "waits for confirmation; 1: none waits for that",
    )
    obligations: list[dict[str, Any]] = Field(
        [], description="who owes what how often: `schemas/reporting/parse_obligations.py`"
    )
    holidays: dict[str, dict[str, Any]] = Field(
        {}, description="days off and make-up days of years not known yet"
    )
    files_per_task: int = Field(
        450, ge=1, description="how many files are read, or receipts rendered, together"
    )
    settle_seconds: float = Field(
        5.0, ge=0, description="how long a file must be unchanged before it is ingested"
    )
    reading_processes: int = Field(
        2, ge=1, description="child processes that open counties' files side by side"
    )
    reading_seconds: float = Field(
        25.0, gt=0, description="how long one file may take to be opened, or its receipt to be made"
    )
    reading_mebibytes: int = Field(768, ge=64, description="how much memory that may take")
    largest_file_mebibytes: int = Field(
        256,
        ge=1,
        description="a larger file is left in the inbox and reported; a year of a county has less",
    )
    receipts: Literal["all", "findings", "none"] = Field(
        "all",
        description="which files get a receipt: all, those with findings or not wholly accepted, or none",
    )
    receipts_kept_days: int = Field(
        0,
        ge=0,
        description="a receipt is deleted this number of days after its load, and not made again; 0: never",
    )
    reports_kept_days: int = Field(
        0,
        ge=0,
        description="the same for the folders `reports/load-…`; publications stay",
    )
    uploads_kept_days: int = Field(
        0,
        ge=0,
        description="a file uploaded to the portal or mailed is deleted this number of days after it came, unless it "
        "waits; what was sent lies in the archive; 0: never",
    )
    anchor_file: str = Field(
        "",
        description="a file on another disk to which each run writes the last digest of the archive's log; "
        "`huizong verify --anchor` compares it",
    )
    bulk_reading: bool = Field(
        True,
        description="read regular files with the same header together, which is faster; "
        "false: each by itself, with the same results",
    )
    incremental_figures: bool = Field(
        True,
        description="compute only the figures that a load can have changed, which is faster; false: all, with the same results",
    )
    task_runner: Literal["", "dask"] = Field(
        "", description="who reads, validates and renders: the run itself, or workers of Dask"
    )
    dask_address: str = Field(
        "",
        description="Dask's scheduler, as tcp://HOST:8786; empty: as many workers of this machine as `reading_processes`",
    )
    notify: list[str] = Field(
        [], description="whom to notify, as Apprise URLs: mailtos://, json://, wecombot://, dingtalk://, …"
    )
    notify_command: list[str] = Field(
        [], description="a command that gets each notification as JSON on its standard input"
    )
    notify_events: list[NotificationEvent] = Field(
        list(NotificationEvent), description="which events to notify of"
    )
    mail_server: str = Field(
        "",
        description="the server that sends mails to units (contacts.toml), as smtps://USER:PASSWORD@HOST or smtp://HOST:25",
    )
    mail_from: str = Field("", description="the sender of these mails")
    mailbox: str = Field(
        "",
        description="a mailbox from which workbooks are taken, as imaps://USER:PASSWORD@HOST; from addresses in contacts.toml "
        "only; empty: none",
    )
    mailbox_done: str = Field(
        "已收", description="the folder there into which mails are moved that were taken; empty: they stay"
    )
    portal_url: str = Field(
        "", description="the portal's address as clerks write it, for links in messages to units"
    )
    remind_days_before: list[int] = Field(
        [3], description="how many days before a due day a unit with addresses is reminded; empty: never"
    )
    remind_days_after: list[int] = Field(
        [1], description="the same for days after it, about what is missing still"
    )
    prefect_timeout_seconds: float = Field(
        120.0, gt=0, description="how long to wait for Prefect's local server"
    )
    night_at: str = Field(
        "02:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="when `serve` starts the nightly run, in `timezone`",
    )
    wait_for_other_run_seconds: float = Field(
        3600.0, ge=0, description="how long a run of `serve` waits for another to end"
    )
    serve_host: str = Field(
        "127.0.0.1",
        description="where `serve` shows Prefect's page and takes requests; it asks for no password",
    )
    serve_hosts: list[str] = Field(
        [], description="further names, without port, by which browsers reach that page"
    )
    known_automations: list[str] = Field(
        [], description="names of the automations on that page that the bureau made; others are notified"
    )
    serve_every_seconds: int = Field(
        0, ge=0, description="for trials: a nightly run every N seconds, in place of `night_at`"
    )
    serve_port: int = Field(4200, ge=0, le=65535, description="the port of that page; 0 takes a free one")

    portal_host: str = Field("127.0.0.1", description="where the portal listens")
    portal_loads: Literal["nightly", "at_once"] = Field(
        "nightly",
        description="when a file that a clerk sends in the portal is loaded: with the next nightly run, or at once, as a "
        "rerun of its unit and month",
    )
    portal_hosts: list[str] = Field(
        [],
        description="further names, without port, by which browsers reach the portal, beside those of this machine",
    )
    portal_proxies: list[str] = Field(
        [],
        description="addresses or networks of the proxies before the portal, whose X-Forwarded-For says from where "
        "a request comes; without it a request comes from where it was sent",
    )
    portal_user_header: str = Field(
        "",
        description="the header in which such a proxy names the account that it has signed in, as X-Remote-User; "
        "empty: accounts sign in with passwords",
    )
    portal_port: int = Field(8600, ge=0, le=65535, description="the port of the portal; 0 takes a free one")

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                Sentence("no time zone '{name}'; write a name such as Asia/Shanghai", name=name)
            ) from error
        return name

    @field_validator("portal_proxies")
    @classmethod
    def _are_addresses(cls, proxies: list[str]) -> list[str]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError as error:
                raise ValueError(
                    Sentence(
                        "'{proxy}' is no address of a proxy; write 10.1.2.3 or 10.1.2.0/24", proxy=proxy
                    )
                ) from error
        return proxies

    @field_validator("dask_address")
    @classmethod
    def _is_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d+", address):
            raise ValueError(
                Sentence(
                    "no Dask scheduler can be at '{address}'; write tcp://HOST:8786 or tls://HOST:8786",
                    address=address,
                )
            )
        return address

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        return init_settings, env_settings, _TomlOfHome(settings_cls)


class NotUtf8Error(FlowError, ValueError):
    """A file of the home is not encoded in UTF-8."""


def read_text(file: Path) -> str:
    """Read a file of the home as text. Raises OSError or NotUtf8Error, both naming the file."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotUtf8Error(
            Sentence(
                "{name} is not written in UTF-8; save it as UTF-8 (in Excel as 'CSV UTF-8')", name=file.name
            )
        ) from error


class _TomlOfHome(TomlConfigSettingsSource):
    """A TOML source that accepts a byte order mark, like the other files of the home."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        return tomllib.loads(read_text(Path(file_path)))


def read_settings(file: Path) -> Settings:
    """Read the settings of one home.

    Raises pydantic.ValidationError naming the key, tomllib.TOMLDecodeError naming the line, NotUtf8Error,
    and SettingsError if an environment variable that holds a list is not JSON.
    """

    return _settings_of(file)()  # type: ignore[call-arg]


@lru_cache(maxsize=SETTINGS_KEPT)
def _settings_of(file: Path) -> type[Settings]:
    """Return the settings that this file sets; making such a class takes longer than reading the file."""

    class OfThisHome(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return OfThisHome
