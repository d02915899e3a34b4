"""The form of texts that name a person or where one lives, and of numbers of documents, which do not.

Patterns are for Arrow and for `re`. They go by the form alone: a name within a longer text has none.
"""

from __future__ import annotations

#: digits of a resident's number before its check character
RESIDENT_NUMBER = "[0-9]{17}"
#: numbers and sentences that name a person or where one lives: a resident's or telephone number, an address
PERSONAL = (
    RESIDENT_NUMBER + r"|(?:^|[^0-9])1[3-9][0-9]{9}(?:[^0-9]|$)|据.+反映|住址|电话"
    r"|(?:路|街|巷|弄|大道|小区|栋|幢|单元|村)第?[0-9]"
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
