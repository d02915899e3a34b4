"""Numbers of several periods in one list, each with its period: 四个季度立案分别为70件、59件、65件和54件."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import CITY, city_reading, known_figures, make_figure
from transforms.proofread.findings import judge, needed_figures
from transforms.proofread.read_plain import read_plain
from transforms.proofread.statements import read_statements

AGREES, DIFFERS = "agrees", "differs"
#: cases filed and fines imposed (in 分), by period
CASES = {
    "2022": 200, "2023-Q1": 70, "2023-Q2": 59, "2023-Q3": 65, "2023-Q4": 54,
    "2023-01~06": 129, "2023-07~12": 119, "2023-01~09": 194,
    **{f"2023-{month:02}": 20 + month for month in range(1, 13)},
}  # fmt: skip
FINES = {"2023-Q1": 1_000_94_0000, "2023-Q2": 656_22_0000, "2023-01~06": 1_657_16_0000}


def states(text: str) -> list[str]:
    """Return the states of the numbers of a text that name a figure or belong to a list of periods."""
    reading, read = city_reading(period="2023"), read_plain(text)
    statements = read_statements(read, reading)
    figures = known_figures() | {
        (name, CITY, span): make_figure(name, number)
        for name, spans in (("case_filed_count", CASES), ("fine_imposed_amount", FINES))
        for span, number in spans.items()
    }
    needed = needed_figures(statements, reading)
    findings = judge(
        read, statements, {key: each for key, each in figures.items() if key[1:] in needed}, reading
    )
    return [
        finding.reason if finding.reason == "unclear_list" else finding.state.value
        for finding in findings
        if finding.indicator_id or finding.reason == "unclear_list"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "四个季度立案分别为70件、59件、65件和54件。",
        "一至四季度立案依次为70件、59件、65件、54件。",
        "各季度分别立案70件、59件、65件和54件。",
        "一季度、二季度、三季度、四季度分别立案70件、59件、65件、54件。",
        "立案按季度分别是70、59、65、54件。",
        "四个季度立案数为70件、59件、65件和54件。",
        "四个季度分别立案70件（其中长岭县10件）、59件、65件和54件。",
    ],
)
def test_each_number_of_a_list_is_of_its_quarter(text: str) -> None:
    assert [state for state in states(text) if state != "not_a_figure"] == [AGREES] * 4
    wrong = text.replace("65", "66")
    assert [state for state in states(wrong) if state != "not_a_figure"] == [
        AGREES,
        AGREES,
        DIFFERS,
        AGREES,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上下半年分别立案129件、119件。", [AGREES] * 2),
        ("上半年、下半年分别立案119件和129件。", [DIFFERS] * 2),
        ("1至12月分别立案21件、22件、23件、24件、25件、26件、27件、28件、29件、30件、31件、32件。", [AGREES] * 12),
        ("前三季度分别立案70件、59件、65件。", [AGREES] * 3),
        ("前三季度立案194件。", [AGREES]),
        ("三、四季度立案分别为65件、54件。", [AGREES] * 2),
        ("2022年、2023年分别立案200件、248件。", [AGREES] * 2),
        ("一、二季度罚款分别为1000.94、656.22万元。", [AGREES] * 2),
        ("一、二季度罚款分别为1000.94、656.23万元。", [AGREES, DIFFERS]),
        ("一、二季度分别立案70件、59件，罚款1000.94万元、656.22万元。", [AGREES] * 4),
        ("立了248件案子，四个季度分别为70件、59件、65件和54件，罚款3446.52万元。", [AGREES] * 6),
        ("四个季度分别立案70件、59件、65件。", ["unclear_list"] * 3),
        ("一、二季度立案分别为70件、59件、65件。", ["unclear_list"] * 3),
        ("一季度和二季度，全市立案129件，罚款1657.16万元。", [AGREES] * 2),
        ("一、二季度立案128件。", [DIFFERS]),
        ("1至6月、7至12月分别立案129件、118件。", [AGREES, DIFFERS]),
        ("立案情况：一季度70件，二季度59件，三季度66件。", [AGREES, AGREES, DIFFERS]),
        ("四个季度检查均超过900家次，每季度立案60余件，全年立案248件。", ["unclear_list"] * 2 + [AGREES]),
        ("罚款分别为1000.94万元、656.22万元（按季度）。", ["unclear_list"] * 2),
        ("两个县分别立案9件、8件，全市立案249件。", ["unclear_list"] * 2 + [DIFFERS]),
        ("移送市场监管部门和法院强制执行分别为16件、41件。", [AGREES] * 2),
        ("一季度各月分别立案21件、22件、23件，上半年各月分别立案21、22、23、24、25、26件。", [AGREES] * 9),
        ("立案248件，其中四个季度分别为70件、59件、65件、54件，分别占28%、24%、26%、22%。",
         [AGREES] * 5 + ["unclear_list"] * 4),
        ("分别于5月和10月举办12次执法资格考试。", [AGREES]),
        ("查封扣押仪器5件。查封扣押14件。", [DIFFERS]),
        ("全年查封扣押、限产停产分别为13件、16件。", [AGREES, DIFFERS]),
    ],
)  # fmt: skip
def test_a_list_has_as_many_numbers_as_periods(text: str, expected: list[str]) -> None:
    assert states(text) == expected
