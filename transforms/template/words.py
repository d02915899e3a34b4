"""Describe fields in Chinese for clerks; notes and instructions of templates use the same texts."""

from __future__ import annotations

from schemas.ledgers.compiled import LedgerDefinition, LedgerField, Ledgers
from schemas.ledgers.model import UNIT
from schemas.ledgers.rules import Rule, Severity
from transforms.read.layout.header_text import split_money_unit

REQUIRED, SOMETIMES, OPTIONAL = "必填", "视情况必填", "选填"
PRIVATE = "个人信息，不公开"


def need(ledger: LedgerDefinition, field: LedgerField) -> str:
    """Return whether a field is required; 视情况必填 if a rule requires it in some rows."""
    if field.required:
        return REQUIRED
    required_rule = f"{ledger.name}.{field.name}.required"
    return (
        SOMETIMES
        if any(row_rule.rule.rule_id == required_rule for row_rule in ledger.row_rules)
        else OPTIONAL
    )


def money_unit(field: LedgerField) -> str:
    """Return 元 or 万元, from the field's header."""
    return split_money_unit(field.header)[1] or "元"


def entry(field: LedgerField) -> str:
    """Describe what to write into a cell."""
    kind = field.type.kind
    if kind == "category":
        return "从下拉列表中选一项：" + "、".join(field.allowed)
    if kind == "boolean":
        return "从下拉列表中选“是”或“否”"
    example = f"，如 {field.example}" if field.example is not None else ""
    if kind == "categories":
        return f"下列的一项或几项，几项之间用顿号“、”隔开：{'、'.join(field.allowed)}{example}"
    if kind == "money":
        return _amount(money_unit(field))
    plain = str(field.type.expected).split("，如")[0]
    bounds = f"（{field.range}）" if field.range else ""
    return f"{plain}{bounds}{example}" if example else f"{field.type.expected}{bounds}"


def _amount(unit: str) -> str:
    if unit == "万元":
        return "只填数字，单位是万元：35000 元填 3.5"
    return "只填数字，单位是元：3.5 万元填 35000"


def remarks(ledger: LedgerDefinition, field: LedgerField, ledgers: Ledgers) -> list[str]:
    """List what else to know about a field, and the rules that apply to it."""
    rules = [row_rule.rule for row_rule in ledger.row_rules if row_rule.field == field.name]
    lines = [
        *circumstances(ledger, field, ledgers),
        *_rule_remark(rules, Severity.ERROR, "以下情况这一行先不收："),
    ]
    return lines + _rule_remark(rules, Severity.WARNING, "以下情况会请您核对：")


def circumstances(ledger: LedgerDefinition, field: LedgerField, ledgers: Ledgers) -> list[str]:
    """List when to fill in a field, its default, what it is compared with, what its date is used for."""
    texts = [text for text in (field.hint, PRIVATE if field.private else "") if text]
    if field.default is not None:
        texts.append(f"不填的按“{'是' if field.default is True else field.default}”计")
    if field.refers_to:
        name, other = field.refers_to.split(".")
        texts.append(f"与{ledgers[name].title}的“{ledgers[name].field(other).header}”一致")
    if field.stated_in:
        texts.append(f"与“{ledger.field(field.stated_in).header}”写明的数额一致")
    if field.name == ledger.dated_by:
        texts.append("汇总时按这个日期计入各月，不能晚于填报的月份")
    elif field.type.kind == "date" and not field.may_be_in_future:
        texts.append("不能晚于报送当天")
    return texts


def _rule_remark(rules: list[Rule], severity: Severity, opening: str) -> list[str]:
    problems = [
        rule.problem + (f"（依据{rule.source}）" if rule.source else "")
        for rule in rules
        if rule.severity == severity
    ]
    return [opening + "；".join(problems)] if problems else []


def note(ledger: LedgerDefinition, field: LedgerField, ledgers: Ledgers) -> str:
    """Build the note on a header."""
    lines = [f"【{need(ledger, field)}】", f"填：{entry(field)}", *remarks(ledger, field, ledgers)]
    return "\n".join(lines)


def same_row(ledger: LedgerDefinition) -> str:
    """Describe the natural key: which fields make two rows the same."""
    alternatives = [_key_alternative(ledger, parts) for parts in ledger.natural_key]
    skipped = [ledger.field(parts[0][0]).header for parts in ledger.natural_key[:-1]]
    openings = ["", *(f"没有填“{header}”的，" for header in skipped)]
    return "；".join(opening + text for opening, text in zip(openings, alternatives, strict=True)) + "。"


def _key_alternative(ledger: LedgerDefinition, parts: tuple[tuple[str, ...], ...]) -> str:
    parts_text = [_key_part(ledger, names) for names in parts]
    return f"{'、'.join(parts_text)}{'都' if len(parts_text) > 1 else ''}相同的，算同一条"


def _key_part(ledger: LedgerDefinition, names: tuple[str, ...]) -> str:
    if names == (UNIT,):
        return "填报单位"
    first, *fallbacks = (f"“{ledger.field(name).header}”" for name in names)
    return first + "".join(f"（没有填的看{fallback}）" for fallback in fallbacks)
