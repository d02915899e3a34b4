"""Accounts of the sample year, so that the portal can be tried at once."""

from __future__ import annotations

from pathlib import Path

from flows.pipeline import utc_now
from flows.portal.passwords import hash_password, make_first_password
from flows.portal.visit import CLERK, OPERATOR, READER
from flows.portal_store import open_store
from schemas.regions import RegionTable
from warehouse.engine import writing
from warehouse.portal.accounts import add_account, read_accounts


def make_demo_accounts(home_folder: Path, regions: RegionTable) -> dict[str, str]:
    """Add an account of each role, unless there are accounts; return first passwords by name.

    The clerk's is for the first county of the region table.
    """
    county = next((unit for unit in regions.units if not unit.is_bureau), regions.units[0])
    accounts = {"clerk": (CLERK, [county.code]), "bureau": (OPERATOR, []), "reader": (READER, [])}
    passwords = {name: make_first_password() for name in accounts}
    store = open_store(home_folder)
    try:
        with writing(store) as connection:
            if read_accounts(connection):
                return {}
            for name, (role, units) in accounts.items():
                add_account(connection, name, role, units, hash_password(passwords[name]), utc_now())
    finally:
        store.dispose()
    return passwords
