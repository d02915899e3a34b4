"""庭审出庭台账: one row a court hearing, and whether a head of the authority appeared and spoke."""

import pandas as pd

from schemas.datasets.lawsuits import INSTANCES
from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Boolean, Category, Date, Integer, Text


class Hearings(Ledger):
    case_no: Text = column(
        "案号",
        "诉讼案号",
        required=True,
        refers_to="lawsuits.case_no",
        example="(2023)某01行初12号",
        shown_as="number",
        year_up_to="heard_on",
    )
    instance: Category = column("审级", required=True, allowed=INSTANCES, example="一审")
    heard_on: Date = column("开庭日期", required=True, example="2023-06-14")
    session: Integer = column("庭次", "开庭次序", default=1, minimum=1, maximum=50, example=1)
    head_appeared: Boolean = column("负责人是否出庭", required=True, example="是")
    head_name: Text = column("出庭负责人", private=True, example="张某")
    head_post: Text = column("负责人职务", example="副局长", shown_as="kind")
    head_spoke: Boolean = column("负责人是否出声", "负责人是否发言", example="是")
    identity_proven: Boolean = column("身份是否证明", "是否提交身份证明", default=True, example="是")

    class Config(Ledger.Config):
        metadata = about(
            title="庭审出庭台账",
            row="一次开庭",
            natural_key="case_no+instance+heard_on+session",
            dated_by="heard_on",
            doubted_after_months=24,
        )

    @row_rule(
        "head_spoke.without_appearing",
        Severity.ERROR,
        "负责人没有出庭，却填了出声",
        remedy="请核对“负责人是否出庭”和“负责人是否出声”",
    )
    def spoke_without_appearing(frame: pd.DataFrame) -> "pd.Series[bool]":
        spoke = frame["head_spoke"].fillna(False).astype(bool)
        return spoke & ~frame["head_appeared"].fillna(True).astype(bool)

    @row_rule("head_post.required", Severity.WARNING, "负责人出庭，没有填职务", remedy="请补填，以便认定是否属于负责人",
              source="法释〔2020〕3号《最高人民法院关于行政机关负责人出庭应诉若干问题的规定》第二条")  # fmt: skip
    def appearance_without_post(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["head_appeared"].fillna(False).astype(bool) & frame["head_post"].isna()
