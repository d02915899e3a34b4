"""Numbers of other authorities, of single cases, of plans and of other times are not claimed."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims

CASES = [
    # another authority's report or sentence
    ("某州财政局2023年工作总结\n全年立案31件，罚款40万元。", []),
    ("某市生态环境局2023年工作总结\n全年立案31件。", ["differs"]),
    ("关于向某市公安局移送案件的报告\n全年立案31件。", ["differs"]),
    (
        "关于封路的通告\n为保障施工，现通告如下。\n一、罚款300元。\n二、立案9件。\n某市公安局交通警察支队",
        [],
    ),
    ("水利局立案9件，罚款30万元。", []),
    ("公安机关立案9件，行政拘留25人。", ["differs"]),
    ("市水利局立案9件，我局立案31件。", ["differs"]),
    ("移送公安机关行政拘留案件33件。", ["differs"]),
    ("省厅举办专题讲座9场次。", []),
    ("邀请省厅专家举办专题讲座9场次。", ["differs"]),
    # one case, or what a law sets
    ("对某纸业公司罚款12万元。", []),
    ("对其罚款12万元。", []),
    ("养鸡户张某被处罚款3万元。", []),
    ("处1万元以上10万元以下罚款。", []),
    ("对乱停放的，依法处以100元罚款。", []),
    ("对其中35家企业免予处罚。", ["differs"]),
    ("某公司拒不整改。全市共处罚款12万元。", ["differs"]),
    # several years, and days
    ("2020年至2023年四年间，全市立案900件。", []),
    ("四年累计立案900件。", []),
    ("2023年累计立案900件。", ["differs"]),
    ("5月6日至7月9日，立案12件，罚款90万元。", []),
    ("2月1日至5月31日开展“清风”专项行动，立案12件、罚款90万元。", []),
    ("1月1日至12月31日，立案12件。", ["differs"]),
    # plans
    ("六、2024年目标。立案不少于300件。", []),
    ("六、2024年工作计划\n\n立案300件。\n", []),
    ("六、目标完成情况\n\n立案300件。\n", ["differs"]),
    ("力争行政诉讼零败诉、复议零纠错。", []),
    # parts
    ("县市区里，星河区最忙：检查699家次。", ["differs"]),
    ("在专项行动中，检查312家次。", []),
    ("在专项行动中，检查9948家次。", ["differs"]),
    # names of platforms
    ("录入全省行政应诉工作平台的录入率为93%。", ["differs"]),
    ("全省录入率为93%。", []),
]


@pytest.mark.parametrize(("text", "states"), CASES, ids=lambda value: str(value)[:16])
def test_only_the_reports_own_figures_are_claimed(text: str, states: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == states
