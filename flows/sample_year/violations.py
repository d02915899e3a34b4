"""Kinds of violation with their article and range of fines. Statutes are real, facts are invented."""

from __future__ import annotations

from dataclasses import dataclass

from flows.sample_year.parties import SOLE_TRADER
from schemas.ledgers.common_checks import NATURAL_PERSON, ORGANISATION

_WATER = "《中华人民共和国水污染防治法》"
_AIR = "《中华人民共和国大气污染防治法》"
_WASTE = "《中华人民共和国固体废物污染环境防治法》"
_PERMITS = "《排污许可管理条例》"
_FIRMS = (ORGANISATION,)
_TRADES = (ORGANISATION, SOLE_TRADER)
_ANYBODY = (ORGANISATION, SOLE_TRADER, NATURAL_PERSON)


@dataclass(frozen=True)
class Violation:
    """A kind of violation.

    `weight` says how often it occurs; `is_share_of_sum` gives fines that are not round.
    """

    cause: str
    basis: str
    fact: str
    low_yuan: int
    high_yuan: int
    weight: int
    suits: tuple[str, ...]
    other_kinds: tuple[str, ...] = ()
    is_share_of_sum: bool = False


VIOLATIONS = (
    Violation("超标排放水污染物", f"{_WATER}第八十三条第二项",
              "总排口外排废水经采样监测，化学需氧量超过许可排放浓度限值。", 100_000, 1_000_000, 9, _FIRMS),
    Violation("通过逃避监管的方式排放水污染物", f"{_WATER}第八十三条第三项",
              "私设暗管排放生产废水。\n现场制作了检查（勘察）笔录。", 100_000, 1_000_000, 3, _FIRMS, ("责令停产停业",)),
    Violation("超标排放大气污染物", f"{_AIR}第九十九条第二项",
              "废气排放口颗粒物浓度超过排放标准。", 100_000, 1_000_000, 8, _FIRMS),
    Violation("物料堆场未采取有效覆盖措施防治扬尘", f"{_AIR}第一百一十七条第二项",
              "厂区露天堆放易产生扬尘的物料，未设置严密围挡，\n也未采取有效覆盖措施。", 10_000, 100_000, 16, _ANYBODY),
    Violation("产生含挥发性有机物废气的活动未在密闭空间进行", f"{_AIR}第一百零八条第一项",
              "喷漆作业未在密闭空间或者设备中进行，未安装污染防治设施。", 20_000, 200_000, 11, _TRADES, ("警告",)),
    Violation("出具虚假排放检验报告", f"{_AIR}第一百一十二条第一款",
              "对机动车进行排放检验时未按规范操作，出具虚假检验报告。", 100_000, 500_000, 6, _FIRMS, ("没收违法所得",)),
    Violation("未批先建", "《中华人民共和国环境影响评价法》第三十一条第一款",
              "项目未依法报批环境影响报告表，擅自开工建设。", 5_000, 300_000, 9, _FIRMS, (), True),
    Violation("未验先投", "《建设项目环境保护管理条例》第二十三条第一款",
              "需要配套建设的环境保护设施未经验收，建设项目即投入生产。", 200_000, 800_000, 6, _FIRMS),
    Violation("未取得排污许可证排放污染物", f"{_PERMITS}第三十三条第一项",
              "未取得排污许可证，擅自排放污染物。", 200_000, 900_000, 4, _FIRMS, ("责令停产停业",)),
    Violation("未按照排污许可证规定开展自行监测", f"{_PERMITS}第三十六条第五项",
              "未按照排污许可证规定制定自行监测方案并开展自行监测。", 20_000, 200_000, 9, _FIRMS),
    Violation("未建立环境管理台账记录制度", f"{_PERMITS}第三十七条第一项",
              "未按照排污许可证规定记录环境管理台账。", 5_000, 20_000, 8, _TRADES),
    Violation("未按照规定设置危险废物识别标志", f"{_WASTE}第一百一十二条第一款第一项",
              "危险废物贮存场所未按照规定设置危险废物识别标志。", 100_000, 400_000, 8, _FIRMS),
    Violation("超标排放工业噪声", "《中华人民共和国噪声污染防治法》第七十五条",
              "厂界噪声经监测超过排放标准。", 20_000, 150_000, 6, _TRADES),
    Violation("畜禽养殖未建设污染防治配套设施", "《畜禽规模养殖污染防治条例》第三十九条",
              "养殖场未建设污染防治配套设施即投入使用。", 2_000, 50_000, 9, _ANYBODY),
)  # fmt: skip
