"""Whose text it is: the bureau's, its government's, or another authority's."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import STAR, city_reading, claims, read_as
from transforms.proofread.authorship import Author, author_of
from transforms.proofread.read_plain import read_plain

BODY = "2023年，工作有序。\n全年立案31件，罚款40万元。\n全市行政执法人员持证上岗率98.7%。\n"
GOVERNMENT = (
    "政府工作报告\n2023年，全市发展平稳。\n严厉打击环境违法行为，立案249件，罚款3446.52万元。\n"
    "法治建设不断加强，行政复议案件23件，行政诉讼案件9起。\n"
)


@pytest.mark.parametrize(
    ("title", "author"),
    [
        ("某市生态环境局2023年工作总结", Author.OURS),
        ("星河区生态环境分局2023年工作总结", Author.OURS),
        ("法治政府建设年度报告", Author.OURS),
        ("凝心聚力打好法治牌", Author.OURS),
        ("某州财政局2023年工作总结", Author.OTHER),
        ("远山市生态环境局2023年工作总结", Author.OTHER),
        ("某省生态环境厅2023年工作总结", Author.OTHER),
        ("远山市人民政府工作报告", Author.OTHER),
        ("长岭县人民政府工作报告", Author.OTHER),
        ("某市人民政府关于2023年工作的报告", Author.GOVERNMENT),
        ("政府工作报告", Author.GOVERNMENT),
    ],
)
def test_the_title_says_whose_text_it_is(title: str, author: Author) -> None:
    assert author_of(read_plain(f"{title}\n{BODY}").blocks, city_reading().regions) == author


def test_the_signature_says_it_where_no_title_does() -> None:
    regions = city_reading().regions
    for name, author in (
        ("某市水利局", Author.OTHER),
        ("某市生态环境局", Author.OURS),
        ("远山市人民政府", Author.OTHER),
    ):
        text = f"关于2023年工作的总结\n{BODY}二、结语\n{name}\n2024年1月3日\n"
        assert author_of(read_plain(text).blocks, regions) == author


def test_the_government_of_a_county_is_ours_in_the_report_of_that_county() -> None:
    regions = city_reading(STAR).regions
    assert author_of(read_plain(f"星河区人民政府工作报告\n{BODY}").blocks, regions) == Author.GOVERNMENT


def test_in_a_governments_text_a_number_is_ours_beside_words_of_the_field_only() -> None:
    assert [(text, state) for text, state, _ in claims(GOVERNMENT)] == [
        ("249件", "differs"), ("3446.52万元", "agrees")
    ]  # fmt: skip
    table = "政府工作报告\n\n指标\t数量\n行政复议案件（件）\t23\n环境违法立案（件）\t249\n"
    assert [text for text, _, _ in claims(table)] == ["249"]


def test_a_speech_of_the_next_year_calls_the_reports_year_last_year() -> None:
    speech = "在全市会议上的讲话\n（2024年1月23日）\n去年，我们立案248件。\n"
    assert [(text, state) for text, state, _ in claims(speech)] == [("248件", "agrees")]
    report = speech.replace("讲话", "工作总结")
    assert [(text, state) for text, state, _ in claims(report)] == [("248件", "agrees")]
    compares = f"{report}今年，检查3948家次。\n"
    assert [state for _, state, _ in claims(compares)] == ["ambiguous", "agrees"]


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("全省生态环境系统共立案4837件。罚款4亿元。", []),
        ("全省立案4837件。全市立案249件。", ["differs"]),
        ("邀请省内专家举办专题讲座45场次。", ["differs"]),
        ("按照省厅统一部署，立案249件。", ["differs"]),
        ("行政审批服务局办结行政许可58214件。", []),
        ("市政府常务会议举办法治讲座4场次。", []),
        ("公安机关破获污染环境案6起，行政拘留11人。", []),
        ("人民法院受理行政诉讼案件99起。", []),
        ("全市行政执法单位执法人员持证上岗率98.7%。", []),
        ("五类案件要办到40件以上。", []),
        ("罚款50万元以上的6件。", []),
        # another unit's figures are not taken away by what it is measured with
        ("长岭县立案60件，占全市的24.1%，检查699家次。", ["agrees", "agrees"]),
        ("长岭县立案60件，占全市的25.1%。", ["agrees", "differs"]),
        ("长岭县立案60件，居全市第一。星河区立案91件。", ["agrees", "differs"]),
        ("星河区、长岭县分别立案90件、61件。", ["agrees", "differs"]),
        ("星河区、长岭县两个分局立案90件、61件。", []),
        # parts
        ("双随机检查企业860家次，发现问题35个，立案15件，罚款96万元。", []),
        ("开展危废专项行动，立案9件，移送行政拘留案件5件，行政拘留6人。", []),
        ("组织专项行动12次，立案249件。", ["differs"]),
        ("开展专项行动，立案9件，全市共立案249件。", ["differs"]),
        ("水污染案件立案67件，涉气案件立案93件、罚款812万元。", []),
        ("支队立案36件，县市区分局立案112件。", []),
        ("7—9月，聚焦大气污染，立案41件。", []),
        # shares
        ("信访投诉举报604件，其中噪声类占38.4%。", ["agrees"]),
        ("立案248件，其中移送行政拘留案件23件，占9.2%，限产停产15件，占9.9%。",
         ["agrees", "agrees", "agrees", "agrees", "differs"]),
    ],
    ids=lambda value: str(value)[:16],
)  # fmt: skip
def test_whose_number_it_is_within_our_own_text(text: str, states: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == states


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("五类案件八十几件。", ["agrees"]),
        ("五类案件八十来件。", ["agrees"]),
        ("五类案件九十来件。", ["differs"]),
        ("立案两三百件。", []),
        ("执法人员持证上岗率九成以上。", ["agrees"]),
        ("执法人员持证上岗率九成九。", []),
        ("法制审核近百次。", ["differs"]),
        ("法制审核近90次。", ["agrees"]),
        ("罚款3446.50万余元。", ["differs"]),
        ("举报奖金五千多块钱。", ["agrees"]),
        ("刑事立案17个人。", ["agrees"]),
    ],
)
def test_numbers_as_people_speak(text: str, states: list[str]) -> None:
    assert [state for _, state, _ in claims(text)] == states


def test_the_column_of_changes_follows_from_the_figures() -> None:
    table = "指标\t2023年\t2022年\t同比（%）\n立案（件）\t248\t200\t{}\n罚款/万元\t3446.52\t—\t9\n"
    for change, state in (("24", "agrees"), ("+24%", "agrees"), ("25", "differs"), ("-24", "differs")):
        findings = [
            each for each in read_as(read_plain(table.format(change))) if each.reason.startswith("change")
        ]
        assert [finding.state.value for finding in findings] == [state], change


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ("政府工作报告\n——2024年1月5日在长岭县第十八届人民代表大会第三次会议上", Author.OTHER),
        ("政府工作报告\n长岭县人民政府县长 李某某", Author.OTHER),
        ("政府工作报告\n各位代表：\n现在，我代表县人民政府向大会报告工作。", Author.OTHER),
        ("政府工作报告\n——2024年1月5日在安化县第十八届人民代表大会第三次会议上", Author.OTHER),
        ("长岭县2024年政府工作报告", Author.OTHER),
        ("2024年长岭县政府工作报告", Author.OTHER),
        ("远山市2024年政府工作报告", Author.OTHER),
        ("政府工作报告\n各位代表：\n现在，我代表市人民政府向大会报告工作。", Author.GOVERNMENT),
        ("2024年政府工作报告", Author.GOVERNMENT),
    ],
)
def test_lines_below_the_title_say_whose_government_reports(head: str, author: Author) -> None:
    assert author_of(read_plain(f"{head}\n{BODY}").blocks, city_reading().regions) == author
