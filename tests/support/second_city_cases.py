"""Matters of an invented city in 2023, random from a seed: a builder
for each ledger makes a row of plain values.

Dates are dates, booleans booleans, money 分; None is an empty cell. A row has all that is known in the end:
`as_known` gives what its unit could know at the end of a month.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]

BUREAU, STAR, RIDGE, RIVER = "9901X0", "990102", "990121", "990181"
UNITS = {BUREAU: "某市本级", STAR: "星河区", RIDGE: "长岭县", RIVER: "临江市"}
MARKS = {BUREAU: "", STAR: "(星)", RIDGE: "(长)", RIVER: "(江)"}  # the region table does not know 长
#: the natural keys; of a tuple of names, the first one filled in is used
KEYS: dict[str, tuple[Any, ...]] = {
    "cases": ("case_no",), "penalties": ("decision_no",), "measures": ("document_no",), "transfers": ("document_no", "kind"),
    "payments": (), "inspections": (), "legal_reviews": ("case_no", "reviewer_kind", "round"),
    "file_reviews": ("case_no", "reviewed_on"), "reconsiderations": ("case_no",), "lawsuits": ("case_no", "instance"),
    "hearings": ("case_no", "instance", "heard_on", "session"), "court_enforcements": ("decision_no", "applied_on"),
    "petitions": ("petition_no",), "rewards": ("report_no",), "permits": ("acceptance_no",),
    "leniencies": (("party_uscc", "party_name"), "kind", "decided_on"), "policy_reviews": ("document_title", "reviewed_on"),
    "exams": ("kind", "session_no", "_unit"), "officers": ("officer_no",), "complaints": ("complaint_no",),
    "activities": ("kind", "title", "held_on"),
}  # fmt: skip
AHEAD = ("due_on", "extended_to", "until_on", "valid_until")
ON_CLOSING = ("outcome", "result", "rating", "is_upheld")
CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PENALTY_KINDS = ("警告", "通报批评", "罚款", "没收违法所得", "暂扣许可证件", "责令停产停业", "其他")


def key_of(ledger: str, row: Row) -> tuple[Any, ...]:
    """Return the natural key of a row."""
    if ledger == "payments" and row.get("receipt_no"):
        return ("receipt", row["receipt_no"])
    if ledger == "payments":
        return tuple(row.get(name) for name in ("decision_no", "paid_on", "amount_fen", "instalment"))
    if ledger == "inspections" and row.get("task_no"):
        party = row.get("party_uscc") or row.get("party_name")
        return ("task", row["task_no"], party, row.get("inspected_on"))
    parts = KEYS[ledger] or (("party_uscc", "party_name"), "inspected_on", "kind")
    values = [next((row[name] for name in names if row.get(name)), None) if isinstance(names, tuple) else row.get(names)
              for names in parts]  # fmt: skip
    return tuple(1 if name in ("session", "round") and value is None else value
                 for name, value in zip(parts, values, strict=True))  # fmt: skip


def month_end(month: int) -> date:
    return date(2023 + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def as_known(row: Row, month: int) -> Row:
    """Return a row as known at the end of a month; later values are empty."""
    end = month_end(month)
    known = {
        name: None if isinstance(value, date) and name not in AHEAD and value > end else value
        for name, value in row.items()
    }
    is_open = row.get("closed_on") is not None and known["closed_on"] is None
    return {name: None if is_open and name in ON_CLOSING else value for name, value in known.items()}


class Maker:
    """A generator of random rows. `unit` and `on` (the day) are set for each; numbers never repeat."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.serial = itertools.count(1)
        self.unit, self.on = BUREAU, date(2023, 1, 1)
        self.known: dict[str, list[Any]] = {
            "cases": ["某环立〔2022〕3号"], "penalties": ["某环罚〔2022〕9号"], "lawsuits": [("（2022）某01行初9号", "一审")],
        }  # fmt: skip
        self.objects = [(f"第{number}号企业", self.code() if number % 3 else None) for number in range(14)]

    def code(self) -> str:
        """Draw an 18-character code with its check character."""
        body = "91" + "".join(self.rng.choice("0123456789") for _ in range(15))
        total = sum(CODE_SIGNS.index(sign) * pow(3, index, 31) for index, sign in enumerate(body))
        return body + CODE_SIGNS[-total % 31]

    def maybe(self, value: Any, chance: float = 0.7) -> Any:
        return value if self.rng.random() < chance else None

    def later(self, least: int, most: int, chance: float = 0.7) -> date | None:
        return self.maybe(self.on + timedelta(days=self.rng.randint(least, most)), chance)

    def pick(self, *values: Any) -> Any:
        return self.rng.choice(values)

    def number(self, kind: str) -> str:
        return f"某环{kind}{MARKS[self.unit]}〔2023〕{next(self.serial)}号"

    def party(self) -> Row:
        """Draw an enterprise; the same code occurs with two spellings of the name."""
        name, code = self.pick(*self.objects)
        spelt = name + ("（一分厂）" if code and self.rng.random() < 0.2 else "")
        return {
            "party_name": spelt,
            "party_uscc": code,
            "party_type": "法人及非法人组织" if code else "个体工商户",
        }

    def one_of(self, ledger: str) -> Any:
        """Return the key of a recently made row."""
        return self.pick(*self.known[ledger][-25:])


