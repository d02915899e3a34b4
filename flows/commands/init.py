"""The command `init`: a new home."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_home
from flows.home_folder import EXAMPLE_REGIONS, create_home
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
        print_line(f"{folder} 已经是数据目录，没有改动任何文件。")
        return
    print_line(f"数据目录：{folder}")
    print_line(f"新建了 {'、'.join(made)}")
    print_line(
        f"下一步：在 {SETTINGS_FILE} 里写上本市的单位名录（样子见 {EXAMPLE_REGIONS}），再把各单位的报表"
    )
    print_line("放到 inbox/<月份>/<单位代码>/，如 inbox/2023-06/990102/，然后运行 huizong nightly。")
