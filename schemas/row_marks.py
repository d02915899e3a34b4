"""Words by which the reader tells rows of a ledger that are no records, and records that were withdrawn."""

#: what a total row is called
TOTAL_WORDS = (
    "合计",
    "小计",
    "总计",
    "共计",
    "累计",
    "汇总",
    "总和",
    "总数",
    "总额",
    "月计",
    "页计",
    "季计",
    "年计",
    "总件数",
    "总笔数",
    "总户数",
    "总宗数",
    "GRANDTOTAL",
    "TOTAL",
)
#: which of them add up the rows since the total before: always, and with a name before them
WORDS_OF_A_GROUP = ("小计",)
ENDS_OF_A_GROUP = "汇总"
#: one of these is in every total
TOTAL_SIGNS = (
    "计",
    "汇",
    "总和",
    "总数",
    "总额",
    "总件数",
    "总笔数",
    "总户数",
    "总宗数",
    "平均值",
    "最大值",
    "最小值",
    "乘积",
    "total",
)
#: how Excel's own subtotals (分类汇总) end: “某某公司 汇总”; a figure of the others is no sum
GROUP_SUMS = ("汇总", "小计", "合计")
GROUP_FIGURES = ("计数", "平均值", "最大值", "最小值", "乘积")
LONGEST_GROUP = 60

#: the numbers of headings between rows: 一、罚款案件
SECTION_NUMBERS = "一二三四五六七八九十百"

#: what ends a table, in a row of its own
END_WORDS = (
    "以下空白", "以下无正文", "以下无内容", "完", "续表", "转下页", "接上页", "续下页", "承上页", "公章", "盖章", "单位盖章",
    "单位公章", "签章",
)  # fmt: skip

#: what a row below a table says of who made it and when: 审核：李四, 单位负责人 张三
FOOT_WORDS = (
    "注", "备注", "说明", "填表说明", "填报人", "填表人", "填报", "填表", "审核人", "审核", "审批人", "审批", "审定",
    "经办人", "经办", "制表人", "制表", "复核人", "复核", "校对", "统计员", "统计人", "录入人", "负责人", "单位负责人",
    "主要负责人", "科室负责人", "部门负责人", "主管领导", "分管领导", "单位领导", "局长", "大队长", "签发人", "签字", "签名",
    "盖章", "联系人", "联系电话", "电话", "填表日期", "填报日期", "填表时间", "填报时间", "制表日期", "制表时间", "报出日期",
    "报送日期", "报送时间", "上报日期", "上报时间", "打印日期", "打印时间", "导出日期", "导出时间",
)  # fmt: skip
#: how a row with one cell begins, without a colon (审核人 张三); the second have only a name behind them
FOOT_WORDS_ALONE = tuple(word for word in FOOT_WORDS if len(word) > 2)
FOOT_WORDS_WITH_NAME = ("审核", "制表", "复核", "填表", "校对", "经办", "局长")
#: what a text calls the number of rows: 共2笔, 以上合计3件
COUNT_BEFORE = (
    "以上", "本页", "本月", "当月", "本期", "本表", "全部", "总共", "一共", "合计", "总计", "共计", "小计", "共有", "共", "计",
)  # fmt: skip
#: what may stand between these words and the number
COUNT_VERBS = (
    "立案",
    "收缴",
    "缴款",
    "处罚",
    "办理",
    "办结",
    "检查",
    "受理",
    "登记",
    "作出",
    "报送",
    "上报",
)
COUNT_UNITS = ("件", "笔", "起", "宗", "条", "份", "项", "行", "例", "个案件", "个", "户", "家")
COUNT_LABELS = ("总件数", "总笔数", "总宗数", "件数", "笔数")

