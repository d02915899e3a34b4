"""What the text of a bulletin says besides its figures: of its period, its coverage, what is provisional."""

from __future__ import annotations

from schemas.periods import Period
from transforms.bulletin.model import Bulletin, BulletinFigure, Row

PROVISIONAL, UNREPORTED = "（暂定）", "（未报齐）"
CHINESE_NUMERALS = "〇一二三四五六七八九"
QUARTERS = {3: "第一季度", 6: "第二季度", 9: "第三季度", 12: "第四季度"}


def print_figure(row: Row) -> str:
    """Print a figure for the text; one that still lacks reports says so."""
    if not row["is_provisional"]:
        return str(row["display"])
    return f"{row['display']}{UNREPORTED if row['value'] is None else PROVISIONAL}"


def print_cell(row: Row) -> str:
    """Print a figure for a table, under which the asterisk is explained."""
    return f"{row['display']}{'*' if row['is_provisional'] else ''}"


def name_period(period: Period) -> str:
    """Return 2023年, 2023年第二季度 or 2023年6月."""
    return f"{period.year}年" if _is_year(period) else f"{period.year}年{shorten_period(period)}"


def shorten_period(period: Period) -> str:
    """Return the period within its year: 全年, 第二季度 or 6月."""
    if period.is_month:
        return f"{period.first_month}月"
    return "全年" if _is_year(period) else QUARTERS[period.last_month]


def _is_year(period: Period) -> bool:
    return (period.first_month, period.last_month) == (1, 12)


def number_in_chinese(number: int) -> str:
    """Return 1 to 99 as headings count: 一, 十, 十一, 二十."""
    tens, ones = divmod(number, 10)
    return (("" if tens == 1 else CHINESE_NUMERALS[tens]) + "十" if tens else "") + (
        CHINESE_NUMERALS[ones] if ones or not tens else ""
    )


def describe_coverage(bulletin: Bulletin) -> str:
    """Describe how many reports came, in time or late, and how many are missing."""
    rows = bulletin.quality.punctuality
    if not rows:
        return "没有到期应报的台账。"
    total = sum(rows[1:], rows[0])
    missing = f"，还有{total.missing}份未报或被退回" if total.missing else "，已全部报齐"
    return (
        f"{len(rows)}个报送单位应报台账{total.due}份，按时报送{total.on_time}份，迟报{total.late}份{missing}。"
        f"按时报送率{total.on_time_rate}，一次通过率{total.first_pass_rate}。"
    )


def describe_provisional(figures: list[BulletinFigure]) -> str:
    """Say which figures are provisional; empty if none is."""
    titles = [figure.indicator.title for figure in figures if figure.is_provisional]
    if not titles:
        return ""
    named = "全部指标" if len(titles) == len(figures) else "、".join(titles)
    return f"下列指标有单位尚未报齐，数字是暂定的，报齐以后会变动：{named}。"


def describe_moves(bulletin: Bulletin) -> str:
    """Say with which publication the figures were compared, and whether any moved."""
    quality = bulletin.quality
    if quality.previous is None:
        return f"{name_period(bulletin.period)}的数字此前没有公布过。"
    if not quality.moved:
        return f"与第{quality.previous}号公布相比，没有数字变动。"
    return f"与第{quality.previous}号公布相比，有{len(quality.moved)}项数字变动："
