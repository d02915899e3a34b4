"""Words around tables: in titles, labels, tabs and sentences, by which a reader knows what a table is."""

UNIT_LABELS = ("填报单位", "报送单位", "填报部门", "单位名称", "单位")
PERIOD_LABELS = (
    "填报期间", "填报月份", "报送月份", "统计期间", "所属月份", "报告期", "统计月份", "所属期", "税款所属期", "所属时期",
    "报表月份", "报表期间", "数据月份", "数据期间",
)  # fmt: skip
#: from when to when; a single day behind one of these is when a table was made
SPAN_LABELS = ("统计时间", "统计日期", "起止时间", "起止日期", "查询时间", "查询日期", "时间范围")
#: a cell of a form beside which the month stands alone: 月份 | 5
MONTH_CELLS = ("月份", "月", "统计月份", "填报月份", "报送月份", "所属月份")
#: a row with more cells is no heading
MOST_CELLS_OF_HEADING = 10
MONEY_LABELS = ("金额单位", "货币单位", "计量单位", "单位", "Unit", "UNIT", "unit")
#: when a table was filled in or sent: no word on the month that it is about
SENT_LABELS = (
    "填报时间", "填报日期", "填表时间", "填表日期", "报送时间", "报送日期", "上报时间", "上报日期", "报出日期",
    "制表时间", "制表日期", "编制时间", "编制日期", "导出时间", "导出日期", "打印时间", "打印日期",
)  # fmt: skip
#: behind a month that is when a table was sent: 2024年1月报送2023年12月…
SENDING_WORDS = ("上报", "报送", "填报", "补报", "报")
#: behind a month that says since when or until when something holds, or which edition of a form it is
OTHER_MONTH_WORDS = (
    "起", "以来", "以前", "之前", "以后", "之后", "修订", "印制", "印发", "制定", "启用", "执行", "版)", "年版",
)  # fmt: skip
#: how a note among the titles of a table begins; what it names is not the table's
NOTE_WORDS = ("注:", "备注:", "说明:", "填表说明", "填报说明", "填报要求", "注意")

#: signs and words in place of rows
NOTHING_SIGNS = frozenset({"无", "暂无", "/", "零报告", "本月无", "本期无", "-", "—", "——"})
#: words that say that there was nothing, whatever precedes them …
NOTHING_SAID = ("零报告", "零申报", "零上报", "无数据", "无此类", "无此项", "无本类", "为零", "为0")
#: … or a word for none, and not far behind it what there was none of; or the month or unit before it
NONE_WORDS = ("无", "没有", "未")
NOTHING_OF = (
    "发生", "办理", "作出", "做出", "下达", "立案", "新增", "实施", "开展", "收到", "受理", "产生", "处罚", "案件", "缴款",
    "缴纳", "记录", "情况", "业务", "事项", "需上报", "可报", "内容", "相关",
)  # fmt: skip
NOTHING_WHEN = ("本月", "本期", "当月", "当期", "该月", "该期", "本月份", "当月份", "该月份", "月份", "月")
#: what is counted, behind 0: 处罚案件0件
COUNTED = ("件", "起", "宗", "条", "个", "人次", "次", "例")
#: words by which a sentence does not say that there was nothing, but that it is not known or not yet sent
NOT_YET_WORDS = (
    "无法", "无误", "未报", "未上报", "未报送", "未完成", "未统计", "未汇总", "未收集", "未填", "补报", "待补", "稍后", "另行",
    "未收到数据",
)  # fmt: skip
#: an instruction to write 无, which says nothing itself
INSTRUCTION_WORDS = (
    "请填",
    "请写",
    "请注明",
    "如无",
    "如本月",
    "若",
    "须填",
    "应填",
    "写“",
    "写无",
    "格写",
    "填“",
    "填报“",
)
LONGEST_SENTENCE = 80

#: headers of columns beside those of a ledger in which systems and clerks name the unit of each row
UNIT_COLUMN_HEADERS = frozenset({
    "县区", "区县", "县市区", "县(市、区)", "县(市区)", "县市", "市县", "市县区", "区域", "辖区", "行政区", "行政区划",
    "所属县区", "所属区县", "所属县市区", "所属区域", "所在县区", "所属单位", "所属分局", "所属部门", "分局", "单位",
    "单位名称", "填报单位", "填报部门", "报送单位", "报送部门", "上报单位", "上报部门", "填表单位", "数据来源", "来源单位",
})  # fmt: skip

#: words around a unit or a month in a row that is a heading, besides titles of ledgers
HEADING_WORDS = (
    "生态环境局", "环境保护局", "分局", "大队", "支队", "局", "台账", "汇总表", "统计表", "明细表", "情况表", "报表", "月报",
    "情况", "明细", "统计", "汇总", "填报", "报送", "上报", "补报", "报", "单位", "部门", "期间", "年度", "年", "月份", "月",
    "日", "份", "行政处罚", "处罚", "决定", "案件", "立案", "数据", "以下为", "以下", "部分", "表", "的", "为", "第",
    "一", "二", "三", "四", "五", "六", "七", "八", "九", "十",
)  # fmt: skip
LONGEST_HEADING = 40

