"""Cases filed: reported in the month of filing, and by some offices again in the month of closing."""

from __future__ import annotations

from flows.sample_year.case_lifecycle import Affair
from flows.sample_year.days import known
from flows.sample_year.scenario import TrueRow, Truth, Values, World

NEEDS: tuple[str, ...] = ()


def build(world: World, _truth: Truth) -> list[TrueRow]:
    return [_row(world, affair) for affair in world.affairs if affair.filed_on.year == world.year]


def _row(world: World, affair: Affair) -> TrueRow:
    month = affair.filed_on.month
    ended_on = affair.withdrawn_on or affair.closed_on
    first = _values(world, affair, month)
    if ended_on is None or ended_on.month <= month:
        return TrueRow(affair.unit, month, first)
    return TrueRow(affair.unit, month, first, ended_on.month, _values(world, affair, ended_on.month))


def _values(world: World, affair: Affair, month: int) -> Values:
    """The case as the file of a month can know it."""
    withdrawn_on, decided_on, closed_on = (
        known(day, world.year, month) for day in (affair.withdrawn_on, affair.decided_on, affair.closed_on)
    )
    stages = ((withdrawn_on, "撤案"), (closed_on, "结案"), (decided_on, "已作出处罚决定"))
    return {
        "case_no": affair.case_no,
        "party_name": affair.party.name,
        "party_type": affair.party.kind,
        "party_uscc": affair.party.uscc,
        "filed_on": affair.filed_on,
        "cause": affair.violation.cause,
        "source": affair.source,
        "stage": next((stage for day, stage in stages if day), "调查取证"),
        "withdrawn_on": withdrawn_on,
        "closed_on": closed_on,
        "handling_unit": world.offices[affair.unit].title,
    }
