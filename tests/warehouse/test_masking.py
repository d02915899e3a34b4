"""Masked texts: what comes out for odd names, and that stored masks follow the masking policies.

Except for numbers of persons and numbers in sentences, the expected texts are those of version 0.1.0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import inspect, select, text, update

from flows.workspace import Workspace
from schemas.catalogue import ledgers
from schemas.ledgers.compile_ledger import compile_ledger
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.masking import masked_column, masked_fields
from schemas.ledgers.model import Ledger, about, column
from schemas.ledgers.types import Date, Text
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.older_warehouses import open_with_ledgers
from tests.support.views import night, rows_of
from warehouse.engine import reading, writing
from warehouse.load.checksum import checksums
from warehouse.load.masking import mask_rows, masking_fingerprint
from warehouse.marts.create_views import drop_views
from warehouse.migrations.fingerprint import SchemaStatus

PERSON, FIRM = "自然人", "法人及非法人组织"
HIDDEN = "（不显示）"


def masked(ledger: str, field: str, rows: list[dict[str, Any]]) -> list[str | None]:
    definition = ledgers()[ledger]
    masks = mask_rows(definition, pd.DataFrame(rows, dtype=object))
    texts = masks[masked_column(definition.field(field))]
    return [None if pd.isna(mask) else mask for mask in texts]


PARTIES = [
    ("张伟", PERSON, "张*"), ("欧阳锦鳞", PERSON, "欧*"), ("欧阳锦鳞", None, "欧*"), ("买买提·艾力", PERSON, "买*"),
    ("迪丽热巴·迪力木拉提", None, "迪*"), ("John Smith", PERSON, "J*"), ("A", PERSON, "A*"), ("", PERSON, "*"),
    (" 张伟", PERSON, " *"), ("张 伟", PERSON, "张*"), (None, PERSON, None), ("𠮷野家", PERSON, "𠮷*"),
    ("王强等2人", PERSON, "王*"), ("430102199003077778", PERSON, "4*"), ("13807380738", None, "1*"),
    ("某市星河水泥有限公司", FIRM, "某市星河水泥有限公司"), ("某市星河水泥有限公司", PERSON, "某*"),
    ("某市星河水泥有限公司", None, "某市星河水泥有限公司"), ("张记面店", FIRM, "张*"), ("老张家面店", FIRM, "老张家面店"),
    ("星河环保中心(有限合伙)", FIRM, "星河环保中心(有限合伙)"), ("星河环保（有限合伙）", FIRM, "星*"),
    ("星河公司（张伟）", FIRM, "星*"), ("某县青山村", FIRM, "某县青山村"),
]  # fmt: skip
ORGANS = [
    ("某某市生态环境局", "某某市生态环境局"), ("公安局", HIDDEN), ("执法一大队", "执法一大队"), ("周平 执法一大队", HIDDEN),
    ("周平", HIDDEN), ("周平、吴刚", HIDDEN), ("某某区人民法院（周平）", HIDDEN), (" ", HIDDEN), ("", HIDDEN), (None, None),
    ("430102199003077778局", HIDDEN), ("13807380738", HIDDEN),
]  # fmt: skip
CODES = [
    ("91430100MA4L123456", "91430100MA4L123456"), ("911431302198501010", "911431302198501010"),
    ("431302198501010668", HIDDEN), ("43130219850101066X", HIDDEN), ("430102199003077778", HIDDEN),
    ("431302198513010668", "431302198513010668"), ("431302218501010668", "431302218501010668"),
    ("431302198500010668", "431302198500010668"), ("11000000000000003X", "11000000000000003X"),
    ("4313021985010106", "4313021985010106"), ("A43130219850101066", "A43130219850101066"), ("", ""), (None, None),
]  # fmt: skip
#: 行政处罚决定书文号, other fields of the row, and what is shown
NUMBERS: list[tuple[str | None, dict[str, str], str | None]] = [
    ("某环罚(星)〔2023〕1号", {}, "某环罚(星)〔2023〕1号"), ("张伟案", {}, HIDDEN), ("430102199003077778", {}, HIDDEN),
    ("43010219900307777X", {}, HIDDEN), (None, {"party_name": "张伟"}, None), ("", {}, HIDDEN),
    ("13807380738", {}, HIDDEN),
    ("张伟罚2023-1", {"party_name": "张伟", "party_type": PERSON}, "*罚2023-1"),
    ("罚2023-1张伟、张伟", {"legal_representative": "张伟"}, HIDDEN), ("罚1301", {"id_no": "1301"}, "罚*"),
    ("星河公司2023-1", {"party_name": "星河公司", "party_type": FIRM}, HIDDEN),
    ("星河水泥公司2023-1", {"party_name": "星河水泥公司", "party_type": FIRM}, HIDDEN),
    ("罚2023-1*", {"legal_representative": "*", "id_type": ""}, "罚2023-1*"),
    ("无号", {"legal_representative": "不显示"}, "（*）"),
    ("罚伟2023", {"legal_representative": "伟", "id_no": "*2"}, "罚*023"),
]  # fmt: skip
#: 违法行为类型, other fields of the row, and what is shown
KINDS: list[tuple[str | None, dict[str, str], str | None]] = [
    ("超标排放水污染物", {"party_name": "张伟", "party_type": PERSON}, "超标排放水污染物"),
    ("张伟超标排放", {"party_name": "张伟", "party_type": PERSON}, HIDDEN),
    ("张 伟超标排放", {"party_name": "张伟", "party_type": PERSON}, HIDDEN),
    ("张　伟噪声", {"party_name": "张　伟"}, HIDDEN), ("张某超标", {"party_name": "张伟"}, "张某超标"),
    ("欧阳养猪场超标", {"party_name": "欧阳锦鳞"}, HIDDEN), ("锦鳞养猪场超标", {"party_name": "欧阳锦鳞"}, HIDDEN),
    ("阳锦超标", {"legal_representative": "欧阳锦鳞"}, HIDDEN), ("艾力排污", {"party_name": "买买提·艾力"}, HIDDEN),
    ("smith 排污", {"party_name": "John Smith"}, HIDDEN), ("伟排污", {"legal_representative": "伟"}, "*排污"),
    ("星河水泥有限公司超标", {"party_name": "星河水泥有限公司", "party_type": FIRM}, "星河水泥有限公司超标"),
    ("星河水泥有限公司超标", {"party_name": "星河水泥有限公司", "party_type": PERSON}, HIDDEN),
    ("第十一人排污", {"party_name": "赵甲钱乙孙丙李丁周戊吴己第十"}, "第十一人排污"),
    ("周戊排污", {"party_name": "赵甲钱乙孙丙李丁周戊吴己"}, HIDDEN), ("身份证明不全", {"id_type": "身份证"}, HIDDEN),
    ("证件430102199003077778排污", {}, HIDDEN), ("证件13807380738排污", {}, HIDDEN),
    ("证件号1301排污", {"id_no": "1301"}, "证件号*排污"), (None, {"party_name": "张伟"}, None),
    ("", {"party_name": "张伟"}, ""), ("噪声扰民", {"legal_representative": ""}, "噪声扰民"),
    ("[a-z]\\d^排污", {"legal_representative": "\\d"}, HIDDEN),
]  # fmt: skip


def test_a_party_that_may_be_a_person_keeps_its_first_character() -> None:
    rows = [{"party_name": name, "party_type": type_} for name, type_, _ in PARTIES]
    assert masked("cases", "party_name", rows) == [masked_text for *_, masked_text in PARTIES]


def test_an_organ_is_shown_if_its_name_is_that_of_an_office() -> None:
    rows = [{"court": name} for name, _ in ORGANS]
    assert masked("court_enforcements", "court", rows) == [masked_text for _, masked_text in ORGANS]


def test_a_code_in_the_form_of_a_residents_number_is_hidden() -> None:
    rows = [{"party_uscc": code} for code, _ in CODES]
    assert masked("penalties", "party_uscc", rows) == [masked_text for _, masked_text in CODES]


def test_numbers_lose_the_names_of_their_row() -> None:
    rows = [{"decision_no": number, **other_fields} for number, other_fields, _ in NUMBERS]
    assert masked("penalties", "decision_no", rows) == [masked_text for *_, masked_text in NUMBERS]


def test_kinds_that_name_a_person_of_their_row_are_hidden() -> None:
    rows = [{"violation_type": kind, **other_fields} for kind, other_fields, _ in KINDS]
    assert masked("penalties", "violation_type", rows) == [masked_text for *_, masked_text in KINDS]


def test_each_row_is_masked_by_its_own_names_only() -> None:
    rows = [{"violation_type": "张伟超标", "party_name": name} for name in ("张伟", "李四", None)]
    assert masked("penalties", "violation_type", rows) == [HIDDEN, "张伟超标", "张伟超标"]


@pytest.mark.parametrize("ledger", ledgers().values(), ids=list(ledgers()))
def test_every_shown_text_of_every_ledger_has_a_mask(ledger: LedgerDefinition) -> None:
    policies = {masked_column(field) for field, _ in masked_fields(ledger)}
    masks = mask_rows(ledger, pd.DataFrame({"source_row": [2, 3]}))
    assert set(masks.columns) == policies
    assert masks.isna().all(axis=None)
    assert mask_rows(ledger, pd.DataFrame({"source_row": []})).empty


def test_the_name_of_a_mask_can_be_no_field() -> None:
    class Odd(Ledger):
        case_no: Text = column("案号", required=True)
        case_no_masked: Text = column("别的")
        filed_on: Date = column("立案日期", required=True)

        class Config(Ledger.Config):
            metadata = about(title="某台账", row="一行", natural_key="case_no", dated_by="filed_on")

    with pytest.raises(ValueError, match="'case_no_masked' is the name of a mask"):
        compile_ledger("odd", Odd)


def send_odd_names(workspace: Workspace) -> None:
    """Ingest a county's cases with the parties of the examples."""
    people = [
        {"party_name": name, "cause": f"{name}噪声扰民", "case_no": f"某环立(星)〔2023〕{index}号"}
        for index, (name, type_, _) in enumerate(PARTIES, 1)
        if name and type_ == PERSON
    ]
    put(workspace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", *people))
    night(workspace)


def with_policy(field_name: str, **options: Any) -> dict[str, LedgerDefinition]:
    """The ledgers, where a field of the cases has other options."""
    cases = ledgers()["cases"]
    fields = tuple(
        replace(field, **options) if field.name == field_name else field for field in cases.fields
    )
    return {**ledgers(), "cases": replace(cases, fields=fields)}


def causes(workspace: Workspace) -> set[Any]:
    return {row["cause"] for row in rows_of(workspace, "mart_cases")}


class TestStoredMasks:
    def test_the_view_shows_what_is_stored(self, workspace: Workspace) -> None:
        send_odd_names(workspace)
        table = workspace.tables.ledgers["cases"]
        with writing(workspace.engine) as connection:
            connection.execute(update(table).values(party_name_masked="as stored"))
        assert {row["party_name"] for row in rows_of(workspace, "mart_cases")} == {"as stored"}
        with writing(workspace.engine) as connection:
            connection.execute(update(table).values(party_name_masked=None))
        assert {row["party_name"] for row in rows_of(workspace, "mart_cases")} == {None}, (
            "never the text itself"
        )

    def test_they_are_no_content(self, workspace: Workspace) -> None:
        send_odd_names(workspace)
        with writing(workspace.engine) as connection:
            before = checksums(connection, workspace.tables)
            connection.execute(update(workspace.tables.ledgers["cases"]).values(cause_masked="another"))
            assert checksums(connection, workspace.tables) == before

    @on_each_database
    def test_an_older_warehouse_gets_the_same(self, workspace: Workspace) -> None:
        send_odd_names(workspace)
        masked_rows = rows_of(workspace, "mart_cases")
        assert len(masked_rows) > 5
        forget_masks(workspace)
        assert workspace.form() is SchemaStatus.OLDER
        workspace.prepare()
        assert rows_of(workspace, "mart_cases") == masked_rows

    @on_each_database
    def test_they_follow_a_changed_policy(self, workspace: Workspace) -> None:
        send_odd_names(workspace)
        assert causes(workspace) == {HIDDEN, "*噪声扰民"}
        changed = open_with_ledgers(workspace, with_policy("cause", shown_as="organ"))
        assert changed.form() is SchemaStatus.OLDER, "commands that read would show the masks of before"
        changed.prepare()
        assert (changed.form(), causes(changed)) == (SchemaStatus.CURRENT, {HIDDEN})
        office = {"cause": "某某市生态环境局", "case_no": "某环立(星)〔2023〕99号"}
        put(
            changed.home.inbox,
            "2023-05/990102/b.xlsx",
            ledger_bytes("cases", {**office, "filed_on": "2023-05-03"}),
        )
        night(changed)
        assert causes(changed) == {HIDDEN, "某某市生态环境局"}
        workspace.prepare()
        assert causes(workspace) == {HIDDEN, "*噪声扰民", "某某市生态环境局"}

    def test_a_private_field_has_none_and_hides_more(self, workspace: Workspace) -> None:
        send_odd_names(workspace)
        hidden = open_with_ledgers(workspace, with_policy("party_name", private=True))
        hidden.prepare()
        assert "party_name_masked" not in columns_of_cases(workspace)
        assert not {"party_name", "party_name_masked"} & rows_of(workspace, "mart_cases")[0].keys()
        workspace.prepare()
        assert "party_name_masked" in columns_of_cases(workspace)
        assert {row["party_name"] for row in rows_of(workspace, "mart_cases")} >= {"张*", "欧*"}

    def test_unchanged_policies_leave_them_alone(self, workspace: Workspace) -> None:
        send_odd_names(workspace)
        table = workspace.tables.ledgers["cases"]
        with writing(workspace.engine) as connection:
            connection.execute(update(table).values(cause_masked="as stored"))
        renamed = open_with_ledgers(workspace, with_policy("cause", header="另一名称"))
        renamed.prepare()
        with reading(workspace.engine) as connection:
            assert set(connection.scalars(select(table.c.cause_masked))) == {"as stored"}


def columns_of_cases(workspace: Workspace) -> set[str]:
    return {description["name"] for description in inspect(workspace.engine).get_columns("cases")}


def forget_masks(workspace: Workspace) -> None:
    """Take a warehouse back to before masks were stored."""
    with writing(workspace.engine) as connection:
        drop_views(connection)
        for name, ledger in workspace.ledgers.items():
            for field, _ in masked_fields(ledger):
                connection.execute(text(f"ALTER TABLE {name} DROP COLUMN {masked_column(field)}"))
        connection.execute(text("DELETE FROM kept WHERE name = 'masks'"))
        connection.execute(text("UPDATE schema_form SET fingerprint = 'of before'"))


def test_the_fingerprint_is_that_of_the_policies() -> None:
    before = masking_fingerprint(ledgers())
    assert masking_fingerprint(with_policy("cause", header="另一名称")) == before
    assert masking_fingerprint(with_policy("cause", shown_as=None)) != before
    assert masking_fingerprint(with_policy("party_name", private=True)) != before
