"""How the receipts of checks are named, and from which file a marked workbook came."""

from __future__ import annotations

import re

from transforms.foreign_text import safe_stem

#: what the names of marked workbooks have behind those of their files
_MARKED = re.compile(r"-回执(?:-[^/]*)?$")
_SUFFIX = re.compile(r"(?<=.)\.[^./]*$")


def source_stem(file_name: str) -> str:
    """Return the name, without suffix, of the file that a marked workbook came from; of others their own."""
    stem = _SUFFIX.sub("", file_name)
    return _MARKED.sub("", stem) or stem


def name_without_verdict(file_name: str) -> str:
    """Return the name of a file; of a marked workbook without what the check said of it before it was mended:
    `立案-回执.xlsx` of `立案-回执-需改2处.xlsx`.
    """
    suffix = _SUFFIX.search(file_name)
    end = suffix.group() if suffix else ""
    stem = file_name.removesuffix(end)
    return f"{_MARKED.sub('-回执', stem)}{end}" if _MARKED.sub("", stem) else file_name


def check_receipt_name(file_name: str, verdict: str, number: int = 1) -> str:
    """Return the name of the receipt of a check: `立案-回执-需改2处.xlsx`; from 2 on with a number."""
    suffix = f"-{number}" if number > 1 else ""
    return f"{safe_stem(source_stem(file_name))}-回执-{verdict}{suffix}.xlsx"


def is_check_receipt_name(name: str, file_name: str) -> bool:
    """Whether a name is that of a receipt of a check of this file, whatever the receipt says.

    Those of former versions have no verdict.
    """
    stem = re.escape(safe_stem(source_stem(file_name)))
    return re.fullmatch(rf"{stem}-回执(?:-[^-/]*[^-/\d][^-/]*)?(?:-\d+)?\.xlsx", name) is not None