def cases(make: Maker) -> Row:
    row = {"case_no": make.number("立"), **make.party(), "filed_on": make.on, "cause": "超标排放",
           "source": make.maybe("日常"), "withdrawn_on": make.later(5, 40, 0.15), "closed_on": make.later(10, 120),
           "handling_unit": make.pick(None, None, UNITS[make.unit], UNITS[BUREAU])}  # fmt: skip
    make.known["cases"].append(row["case_no"])
    return row


def penalties(make: Maker) -> Row:
    kinds = make.rng.sample(PENALTY_KINDS, make.rng.randint(1, 3))
    row = {"decision_no": make.number("罚"), "case_no": make.maybe(make.one_of("cases"), 0.8), **make.party(),
           "violation_type": "超标排放", "legal_basis": "水污染防治法", "penalty_text": "见决定书",
           "penalty_kinds": "、".join(kinds),
           "fine_fen": make.rng.randint(1, 99_999_999) if "罚款" in kinds else None,
           "confiscated_fen": make.rng.randint(1, 9_999_999) if "没收违法所得" in kinds else None,
           "decided_on": make.on, "is_publishable": make.pick(None, None, True, False),
           "published_on": make.later(0, 30), "authority": "某市生态环境局"}  # fmt: skip
    make.known["penalties"].append(row["decision_no"])
    return row


def payments(make: Maker) -> Row:
    return {"decision_no": make.one_of("penalties"), "paid_on": make.on, "amount_fen": make.rng.randint(1, 99_999_999),
            "kind": make.pick("罚款", "罚款", "没收", "加处罚款"), "receipt_no": make.maybe(f"P-{next(make.serial)}"),
            "instalment": make.maybe(2, 0.3)}  # fmt: skip


def measures(make: Maker) -> Row:
    kind = make.pick("按日连续处罚", "查封", "扣押", "限制生产", "停产整治")
    daily = {"penalty_days": 5, "amount_fen": 123_400} if kind == "按日连续处罚" else {}
    return {"document_no": make.number("查字"), "kind": kind, **make.party(), "decided_on": make.on,
            "until_on": make.later(1, 50), "released_on": make.later(1, 60, 0.4), **daily}  # fmt: skip


def transfers(make: Maker) -> Row:
    kind = make.pick("行政拘留", "行政拘留", "涉嫌犯罪", "市场监管", "其他")
    is_police = kind in ("行政拘留", "涉嫌犯罪")
    return {"document_no": make.number("移字"), "kind": kind, "party_name": "某人", "receiver": "某局",
            "transferred_on": make.on,
            "persons_detained": make.maybe(make.rng.randint(0, 3)) if is_police else None,
            "persons_filed": make.maybe(make.rng.randint(0, 3)) if kind == "涉嫌犯罪" else None}  # fmt: skip


def legal_reviews(make: Maker) -> Row:
    return {"case_no": make.one_of("cases"), "reviewed_on": make.on, "round": make.pick(None, 1, 2),
            "reviewer_kind": make.pick("法制机构", "法律顾问", "公职律师")}  # fmt: skip


def file_reviews(make: Maker) -> Row:
    return {"case_no": make.pick(*make.known["cases"][:12]), "reviewed_on": make.on,
            "grade": make.pick("优秀", "合格", "不合格")}  # fmt: skip


def reconsiderations(make: Maker) -> Row:
    closed_on = make.later(5, 80)
    outcome = make.pick(
        "维持", "驳回", "撤销", "部分撤销", "变更", "确认违法", "确认无效", "责令履行", "调解", "终止"
    )
    return {"case_no": f"某府复〔2023〕{next(make.serial)}号", "organ": "某市人民政府", "accepted_on": make.on,
            "closed_on": closed_on,
            "decision_no": make.maybe(make.one_of("penalties"), 0.4), "outcome": outcome if closed_on else None}  # fmt: skip


def lawsuits(make: Maker) -> Row:
    appealed, is_appeal = make.one_of("lawsuits"), make.rng.random() < 0.3
    row = {"case_no": appealed[0] if is_appeal else f"（2023）某01行初{next(make.serial)}号",
           "instance": "二审" if is_appeal else make.pick("一审", "再审"), "court": "某市人民法院", "accepted_on": make.on,
           "closed_on": make.later(20, 90, 0.5), "decision_no": make.maybe(make.one_of("penalties"), 0.3),
           "platform_entered_on": make.later(0, 40)}  # fmt: skip
    make.known["lawsuits"].append((row["case_no"], row["instance"]))
    return row


