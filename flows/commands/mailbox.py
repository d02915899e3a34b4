"""The command `mailbox`: take the reports that came by mail now, and not only with the nightly run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.commands.common import open_readable_workspace
from flows.language import _
from flows.render import print_line

if TYPE_CHECKING:
    from flows.mailbox.take_mails import MailboxResult


@click.command()
@click.pass_obj
def mailbox(folder: Path) -> None:
    """Take workbooks out of the mailbox: check them, put them into the inbox, answer with the receipt.

    Only mails from addresses in contacts.toml are taken. A nightly run does it too, before it begins.
    """
    workspace = open_readable_workspace(folder)
    if not workspace.home.settings.mailbox:
        raise click.UsageError(_("no mailbox is set; write it into huizong.toml as `mailbox`"))
    from flows.mailbox.take_mails import MailboxBusyError, take_mails
    from flows.pipeline import utc_now

    try:
        result = take_mails(workspace, utc_now())
    except MailboxBusyError:
        print_line(_("Another program takes the mails at this moment; nothing is left to do."))
        return
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
    print_failed_mails(result)


def print_failed_mails(result: MailboxResult) -> None:
    """Name the mails that could not be taken: nobody else would notice that they wait."""
    if result.failed:
        print_line(_("Mails that could not be taken; they stay unread:"))
    for problem in result.failed:
        print_line(f"  {problem}")
