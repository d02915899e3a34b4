"""The form of texts that name a person or where one lives, and of numbers of documents, which do not.

Patterns are for Arrow and for `re`. They go by the form alone: a name within a longer text has none.
Rare characters stand in them as themselves, in strings that are not raw: Arrow knows no escape like `\\u00a0`
in a pattern, and pandas would search text by text.
"""

from __future__ import annotations

#: digits of a resident's number before its check character
RESIDENT_NUMBER = "[0-9]{17}"
#: what clerks write between the digits of a telephone or resident's number; of blanks and dots any number
_BLANKS = " \t\u00a0\u2000-\u200f\u3000.．·・•_"
_BLANK = f"[{_BLANKS}]{{0,3}}"
_GAP = f"[{_BLANKS}\u2010-\u2015－-]{{0,3}}"
_MOBILE = (
    rf"1[3-9](?:{_BLANK}[0-9]){{9}}|1{_BLANK}[3-9](?:{_BLANK}[0-9]){{9}}"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|1[3-9][0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}"
    rf"|1[3-9][0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}"
)
#: with the area's code, and no day in place of the line: 0731-88881234, (010) 6555 1234, 400-820-1234
_LANDLINE = (
    rf"[(（]?(?:010|02[0-9]|0[3-9][0-9]{{2}})[)）]?{_GAP}(?:2[1-9]|[3-9][0-9])[0-9]{{1,2}}{_GAP}[0-9]{{4}}"
    rf"|[48]00{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}"
)
#: in groups only with a date of birth: 430102-20230615-0001 is a number of a document
_RESIDENT = (
    rf"[1-8][0-9]{{5}}{_GAP}(?:19[0-9]{{2}}|200[0-9]|201[0-4]){_GAP}(?:0[1-9]|1[0-2]){_GAP}[0-3][0-9]"
    rf"{_GAP}[0-9]{{3}}{_GAP}[0-9Xx]|(?:[0-9]{_BLANK}){{16,17}}[0-9Xx]"
)
#: passports and permits, not dates with a letter before: E20230615 may be either, H20230615 is none
_PASSPORT = r"[Ee](?:[A-Za-z][0-9]{7}|[0-9]{8})|[DSPdsp][Ee][0-9]{7}|[GHMghm](?:[013-9][0-9]|2[1-9])[0-9]{6}(?:[0-9]{2})?"
_PLATE = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][·•・. \-]?"
    r"[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]"
)
_DIGITS = rf"(?:(?:\+|00)?86{_GAP})?(?:{_MOBILE})|{_LANDLINE}|{_RESIDENT}"
_PAPERS = rf"{_PASSPORT}|{_PLATE}"
#: numbers of persons within a text, for Arrow, which cannot look around
PERSONAL_NUMBER = rf"{RESIDENT_NUMBER}|(?:^|[^0-9])(?:{_DIGITS})(?:[^0-9]|$)|(?:^|[^A-Za-z0-9])(?:{_PAPERS})(?:[^A-Za-z0-9]|$)"
#: the same without the characters around them, to be replaced; with resident's numbers of fifteen digits
REPLACED_NUMBER = rf"(?<!\d)(?:\d{{15}}|{_DIGITS})(?!\d)|(?<![A-Za-z0-9])(?:{_PAPERS})(?![A-Za-z0-9])"
#: where one lives
ADDRESS = (
    r"住址|(?:路|街|巷|弄|大道|小区|栋|幢|单元|村|苑|花园|公寓|家园)第?[0-9]|[0-9]+(?:栋|幢|单元|号楼|巷|弄)"
    r"|[一二三四五六七八九十]单元|(?:栋|幢|单元|楼|层|座|号)[0-9]+[室户房]|(?:^|[^0-9])[1-9][0-9]{2,3}室"
)
#: a name that ends as an address does, whatever comes before: 清溪小区5栋2单元301室, 锦绣花园
ADDRESS_END = (
    r"[0-9](?:号|栋|幢|座|单元|楼|层|组|巷|弄|户|房)$|[0-9]{2,}室$|(?:栋|幢|单元|楼|层|座)[^室]{0,4}室$"
    r"|(?:小区|苑|花园|公寓|家园)(?:[东西南北内]区?)?$"
)
#: sentences that name a person or where one lives
PERSONAL_SENTENCE = rf"据.+反映|电话|{ADDRESS}"
PERSONAL = rf"{PERSONAL_NUMBER}|{PERSONAL_SENTENCE}"
#: what each text with a personal number has, and few others: seven digits, or the beginning of a plate; it
#: is found in a tenth of the time
MAY_HOLD_NUMBER = (
    r"[0-9](?:[^0-9]*[0-9]){6}|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z]"
)
#: letters that neither Chinese nor the numbers of documents have: of Vietnamese, Cyrillic, Uyghur, Tibetan,
#: Mongolian, Korean, Japanese, Yi names; and rare Han characters, which only names have
_FOREIGN_LETTER = (
    "[\u00c0-\u036f\u0400-\u1fff\u2c00-\u2dff\u3041-\u30fa\u30fc-\u31ff\u3400-\u4dbf\ua000-\ud7ff"
    "\ufb1d-\ufdff\ufe70-\ufefc\U00020000-\U0003ffff]"
)
#: a cell that holds a name in another script than Chinese
FOREIGN_NAME = rf"{_FOREIGN_LETTER}|^ *[A-Z][a-z]+(?:[ .·'-]+[A-Z][a-z]*)+[ .]*$"
#: a name in another script beside a number, which itself has capitals in front of digits: HN2023-001, No.7
FOREIGN_NAME_WITHIN = (
    rf"{_FOREIGN_LETTER}|(?:[A-MO-Z][a-z]|N[a-np-z]|No[a-z])[a-z]*|[A-Za-z]{{2,}}[ 　]+[A-Za-z]{{2,}}"
    r"|[^A-Za-z0-9\-][a-z]{3,}|[ 　,，;；、号][A-Za-z]{2,}(?:[^A-Za-z0-9\-]|$)|[^A-Za-z\-][A-Za-z]{4,}$"
)
#: a number that is no sentence: without Chinese, or with a word for a kind of document or file before its
#: digits and nothing but 号 and the like after them, or the session of a year: 2023年上半年学法考法
NUMBER_FORM = (
    r"^(?:[^一-鿿]*|(?:19|20)[0-9]{2}年(?:度|上半年|下半年|第?[一二三四]季度)?(?:[一-鿿]{0,6}(?:考法|考试|测试|培训))?|.*[字罚立查扣封移强复初终执决改免听环法府检信申许受告审诉].*"
    r"[0-9](?:[^一-鿿0-9]|[号次期件份项之一二三四五])*)$"
)
#: a cell that holds nothing but a name: a surname (the hundred most frequent, or one of two characters) and
#: one or two more characters
NAME_FORM = (
    r"^(?:欧阳|司马|上官|诸葛|令狐|皇甫|尉迟|东方|慕容|司徒|夏侯|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩"
    r"唐冯于董萧肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    r"顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚])[一-鿿]{1,2}$"
)