def hearings(make: Maker) -> Row:
    case_no, instance = make.pick(*make.known["lawsuits"][-6:])
    appeared = make.pick(True, True, False)
    return {"case_no": case_no, "instance": instance, "heard_on": make.on, "session": make.pick(None, None, 2),
            "head_appeared": appeared, "head_post": "副局长" if appeared else None,
            "head_spoke": make.pick(None, True, True, False) if appeared else make.pick(None, False),
            "identity_proven": make.pick(None, None, True, False)}  # fmt: skip


def court_enforcements(make: Maker) -> Row:
    return {"decision_no": make.one_of("penalties"), "urged_on": make.maybe(make.on - timedelta(days=12)),
            "applied_on": make.on, "court": "某市人民法院", "amount_fen": make.maybe(1_230_000)}  # fmt: skip


def inspections(make: Maker) -> Row:
    return {**make.party(), "inspected_on": make.on, "kind": make.pick("双随机", "专项", "信访", "日常"),
            "officer_count": make.maybe(2),
            "task_no": make.maybe(f"R-{next(make.serial)}", 0.6), "is_mobile": make.pick(None, None, True, False)}  # fmt: skip


def petitions(make: Maker) -> Row:
    due_on = make.later(15, 60, 0.6)
    return {"petition_no": f"X-{next(make.serial)}", "accepted_on": make.on, "due_on": due_on,
            "closed_on": make.later(3, 110, 0.8),
            "extended_to": make.maybe((due_on or make.on + timedelta(days=60)) + timedelta(days=30), 0.25)}  # fmt: skip


def rewards(make: Maker) -> Row:
    return {
        "report_no": f"J-{next(make.serial)}",
        "amount_fen": make.rng.randint(1, 200_000),
        "paid_on": make.on,
    }


def leniencies(make: Maker) -> Row:
    return {**make.party(), "kind": make.pick("不予处罚", "从轻处罚", "减轻处罚"), "decided_on": make.on}


def permits(make: Maker) -> Row:
    closed_on = make.later(1, 45, 0.85)
    rating = make.pick(None, 5, "4", "3", 2, "1", "非常满意", "满意", "基本满意", "不满意", "非常不满意")
    return {"acceptance_no": f"S-{next(make.serial)}", "applicant_name": "某厂", "accepted_on": make.on,
            "limit_working_days": make.pick(5, 10, 20), "extension_working_days": make.maybe(make.pick(0, 5, 10), 0.3),
            "suspended_working_days": make.maybe(3, 0.3), "closed_on": closed_on,
            "result": make.pick("许可", "不予许可", "延续") if closed_on else None,
            "rating": rating if closed_on else None}  # fmt: skip


def policy_reviews(make: Maker) -> Row:
    return {"document_title": f"第{next(make.serial)}号办法", "kind": make.pick("政策措施", "合同"), "reviewed_on": make.on,
            "result": make.pick("通过", "修订", "废止", "适用例外", "违背")}  # fmt: skip


def exams(make: Maker) -> Row:
    expected = make.rng.randint(0, 30)
    took = make.rng.randint(0, expected)
    return {"kind": make.pick("学法考法", "执法资格"), "session_no": f"2023-{make.pick(1, 2, 3, 4, 5)}", "held_on": make.on,
            "expected": make.maybe(expected, 0.8), "took": make.maybe(took, 0.8), "violations": make.maybe(make.pick(0, 0, 1)),
            "passed": make.maybe(make.rng.randint(0, took), 0.8), "_unit": make.unit}  # fmt: skip


def complaints(make: Maker) -> Row:
    closed_on = make.later(3, 70)
    return {"complaint_no": f"T-{next(make.serial)}", "received_on": make.on, "closed_on": closed_on,
            "is_upheld": make.pick(True, False) if closed_on else None}  # fmt: skip


def activities(make: Maker) -> Row:
    expected = make.rng.randint(0, 20)
    return {"kind": make.pick("党组研究", "理论学习", "专题讲座", "法治培训", "法治培训", "普法活动"), "held_on": make.on,
            "title": f"第{next(make.serial)}次活动", "expected": make.maybe(expected, 0.8),
            "attended": make.maybe(make.rng.randint(0, expected), 0.8)}  # fmt: skip


BUILDERS: dict[str, Callable[[Maker], Row]] = {
    builder.__name__: builder
    for builder in (
        cases, penalties, payments, measures, transfers, legal_reviews, file_reviews, reconsiderations, lawsuits, hearings,
        court_enforcements, inspections, petitions, rewards, leniencies, permits, policy_reviews, exams, complaints, activities,
    )
}  # fmt: skip
