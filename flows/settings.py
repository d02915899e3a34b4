"""What an installation may choose: `huizong.toml` in its home, or environment variables `HUIZONG_…` (which win)."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from schemas.regions import RegionTable, default_regions, parse_regions

SETTINGS_FILE = "huizong.toml"


class Settings(BaseSettings):
    """Every key with its default; an unknown key in the file is refused."""

    model_config = SettingsConfigDict(env_prefix="HUIZONG_", extra="forbid")

    regions: str = Field("", description="region table (CSV) below the home; empty: the one that comes with the project")
    warehouse_url: str = Field("", description="SQLAlchemy URL; empty: warehouse.sqlite in the home")
    timezone: str = Field("Asia/Shanghai", description="in which days begin and instants are shown")
    due_working_day: int = Field(5, ge=1, le=20, description="the working day of the next month by which a month is due")
    files_per_task: int = Field(200, ge=1, description="files that one reading task takes")
    prefect_timeout_seconds: float = Field(120.0, gt=0, description="how long to wait for Prefect's local server")

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"no time zone '{name}'; write a name such as Asia/Shanghai")
        return name

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class Home:
    """The folder that holds everything of one installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.inbox = self.folder / "inbox"
        self.archive = self.folder / "archive"
        self.reports = self.folder / "reports"
        self.settings = _read_settings(self.folder / SETTINGS_FILE)

    def make(self) -> None:
        """Make the folders that are not there yet."""
        for folder in (self.inbox, self.archive, self.reports):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def warehouse_url(self) -> str:
        return self.settings.warehouse_url or f"sqlite:///{self.folder / 'warehouse.sqlite'}"

    @property
    def timezone(self) -> tzinfo:
        return ZoneInfo(self.settings.timezone)

    def regions(self) -> RegionTable:
        """The city's region table. Raises OSError or RegionTableError, both naming the file."""
        if not self.settings.regions:
            return default_regions()
        return parse_regions((self.folder / self.settings.regions).read_text("utf-8-sig"))


def _read_settings(file: Path) -> Settings:
    """Settings of one home. Raises pydantic.ValidationError naming the key, tomllib.TOMLDecodeError naming the line."""

    class OfThisHome(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return OfThisHome()  # type: ignore[call-arg]
