"""The sentences that the catalogue's rules become: whole, and with each mark once."""

from __future__ import annotations

import re

from schemas.catalogue import rules
from schemas.ledgers.finding import compose_message

DOUBLED = re.compile("。。|；。|，。|。；|；；|，，|：：|：。|（（|““|””")


def test_no_mark_is_doubled_where_parts_meet() -> None:
    common = {"file": "a/立案.xlsx", "sheet": "", "row": 3, "column": "案号", "cell": "A3", "value": "待定"}
    sentences = {
        name: compose_message(
            common | {"problem": rule.problem, "expected": rule.expected, "remedy": rule.remedy}
        )
        for name, rule in rules().items()
    }
    assert {name: text for name, text in sentences.items() if DOUBLED.search(text)} == {}
