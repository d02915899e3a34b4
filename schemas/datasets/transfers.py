"""案件移送台账: one row a case handed over to the police, to prosecutors or to another authority."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, DocumentNo, Integer, Text

DETENTION, CRIME = "行政拘留", "涉嫌犯罪"


class Transfers(Ledger):
    document_no: DocumentNo = column(
        "移送文号", "移送书文号", required=True, example="某环移〔2023〕1号", same_year_as="transferred_on"
    )
    kind: Category = column(
        "移送类型", required=True, allowed=(DETENTION, CRIME, "市场监管", "其他"), example="行政拘留"
    )
    case_no: Text = column(
        "案号",
        refers_to="cases.case_no",
        example="某环立〔2023〕5号",
        shown_as="number",
        year_up_to="transferred_on",
    )
    party_name: Text = column(
        "当事人", "行政相对人名称", required=True, example="某某化工有限公司", shown_as="party"
    )
    receiver: Text = column(
        "接收机关", "受移送机关", required=True, example="某某市公安局", shown_as="organ"
    )
    transferred_on: Date = column("移送日期", required=True, example="2023-06-07")
    accepted_on: Date = column("受理日期", example="2023-06-08")
    persons_detained: Integer = column("拘留人数", maximum=1000, example=1)
    persons_filed: Integer = column("刑事立案人数", "立案人数", maximum=1000)

    class Config(Ledger.Config):
        metadata = about(
            title="案件移送台账",
            row="一次案件移送，移送公安机关或别的部门",
            natural_key="document_no+kind",
            party="party_name",
            day="transferred_on",
            cause="kind",
            dated_by="transferred_on",
            handled_by="document_no",
        )

    @row_rule("accepted_on.before_transfer", Severity.ERROR, "受理日期早于移送日期", expected="移送当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def accepted_before_transfer(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["accepted_on"] < frame["transferred_on"]

    @row_rule("persons_detained.not_to_police", Severity.ERROR, "填了拘留人数，移送类型却不是移送公安机关的",
              expected="移送类型为“行政拘留”或“涉嫌犯罪”", remedy="请核对移送类型和拘留人数")  # fmt: skip
    def detained_elsewhere(frame: pd.DataFrame) -> "pd.Series[bool]":
        return ~frame["kind"].isin([DETENTION, CRIME]) & frame["persons_detained"].gt(0).fillna(
            False
        ).astype(bool)

    @row_rule("persons_filed.not_a_crime", Severity.ERROR, "填了刑事立案人数，移送类型却不是涉嫌犯罪",
              expected="移送类型为“涉嫌犯罪”", remedy="请核对移送类型和刑事立案人数")  # fmt: skip
    def filed_without_crime(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["kind"].ne(CRIME) & frame["persons_filed"].gt(0).fillna(False).astype(bool)
