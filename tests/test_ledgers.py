"""Every ledger as a definition: it compiles, its headers cannot be mixed up, and it says what the domain's field list says."""

from __future__ import annotations

import re

import pytest
from counties import GOOD_ROWS
from judging import judge_rows

from schemas.catalogue import ledgers
from schemas.definition import compile_ledger
from schemas.ledger import Ledger, about, column, row_rule
from schemas.rules import SUBMISSION_RULES, Severity
from schemas.types import FIELD_TYPES, Date, Text
from transforms.read.header import fold_header, split_money_unit
from transforms.typed import PARSERS

CHINESE = re.compile(r"[一-鿿]")
EVERY_LEDGER = pytest.mark.parametrize("name", ledgers())

#: what was agreed with the counties. A ledger: name, title, natural key; a field: name (* required), type, headers.
FACTS = """
# cases: 立案台账: case_no
case_no* | text | 案号 ; 立案号 ; 案件编号
party_name* | text | 当事人 ; 行政相对人名称 ; 当事人名称
party_type* | category | 行政相对人类别 ; 当事人类别
party_uscc | uscc | 统一社会信用代码 ; 行政相对人代码_1(统一社会信用代码)
filed_on* | date | 立案日期 ; 立案时间
cause* | text | 案由 ; 违法行为类型
source | category | 案件来源
stage | text | 办理阶段
withdrawn_on | date | 撤案日期
closed_on | date | 结案日期
handling_unit | text | 承办单位 ; 承办机构

# hearings: 庭审出庭台账: case_no+instance+heard_on+session
case_no* | text | 案号 ; 诉讼案号
instance* | category | 审级
heard_on* | date | 开庭日期
session | integer = 1 | 庭次 ; 开庭次序
head_appeared* | boolean | 负责人是否出庭
head_name | text private | 出庭负责人
head_post | text | 负责人职务
head_spoke | boolean | 负责人是否出声 ; 负责人是否发言
identity_proven | boolean = yes | 身份是否证明 ; 是否提交身份证明

# lawsuits: 行政诉讼台账: case_no+instance
case_no* | text | 案号 ; 诉讼案号
instance* | category | 审级
court* | text | 审理法院 ; 法院
plaintiff | text private | 原告
decision_no | document_no | 被诉处罚决定书文号
accepted_on* | date | 收案日期 ; 受理日期
closed_on | date | 结案日期
outcome | text | 裁判结果
platform_entered_on | date | 录入应诉平台日期

# payments: 罚款缴纳台账: receipt_no | decision_no+paid_on+amount_fen+instalment
decision_no* | document_no | 行政处罚决定书文号 ; 处罚决定书文号 ; 决定书文号
paid_on* | date | 缴款日期 ; 缴纳日期 ; 收缴日期
amount_fen* | money | 缴款金额(元) ; 缴款金额(万元) ; 收缴金额(元) ; 收缴金额(万元)
kind* | category | 缴款类别 ; 款项类别
receipt_no | text | 票据号 ; 缴款书编号
instalment | integer | 分期序号 ; 期次

# penalties: 行政处罚决定台账: decision_no
decision_no* | document_no | 行政处罚决定书文号 ; 处罚决定书文号 ; 决定书文号
case_no | text | 案号 ; 立案号
party_name* | text | 行政相对人名称 ; 当事人
party_type* | category | 行政相对人类别
party_uscc | uscc | 行政相对人代码_1(统一社会信用代码) ; 统一社会信用代码
registration_no | text | 行政相对人代码_2(工商注册号) ; 工商注册号
organisation_code | text | 行政相对人代码_3(组织机构代码) ; 组织机构代码
legal_representative | text private | 法定代表人
id_type | text private | 证件类型
id_no | text private | 证件号码
violation_type* | text | 违法行为类型 ; 案由
violation_fact | text | 违法事实
legal_basis* | text | 处罚依据
penalty_kinds* | categories | 处罚类别 ; 处罚种类
penalty_text* | text | 处罚内容
fine_fen | money | 罚款金额(万元) ; 罚款金额(元) ; 罚款金额
confiscated_fen | money | 没收违法所得、没收非法财物的金额(万元) ; 没收金额(万元) ; 没收金额(元)
licence_affected | text | 暂扣或吊销证照名称及编号
procedure | category | 处罚程序 ; 程序
decided_on* | date | 处罚决定日期 ; 决定日期
served_on | date | 送达日期
valid_until | date | 处罚有效期
public_until | date | 公示截止期
is_publishable | boolean = yes | 是否应公开
published_on | date | 公开日期 ; 公示日期
authority* | text | 处罚机关
authority_uscc | uscc | 处罚机关统一社会信用代码
source_unit | text | 数据来源单位
remark | text | 备注
"""

