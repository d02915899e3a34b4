"""Conditions that several ledgers share."""

import pandas as pd

ORGANISATION = "法人及非法人组织"
NATURAL_PERSON = "自然人"
#: how the names of organisations end, and those of no others
ORGANISATION_NAME = r"(?:公司|集团|合作社|医院|学校|委员会)(?:[(（][^()（）]*[)）])?$"
PARTY_TYPES = (ORGANISATION, "个体工商户", NATURAL_PERSON)


def lacks_uscc(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Mark rows of organisations without 统一社会信用代码; where the kind of party cannot be read, its name
    may say that it is one.
    """
    is_organisation = frame["party_type"].eq(ORGANISATION)
    is_named_as_one = ~frame["party_type"].isin(PARTY_TYPES) & frame["party_name"].str.contains(
        ORGANISATION_NAME, regex=True
    ).fillna(False).astype(bool)
    return (is_organisation | is_named_as_one) & frame["party_uscc"].isna()


def exceeds(count: pd.Series, limit: pd.Series) -> "pd.Series[bool]":
    """Mark rows whose `count` is over their `limit`; rows with a missing number are not marked."""
    return count.gt(limit).fillna(False).astype(bool)


def is_zero(amount: pd.Series) -> "pd.Series[bool]":
    """Mark rows whose amount is 0; rows without one are not marked."""
    return amount.eq(0).fillna(False).astype(bool)


def has_category(frame: pd.DataFrame, kinds: str, kind: str) -> "pd.Series[bool]":
    """Mark rows whose column `kinds` (categories joined with 、) contains `kind`."""
    return ("、" + frame[kinds].fillna("") + "、").str.contains(f"、{kind}、", regex=False)
