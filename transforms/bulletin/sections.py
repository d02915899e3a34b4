"""The sections of a bulletin and their sentences; the bureau edits those of the Word template.

A sentence has variables: {{ 立案 }} is the figure as it is printed, {{ 对比.立案 }} last year's and the
change in brackets, or nothing where there is none to compare with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.figures.indicator import Indicator


class Section(NamedTuple):
    """A section: its name in variables, heading, themes of its indicators, paragraphs, charts by month."""

    name: str
    heading: str
    themes: tuple[str, ...]
    paragraphs: tuple[str, ...]
    charts: tuple[str, ...] = ()

    def mentions(self, indicator: Indicator) -> bool:
        """Whether a paragraph has the figure of an indicator; of some themes the tables alone have all."""
        return any(f"{{{{ {indicator.title} }}}}" in text for text in self.paragraphs)


SECTIONS = (
    Section(
        "执法",
        "行政执法",
        ("立案、处罚与缴款", "配套办法措施", "案件移送"),
        (
            "{{ 本期 }}，{{ 地区 }}立案{{ 立案 }}{{ 对比.立案 }}，作出行政处罚决定的处罚款{{ 处罚款 }}{{ 对比.处罚款 }}，"
            "收缴罚款{{ 收缴罚款 }}{{ 对比.收缴罚款 }}，"
            "处罚决定全文公开率为{{ 处罚决定全文公开率 }}{{ 对比.处罚决定全文公开率 }}。",
            "依法查封扣押{{ 查封扣押 }}{{ 对比.查封扣押 }}，停产限产{{ 停产限产 }}{{ 对比.停产限产 }}。"
            "移送行政拘留案件{{ 移送行政拘留案件 }}{{ 对比.移送行政拘留案件 }}，"
            "行政拘留{{ 行政拘留人数 }}{{ 对比.行政拘留人数 }}；"
            "移送刑事案件{{ 移送刑事案件 }}{{ 对比.移送刑事案件 }}，刑事已立案{{ 刑事已立案人数 }}{{ 对比.刑事已立案人数 }}；"
            "移送市场监督管理部门{{ 移送市场监督管理部门 }}{{ 对比.移送市场监督管理部门 }}。",
        ),
        ("立案", "处罚款"),
    ),
    Section(
        "监督",
        "执法检查与执法监督",
        ("法制审核、案卷评查、执法检查与包容审慎",),
        (
            "开展移动执法检查{{ 移动执法检查 }}{{ 对比.移动执法检查 }}。"
            "重大执法决定法制审核{{ 重大执法决定法制审核 }}{{ 对比.重大执法决定法制审核 }}，"
            "处罚案件法律顾问审核率为{{ 处罚案件法律顾问审核率 }}{{ 对比.处罚案件法律顾问审核率 }}，"
            "案卷评查不合格{{ 案卷评查不合格 }}{{ 对比.案卷评查不合格 }}。",
            "推行包容审慎监管，不予处罚企业{{ 不予处罚企业 }}{{ 对比.不予处罚企业 }}，"
            "从轻减轻处罚企业{{ 从轻减轻处罚企业 }}{{ 对比.从轻减轻处罚企业 }}。",
        ),
        ("移动执法检查",),
    ),
    Section(
        "复议应诉",
        "行政复议与行政应诉",
        ("行政应诉", "行政复议与申请强制执行"),
        (
            "办理行政复议案件{{ 行政复议案件 }}{{ 对比.行政复议案件 }}，"
            "复议被纠错案件{{ 复议被纠错案件 }}{{ 对比.复议被纠错案件 }}。"
            "行政诉讼案件{{ 行政诉讼案件 }}{{ 对比.行政诉讼案件 }}，"
            "行政机关负责人出庭应诉率为{{ 行政机关负责人出庭应诉率 }}{{ 对比.行政机关负责人出庭应诉率 }}，"
            "出庭出声率为{{ 行政机关负责人出庭出声率 }}{{ 对比.行政机关负责人出庭出声率 }}，"
            "行政应诉工作平台录入率为{{ 行政应诉工作平台录入率 }}{{ 对比.行政应诉工作平台录入率 }}。",
            "向人民法院移送强制执行{{ 移送强制执行 }}{{ 对比.移送强制执行 }}。",
        ),
    ),
    Section(
        "许可",
        "行政许可",
        ("行政许可",),
        (
            "行政许可办结{{ 行政许可办结 }}{{ 对比.行政许可办结 }}，"
            "按时办结率为{{ 行政许可按时办结率 }}{{ 对比.行政许可按时办结率 }}，"
            "满意率为{{ 行政许可满意率 }}{{ 对比.行政许可满意率 }}。",
        ),
    ),
    Section(
        "公平竞争审查",
        "公平竞争审查",
        ("公平竞争审查",),
        (
            "公平竞争审查文件{{ 公平竞争审查文件 }}{{ 对比.公平竞争审查文件 }}，"
            "其中政策措施文件{{ 其中政策措施文件 }}{{ 对比.其中政策措施文件 }}，合同{{ 其中合同 }}{{ 对比.其中合同 }}。"
            "审查通过{{ 审查通过 }}{{ 对比.审查通过 }}，适用例外规定{{ 适用例外规定 }}{{ 对比.适用例外规定 }}，"
            "修订不符合审查标准文件{{ 修订不符合审查标准文件 }}{{ 对比.修订不符合审查标准文件 }}，"
            "废止不符合审查标准文件{{ 废止不符合审查标准文件 }}{{ 对比.废止不符合审查标准文件 }}，"
            "违背市场主体经济活动文件{{ 违背市场主体经济活动文件 }}{{ 对比.违背市场主体经济活动文件 }}。",
        ),
    ),
    Section(
        "信访",
        "信访、投诉与举报",
        ("举报奖励、信访与投诉",),
        (
            "受理信访投诉举报{{ 信访投诉举报受理 }}{{ 对比.信访投诉举报受理 }}，"
            "信访按期办结率为{{ 信访按期办结率 }}{{ 对比.信访按期办结率 }}。"
            "有奖举报奖励{{ 有奖举报奖励 }}{{ 对比.有奖举报奖励 }}，发放有奖举报奖金{{ 有奖举报奖金 }}{{ 对比.有奖举报奖金 }}。"
            "执法不规范投诉属实{{ 执法不规范投诉属实 }}{{ 对比.执法不规范投诉属实 }}。",
        ),
    ),
    Section(
        "队伍",
        "执法队伍",
        ("执法人员与考试",),
        (
            "组织执法资格证考试{{ 执法资格证考试 }}{{ 对比.执法资格证考试 }}，考试违纪{{ 考试违纪 }}{{ 对比.考试违纪 }}，"
            "新增持证执法人员{{ 新增持证执法人员 }}{{ 对比.新增持证执法人员 }}，"
            "执法人员持证上岗率为{{ 执法人员持证上岗率 }}{{ 对比.执法人员持证上岗率 }}。"
            "网上学法考法参考率为{{ 网上学法考法参考率 }}{{ 对比.网上学法考法参考率 }}，"
            "网上学法考法合格率为{{ 网上学法考法合格率 }}{{ 对比.网上学法考法合格率 }}。",
        ),
    ),
    Section(
        "普法",
        "学法普法",
        ("学法与培训",),
        (
            "党组专题研究法治建设{{ 党组专题研究法治建设 }}{{ 对比.党组专题研究法治建设 }}，"
            "党组理论学习{{ 党组理论学习 }}{{ 对比.党组理论学习 }}，举办专题讲座{{ 专题讲座 }}{{ 对比.专题讲座 }}，"
            "领导班子法治培训参训率为{{ 领导班子法治培训参训率 }}{{ 对比.领导班子法治培训参训率 }}。",
        ),
    ),
)
#: the columns of the table of units, as titles of indicators, with their widths in Word in mm
MAIN_FIGURES = {
    "立案": 13, "处罚款": 23, "收缴罚款": 23, "移动执法检查": 17, "重大执法决定法制审核": 18,
    "信访投诉举报受理": 17, "行政诉讼案件": 17,
}  # fmt: skip
#: which figures are drawn by month, and which by unit, as titles of indicators
MONTH_CHARTS = ("立案", "处罚款", "收缴罚款", "移动执法检查", "信访投诉举报受理")
UNIT_CHARTS = ("立案", "处罚款", "移动执法检查", "信访投诉举报受理")


def in_report_order(indicators: Iterable[Indicator]) -> list[Indicator]:
    """Sort indicators as the sections report them; those of a theme without a section come last."""
    order = [theme for section in SECTIONS for theme in section.themes]
    positions = {theme: position for position, theme in enumerate(order)}
    return sorted(indicators, key=lambda indicator: positions.get(indicator.theme, len(order)))
