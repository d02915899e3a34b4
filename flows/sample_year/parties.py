"""Invented parties: names composed of rare characters, codes with valid check characters; nobody real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from schemas.ledgers.common_checks import NATURAL_PERSON, ORGANISATION
from transforms.normalise.codes import uscc_check_character

SOLE_TRADER = "个体工商户"

#: no such division exists, so an invented resident ID is nobody's
_NOWHERE = "999999"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_BEGINNINGS = {ORGANISATION: "91", SOLE_TRADER: "92"}
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - position, 11) for position in range(17))
_RESIDENT_CHECKS = "10X98765432"

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
_GIVEN_NAMES = (
    "砚秋",
    "珩",
    "霁川",
    "岫",
    "柏舟",
    "澜",
    "禾生",
    "沐阳",
    "弦",
    "衡之",
    "启垣",
    "岑",
    "望舒",
    "砺",
    "知微",
)
_BRANDS = (
    "澄砚",
    "霁禾",
    "岫垣",
    "珩澜",
    "砺溪",
    "沐柏",
    "衡弦",
    "岑启",
    "禾珩",
    "澜岫",
    "垣霁",
    "溪澄",
    "柏砺",
)
_TRADES = (
    "矿业", "建材", "新材料", "化工", "再生资源", "食品", "纺织", "机械", "混凝土", "养殖", "陶瓷", "汽车检测",
    "医疗服务", "房地产开发", "金属制品", "造纸", "印务", "能源",
)  # fmt: skip
_SHOPS = (
    "洗车店",
    "砂石加工厂",
    "养殖场",
    "汽车修理厂",
    "餐饮店",
    "家具加工店",
    "废品收购站",
    "豆制品加工坊",
)


@dataclass(frozen=True)
class Party:
    """The party of a case; `uscc` is None for natural persons and for traders without one."""

    name: str
    kind: str
    uscc: str | None = None
    representative: str | None = None
    id_no: str | None = None


class PartyBook:
    """The parties of one office. Some recur: a second case against the same party is not a duplicate."""

    def __init__(self, place_name: str, code: str, city_code: str) -> None:
        self._place_name = place_name
        self._division = division_of(code, city_code)
        self._known: list[Party] = []

    def pick(self, rng: Random) -> Party:
        if self._known and rng.random() < 0.12:
            return rng.choice(self._known)
        kind = rng.choices((ORGANISATION, SOLE_TRADER, NATURAL_PERSON), (80, 12, 8))[0]
        party = self._invent(rng, kind)
        self._known.append(party)
        return party

    def pick_firm(self, rng: Random) -> Party:
        """Add an enterprise that is not in the book yet."""
        party = self._invent(rng, rng.choices((ORGANISATION, SOLE_TRADER), (85, 15))[0])
        self._known.append(party)
        return party

    def _invent(self, rng: Random, kind: str) -> Party:
        if kind == NATURAL_PERSON:
            return Party(person_name(rng), kind, id_no=resident_id(rng))
        is_trader = kind == SOLE_TRADER
        name = self._free_name(rng, *((_SHOPS, "") if is_trader else (_TRADES, "有限公司")))
        own = Random(f"party/{name}")  # the same name has the same code and representative in every book
        uscc = invented_uscc(own, _USCC_BEGINNINGS[kind], self._division)
        has_code = not is_trader or own.random() < 0.8
        return Party(name, kind, uscc if has_code else None, person_name(own))

    def _free_name(self, rng: Random, trades: tuple[str, ...], ending: str) -> str:
        used_names = {party.name for party in self._known}
        name = f"{self._place_name}{rng.choice(_BRANDS)}{rng.choice(trades)}{ending}"
        while name in used_names:
            name = (
                f"{self._place_name}{rng.choice(_BRANDS)}{rng.choice(_BRANDS)}{rng.choice(trades)}{ending}"
            )
        return name


def division_of(code: str, city_code: str) -> str:
    """Return the division digits for the codes of a unit's parties; a
    nonexistent one if the codes have none.
    """
    return next((candidate[:6] for candidate in (code, city_code) if candidate.isdigit()), _NOWHERE)


def person_name(rng: Random) -> str:
    return rng.choice(_SURNAMES) + rng.choice(_GIVEN_NAMES)


def invented_uscc(rng: Random, beginning: str, division: str) -> str:
    """Draw a credit code for a kind (`91` company, `92` trader, `11`
    authority) and division, check character included.
    """
    first17 = (
        beginning + division + "".join(rng.choices(_USCC_ALPHABET, k=17 - len(beginning) - len(division)))
    )
    return first17 + uscc_check_character(first17)


def resident_id(rng: Random) -> str:
    """Draw an identity number with its check digit (GB 11643) in a division that does not exist."""
    born_on = date(1958, 1, 1) + timedelta(days=rng.randrange(40 * 365))
    first17 = f"{_NOWHERE}{born_on:%Y%m%d}{rng.randrange(1000):03}"
    total = sum(int(digit) * weight for digit, weight in zip(first17, _RESIDENT_WEIGHTS, strict=True))
    return first17 + _RESIDENT_CHECKS[total % 11]
