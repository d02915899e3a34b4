"""The command `init`: a new home."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_home
from flows.home_folder import EXAMPLE_REGIONS, create_home
from flows.language import _
from flows.render import print_line
from flows.settings import SETTINGS_FILE


@click.command()
@click.pass_obj
def init(folder: Path) -> None:
    """Make a new home: its folders, huizong.toml with every key commented, an example region table.

    A home that exists is left as it is.
    """
    folder = folder.resolve()
    with open_home(folder):
        made = create_home(folder)
    if not made:
        print_line(_("{folder} is a home already; no file was changed.").format(folder=folder))
        return
    print_line(_("Home: {folder}").format(folder=folder))
    print_line(_("Made: {made}").format(made=_(", ").join(made)))
    print_line(
        _(
            "Next: name the city's region table in {settings} (it looks like {example}), put what the units send into "
            "inbox/<month>/<unit code>/, such as inbox/2023-06/990102/, and run huizong nightly."
        ).format(settings=SETTINGS_FILE, example=EXAMPLE_REGIONS)
    )
