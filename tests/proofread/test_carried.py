"""A county of the sentence before goes on, until the text names another region or all."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims

AGREES, DIFFERS, AMBIGUOUS = "agrees", "differs", "ambiguous"


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("作为主城区，星河区的压力不小。这个人口超过60万的区，检查企业700家次，立案90起。", [AGREES, AGREES]),
        ("作为主城区，星河区的压力不小。这个人口超过60万的区，检查企业701家次，立案90起。", [DIFFERS, AGREES]),
        ("压力最大的是星河区。全年检查企业700家次。群众说好。立案90起。", [AGREES, AGREES]),
        ("压力最大的是星河区。全年检查企业701家次。", [AMBIGUOUS]),
        ("压力最大的是星河区。全年检查企业3948家次。", [AGREES]),
        ("压力最大的是星河区。全市检查企业3949家次。", [DIFFERS]),
        ("压力最大的是星河区。全市检查企业3948家次。立案90起。", [AGREES, DIFFERS]),
        ("压力最大的是星河区。市局检查企业700家次。", [DIFFERS]),
        ("压力最大的是星河区。长岭县立案90起。", [DIFFERS]),
        ("压力最大的是星河区和长岭县。全年立案90起。", [DIFFERS]),
        ("全市立案248件，其中长岭县60件。移送公安机关行政拘留案件24件。", [AGREES, AGREES, DIFFERS]),
        ("影响较大的一案（星河区）已结。全年立案90起。", [DIFFERS]),
        ("压力最大的是星河区。\n全年立案90起。", [DIFFERS]),
        ("压力最大的是星河区。全年立案248起，比上年增长24%。", [AGREES, AGREES]),
        ("压力最大的是星河区。全年立案90起，比上年增长3%。", [AGREES]),
        ("压力最大的是星河区。在这个工业园区，检查企业701家次。", [AMBIGUOUS]),
    ],
)  # fmt: skip
def test_a_county_goes_on_into_the_next_sentence(text: str, states: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == states
