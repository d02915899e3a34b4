"""Render the dictionary as Markdown, with all texts escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transforms.dictionary.structure import Dictionary, DictionaryTable, Facts, Group, Line, Link, text_of
from transforms.foreign_text import escape_markdown


def render_markdown(dictionary: Dictionary) -> str:
    """Render the dictionary as one Markdown page."""
    return "\n".join(_lines(dictionary))


def _lines(dictionary: Dictionary) -> Iterator[str]:
    yield f"# {escape_markdown(dictionary.title)}\n"
    for paragraph in dictionary.intro:
        yield f"{escape_markdown(paragraph)}\n"
    for chapter in dictionary.chapters:
        group_links = " · ".join(_line(Link(group.title, group.id)) for group in chapter.groups)
        yield f"- {_line(Link(chapter.title, chapter.id))}：{group_links}"
    for chapter in dictionary.chapters:
        yield f'\n<a id="{chapter.id}"></a>\n\n## {escape_markdown(chapter.title)}\n\n{escape_markdown(chapter.intro)}'
        for group in chapter.groups:
            yield from _group(group)
    yield ""


def _group(group: Group) -> Iterator[str]:
    code = f" ({escape_markdown(group.code)})" if group.code else ""
    yield f'\n<a id="{group.id}"></a>\n\n### {escape_markdown(group.title)}{code}\n'
    for heading, lines in group.facts.items():
        yield f"- **{escape_markdown(heading)}**：{_join_lines(lines, '；')}"
    for table in group.tables:
        yield f"\n#### {escape_markdown(table.kind)}\n" if len(group.tables) > 1 else ""
        yield from _table(table)


def _table(table: DictionaryTable) -> Iterator[str]:
    headings = table.headings()
    yield _row([escape_markdown(heading) for heading in headings])
    yield _row(["---"] * len(headings))
    for entry in table.entries:
        first, *other_cells = _cells(entry.facts, headings)
        yield _row([f'<a id="{entry.id}"></a>{first}', *other_cells])


def _cells(facts: Facts, headings: Sequence[str]) -> list[str]:
    return [_join_lines(facts.get(heading, ()), "<br>") for heading in headings]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _join_lines(lines: Sequence[Line], separator: str) -> str:
    return separator.join(map(_line, lines))


def _line(line: Line) -> str:
    text = escape_markdown(text_of(line))
    return f"[{text}](#{line.to})" if isinstance(line, Link) else text
