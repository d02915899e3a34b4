"""The yearly statistics as text: the project's are valid, a mistake is rejected with file and key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from schemas.catalogue import ledgers
from schemas.datasets.penalties import KINDS
from schemas.statistics import FILE, StatisticsError, default_statistics, parse_statistics
from transforms.report.statistics import StatisticsCell

TEXT = (Path(__file__).parents[2] / "schemas" / FILE).read_text("utf-8")


def test_every_kind_of_penalty_is_in_one_column() -> None:
    columns = default_statistics(ledgers()).penalties.columns
    assert sorted(kind for column in columns for kind in column.kinds) == sorted(KINDS)
    assert [column.title for column in columns if column.only_alone] == ["其他行政处罚"]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('sheet = "表一', 'sheat = 1\nsheet = "表一', "penalties.sheat: Extra inputs are not permitted"),
        ('amount_unit = "万元"', 'amount_unit = "亿元"', "penalties.amount_unit: Input should be '元' or '万元'"),
        ('kinds = ["通报批评"]', 'kinds = ["批评"]', "penalties.columns[2].kinds: no kind '批评'; there are 警告"),
        ('kinds = ["通报批评"]', 'kinds = ["警告"]', "penalties.columns[1].kinds: '警告' stands more than once"),
        ('"责令关闭", "限制从业"', '"责令关闭"', "penalties.columns: no column for '限制从业'"),
        ('title = "受理数量"', 'title = "申请数量"', "permits.columns: two columns are called '申请数量'"),
        ('sheet = "表二 行政许可"', 'sheet = "表一 行政处罚"', "two tables are called '表一 行政处罚'"),
        ('dated_by = "applied_on" },', 'dated_by = "x" },', "permits.columns[1].counts.x: ledger permits has no field 'x'"),
        ('title = "代履行"', 'title = "代履行"\ncounts = [{ ledger = "cases", aggregate = "count", dated_by = "filed_on" }]',
         "coercion.columns[9]: a column needs either 'counts' or 'no_source'"),
        ("[coercion]", "[coercion", "Expected ']'"),
    ],
)  # fmt: skip
def test_a_mistake_is_rejected_with_file_and_key(before: str, after: str, message: str) -> None:
    assert before in TEXT
    with pytest.raises(StatisticsError) as error:
        parse_statistics("own.toml", TEXT.replace(before, after, 1), ledgers())
    assert str(error.value).startswith("own.toml: ")
    assert message in str(error.value)


def test_amounts_are_exact() -> None:
    amounts = [
        StatisticsCell(Decimal(fen) / 1_000_000, "counted").shown
        for fen in (0, 100, 3_446_527_850, 10_000_000)
    ]
    assert amounts == ["0", "0.0001", "3446.52785", "10"]
