"""Field types of ledgers, as pandera data types.

Each has a title, the stored form and pandas dtype, the text a clerk reads about what to write, and the
faults that its parser can report. A fault's code ends the id of its rule: `penalties.fine_fen.no_unit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pandera import dtypes
from pandera.engines import pandas_engine

from schemas.ledgers.rules import Severity


@dataclass(frozen=True)
class Fault:
    """A way in which a cell's text is invalid for its type (or read in an unusual way: `NOTICE`)."""

    problem: str
    remedy: str = ""
    severity: Severity = Severity.ERROR
    expected: str = ""  # replaces the type's own text


class FieldType(pandas_engine.DataType):
    """A logical type. It coerces nothing: parsers make the values, pandera only validates them."""

    kind: ClassVar[str]
    title: ClassVar[str]
    stored: ClassVar[str] = "文字"
    expected: ClassVar[str]
    faults: ClassVar[dict[str, Fault]] = {}

    def check(self, pandera_dtype: Any, data_container: Any = None) -> bool:  # noqa: ARG002 - as pandera calls it
        return data_container is not None and data_container.dtype == self.type


#: the faults that a cell of any type can have
COMMON_FAULTS = {
    "no_result": Fault(
        "是公式，文件里没有存下算好的结果", "请在 Excel 或 WPS 中打开文件、保存后重报，或直接填写结果"
    ),
}

STR = pd.StringDtype(na_value=np.nan)


@dtypes.immutable
class Text(FieldType):
    kind, title, expected, type = "text", "文字", "文字", STR
    faults: ClassVar[dict[str, Fault]] = {
        "excel_error": Fault("是 Excel 的错误值，不是内容", "请改正公式，或直接填写内容"),
    }


#: a number that can name a person, in a column of numbers; its cell is never quoted
PERSONAL_NUMBER = "personal_number"
_PERSONAL_NUMBER = Fault("像电话号码或身份证号", "请核对是不是填错了栏；号码填到该填的栏，这里只填数字")

#: a number in scientific notation with fewer digits than it has: 1.23E+05
ROUNDED = "rounded"
_ROUNDED = Fault(
    "是科学记数法，只写出了前几位，后面的数字看不出来", "请把这一栏的格式改为“数值”，填写完整的数后重报"
)


@dtypes.immutable
class Category(FieldType):
    kind, title, expected, type = "category", "单选", "规定的选项", STR


@dtypes.immutable
class Categories(FieldType):
    """Several allowed values in one cell, in the order of the allowed list, joined with 、."""

    kind, title, stored = "categories", "多选", "文字，按规定的次序，用“、”隔开"
    expected, type = "规定的选项，多项用顿号隔开", STR


@dtypes.immutable
class Date(FieldType):
    kind, title, stored = "date", "日期", "日期"
    expected, type = "日期，如 2023-05-06", np.dtype("datetime64[s]")
    faults: ClassVar[dict[str, Fault]] = {
        "not_a_date": Fault("不是日期", "请写成年-月-日"),
        "no_such_day": Fault("日历上没有这一天", "请核对月份和日数"),
        "day_missing": Fault("只到月份，缺少日", "请补上具体的日"),
        "day_or_month": Fault("分不清哪个数字是月、哪个是日", "请写成年-月-日"),
        "other_day_by_zone": Fault(
            "带有时区，换算成北京时间就不是写着的这一天了", "请按北京时间写成年-月-日"
        ),
        "weekday_differs": Fault(
            "这一天不是写着的星期几", "请核对日期和星期，改正错的一处", Severity.WARNING
        ),
    }


@dtypes.immutable
class Money(FieldType):
    """Integer 分; 元 and 万元 are converted when a cell is parsed and never appear later."""

    kind, title, stored = "money", "金额", "整数，以分计"
    expected, type = "金额，如 35000元 或 3.5万元", pd.Int64Dtype()
    faults: ClassVar[dict[str, Fault]] = {
        "several_amounts": Fault(
            "一格里写了几个金额",
            "是几笔的，请分成两行（几行）填写；是一笔的，请只填合计数",
            expected="一个金额",
        ),
        "not_an_amount": Fault("不是金额", "请只填数字", expected="金额，如 {detail}"),
        "no_unit": Fault(
            "不知道是元还是万元",
            "请在表头写明单位，如“罚款金额(万元)”，或在表头上方写“单位：万元”",
            expected="写明单位的金额，如 3.5万元",
        ),
        "negative": Fault("金额小于零", "请核对金额"),
        "below_one_fen": Fault("小数位太多，不足一分", "请核对金额与单位"),
        "too_large": Fault("金额大得不合常理", "请核对金额与单位"),
        ROUNDED: _ROUNDED,
        PERSONAL_NUMBER: _PERSONAL_NUMBER,
        "cell_unit": Fault("格内写明的单位与表头不同，按格内的单位读取", "", Severity.NOTICE),
    }


@dtypes.immutable
class Integer(FieldType):
    kind, title, stored = "integer", "整数", "整数"
    expected, type = "整数，如 3", pd.Int64Dtype()
    faults: ClassVar[dict[str, Fault]] = {
        "not_an_integer": Fault("不是整数", "请只填整数"),
        "negative": Fault("小于零", "请核对"),
        ROUNDED: _ROUNDED,
        PERSONAL_NUMBER: _PERSONAL_NUMBER,
    }


