"""Words by which a decision's text states a total or a fine for each day; only data."""

#: before an amount: it is the total of those before it
TOTAL_WORDS = ("合计", "共计", "总计", "累计", "合并", "总共", "共")
#: with one of these in the text, a total may be of more than fines
NOT_ONLY_FINES = ("没收", "罚没", "退赔", "赔偿", "责令退还", "追缴", "滞纳", "代履行", "费")
#: before an amount: it is for each day
DAILY_WORDS = ("每日", "每天", "按日", "逐日", "日罚")
#: before a number of days: the number of days that are fined
DAYS_WORDS = ("共计", "合计", "累计", "总计", "连续", "共", "计", "×", "x", "X", "*", "乘以", "乘")