#: the values that a closed field may hold
ALLOWED = {
    "cases.party_type": "法人及非法人组织,个体工商户,自然人",
    "cases.source": "双随机,专项,日常,信访,移送,督察,其他",
    "penalties.party_type": "法人及非法人组织,个体工商户,自然人",
    "penalties.penalty_kinds": "警告,通报批评,罚款,没收违法所得,没收非法财物,暂扣许可证件,降低资质等级,吊销许可证件,"
        "限制开展生产经营活动,责令停产停业,责令关闭,限制从业,行政拘留,其他",
    "penalties.procedure": "简易,普通",
    "payments.kind": "罚款,没收,加处罚款",
    "lawsuits.instance": "一审,二审,再审",
    "hearings.instance": "一审,二审,再审",
}  # fmt: skip


def facts() -> dict[str, tuple[str, str, list[str]]]:
    """Ledger to title, natural key and the lines of its fields."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for line in filter(None, FACTS.splitlines()):
        if line.startswith("# "):
            name, title, key = line.removeprefix("# ").split(": ")
            found[name] = (title, key, [])
        else:
            found[name][2].append(line)
    return found


def key_text(key: tuple[tuple[tuple[str, ...], ...], ...]) -> str:
    return " | ".join("+".join("|".join(part) for part in alternative) for alternative in key)


@EVERY_LEDGER
def test_is_what_was_agreed(name: str) -> None:
    definition = ledgers()[name]
    title, key, lines = facts()[name]
    assert (definition.title, key_text(definition.natural_key)) == (title, key)
    found = []
    for field in definition.fields:
        default = "" if field.default is None else " = yes" if field.default is True else f" = {field.default}"
        kind = f"{field.type.kind}{' private' if field.private else ''}{default}"
        found.append(f"{field.name}{'*' if field.required else ''} | {kind} | {' ; '.join(field.headers)}")
        assert ",".join(field.allowed) == ALLOWED.get(f"{name}.{field.name}", "")
    assert found == lines


@EVERY_LEDGER
def test_has_title_key_and_dated_field(name: str) -> None:
    definition = ledgers()[name]
    assert definition.name == name
    assert definition.title.endswith("台账")
    assert definition.field(definition.dated_by).type.kind == "date"
    assert definition.field(definition.dated_by).required
    last = definition.natural_key[-1]
    assert any(definition.field(one).required for part in last for one in part), "a row must always have a key"


def test_titles_and_names_are_distinct() -> None:
    assert len({one.title for one in ledgers().values()}) == len(ledgers())


@EVERY_LEDGER
def test_no_header_means_two_fields(name: str) -> None:
    owner: dict[str, str] = {}
    for field in ledgers()[name].fields:
        for header in field.headers:
            folded = split_money_unit(header)[0] if field.type.kind == "money" else fold_header(header)
            assert owner.setdefault(folded, field.name) == field.name, header
            assert header == header.strip()
            assert CHINESE.search(header)


@EVERY_LEDGER
def test_no_header_stands_twice(name: str) -> None:
    headers = [header for field in ledgers()[name].fields for header in field.headers]
    assert len(headers) == len(set(headers))


@EVERY_LEDGER
def test_field_names_tell_their_type(name: str) -> None:
    for field in ledgers()[name].fields:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
        assert (field.type.kind == "money") == field.name.endswith("_fen")
        assert not field.name.endswith("_on") or field.type.kind == "date"
        assert not field.name.startswith(("is_", "has_")) or field.type.kind == "boolean"


@EVERY_LEDGER
def test_rules_are_well_formed(name: str) -> None:
    definition = ledgers()[name]
    fields = "|".join(definition.field_names())
    for rule_id, rule in definition.rules().items():
        assert rule_id == rule.rule_id
        assert re.fullmatch(rf"{name}\.(?:{fields})\.[a-z][a-z_]*", rule_id)
        assert CHINESE.search(rule.problem)
        for text in (rule.problem, rule.expected, rule.mend):
            assert not text.endswith(("。", "，", "；", " ")), "the finding sets the full stops"
            assert "{" not in text
        assert rule.mend or rule.severity is Severity.NOTICE


@EVERY_LEDGER
def test_a_row_rule_does_not_hide_a_rule_of_its_field(name: str) -> None:
    definition = ledgers()[name]
    ids = [one.rule.rule_id for one in definition.row_rules]
    assert len(ids) == len(set(ids))
    for field in definition.fields:
        assert not (field.required and f"{name}.{field.name}.required" in ids)


@pytest.mark.parametrize("rule_id", SUBMISSION_RULES)
def test_submission_rules_are_well_formed(rule_id: str) -> None:
    rule = SUBMISSION_RULES[rule_id]
    assert re.fullmatch(r"(?:file|sheet|submission|row)\.[a-z][a-z_]*", rule_id)
    assert CHINESE.search(rule.problem) or rule.problem == "{detail}"
    for text in (rule.problem, rule.expected, rule.mend):
        assert not text.endswith(("。", "，", "；", " "))
    assert rule.mend or rule.severity is Severity.NOTICE


@EVERY_LEDGER
def test_good_row_has_no_finding(name: str) -> None:
    judged = judge_rows(name, {})
    assert judged.findings.empty
    assert judged.submissions.loc[0].tolist() == [1, 0, "accepted"]
    assert judged.rows[name].columns.tolist() == [
        *ledgers()[name].stored_columns(), "row_key", "handling_rank", "source_row", "submission",
    ]  # fmt: skip


def test_every_ledger_has_a_good_row() -> None:
    assert GOOD_ROWS.keys() == ledgers().keys()


def test_every_type_has_a_parser_and_words() -> None:
    assert {one.kind for one in FIELD_TYPES} == PARSERS.keys()
    for one in FIELD_TYPES:
        assert CHINESE.search(one.expected)
        assert all(CHINESE.search(fault.problem) for fault in one.faults.values())


class Sample(Ledger):
    sample_no: Text = column("编号", required=True)
    taken_on: Date = column("日期")


@pytest.mark.parametrize(
    ("natural_key", "dated_by", "handled_by", "named"),
    [
        ("sample_no+depth", "taken_on", None, "depth"),
        ("sample_no", "held_on", None, "held_on"),
        ("sample_no", "taken_on", "unit", "unit"),
        ("sample_no | depth|sample_no", "taken_on", None, "depth"),
    ],
)
def test_a_name_that_is_no_field_is_refused(natural_key: str, dated_by: str, handled_by: str | None, named: str) -> None:
    class Wrong(Sample):
        class Config(Ledger.Config):
            metadata = about(title="样品台账", natural_key=natural_key, dated_by=dated_by, handled_by=handled_by)

    with pytest.raises(ValueError, match=rf"ledger samples: no field {named}; it has sample_no, taken_on"):
        compile_ledger("samples", Wrong)


def test_a_row_rule_on_no_field_is_refused() -> None:
    class Wrong(Sample):
        class Config(Ledger.Config):
            metadata = about(title="样品台账", natural_key="sample_no", dated_by="taken_on")

        @row_rule("depth.odd", Severity.ERROR, "不对", mend="请核对")
        def odd(frame):  # type: ignore[no-untyped-def]
            return frame["sample_no"].isna()

    with pytest.raises(ValueError, match="no field depth"):
        compile_ledger("samples", Wrong)