@dtypes.immutable
class Number(FieldType):
    kind, title, stored = "number", "数字", "小数"
    expected, type = "数字，如 95.5", pd.Float64Dtype()
    faults: ClassVar[dict[str, Fault]] = {
        "not_a_number": Fault("不是数字", "请只填数字"),
        ROUNDED: _ROUNDED,
        PERSONAL_NUMBER: _PERSONAL_NUMBER,
    }


@dtypes.immutable
class Boolean(FieldType):
    kind, title, stored = "boolean", "是否", "真或假"
    expected, type = "“是”或“否”", pd.BooleanDtype()
    faults: ClassVar[dict[str, Fault]] = {"not_yes_or_no": Fault("看不出是“是”还是“否”", "请填“是”或“否”")}


@dtypes.immutable
class Uscc(FieldType):
    """统一社会信用代码, GB 32100-2015."""

    kind, title, expected, type = "uscc", "统一社会信用代码", "18 位统一社会信用代码", STR
    faults: ClassVar[dict[str, Fault]] = {
        "destroyed_by_excel": Fault(
            "长代码被 Excel 变成了科学计数，原来的数字已经丢失", "请把该栏设为“文本”格式后重新录入"
        ),
        "wrong_length": Fault("不是 18 位", "请对照营业执照核对"),
        "bad_characters": Fault("含有代码中不会出现的字符", "请对照营业执照核对"),
        "bad_checksum": Fault("校验位不符，有一位填错了", "请对照营业执照逐位核对"),
        "letters_repaired": Fault("字母 O、I 已按数字 0、1 读取", "", Severity.NOTICE),
    }


@dtypes.immutable
class IdentityNo(FieldType):
    """证件号码: a resident identity number (GB 11643), or another certificate's number of unknown format."""

    kind, title, expected, type = "identity_no", "证件号码", "证件上的号码", STR
    faults: ClassVar[dict[str, Fault]] = {
        "excel_error": Text.faults["excel_error"],
        "destroyed_by_excel": Fault(
            "长号码被 Excel 变成了数字，末几位已经丢失", "请把该栏设为“文本”格式后重新录入"
        ),
        "checksum_differs": Fault(
            "是 18 位号码，但校验位不符，可能有一位填错了", "请对照证件逐位核对", Severity.WARNING
        ),
    }


@dtypes.immutable
class DocumentNo(FieldType):
    """文号. The table also stores `<field>_key`, the parsed form by which numbers are compared."""

    kind, title, stored = "document_no", "文号", "文字，旁边另存拆解后的文号（_key），按它比对"
    expected, type = "完整的文号，如 某环罚〔2023〕5号", STR
    faults: ClassVar[dict[str, Fault]] = {
        "unreadable": Fault("文号不完整，读不出年份或序号", "请按决定书原文填写"),
        "several_numbers": Fault(
            "一格里写了 {detail} 个文号",
            "请每个文号各填一行",
            expected="一行一个文号，如 某环罚〔2023〕5号",
        ),
        "perhaps_several": Fault(
            "像是 {detail} 个文号连写，只按一个文号计入",
            "是几份文书的，请各填一行后重报；确是一份文书的编号的，不用改",
            Severity.WARNING,
        ),
        "prior_notice": Fault("是事先告知书的文号，不是决定书的文号", "请填写正式决定书的文号"),
    }


#: of a required number of free form: a cell that holds several
SEVERAL_NUMBERS_FAULTS = {
    "several_numbers": Fault("一格里写了 {detail} 个编号", "请每个编号各填一行", expected="一行一个编号"),
    "perhaps_several": Fault(
        "像是 {detail} 个编号连写，只按一个编号计入",
        "是几件的，请各填一行后重报；确是一件的编号的，不用改",
        Severity.WARNING,
    ),
}
#: of a number of free form: 5¹号 may be number 5 with the mark of a footnote, or number 51
RAISED_DIGITS = "raised_digits"
RAISED_DIGITS_FAULT = Fault(
    "写有上标或下标的字，看不出是编号的一部分还是注释的标记",
    "请只填编号，注释写在备注栏",
    expected="没有上标、下标的编号",
)
#: of a name: it points to another row, or says that there was none
NO_NAME = "no_name"
NO_NAME_FAULT = Fault(
    "不是名称，看不出指的是哪一个", "请写出完整的名称；没有可报的，不列这一行", expected="完整的名称"
)
#: of a number of free form in a natural key: it identifies nothing; one finding a sheet says in how many rows
WEAK_NUMBER_FAULTS = {
    "serial_only": Fault(
        "只是序号（本表 {detail} 行如此），各月、各单位都会重复，不能凭它认定是同一件",
        "请填写完整的编号；没有完整编号的，请告知市局",
        Severity.WARNING,
        "带年份、不会重复的完整编号",
    ),
    "word_only": Fault(
        "不是编号（本表 {detail} 行如此），不能凭它认定是同一件",
        "请填写编号；没有编号的，请告知市局",
        Severity.WARNING,
        "编号",
    ),
    "digits_lost": Fault(
        "长编号被 Excel 变成了科学计数，末几位已经丢失（本表 {detail} 行如此），不能凭它认定是同一件",
        "请把该栏设为“文本”格式后重新录入",
        Severity.WARNING,
        "完整的编号",
    ),
}

FIELD_TYPES: tuple[type[FieldType], ...] = (
    Text, Category, Categories, Date, Money, Integer, Number, Boolean, Uscc, IdentityNo, DocumentNo,
)  # fmt: skip
