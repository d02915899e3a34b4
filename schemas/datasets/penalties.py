"""行政处罚决定台账: one row a decision, after the national credit-publicity template (双公示)."""

import pandas as pd

from schemas.ledgers.common_checks import NATURAL_PERSON, PARTY_TYPES, has_category, is_zero, lacks_uscc
from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import (
    Boolean,
    Categories,
    Category,
    Date,
    DocumentNo,
    IdentityNo,
    Money,
    Text,
    Uscc,
)

KINDS = (
    "警告", "通报批评", "罚款", "没收违法所得", "没收非法财物", "暂扣许可证件", "降低资质等级", "吊销许可证件",
    "限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业", "行政拘留", "其他",
)  # fmt: skip

#: words in the kind of a number that is no decision's: reminders, orders, revocations, changes, hearings …
OTHER_DOCUMENTS = ("催", "改", "撤", "罚变", "变更", "不罚", "不予", "立", "听", "缓", "罚执", "执行")


class Penalties(Ledger):
    decision_no: DocumentNo = column(
        "行政处罚决定书文号",
        "处罚决定书文号",
        "决定书文号",
        required=True,
        example="某环罚〔2023〕5号",
        same_year_as="decided_on",
        other_kinds=OTHER_DOCUMENTS,
    )
    case_no: Text = column(
        "案号",
        "立案号",
        refers_to="cases.case_no",
        example="某环立〔2023〕5号",
        shown_as="number",
        year_up_to="decided_on",
    )
    party_name: Text = column(
        "行政相对人名称", "当事人", required=True, example="某某化工有限公司", shown_as="party"
    )
    party_type: Category = column("行政相对人类别", required=True, allowed=PARTY_TYPES)
    party_uscc: Uscc = column(
        "行政相对人代码_1(统一社会信用代码)", "统一社会信用代码", example="91000000MA0000001R"
    )
    registration_no: Text = column(
        "行政相对人代码_2(工商注册号)", "工商注册号", hint="有统一社会信用代码的不用填", shown_as="number"
    )
    organisation_code: Text = column(
        "行政相对人代码_3(组织机构代码)",
        "组织机构代码",
        hint="有统一社会信用代码的不用填",
        shown_as="number",
    )
    legal_representative: Text = column("法定代表人", private=True, example="张某")
    id_type: Text = column("证件类型", private=True, hint="当事人是自然人的填写，如 身份证")
    id_no: IdentityNo = column("证件号码", private=True, hint="当事人是自然人的填写，与证件一致")
    violation_type: Text = column(
        "违法行为类型", "案由", required=True, example="超标排放水污染物", shown_as="kind"
    )
    violation_fact: Text = column("违法事实", example="废水总排口化学需氧量超标0.5倍")
    legal_basis: Text = column(
        "处罚依据", required=True, example="《中华人民共和国水污染防治法》第八十三条第二项", shown_as="kind"
    )
    penalty_kinds: Categories = column(
        "处罚类别", "处罚种类", required=True, allowed=KINDS, multiple=True, example="警告、罚款"
    )
    penalty_text: Text = column("处罚内容", required=True, example="警告，罚款3.5万元")
    fine_fen: Money = column(
        "罚款金额(万元)",
        "罚款金额(元)",
        "罚款金额",
        stated_in="penalty_text",
        has_usual_range=True,
        usual_yuan=(50, 10_000_000),
        example=3.5,
    )
    confiscated_fen: Money = column(
        "没收违法所得、没收非法财物的金额(万元)",
        "没收金额(万元)",
        "没收金额(元)",
        usual_yuan=(1, 10_000_000),
    )
    licence_affected: Text = column(
        "暂扣或吊销证照名称及编号", hint="处罚含暂扣、吊销的填写，如 排污许可证及其编号"
    )
    procedure: Category = column("处罚程序", "程序", allowed=("简易", "普通"), example="普通")
    decided_on: Date = column("处罚决定日期", "决定日期", required=True, example="2023-06-08")
    served_on: Date = column("送达日期", example="2023-06-09")
    valid_until: Date = column("处罚有效期", may_be_in_future=True)
    public_until: Date = column("公示截止期", may_be_in_future=True, example="2026-06-08")
    is_publishable: Boolean = column("是否应公开", default=True, example="是")
    published_on: Date = column("公开日期", "公示日期", example="2023-06-12")
    authority: Text = column(
        "处罚机关", required=True, names_reporter=True, example="某某市生态环境局", shown_as="organ"
    )
    authority_uscc: Uscc = column("处罚机关统一社会信用代码", example="110000000000000035")
    source_unit: Text = column(
        "数据来源单位", names_reporter=True, example="某某市生态环境局", shown_as="organ"
    )
    remark: Text = column("备注", hint="其他需要说明的情况")

    class Config(Ledger.Config):
        metadata = about(
            title="行政处罚决定台账",
            row="一份行政处罚决定；栏目依照全国信用信息“双公示”的行政处罚模板",
            natural_key="decision_no",
            party="party_uscc|party_name",
            day="decided_on",
            amount="fine_fen",
            cause="violation_type",
            dated_by="decided_on",
            handled_by="decision_no",
        )

    @row_rule("party_uscc.required", Severity.ERROR, "当事人是法人或非法人组织，没有填统一社会信用代码",
              expected="18 位统一社会信用代码", remedy="请对照营业执照补填",
              does_without=("party_type",))  # fmt: skip
    def organisation_without_code(frame: pd.DataFrame) -> "pd.Series[bool]":
        return lacks_uscc(frame)

    @row_rule("fine_fen.required", Severity.ERROR, "处罚类别含“罚款”，没有填罚款金额", expected="罚款的金额",
              remedy="请补填；没有罚款的，从处罚类别中删去“罚款”")  # fmt: skip
    def fine_without_amount(frame: pd.DataFrame) -> "pd.Series[bool]":
        return has_category(frame, "penalty_kinds", "罚款") & frame["fine_fen"].isna()

    @row_rule("fine_fen.zero", Severity.WARNING, "处罚类别含“罚款”，罚款金额却是 0",
              remedy="请对照决定书核对，公式算出的看结果是否存下；没有罚款的，从处罚类别中删去“罚款”")  # fmt: skip
    def fine_of_zero(frame: pd.DataFrame) -> "pd.Series[bool]":
        return has_category(frame, "penalty_kinds", "罚款") & is_zero(frame["fine_fen"])

    @row_rule(
        "fine_fen.not_among_kinds",
        Severity.WARNING,
        "填了罚款金额，处罚类别中没有“罚款”",
        remedy="请核对处罚类别",
    )
    def amount_without_fine(frame: pd.DataFrame) -> "pd.Series[bool]":
        return ~has_category(frame, "penalty_kinds", "罚款") & frame["fine_fen"].gt(0).fillna(False).astype(
            bool
        )

    @row_rule("confiscated_fen.required", Severity.ERROR, "处罚类别含没收，没有填没收金额", expected="没收的金额",
              remedy="请补填；没有没收的，从处罚类别中删去")  # fmt: skip
    def confiscation_without_amount(frame: pd.DataFrame) -> "pd.Series[bool]":
        confiscates = has_category(frame, "penalty_kinds", "没收违法所得") | has_category(
            frame, "penalty_kinds", "没收非法财物"
        )
        return confiscates & frame["confiscated_fen"].isna()

    @row_rule("confiscated_fen.zero", Severity.WARNING, "处罚类别含没收，没收金额却是 0",
              remedy="请对照决定书核对；没收的物品没有折价的，请告知市局")  # fmt: skip
    def confiscation_of_zero(frame: pd.DataFrame) -> "pd.Series[bool]":
        return has_category(frame, "penalty_kinds", "没收违法所得") & is_zero(frame["confiscated_fen"])

    @row_rule(
        "served_on.before_decision",
        Severity.ERROR,
        "送达日期早于决定日期",
        expected="决定当天或以后的日期",
        remedy="请核对两个日期",
    )
    def served_before_decision(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["served_on"] < frame["decided_on"]

    @row_rule(
        "published_on.before_decision", Severity.WARNING, "公开日期早于决定日期", remedy="请核对两个日期"
    )
    def published_before_decision(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["published_on"] < frame["decided_on"]

    @row_rule("fine_fen.over_summary_limit", Severity.WARNING, "适用简易程序，罚款超过上限",
              expected="公民 200 元以下，法人或者其他组织 3000 元以下", remedy="请核对处罚程序和罚款金额",
              source="《中华人民共和国行政处罚法》第五十一条")  # fmt: skip
    def over_summary_limit(frame: pd.DataFrame) -> "pd.Series[bool]":
        limit_fen = frame["party_type"].eq(NATURAL_PERSON).map({True: 200_00, False: 3_000_00})
        return frame["procedure"].eq("简易") & frame["fine_fen"].gt(limit_fen).fillna(False).astype(bool)
