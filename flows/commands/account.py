"""The command `account`: who may sign in to the portal."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_home, parse_unit
from flows.home import Home
from flows.home_folder import require_home
from flows.language import _, mark
from flows.pipeline import utc_now
from flows.portal.passwords import hash_password, make_first_password
from flows.portal.visit import CLERK, OPERATOR, READER
from flows.portal_store import open_store
from flows.render import print_line, print_table
from warehouse.engine import Engine, reading, writing
from warehouse.portal.accounts import (
    Account,
    add_account,
    disable_account,
    find_account,
    read_accounts,
    set_password,
)

ROLES = (CLERK, OPERATOR, READER)
ROLE_WORDS = {CLERK: mark("clerk"), OPERATOR: mark("operator"), READER: mark("reader")}


@click.group()
def account() -> None:
    """Who may enter the portal: clerks for their units, operators, readers."""


@account.command()
@click.argument("name", metavar="NAME")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account is for.")
@click.option(
    "--unit",
    "unit_codes",
    multiple=True,
    metavar="CODE",
    help="A unit for which a clerk reports; repeat it.",
)
@click.pass_obj
def add(folder: Path, name: str, role: str, unit_codes: tuple[str, ...]) -> None:
    """Add an account, and print its first password once."""
    home, store = _open(folder)
    units = [parse_unit(home.regions(), unit) for unit in unit_codes]
    if (role == CLERK) != bool(units):
        raise click.BadParameter(
            _("a clerk reports for at least one unit; other roles have none"), param_hint="--unit"
        )
    if not name.strip() or name != name.strip():
        raise click.BadParameter(
            _("a name must not be empty or begin or end with a blank"), param_hint="NAME"
        )
    password = make_first_password()
    with writing(store) as connection:
        if find_account(connection, name):
            raise click.BadParameter(
                _("there is an account {name} already").format(name=name), param_hint="NAME"
            )
        add_account(connection, name, role, units, hash_password(password), utc_now())
    _print_password(name, password)


@account.command("list")
@click.pass_obj
def list_accounts(folder: Path) -> None:
    """List the accounts."""
    home, store = _open(folder)
    regions = home.regions()
    with reading(store) as connection:
        accounts = read_accounts(connection)
    rows = [
        {
            "name": account.name,
            "role": _(ROLE_WORDS[account.role]),
            "units": "、".join(regions.name_of(unit) for unit in account.unit_codes),
            "state": _("disabled")
            if account.is_disabled
            else _("first password")
            if account.has_first_password
            else "",
        }
        for account in accounts
    ]
    print_table(
        _("Accounts"), rows, {"name": _("name"), "role": _("role"), "units": _("units"), "state": ""}
    )


@account.command()
@click.argument("name", metavar="NAME")
@click.pass_obj
def reset(folder: Path, name: str) -> None:
    """Give an account a new first password, printed once; this enables a disabled account again."""
    store = _open(folder)[1]
    password = make_first_password()
    with writing(store) as connection:
        existing = _existing(store, name)
        set_password(connection, existing, hash_password(password), is_first=True)
    _print_password(name, password)


@account.command()
@click.argument("name", metavar="NAME")
@click.pass_obj
def disable(folder: Path, name: str) -> None:
    """Let nobody sign in with an account, and end its sessions; its uploads stay."""
    store = _open(folder)[1]
    existing = _existing(store, name)
    with writing(store) as connection:
        disable_account(connection, existing)
    print_line(_("{name} is disabled.").format(name=name))


def _open(folder: Path) -> tuple[Home, Engine]:
    require_home(folder)
    with open_home(folder) as home:
        store = open_store(home.folder)
    click.get_current_context().call_on_close(store.dispose)
    return home, store


def _existing(store: Engine, name: str) -> Account:
    with reading(store) as connection:
        existing = find_account(connection, name)
        if existing is None:
            names = "、".join(account.name for account in read_accounts(connection))
            raise click.BadParameter(
                _("no account {name}; there are {names}").format(name=name, names=names or _("none")),
                param_hint="NAME",
            )
    return existing


def _print_password(name: str, password: str) -> None:
    print_line(_("{name}: first password {password}").format(name=name, password=password))
    print_line(_("It is shown only here, and has to be changed at the first sign-in."))
