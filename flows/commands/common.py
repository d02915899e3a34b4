"""Shared by the commands: opening a home, options, output for programs. Kept light because every command
imports it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from pydantic import ValidationError
from pydantic_settings import SettingsError

from flows.atomic import write_atomic
from flows.commands.names import find_id
from flows.home import Home
from flows.home_folder import describe_other_folder, is_home, require_home
from flows.language import _, translate
from flows.render import as_csv, as_json, print_data, print_line
from flows.settings import SETTINGS_FILE, NotUtf8Error
from flows.storage_errors import describe_storage_error
from schemas.errors import DefinitionError
from schemas.periods import Period
from schemas.problems import describe_problem, describe_toml_error
from schemas.sentences import Sentence

if TYPE_CHECKING:
    from flows.workspace import Workspace
    from schemas.figures.indicator import Indicator
    from schemas.regions import RegionTable
    from warehouse.schema.as_of import AsOf

EXIT_OK, EXIT_OTHER, EXIT_REJECTED, EXIT_HELD = 0, 1, 3, 4


@contextmanager
def open_home(folder: Path) -> Iterator[Home]:
    """Open a home for the length of the block; report a file of it that cannot be used as wrong usage."""
    try:
        yield Home(folder)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {translate(describe_problem(problem))}"
            for problem in error.errors()
        )
        raise click.UsageError(
            _("settings of {folder}: {problems}").format(folder=folder, problems=problems)
        ) from error
    except SettingsError as error:
        raise click.UsageError(
            _(
                'settings of {folder}: a list in an environment variable is no JSON; write it as ["…", "…"]'
            ).format(folder=folder)
        ) from error
    except tomllib.TOMLDecodeError as error:
        problem = translate(describe_toml_error(str(folder / SETTINGS_FILE), error))
        raise click.UsageError(problem) from error
    except (
        DefinitionError,
        NotUtf8Error,
        FileNotFoundError,
        IsADirectoryError,
    ) as error:
        raise click.UsageError(
            _("{folder}: {problem}").format(folder=folder, problem=translate(error))
        ) from error


@contextmanager
def open_home_if_any(folder: Path) -> Iterator[Home]:
    """Open a home for a command that needs none; say so if one was named that is none."""
    is_named = (
        click.get_current_context().find_root().get_parameter_source("folder")
        is not ParameterSource.DEFAULT
    )
    if is_named and not is_home(folder):
        print_line(
            _("{problem} The settings and units that come with the program are used.").format(
                problem=translate(describe_other_folder(folder.resolve()))
            ),
            is_error=True,
        )
    with open_home(folder) as home:
        yield home


def open_workspace(folder: Path) -> Workspace:
    """Open a home as a workspace; report an unusable warehouse URL as wrong usage. Raises NoHomeError."""
    require_home(folder)
    from flows.workspace import Workspace
    from warehouse.engine import WarehouseUrlError

    try:
        with open_home(folder) as home:
            workspace = Workspace(home)
    except WarehouseUrlError as error:
        raise click.UsageError(
            _("{folder}: {problem}").format(folder=folder, problem=translate(error))
        ) from error
    click.get_current_context().call_on_close(workspace.engine.dispose)
    return workspace


def open_readable_workspace(folder: Path) -> Workspace:
    """Open a workspace for reading; requires a warehouse of the current schema."""
    workspace = open_workspace(folder)
    require_current_warehouse(workspace)
    workspace.require_all_units()
    return workspace


def require_current_warehouse(workspace: Workspace) -> None:
    """Exit with an instruction if the warehouse is absent, older or newer; reading changes nothing."""
    if instruction := workspace.form().value:
        raise click.ClickException(_(instruction).format(home=workspace.home.folder))


def parse_unit(regions: RegionTable, text: str) -> str:
    """Return the code of the reporting unit named by its code or name."""
    names = {code: regions.name_of(code) for code in regions.unit_codes()}
    return find_id(text, names, _("unit"), "--unit", regions.valid_units())


def parse_ledger(text: str, hint: str) -> str:
    """Return the name of the ledger named by its name or title."""
    from schemas.catalogue import ledgers

    titles = {name: ledger.title for name, ledger in ledgers().items()}
    listed = "、".join(f"{name}（{title}）" for name, title in titles.items())
    return find_id(text, titles, _("ledger"), hint, listed)


def parse_indicator(text: str, hint: str) -> Indicator:
    """Return the indicator named by its id or title."""
    from schemas.catalogue import indicators

    catalogue = indicators()
    titles = {name: indicator.title for name, indicator in catalogue.items()}
    return catalogue[find_id(text, titles, _("indicator"), hint)]


def select_indicators(chosen: Sequence[str]) -> list[Indicator]:
    """Return the indicators of these ids or titles, or all."""
    from schemas.catalogue import indicators

    selected = {parse_indicator(text, "--indicator").indicator_id for text in chosen}
    return [indicator for name, indicator in indicators().items() if not chosen or name in selected]


def parse_region(workspace: Workspace, text: str | None) -> str | None:
    """Return the code of the region named by its code or name; None for none."""
    if text is None:
        return None
    names = {code: workspace.regions.name_of(code) for code in workspace.regions.regions}
    return find_id(text, names, _("region"), "--region", workspace.regions.names_of(list(names)))


def parse_instant(text: str, workspace: Workspace, option: str, *, is_start: bool = False) -> datetime:
    """Parse an instant to UTC without a zone; a time without a zone is the bureau's.

    A bare day means its end; with `is_start` the last instant before it, so that the day itself counts.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            _("'{text}' is no time; write 2024-03-01 or 2024-03-01T08:00").format(text=text),
            param_hint=option,
        ) from error
    if len(text) <= len("2024-03-01"):
        day = instant.date() if is_start else instant.date() + timedelta(days=1)
        instant = datetime.combine(day, time()) - timedelta(microseconds=1)
    local = instant if instant.tzinfo else instant.replace(tzinfo=workspace.home.timezone)
    return local.astimezone(UTC).replace(tzinfo=None)


