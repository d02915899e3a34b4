"""Numbers of persons in texts for the public: what is taken out, and what stays."""

from __future__ import annotations

import pytest

from transforms.report.personal_cells import hide_numbers


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("对张建国（身份证430102199003077778，电话13807380738）罚款", "对张建国（身份证*，电话*）罚款"),
        ("张建国430102199003077778", "张建国*"),
        ("张建国４３０１０２１９９００３０７７７７８", "张建国*"),
        ("430102199003077778", ""),
        ("（43010219900307777X）", ""),
        ("某环罚〔2023〕12号，罚款 35000 元，2023-06-08", "某环罚〔2023〕12号，罚款 35000 元，2023-06-08"),
    ],
)
def test_numbers_within_a_text(text: str, shown: str) -> None:
    assert hide_numbers(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("91430100MA4L1A2B3C", "91430100MA4L1A2B3C"),
        ("430100000012345", "430100000012345"),
        ("12345678-9", "12345678-9"),
        ("430102199003077778", ""),
        ("13807380738", ""),
    ],
)
def test_codes_of_organisations_stay(text: str, shown: str) -> None:
    assert hide_numbers(text, is_code=True) == shown