#: in the tab or title of a table that only sums up
SUMMARY_WORDS = (
    "汇总", "统计", "合计", "总计", "总表", "一览", "目录", "透视", "图表", "分析", "对比", "比较", "通报", "进度", "情况表",
    "完成情况", "月报", "年报", "报表",
)  # fmt: skip
#: in the tab of lists of choices and of instructions
LIST_WORDS = (
    "下拉", "选项", "代码", "字典", "码表", "枚举", "参数", "数据源", "基础数据", "选择项", "填表说明", "填报说明", "填写说明",
    "填报要求", "填表要求", "须知", "说明",
)  # fmt: skip
#: by how many columns a table so called may be divided: 县区, 乡镇
MOST_LABEL_COLUMNS = 2
#: in place of a figure
NO_FIGURE = frozenset({"-", "—", "——", "/", "无"})
#: in the tab of a sheet that shows how a ledger is filled in, with its header
EXAMPLE_TAB_WORDS = ("示例", "样例", "样表", "范例", "举例", "说明", "须知", "填报要求", "填表要求")

#: in a name, title or note of a table that is no final report; what before and after such a word
#: makes it another: 检测试剂, 未审结, 待审批, 作废票据
DRAFT_WORDS = (
    "草稿", "草表", "草案", "初稿", "讨论稿", "送审稿", "征求意见稿", "过程稿", "未定稿", "暂定稿", "试填", "试报", "勿报",
    "勿收", "已废", "废弃", "弃用", "样表", "未审", "未经审", "待审", "待核", "未核", "未完成", "未填完", "待完善", "待补充",
    "待修改", "作废", "测试",
)  # fmt: skip
#: only in the name of a file, tab or folder
DRAFT_WORDS_IN_NAMES = (
    "勿用",
    "别用",
    "不用",
    "有误",
    "错误",
    "误报",
    "试用",
    "示例",
    "样例",
    "范例",
    "废止",
)
DRAFT_WORDS_IN_LATIN = ("draft", "test", "sample", "void", "obsolete", "wip")
#: only as the last words of a title or note, or beside a sign: 勿用
DRAFT_WORDS_AT_END = ("勿用", "勿使用", "不要使用", "不作数", "不作为正式数据")
NO_DRAFT_AFTER = (
    "不", "未", "无", "非", "不是", "检", "知识", "法律", "法治", "法制", "学法", "考法", "能力", "业务", "水平", "考试", "抽",
    "如", "若", "凡", "性能", "已", "统计",
)  # fmt: skip
NO_DRAFT_BEFORE = (
    "结",
    "理",
    "判",
    "批",
    "准",
    "发",
    "票",
    "文书",
    "单据",
    "题",
    "成绩",
    "的请",
    "者",
    "整改",
    "治理",
    "任务",
)
#: a text with one of these is no draft, unless what stands before says otherwise: 非正式
FINAL_WORDS = ("定稿", "终稿", "正式", "最终", "已审", "审定")
NOT_FINAL_AFTER = ("未", "非", "不", "待", "拟", "不作为")

#: in a heading between rows: those below it may be another unit's
WORDS_OF_OTHERS = (
    "移送", "移交", "外地", "外县", "外市", "外省", "异地", "省厅", "省局", "上级", "交办", "转办", "代办", "代管", "协办",
    "其他单位", "其他县", "其他市", "外单位", "兄弟单位", "划转",
)  # fmt: skip

#: headers of columns beside a ledger's: corrections of its own columns (a pattern), the month of each row,
#: the number of matters in it
CORRECTION_HEADER = r"(?:更正|变更|调整|修正|修改|改正|核定|核减|订正).{0,2}后.*"
MONTH_COLUMN_HEADERS = frozenset({
    "月份", "所属月份", "所属期", "所属期间", "归属月份", "报送月份", "填报月份", "统计月份", "数据月份", "报表月份", "期间",
})  # fmt: skip
COUNT_COLUMN_HEADERS = frozenset({
    "件数", "案件数", "案件数量", "宗数", "起数", "笔数", "合并件数", "决定书数", "检查家次", "家次", "检查家数", "家数",
    "检查户次", "户次", "检查户数", "检查企业数", "检查单位数",
})  # fmt: skip

#: in a name or title: the table holds the months of a year so far
CUMULATIVE_WORDS = ("累计", "年初至今", "年初以来", "今年以来", "本年以来")
NOT_CUMULATIVE_AFTER = ("本月", "当月", "本期", "当期", "不", "非")
