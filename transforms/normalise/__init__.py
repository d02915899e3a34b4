"""Parse the text of cells into typed values, a whole column at a time.

`clean_text` first, then the parser of the field's type. Parsers are pure: they never modify their input,
keep its index, read an empty cell as null and report a bad one in `Parsed.faults`.
"""

from transforms.normalise.booleans import parse_booleans
from transforms.normalise.categories import parse_categories, parse_category
from transforms.normalise.codes import parse_identity_no, parse_uscc, uscc_check_character
from transforms.normalise.dates import parse_dates
from transforms.normalise.document_no import (
    ParsedDocumentNo,
    county_mark,
    kind_of_document,
    parse_document_no,
    write_key,
)
from transforms.normalise.matter_number import number_key, weak_numbers
from transforms.normalise.money import parse_money
from transforms.normalise.number_lists import find_number_lists
from transforms.normalise.numbers import find_rounded_numbers, parse_integers, parse_numbers
from transforms.normalise.parsed import Parsed
from transforms.normalise.personal_numbers import find_personal_numbers
from transforms.normalise.text import clean_text, fold_key

__all__ = [
    "Parsed",
    "ParsedDocumentNo",
    "clean_text",
    "county_mark",
    "find_number_lists",
    "find_personal_numbers",
    "find_rounded_numbers",
    "fold_key",
    "kind_of_document",
    "number_key",
    "parse_booleans",
    "parse_categories",
    "parse_category",
    "parse_dates",
    "parse_document_no",
    "parse_identity_no",
    "parse_integers",
    "parse_money",
    "parse_numbers",
    "parse_uscc",
    "uscc_check_character",
    "weak_numbers",
    "write_key",
]