def was_before_first_load(as_of: AsOf, as_of_text: str | None) -> bool:
    """Whether `--as-of` names a time before the first load; if so, say it."""
    if as_of_text is None or as_of.load_id:
        return False
    print_line(_("Nothing had been loaded by {time}.").format(time=as_of_text))
    return True


def _no_period(text: str) -> str:
    return _("'{text}' is no period; write a year 2023, a quarter 2023-Q2 or a month 2023-06").format(
        text=text
    )


def period_option(*names: str, **options: Any) -> Callable[[Any], Any]:
    """Add an option that takes 2023, 2023-Q2 or 2023-06 and gives a Period."""

    def parse(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Period | None:
        try:
            return Period.parse(value) if value is not None else None
        except ValueError as error:
            raise click.BadParameter(_no_period(value or "")) from error

    return click.option(*names, callback=parse, metavar="PERIOD", **options)


def month_option(*names: str, **options: Any) -> Callable[[Any], Any]:
    """Add an option that takes a month only, as text."""

    def parse(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            period = Period.parse(value)
        except ValueError as error:
            raise click.BadParameter(_no_period(value)) from error
        if not period.is_month:
            raise click.BadParameter(_("'{value}' is no month; write it as 2023-06").format(value=value))
        return str(period)

    return click.option(*names, callback=parse, metavar="MONTH", **options)


def write_out(out: Path, data: bytes) -> None:
    """Write the file that --out names. A missing folder may be mistyped: it is reported, not made."""
    try:
        if not out.parent.is_dir():
            raise NotADirectoryError(Sentence("no folder {parent}", parent=out.parent))
        write_atomic(out, data)
    except OSError as error:
        sentence = translate(describe_storage_error(error) or error)
        raise click.ClickException(
            _("{out} cannot be written: {sentence}").format(out=out, sentence=sentence)
        ) from error
    print_line(_("Written to {out}").format(out=out), is_error=True)


def format_options(command: Any) -> Any:
    """Add the two flags --json and --csv."""
    command = click.option("--json", "as_json_text", is_flag=True, help="A JSON list.")(command)
    return click.option("--csv", "as_csv_text", is_flag=True, help="CSV that Excel opens right.")(command)


def print_for_programs(
    rows: Sequence[Mapping[str, Any]], columns: list[str], as_json_text: bool, as_csv_text: bool
) -> bool:
    """Print JSON or CSV if requested; return whether anything was printed."""
    if as_json_text:
        print_data(as_json(rows))
    elif as_csv_text:
        print_data(as_csv(rows, columns))
    return as_json_text or as_csv_text
