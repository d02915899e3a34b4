"""The command `init`: a new home."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_home
from flows.home_folder import EXAMPLE_REGIONS, create_home
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
        click.echo(f"{folder} 已经是数据目录，没有改动任何文件。")
        return
    click.echo(f"数据目录：{folder}")
    click.echo(f"新建了 {'、'.join(made)}")
    click.echo(
        f"下一步：在 {SETTINGS_FILE} 里写上本市的单位名录（样子见 {EXAMPLE_REGIONS}），再把各单位的报表"
    )
    click.echo("放到 inbox/<月份>/<单位代码>/，如 inbox/2023-06/990102/，然后运行 huizong nightly。")
