"""The cell rules used by the contenders, by format. A missing rule would show as differing figures."""

from __future__ import annotations

#: a field of the ledger of penalties by its header: the forms of most counties have these twenty
HEADERS = {
    "decision_no": "行政处罚决定书文号", "case_no": "案号", "party_name": "行政相对人名称", "party_type": "行政相对人类别",
    "party_uscc": "统一社会信用代码", "legal_representative": "法定代表人", "violation_type": "违法行为类型",
    "violation_fact": "违法事实", "legal_basis": "处罚依据", "penalty_kinds": "处罚类别", "penalty_text": "处罚内容",
    "fine_fen": "罚款金额(万元)", "confiscated_fen": "没收金额(万元)", "procedure": "处罚程序", "decided_on": "处罚决定日期",
    "served_on": "送达日期", "valid_until": "处罚有效期", "is_publishable": "是否应公开", "published_on": "公开日期",
    "authority": "处罚机关",
}  # fmt: skip

#: repeated here so that the floor imports nothing except its library
PARTY_TYPES = "法人及非法人组织|自然人|个体工商户"
KINDS = (
    "警告|通报批评|罚款|没收违法所得|没收非法财物|暂扣许可证件|降低资质等级|吊销许可证件|限制开展生产经营活动|责令停产停业|责令关闭|"
    "限制从业|行政拘留|其他"
)

COLUMNS = list(HEADERS)
DATES = ("decided_on", "served_on", "valid_until", "published_on")
AMOUNTS = ("fine_fen", "confiscated_fen")
REQUIRED = (
    "decision_no", "party_name", "party_type", "party_uscc", "violation_type", "legal_basis", "penalty_kinds", "penalty_text",
    "fine_fen", "decided_on", "authority",
)  # fmt: skip

#: patterns that a cell's whole text must match
FORMS = {
    "decision_no": r"^.+〔\d{4}〕\d+号$",
    "party_type": f"^({PARTY_TYPES})$",
    "party_uscc": r"^[0-9A-HJ-NPQRTUWXY]{18}$",
    "penalty_kinds": f"^({KINDS})(、({KINDS}))*$",
    "fine_fen": r"^\d+(\.\d{1,4})?$",
    "confiscated_fen": r"^\d+(\.\d{1,4})?$",
    "procedure": "^(普通|简易)$",
    "is_publishable": "^(是|否)$",
}
FEN_IN_WAN_YUAN = 1_000_000
