"""What the reader knows of each ledger: its fields, their kinds and the headers that name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from transforms.read.layout.header_text import fold_header, split_money_unit

#: kinds of the fields of a natural key that say which matter a row is about
IDENTIFYING_KINDS = ("document_no", "text", "uscc", "date")


@dataclass(frozen=True)
class LedgerForm:
    """What the reader knows of a ledger; plain data, as it is sent to the processes that read."""

    title: str
    kinds: dict[str, str]  # of each field
    headers: dict[str, str]  # of each field
    required: dict[str, str]  # field to header
    identifying: tuple[str, ...]  # numbers, names and days by which rows differ
    free_texts: frozenset[str]  # texts by which nothing is counted, checked or compared
    examples: dict[str, str]  # of identifying fields, in the template's example row
    may_be_negative: tuple[str, ...] = ()  # amounts of which a refund is one


def form_of(ledger: LedgerDefinition) -> LedgerForm:
    """Return what the reader knows of a ledger."""
    identifying = [
        field for field in ledger.fields if field.is_in_key and field.type.kind in IDENTIFYING_KINDS
    ]
    return LedgerForm(
        ledger.title,
        {field.name: field.type.kind for field in ledger.fields},
        {field.name: field.header for field in ledger.fields},
        {field.name: field.header for field in ledger.fields if field.required},
        tuple(field.name for field in identifying),
        frozenset(field.name for field in ledger.fields if _is_free_text(field)),
        {field.name: str(field.example) for field in identifying if field.example is not None},
        tuple(field.name for field in ledger.fields if field.may_be_negative),
    )


def _is_free_text(field: LedgerField) -> bool:
    is_compared = field.required or field.is_in_key or field.refers_to is not None
    return field.type.kind == "text" and field.default is None and not is_compared


def spellings_of(ledger: LedgerDefinition, local: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the field of each folded header; a money header is listed without its unit.

    The ledger's own headers come before those of the city, so that none of these changes what it says.
    """
    fields_by_spelling: dict[str, str] = {}
    headers = [(field, header) for field in ledger.fields for header in field.headers]
    headers += [(ledger.field(name), header) for name, texts in local.items() for header in texts]
    for field, header in headers:
        folded = split_money_unit(header)[0] if field.type.kind == "money" else fold_header(header)
        fields_by_spelling.setdefault(folded, field.name)
    return fields_by_spelling
