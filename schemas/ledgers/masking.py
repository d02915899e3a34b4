"""Masking policies: how the text of a field appears in views, with the words for the data dictionary."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.ledgers.compiled import LedgerDefinition, LedgerField

#: suffix of the column that holds a text as views show it, beside the text itself
MASKED_SUFFIX = "_masked"

#: shown in place of a text that may name a person
HIDDEN = "（不显示）"

#: masking policy to its description
MASKED_BY = {
    "party": "自然人的姓名只留姓；看不出是单位的、像住址的也按自然人处理",
    "organ": "看不出是单位名称的不显示",
    "number": "不像文号编号的、像证件电话号码或车牌的、含外文姓名或住址的不显示",
    "kind": "像是含本行当事人等姓名的、含外文姓名、证件电话号码、车牌或住址的不显示",
    "code": "像居民身份证号码的不显示",
    "own_words": "自由填写的文字，可能含人名，不显示内容",
}


def masking_policy(field: LedgerField) -> str | None:
    """Return the masking policy of a field; None if its format cannot contain a personal name."""
    if field.type.kind == "document_no":
        return "number"
    if field.type.kind == "uscc":
        return "code"
    return field.shown_as or ("own_words" if field.type.kind == "text" else None)


def masked_fields(ledger: LedgerDefinition) -> Iterator[tuple[LedgerField, str]]:
    """Yield the fields whose masked text is stored, each with its policy.

    `own_words` are never shown, whatever they are, so nothing is stored for them.
    """
    for field in ledger.fields:
        policy = masking_policy(field)
        if policy and policy != "own_words" and not field.private:
            yield field, policy


def masked_column(field: LedgerField) -> str:
    """Return the column that holds a field's text as views show it."""
    return f"{field.name}{MASKED_SUFFIX}"
