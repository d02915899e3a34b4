"""The command `mailbox`: take the reports that came by mail now, and not only with the nightly run."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_readable_workspace
from flows.language import _
from flows.render import print_line


@click.command()
@click.pass_obj
def mailbox(folder: Path) -> None:
    """Take workbooks out of the mailbox: check them, put them into the inbox, answer with the receipt.

    Only mails from addresses in contacts.toml are taken. A nightly run does it too, before it begins.
    """
    workspace = open_readable_workspace(folder)
    if not workspace.home.settings.mailbox:
        raise click.UsageError(_("no mailbox is set; write it into huizong.toml as `mailbox`"))
    from flows.mailbox.take_mails import take_mails
    from flows.pipeline import utc_now

    result = take_mails(workspace, utc_now())
    print_line(
        _(
            "Mails taken: {mails}, workbooks in the inbox: {files}, not answered yet: {unanswered}, left as they are: {strangers}"
        ).format(
            mails=result.mails,
            files=result.files,
            unanswered=result.unanswered,
            strangers=result.strangers,
        )
    )