#: the signs that number columns before the figures do, in statistical tables: 甲 乙 丙 1 2 3
COLUMN_SIGNS = ("甲乙丙丁戊己庚辛壬癸", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
#: what stands before the numbers of the columns
NUMBERING_LABELS = ("栏次", "列次", "栏目", "序号", "编号", "行次")
#: the fewest numbers in a row under the header that numbers the columns; with 甲 or 栏次 before them fewer do
FEWEST_NUMBERED, FEWEST_WITH_SIGN = 4, 3

#: what the first cell of an example row says
EXAMPLE_WORDS = ("示例", "样例", "范例", "举例", "填写示例", "填报示例", "例", "例如")

#: headers of columns in which a clerk writes remarks on a row
REMARK_HEADERS = ("备注", "备注说明", "说明", "情况说明", "其他", "其他说明", "注")
#: what a remark says of a row that should not count; not where one of the words stands before or after it
VOID_WORDS = (
    "作废", "撤销", "重复", "误录", "误报", "误填", "错录", "错报", "多报", "多录", "已删除", "请删除",
    "不计入", "不列入", "不统计", "不计数", "不算", "测试数据", "不予立案", "不立案", "未立案", "拟立案", "待立案",
    "取消", "应删除", "应删", "上月已报", "月份已报", "以前已报",
    "上年已报", "去年已报", "已报送过", "结转", "已报过", "重报", "合并至", "并入", "待定", "移交市局",
)  # fmt: skip
#: what says so only in a clause of its own: 线索核查, 移送其他部门，不立案
VOID_CLAUSES = (
    "重复录入", "重复登记", "重复件", "测试", "线索核查", "线索核实", "线索初查", "立案前核查", "立案前调查", "立案前审查",
    "待审批", "未审批", "报批中", "移送其他部门", "移交其他部门", "非本部门职责", "不属本部门职责",
)  # fmt: skip
#: a clause may have these before it, and behind it
BEFORE_VOID_CLAUSE = (
    "本行", "此行", "该行", "本条", "此条", "该条", "本件", "此件", "该件", "已", "应", "系", "正在", "尚在", "仍",
)  # fmt: skip
AFTER_VOID_CLAUSE = ("中", "阶段", "件", "案件", "用", "的", "了", "处理")
#: what became of another document, not of the row: 原某环罚〔2023〕5号撤销，重新作出
OTHER_DOCUMENT_VOID = r"原[^,。;]*?号[^,。;]*?(?:撤销|作废|取消)"
#: by which a note below a table speaks of one of its rows: 序号4一笔系去年结转
ROW_IN_NOTE = r"序号\W{0,2}\d|第\d+(?:[、,]\d+)*[行条笔件号]|\d+号|[该此本]笔|[该此]条|[该此]行"
#: headers of columns, none of the ledger's, that say whether a row counts, and what they say if it does not
STATUS_HEADERS = (
    "是否本月新增", "是否本月", "是否新增", "是否上报",
    "状态", "是否立案", "是否有效", "是否计入", "是否统计", "是否缴款", "是否缴纳", "是否缴清", "是否到账", "缴款状态",
    "缴纳状态", "到账状态", "到账情况", "立案状态", "数据状态", "记录状态",
)  # fmt: skip
STATUS_VOID_WORDS = (
    "否",
    "无效",
    "未缴",
    "未缴纳",
    "未缴款",
    "未到账",
    "未立案",
    "不予立案",
    "未支付",
    "失败",
)
#: what a comment on a cell says of a value that is not right
CORRECTION_WORDS = (
    "应为", "应是", "应改", "改为", "改成", "更正", "订正", "有误", "错误", "不对", "写错", "填错", "算错", "多写", "少写", "漏",
    "待核", "待定", "待确认", "核实", "作废", "重复", "删除", "不计", "不算", "实为", "实际", "核减", "退款", "撤销",
)  # fmt: skip
#: by which a row of payments is money that was given back
REFUND_WORDS = (
    "退款",
    "退回",
    "退还",
    "返还",
    "冲销",
    "红冲",
    "冲红",
    "冲账",
    "冲抵",
    "冲减",
    "多缴退",
    "退库",
)
NOT_VOID_AFTER = ("不", "未", "无", "非", "没有", "否", "并非", "不存在", "不属于", "避免", "防止", "是否")
NOT_VOID_BEFORE = (
    "信访", "投诉", "举报", "违法", "违规", "上访", "来访", "来信", "来电", "反映", "申请", "检查", "计算", "处罚", "使用",
    "查封", "扣押", "冻结", "限制", "许可", "资质", "资格", "听证", "行政许可",
)  # fmt: skip

#: what a serial is, in the column of serials: 12, 3.1, A-4, 十二, ①, 第5号
SERIAL = r"[\W_]*第?(?:[A-Za-z]{0,3}[\W_]*[0-9][0-9\W_]*|[一二三四五六七八九十百]+|[\u2460-\u2473])(?:号|条|行|件)?[\W_]*|[\W_]*"
#: a finding quotes that many of the words that stand alone in rows, each up to that many characters
WORDS_QUOTED, LONGEST_WORDS = 5, 16

#: fewer cells than these are a word beside the table and no record
FEWEST_CELLS_OF_A_RECORD = 2

#: the fewest numbers, days and documents by which a row without a header fits the header of another sheet
FEWEST_FITTING_CELLS = 2
#: where only one fits, as many required columns at least must be filled in, and all of them
FEWEST_FILLED = 3
#: by how many columns such rows may be shifted: their serial numbers may be missing, or be added
COLUMN_SHIFTS = (0, -1, 1)

#: the fewest separators in a cell of a CSV that holds whole rows, and the least share of the separators of a
#: row that it has to each of its further lines
FEWEST_SWALLOWED_SEPARATORS = 3
SWALLOWED_SHARE = 0.5
