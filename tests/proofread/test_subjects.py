"""Where a subject ends, a noun or verb across a comma, and numbers that are none of the figures."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims

AGREES, DIFFERS = "agrees", "differs"


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        # a rate of other things
        ("受理信访604件。办理人大代表建议11件、政协提案14件，办结率、满意率均为98.1%。", [("604件", AGREES)]),
        ("受理信访604件；办理政协提案14件，按期办结率96%。", [("604件", AGREES)]),
        ("受理信访604件；办理政协提案14件，全部按期办结。", [("604件", AGREES)]),
        ("办理政协提案14件；受理信访604件，按期办结率98.2%。", [("604件", AGREES), ("98.2%", DIFFERS)]),
        ("办结行政许可事项220件，按时办结率97.8%。", [("220件", AGREES), ("97.8%", AGREES)]),
        ("行政复议案件61件，被纠错22件。", [("61件", AGREES), ("22件", DIFFERS)]),
        # the noun before the comma, and the verb behind one
        ("首违免罚的企业，全市去年有25家。", [("25家", AGREES)]),
        ("首违免罚的企业，上年有26家。", []),
        ("首违免罚的企业，全年走访26家。", []),
        ("像这样的检查，全市一共开展了3948家次。", [("3948家次", AGREES)]),
        ("像这样的检查，全市一共开展了3949家次。", [("3949家次", DIFFERS)]),
        ("另有38家企业因为主动整改，被从轻或减轻处罚。", [("38家", AGREES)]),
        ("对主动整改的39家企业，依法予以从轻、减轻处罚。", [("39家", DIFFERS)]),
        ("对主动整改的39家企业，依法予以表扬。", []),
        # no figures
        ("一堂法治专题讲座座无虚席。", []),
        ("许可、考试、学法数据见表2。", []),
        ("项目\t数量（件）\t备注\n行政许可办结\t221\t评价198件\n", [("221", DIFFERS)]),
        ("项目\t数量（件）\t全年\n行政许可办结\t221\t198件\n", [("221", DIFFERS), ("198件", DIFFERS)]),
    ],
)  # fmt: skip
def test_what_is_still_spoken_of(text: str, claimed: list[tuple[str, str]]) -> None:
    news = "2023年度执法简报\n" if "去年" not in text else "本报讯（记者 王芳）2023年\n"
    assert [(number, state) for number, state, _ in claims(news + text)] == claimed
