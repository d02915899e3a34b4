"""What becomes of a submission beside the current ones of its report, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from schemas.adjustments import Adjustment
from schemas.ledgers.finding import compose_message
from schemas.ledgers.rules import (
    ADDED,
    AWAITS,
    CONFIRMED,
    CONTAINED,
    GOES_BACK,
    IS_WITHDRAWN,
    PARTS,
    ROWS_GONE,
    SUBMISSION_RULES,
    TWO_VERSIONS,
)
from schemas.reporting.replacement import (
    NEVER,
    SHARE_GONE,
    CurrentSubmission,
    Delivery,
    Effect,
    Incoming,
    RowDifferences,
)
from transforms.validate.replacement import ReplacementPolicy
from transforms.validate.replacement_findings import name_rows

CURRENT, CONTAINED_IN, AWAITING = Effect.CURRENT, Effect.CONTAINED, Effect.AWAITING
POLICY = ReplacementPolicy(SHARE_GONE, (), lambda instant: instant.date())


def earlier(
    number: int = 1, rows: int = 4, shared: int = 0, differing: int = 0, **options: Any
) -> CurrentSubmission:
    options = {"is_same_arrival": False, "is_same_load": False, **options}
    name = options.pop("name", f"{number}.xlsx")
    return CurrentSubmission(
        number, f"2023-06/990102/{name}", rows=rows, shared=shared, differing=differing, **options
    )


def incoming(*current: CurrentSubmission, keys: int = 4, alone: int = 0, **options: Any) -> Incoming:
    name = options.pop("name", "new.xlsx")
    report = Incoming(
        9, "cases", "990102", "2023-06", f"2023-06/990102/{name}", "立案台账", datetime(2023, 7, 5, 2), None,
        current=current, keys=keys, alone=alone,
    )  # fmt: skip
    return replace(report, **options)


def tonight(**options: Any) -> CurrentSubmission:
    return earlier(is_same_load=True, **options)


def decision(kind: str, mode: Delivery | None = None, until: date = date(2023, 12, 31)) -> Adjustment:
    return Adjustment(
        kind=kind, unit="990102", period="2023-06", ledger="cases", file="2023-06/990102/new.xlsx", mode=mode,
        reason="已核实", approved_by="法制科", until=until,
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("report", "effect", "replaced"),
    [
        (incoming(), CURRENT, ()),
        # a later night
        (incoming(earlier(shared=4)), CURRENT, (1,)),
        (incoming(earlier(shared=4, differing=4)), CURRENT, (1,)),
        (incoming(earlier(rows=9, shared=6)), CURRENT, (1,)),
        (incoming(earlier(rows=9, shared=5)), AWAITING, (1,)),
        (incoming(earlier(rows=3, shared=2)), CURRENT, (1,)),
        (incoming(earlier(rows=2, shared=1)), AWAITING, (1,)),
        (incoming(earlier(rows=1), keys=1, alone=1), AWAITING, (1,)),
        (incoming(earlier(rows=0), alone=4), CURRENT, (1,)),
        (incoming(earlier(rows=3), keys=0), AWAITING, (1,)),
        (incoming(earlier(1, shared=4), earlier(2)), CURRENT, (1,)),
        (incoming(earlier(1, shared=4), earlier(2, shared=3)), CURRENT, (1, 2)),
        (incoming(earlier(1, rows=4), earlier(2, rows=4), alone=4), AWAITING, (1, 2)),
        # the same night
        (incoming(tonight(shared=4)), CURRENT, (1,)),
        (incoming(tonight(), alone=4), CURRENT, ()),
        (incoming(tonight(shared=3), keys=3), CONTAINED_IN, (1,)),
        (incoming(tonight(), keys=0), CONTAINED_IN, (1,)),
        (incoming(tonight(shared=4, differing=1)), AWAITING, (1,)),
        (incoming(tonight(shared=3), alone=1), AWAITING, (1,)),
        (incoming(tonight(shared=4, differing=1), name="立案（更正）.xlsx"), CURRENT, (1,)),
        (incoming(tonight(rows=9, shared=1, differing=1), keys=1, name="更正.xlsx"), AWAITING, (1,)),
        (incoming(tonight(shared=4, differing=1, name="更正.xlsx")), CONTAINED_IN, (1,)),
        (incoming(tonight(rows=1, shared=1, differing=1, name="更正.xlsx"), alone=3), AWAITING, (1,)),
        (incoming(tonight(shared=4), earlier(2, rows=8, shared=1)), AWAITING, (1, 2)),
        (incoming(tonight(), earlier(2), alone=4), AWAITING, (1, 2)),
        # the same file again
        (incoming(earlier(is_same_arrival=True, rows=9)), CURRENT, (1,)),
        # the form says it
        (incoming(earlier(rows=9), delivery=Delivery.REPLACE), CURRENT, (1,)),
        (incoming(earlier(rows=9), earlier(2), delivery=Delivery.REPLACE), CURRENT, (1, 2)),
        (incoming(earlier(rows=9, shared=1, differing=1), delivery=Delivery.ADD), CURRENT, ()),
        (incoming(tonight(shared=4, differing=1, delivery=Delivery.REPLACE), delivery=Delivery.REPLACE), AWAITING, (1,)),
        (incoming(tonight(shared=4, differing=1, delivery=Delivery.ADD), delivery=Delivery.ADD), AWAITING, (1,)),
        # one row under another number
        (incoming(earlier(rows=1), keys=1, alone=1, is_renumbered=True), CURRENT, (1,)),
    ],
)  # fmt: skip
def test_what_becomes_of_it(report: Incoming, effect: Effect, replaced: tuple[int, ...]) -> None:
    outcome = POLICY.decide(report)
    assert (outcome.effect, outcome.targets) == (effect, replaced)


def test_a_setting_says_how_many_rows_may_be_gone() -> None:
    half = incoming(earlier(rows=8, shared=4))
    assert POLICY.decide(half).effect is AWAITING
    assert replace(POLICY, share=0.5).decide(half).effect is CURRENT
    assert replace(POLICY, share=NEVER).decide(incoming(earlier(rows=8))).effect is CURRENT


@pytest.mark.parametrize("mode", Delivery)
def test_the_bureau_decides_on_what_waits(mode: Delivery) -> None:
    report = incoming(earlier(rows=9), alone=4)
    entry = decision("confirm", mode)
    outcome = replace(POLICY, adjustments=[entry]).decide(report)
    assert (outcome.effect, outcome.adjustment) == (CURRENT, entry)
    assert outcome.targets == ((1,) if mode is Delivery.REPLACE else ())
    too_old = decision("confirm", mode, until=date(2023, 7, 4))
    assert replace(POLICY, adjustments=[too_old]).decide(report).effect is AWAITING


def test_the_bureau_withdraws_a_file() -> None:
    policy = replace(POLICY, adjustments=[decision("withdraw")])
    assert policy.decide(incoming()).effect is Effect.WITHDRAWN
    assert policy.decide(incoming(name="other.xlsx")).effect is CURRENT


GONE = RowDifferences(gone=["k1", "k2"])


@pytest.mark.parametrize(
    ("report", "differences", "rule_ids"),
    [
        (incoming(), RowDifferences(), []),
        (incoming(earlier(shared=4)), RowDifferences(), []),
        (incoming(earlier(rows=9, shared=7)), GONE, [ROWS_GONE]),
        (incoming(earlier(rows=3)), GONE, [AWAITS]),
        (incoming(tonight(shared=4, differing=1)), RowDifferences(differing=["k1"]), [TWO_VERSIONS] * 2),
        (incoming(tonight(shared=2), keys=2), GONE, [TWO_VERSIONS] * 2),
        (incoming(tonight(shared=4, differing=1, name="更正.xlsx")), RowDifferences(), [CONTAINED]),
        (incoming(earlier(shared=4), returned_from="x/a.xlsx", replaced_by="x/b.xlsx"), RowDifferences(), [GOES_BACK]),
    ],
)  # fmt: skip
def test_what_is_said_about_it(report: Incoming, differences: RowDifferences, rule_ids: list[str]) -> None:
    findings = POLICY.describe(report, POLICY.decide(report), differences)
    assert [finding["rule_id"] for finding in findings] == rule_ids


def test_the_rows_that_are_gone_are_named() -> None:
    report = incoming(earlier(rows=9, shared=7, name="立案.xlsx"))
    (finding,) = POLICY.describe(
        report, POLICY.decide(report), RowDifferences(gone=["某环|罚|星|2023|7", "k2"])
    )
    assert finding["submission_id"] == 9
    message = compose_message(finding)
    assert "“立案.xlsx”，那里的 9 行有 2 行这次没有" in message
    assert "某环罚(星)〔2023〕7号、k2" in message


def test_both_files_of_a_night_are_told_what_each_has_alone() -> None:
    report = incoming(tonight(shared=2, differing=1, name="a.xlsx"), alone=1)
    differences = RowDifferences(gone=["theirs"], alone=["ours"], differing=["both"])
    first, second = POLICY.describe(report, POLICY.decide(report), differences)
    assert (first["submission_id"], second["submission_id"]) == (9, 1)
    assert (
        "内容不同的 1 行（both），只有这份有的 1 行（ours），只有那份有的 1 行（theirs）"
        in first["problem"]
    )
    assert first["problem"].endswith("先以那一份为准，这份待确认")
    assert "只有这份有的 1 行（theirs），只有那份有的 1 行（ours）" in second["problem"]
    assert second["problem"].endswith("先以这份为准，那一份待确认")


@pytest.mark.parametrize(
    ("kind", "mode", "rule_id"),
    [("confirm", Delivery.ADD, CONFIRMED), ("confirm", Delivery.REPLACE, CONFIRMED), ("withdraw", None, IS_WITHDRAWN)],
)  # fmt: skip
def test_a_decision_is_told_with_its_reason(kind: str, mode: Delivery | None, rule_id: str) -> None:
    report = incoming(earlier(rows=9))
    policy = replace(POLICY, adjustments=[decision(kind, mode)])
    findings = policy.describe(report, policy.decide(report), GONE)
    assert [finding["submission_id"] for finding in findings] == [9, 1][: 1 + (mode is Delivery.REPLACE)]
    for finding in findings:
        assert finding["rule_id"] == rule_id
        assert "理由：已核实；批准：法制科；有效至 2023年12月31日" in finding["problem"]


def test_a_confirmation_to_replace_means_nothing_where_nothing_came_before() -> None:
    policy = replace(POLICY, adjustments=[decision("confirm", Delivery.REPLACE)])
    assert policy.decide(incoming()).adjustment is None


def test_few_rows_are_named_and_long_keys_are_cut() -> None:
    assert name_rows([f"k{number}" for number in range(9)]) == "k0、k1、k2、k3、k4、k5 等"
    assert name_rows(["长" * 50]) == "长" * 40 + "…"


def test_a_name_is_not_called_a_code() -> None:
    coded, named = "91000000MA0000001R / 2023-06-08", "某某水泥厂 / 2023-06-08"
    label = "统一社会信用代码 "
    assert name_rows([label + coded, label + named]) == f"{label}{coded}、{named}"


@pytest.mark.parametrize("rule_id", [ROWS_GONE, AWAITS, TWO_VERSIONS, PARTS, GOES_BACK, IS_WITHDRAWN])
def test_every_warning_has_a_remedy(rule_id: str) -> None:
    assert SUBMISSION_RULES[rule_id].remedy
    assert SUBMISSION_RULES[ADDED].severity != SUBMISSION_RULES[rule_id].severity
