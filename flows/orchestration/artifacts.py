"""What a run shows on Prefect's page, which reads every text there as Markdown, also the cells of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from transforms.foreign_text import escape_markdown


def show_table(key: str, rows: Sequence[Mapping[str, Any]], description: str) -> None:
    """Show a table of texts and numbers; `key` names it from run to run."""
    table = [{name: _cell(value) for name, value in row.items()} for row in rows]
    create_table_artifact(key=key, table=table, description=escape_markdown(description))


def show_text(key: str, text: str, description: str) -> None:
    """Show a text."""
    create_markdown_artifact(
        key=key, markdown=escape_markdown(text), description=escape_markdown(description)
    )


def show_lists(key: str, lists: Mapping[str, Sequence[str]], description: str) -> None:
    """Show lists of texts, each below its title."""
    parts = [
        f"### {escape_markdown(title)}\n\n" + "\n".join(f"- {escape_markdown(line)}" for line in lines)
        for title, lines in lists.items()
    ]
    create_markdown_artifact(key=key, markdown="\n\n".join(parts), description=escape_markdown(description))


def _cell(value: Any) -> Any:
    return escape_markdown(value) if isinstance(value, str) else value
