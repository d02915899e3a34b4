"""The comparison with last year in words; what is not known is never taken for zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from transforms.bulletin.model import BulletinFigure
from transforms.report.year_comparison import FROM_ZERO, UNCHANGED

#: behind a figure of last year that was imported: it was published, and not computed from ledgers
IMPORTED_MARK = "†"
#: changes that say what they are without 同比
WHOLE_SENTENCES = {UNCHANGED: "与上年持平", FROM_ZERO: FROM_ZERO}


def describe_change(figure: BulletinFigure) -> str:
    """Say how a figure changed on last year (同比增长3.33%, 与上年持平), or why it is not compared."""
    last = figure.last_year
    if not last.is_comparable:
        return last.change_text
    return WHOLE_SENTENCES.get(last.change_text, f"同比{last.change_text}")


def print_last_year(figure: BulletinFigure) -> str:
    """Print last year's figure for a table; an imported one is marked."""
    return f"{figure.last_year.display}{IMPORTED_MARK if figure.last_year.source == 'imported' else ''}"


def describe_last_year(figure: BulletinFigure) -> str:
    """Return what stands behind a figure in the text: （上年240件，同比增长3.33%）, or nothing."""
    if not figure.last_year.is_comparable:
        return ""
    return f"（上年{figure.last_year.display}，{describe_change(figure)}）"


def describe_incomparable(figures: Iterable[BulletinFigure]) -> str:
    """Name the figures of a section that have no last year's beside them, and say why, by reason."""
    figures = [figure for figure in figures if figure.is_of_region]
    titles: dict[str, list[str]] = {}
    for figure in figures:
        if not figure.last_year.is_comparable:
            titles.setdefault(figure.last_year.why_not, []).append(figure.indicator.title)
    if not titles:
        return ""
    if len(titles) == 1 and sum(map(len, titles.values())) == len(figures):
        return f"以上各项{next(iter(titles))}。"
    return f"其中{'；'.join('、'.join(named) + why_not for why_not, named in titles.items())}。"


def describe_incomparable_sections(sections: Mapping[str, Sequence[BulletinFigure]]) -> dict[str, str]:
    """Return `describe_incomparable` of each section; the first says it for all where nothing is compared."""
    figures = [figure for of_section in sections.values() for figure in of_section if figure.is_of_region]
    reasons = {None if figure.last_year.is_comparable else figure.last_year.why_not for figure in figures}
    if len(reasons) != 1 or reasons == {None}:
        return {name: describe_incomparable(of_section) for name, of_section in sections.items()}
    first = next(
        name for name, of_section in sections.items() if any(each.is_of_region for each in of_section)
    )
    return {name: f"本报告各项数字{next(iter(reasons))}。" if name == first else "" for name in sections}
