"""Rules of files, sheets and submissions, and groups of rules that are named elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from schemas.ledgers.rule import SEVERITY_WORDS as SEVERITY_WORDS
from schemas.ledgers.rule import Rule as Rule
from schemas.ledgers.rule import Severity as Severity


def _rule(rule_id: str, severity: Severity, problem: str, expected: str = "", remedy: str = "") -> Rule:
    return Rule(rule_id, severity, problem, expected, remedy)


_F, _E, _W, _N = Severity.FATAL, Severity.ERROR, Severity.WARNING, Severity.NOTICE

#: by the last part of a rule's id: rules that explain the same fault in more detail; beside them it is not
#: reported
EXPLAINED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType({"zero": ("differs_from_text",)})

#: doubts about pairs of rows: other matters under one key, one matter under other keys
OTHER_MATTER, OTHER_KEY = "row.key_of_other_matter", "row.matter_with_other_key"
#: one party with a code and without, which figures count twice
OTHER_PARTY = "row.party_with_and_without_code"
#: one serial with one party in two rows of a sheet that differ otherwise
SERIAL_TWICE = "row.serial_twice"
#: two equal rows with an amount and without a number
REPEATED_AMOUNT = "row.repeated_amount"
#: a later file of the same report has another matter under the key
REPLACED_OTHER = "row.replaced_other_matter"

#: plausibility checks on a whole report: it is accepted with a warning
NO_ROWS, FEW_ROWS = "submission.no_rows", "submission.unusually_few_rows"
REPEATS_EARLIER, LIST_SHRANK = "submission.repeats_earlier_month", "submission.list_shrank"
PLAUSIBILITY_RULES = (NO_ROWS, FEW_ROWS, REPEATS_EARLIER, LIST_SHRANK)

#: a submission beside others of its report: what it replaces, what it lacks, what waits
ROWS_GONE, AWAITS, TWO_VERSIONS = (
    "submission.rows_gone", "submission.awaits_confirmation", "submission.two_versions_one_night",
)  # fmt: skip
PARTS, ADDED = "submission.parts_of_one_report", "submission.added"
NAMED_PARTS = "submission.named_parts"
#: values of rows that a replacement has too: emptied, or amounts changed by one factor
VALUES_GONE, VALUES_AWAIT = "submission.values_gone", "submission.values_await_confirmation"
SCALED = "submission.amounts_by_one_factor"
CONTAINED, GOES_BACK = "submission.contained", "submission.goes_back"
CONFIRMED, IS_WITHDRAWN = "submission.confirmed", "submission.withdrawn"
OTHER_UNITS_FILE = "submission.other_units_file"
#: what the sender says of the earlier reports, and cannot be read; rows that are all another unit's
DELIVERY_UNREAD, ALL_OF_OTHER_UNIT = "submission.delivery_unread", "submission.all_rows_of_other_unit"
#: rows of an earlier report that count in another one from a load on: said to both reports
COUNTS_ELSEWHERE, TAKES_OVER = "submission.rows_count_elsewhere", "submission.rows_taken_over"
REPLACEMENT_RULES = (
    ROWS_GONE, AWAITS, TWO_VERSIONS, PARTS, GOES_BACK, OTHER_UNITS_FILE, COUNTS_ELSEWHERE, TAKES_OVER,
    VALUES_GONE, VALUES_AWAIT, SCALED,
)  # fmt: skip
#: warnings about a whole report that `status` lists with it
REPORT_DOUBTS = (*PLAUSIBILITY_RULES, *REPLACEMENT_RULES, DELIVERY_UNREAD, ALL_OF_OTHER_UNIT)
#: how a sender says it: the template has a cell for it, another form or a CSV gets one
_SAYS_WHOLE = "在表头上方写明“本次报送：全部”（模板里有这一格，可以选）"
_SAYS_ADDED = "写明“本次报送：补充”"
#: why a submission waits
WAITING_RULES = (AWAITS, VALUES_AWAIT, TWO_VERSIONS)

SUBMISSION_RULES: dict[str, Rule] = {
    rule.rule_id: rule
    for rule in (
        _rule("file.empty", _F, "文件是空的，没有任何内容", remedy="请检查是否存错了文件，重新导出后再报"),
        _rule("file.encrypted", _F, "文件加了密码，无法打开", remedy="请取消密码（文件—信息—保护工作簿）后重报"),
        _rule("file.unreadable", _F, "文件打不开，可能已经损坏（{detail}）",
              "能用 Excel 或 WPS 打开的 xlsx、xls、et 或 csv 文件", "请在 Excel 或 WPS 中打开后另存为 xlsx，再报一次"),
        _rule("file.unknown_format", _F, "认不出这是什么文件（{detail}）", "用 Excel 或 WPS 存的表格（xlsx、xls、et、csv）",
              "请报送填表用的 Excel 或 WPS 表格（另存为 xlsx）；PDF、图片、扫描件和 Word 文件里的数读不出来，只有这些的，"
              "请把内容填进统一的台账模板后报送"),
        _rule("file.archive_encrypted", _F, "压缩包加了密码，无法打开", remedy="请去掉密码重新压缩，或直接报送里面的台账文件"),
        _rule("file.archive_nested", _F, "是压缩包里的压缩包，没有打开", "台账文件", "请解开后直接报送里面的台账文件"),
        _rule("file.archive_too_many", _F, "压缩包里有 {detail} 个文件，没有打开", "不超过 {most} 个文件",
              "请只压缩这个月的台账文件，或分开报送"),
        _rule("file.archive_member_ignored", _N, "压缩包里的“{name}”{detail}，不是台账文件，没有读取"),
        _rule("file.no_data_sheet", _F, "文件里没有可读的台账：所有工作表都是空的或被隐藏", remedy="请检查工作表后重报"),
        _rule("file.too_large", _F, "文件太大，没有读取（{detail}）",
              remedy="请删除台账以外的内容和多余的空行空列，另存为 xlsx 后重报"),
        _rule("file.inflated", _F, "压缩得不正常（{detail}），为安全起见没有打开",
              remedy="请把台账复制到新建的工作簿里，另存为 xlsx 后重报"),
        _rule("file.doctype", _F, "文件里夹带外部定义（DOCTYPE），为安全起见没有打开",
              remedy="请把台账复制到新建的工作簿里，另存为 xlsx 后重报"),
        _rule("file.duplicate_part", _F, "文件内部的“{detail}”有两份，不知道以哪一份为准",
              remedy="请用 Excel 或 WPS 打开核对，另存为 xlsx 后重报"),
        _rule("file.nul_bytes", _F, "从这里起夹有空字节，文件可能没有传完或已经损坏", remedy="请重新导出，核对最后一行后重报"),
        _rule("file.damaged", _W, "文件内部有损坏，已尽量读出，可能有缺漏",
              remedy="请用 Excel 或 WPS 打开核对，另存为 xlsx 后重报"),
        _rule("file.macros", _N, "文件里有宏，没有运行，只读取了单元格"),
        _rule("file.external_links", _N, "文件引用了别的工作簿，没有更新，只读取了保存时的结果"),
        _rule("file.embedded_objects", _N, "文件里嵌有别的文件或对象，没有读取"),
        _rule("file.data_connections", _N, "文件带有外部数据连接，没有刷新，只读取了保存时的结果"),
        _rule("file.unsafe_parts", _N, "文件内部有路径异常的部件（{detail}），没有读取"),
        _rule("file.broken_csv", _F, "引号或分隔符有误，从这里起无法读取", remedy="请用 Excel 打开检查，另存为 xlsx 后重报"),
        _rule("file.too_slow", _F, "打开这个文件用的时间太长，已停止读取", "一个月的台账，通常不到一秒就能打开",
              "请删去与台账无关的内容（大片空白格式、图片、历史数据），另存为 xlsx 后重报"),
        _rule("file.too_demanding", _F, "打开这个文件要用的内存太多，已停止读取", "一个月的台账，通常不到 1 MB",
              "请把台账复制到新的空白工作簿里，另存为 xlsx 后重报"),
        _rule("file.reader_crashed", _F, "打开这个文件的程序没有读完就中断了，原因不明，已停止读取",
              "能用 Excel 或 WPS 打开的 xlsx、xls、et 或 csv 文件", "请在 Excel 或 WPS 中打开后另存为 xlsx，再报一次"),
        _rule("file.duplicate", _N, "与已收过的文件“{detail}”内容完全相同，不再重复计入"),
        _rule("sheet.hidden", _N, "隐藏的工作表没有读取", remedy="如需报送，请取消隐藏后重报"),
        _rule("sheet.empty", _N, "空工作表，已跳过"),
        _rule("sheet.not_cells", _N, "是图表或宏表，没有单元格，没有读取"),
        _rule("sheet.unreadable", _F, "工作表打不开，可能已经损坏（{detail}）",
              remedy="请在 Excel 或 WPS 中打开后另存为 xlsx，再报一次"),
        _rule("sheet.duplicate_cells", _F, "{detail}出现了两次，不知道以哪一次为准",
              remedy="请用 Excel 或 WPS 打开核对，另存为 xlsx 后重报"),
        _rule("sheet.far_cell", _F, "单元格 {detail} 离台账太远，整张工作表大得无法读取",
              remedy="请删除台账以外的内容（选中多余的整行整列，右键删除），保存后重报"),
        _rule("sheet.text_cut", _W, "单元格 {detail} 的文字太长，只读取了前 32767 个字符", "不超过 32767 个字符的文字",
              "请核对这一格的内容"),
        _rule("sheet.no_header", _F, "找不到表头", "含有台账各栏名称的一行", "请使用统一的台账模板，保留表头后重报"),
        _rule("sheet.not_a_ledger", _N, "没有台账的表头，没有读取"),
        _rule("sheet.summary", _N, "{detail}只有汇总数、选项或说明，没有逐件的明细，没有读取"),
        _rule("sheet.only_header", _N, "只有表头，没有填写，没有读取"),
        _rule("sheet.in_other_sheets", _N, "各行在{detail}里都有，没有重复读取"),
        _rule("sheet.example_tab", _W, "名称像是说明或示例，没有读取",
              remedy="请核对：里面有要报的，请与同一台账的表合成一张后重报；没有的，不用改"),
        _rule("sheet.only_summary", _F, "只有汇总数、选项或说明，没有逐件的明细", "台账的明细：表头有各栏名称，下面每件一行",
              "请报送台账的明细表；汇总数不用另报，由系统按明细计算"),
        _rule("sheet.unknown_column", _N, "“{detail}”不是本台账的栏目，没有读取"),
        _rule("sheet.column_without_header", _N, "{detail} 列没有表头，从第 {first} 行起填有内容，没有读取",
              remedy="如需报送，请在表头行补上栏名后重报"),
        _rule("sheet.hidden_rows", _N, "第 {detail} 行被隐藏，已照常读取并计入", remedy="不应报送的，请删除这些行后重报"),
        _rule("sheet.prefilled_rows", _N, "第 {detail} 行只有序号和预先填好的栏，没有作为一条读取"),
        _rule("sheet.hollow_rows", _W, "第 {detail} 行夹在各条之间，只有序号和与别的行一样的栏，没有作为一条读取",
              remedy="请核对是否漏填，补齐后重报；本来就是空行的，不用改"),
        _rule("sheet.words_alone", _W, "{detail}，这一行其余各栏没有自己的内容，没有作为一条读取",
              remedy="请核对：是要报的，请补齐各栏后重报；是小标题或说明的，请移到表的上方或下方"),
        _rule("sheet.section_rows", _N, "第 {detail} 行是小标题，没有作为一条读取"),
        _rule("sheet.rows_of_other_unit", _E, "{detail}没有计入：{reason}", "一张表只有一个单位的各行",
              "请核对：是本单位的，请改正写着别的单位的地方后重报；是别的单位的，请另存一个文件，由该单位报送"),
        _rule("sheet.table_left_out", _E, "{detail}没有计入：{reason}", remedy="{advice}"),
        _rule("sheet.looks_continued", _E, "没有表头，像是“{detail}”的续页，第 {rows} 行没有计入", "每张表都有表头",
              "请并入同一张表，或补上表头和表名后重报；不用报的，请另存到别的文件"),
        _rule("sheet.column_of_other_units", _W, "第 {rows} 行这一栏写的是{named}，而这张表是{unit}的，目前都计在{unit}名下",
              "同一个单位的各行", "请核对：是别的单位的，请分开，由各自的单位报送；是本单位的，请改正这一栏"),
        _rule("sheet.column_of_corrections", _W, "第 {rows} 行这一栏填有内容，没有读取；目前按台账原有的栏目计入",
              remedy="请核对：这一栏才是对的，请填到台账的栏目里后重报；不是的，不用改"),
        _rule("sheet.column_of_other_months", _W, "第 {rows} 行这一栏写的是别的月份，而这张表是{period}的，目前都计在{period}",
              "{period}的各行", "请核对：别的月份的，请放到各自的月份报送；是本月补报的，不用改"),
        _rule("sheet.column_of_counts", _W, "第 {rows} 行这一栏不是 1，而台账一行只计一件", "一件一行",
              "请核对：是几件的，请分成几行，各填各的编号"),
        _rule("sheet.side_by_side", _F, "左右并排放了几张表：{detail}，无法分清哪一栏属于哪张表",
              "各表上下排列，或一张工作表一张表", "请把各表分到不同的工作表后重报"),
        _rule("sheet.group_unclear", _F, "表头{detail}几栏，看不出哪一栏是这一项", "每一项一栏，栏名写全",
              "请把要报的那一栏写成这一项的栏名，其余的栏另起名称后重报"),
        _rule("sheet.duplicate_column", _F, "“{detail}”这一栏出现了两次，不知道以哪一栏为准", remedy="请只保留一栏后重报"),
        _rule("sheet.missing_columns", _F, "缺少必填的栏目：{detail}", remedy="请补上这些栏目后重报"),
        _rule("submission.ledger_unknown", _F, "看不出这是哪一种台账；最接近的是{detail}", "一种台账的全部必填栏目",
              "请把工作表改名为台账名称，补齐栏目后重报"),
        _rule("submission.ledger_conflict", _F, "台账种类前后不一致：{detail}", "同一种台账", "请核对工作表名称与表头后重报"),
        _rule("submission.unit_missing", _F, "看不出是哪个单位报的", "表头上方的“填报单位”，或写明单位的文件名",
              "请填写“填报单位”后重报"),
        _rule("submission.unit_unknown", _F, "“{detail}”（{origin}）不在报送单位名录内", "名录内的单位：{valid}",
              "{advice}；名录里缺这个单位的，请告知市局"),
        _rule("submission.unit_conflict", _F, "报送单位前后不一致：{detail}", "同一个单位",
              "请核对是否拿错了文件、选错了单位，或改正“填报单位”后重报"),
        _rule("submission.unit_not_of_month", _F, "{unit}不报{month}的台账：{reason}", "{expected}",
              "请核对填报期间和填报单位后重报；单位的起止日期有误的，请告知市局"),
        _rule("submission.unit_settled", _N, "写的是{named}，而{month}报送的单位是{unit}，已作为该单位这个月的台账收下"),
        _rule("submission.period_missing", _F, "看不出是哪个月的台账", "如 2023年6月 的填报期间", "请填写“填报期间”后重报"),
        _rule("submission.period_conflict", _F, "填报期间前后不一致：{detail}", "同一个月",
              "请核对是否拿错了文件、选错了月份，或改正“填报期间”后重报"),
        _rule("submission.money_unit_conflict", _F, "金额单位前后不一致：{detail}", "同一个金额单位",
              "请核对金额，改成一个单位后重报"),
        _rule("submission.money_unit_unknown", _F, "{origin}写的金额单位是“{detail}”，读不出来",
              "元、百元、千元、万元、十万元、百万元、千万元或亿元", "请改写金额单位后重报"),
        _rule("submission.unit_doubted", _W, "这张表按{unit}收下，但{detail}", "只写一个单位，并且是同一个",
              "请核对是否拿错了文件、是否混有别的单位的行；没有错的，请改正名称或标题"),
        _rule("submission.month_doubted", _W, "这张表按{period}收下，但{detail}", "同一个月",
              "请核对是否选错了月份、是否误报了别的月份的表；没有错的，请改正名称或标题"),
        _rule(DELIVERY_UNREAD, _W, "“{label}”写的是“{written}”，看不出是全部还是补充，没有按它处理", "全部或补充",
              "请核对：是本月整张表的，写“全部”后重报；只有补充或更正的几行的，写“补充”后重报"),
        _rule(ALL_OF_OTHER_UNIT, _W, "全部 {rows} 行{where}都是{named}的，像是报错了单位；目前都计在{unit}名下",
              "{unit}自己的各行",
              "请核对：是{named}的，请由那个单位报送，并请市局撤回这一份；确是本单位的，请告知市局"),
        _rule("submission.rows_of_other_month", _W, "按{period}收下，而 {rows} 行的“{header}”都在{month}",
              "{period}的各行",
              "请核对是否选错了月份：是{month}的台账，请选{month}重报，并告知市局撤回这份；是本月补报的，不用改"),
        _rule("submission.sent_before", _W, "这张表按{period}收下，但{detail}，早于这个月", "{period}或以后的时间",
              "请核对是否误报了别的月份，或改正填报时间"),
        _rule("submission.draft", _W, "照常收下并计入，但{detail}，看不出是不是正式报送的", "定稿的台账",
              "请核对：是正式报送的，不用改；不是的，请改报定稿，并告知市局"),
        _rule("submission.cumulative", _W, "按{period}一个月的台账收下，但{detail}，像是几个月合在一起的",
              "只有{period}的各行", "请核对：以前月份已经报过的，重报时不要列入；只有本月各行的，不用改"),
        _rule("submission.zero_with_rows", _W, "这里写的是没有内容可报，而表里填有 {rows} 行", "只写“无”，或只填各行",
              "请核对哪一个对，改正后重报；这些行已照常收下"),
        _rule("sheet.ticked_with_rows", _W, "这里勾了“{detail}”本月无，而工作表“{name}”填有 {rows} 行", "只打勾，或只填各行",
              "请核对哪一个对，改正后重报；这些行已照常收下"),
        _rule("sheet.tick_unclear", _E, "“{detail}”这一格看不出是不是本月无，没有计入", "打 √，或空着",
              "本月没有的，打 √；有的，填好那张表，这一格空着；改好后重报"),
        _rule("sheet.tick_of_no_ledger", _E, "“{detail}”不是台账的名称，这一行打的勾没有计入", "模板里的台账名称",
              "请照模板改回台账的名称后重报"),
        _rule("file.not_reported", _W, "这些台账既没有填，也没有勾“本月无”，这一份没有报它们：{detail}", "填好各行，或打 √",
              "本月没有的，在“本月无”里打 √ 后重报；另外报送的，不用改"),
        _rule("submission.nothing_filled", _F, "各种台账都没有填，“本月无”里也没有打勾，什么都没有报",
              "填好各行，或打 √", "有内容的填好各行，本月没有的在“本月无”里打 √，再报一次"),
        _rule("submission.tab_of_other_unit", _F, "工作表名是“{detail}”，而这个文件是{unit}的", "同一个单位",
              "请核对：工作表名写错的，请改正；确是别的单位的，请另存一个文件，由该单位报送"),
        _rule("submission.tabs_of_other_months", _F, "这些表写的都是别的月份，不知道哪一张是{period}的：{detail}",
              "一张{period}的表", "请在工作表名或“填报期间”写明这个月，别的月份的另存，选各自的月份报送"),
        _rule("file.sheets_left_out", _W, "这些表写的是别的月份或别的单位，没有读取：{detail}；本台账只收了{unit}{period}的表",
              remedy="要补报或更正的，请按单位和月份另存，分别报送；不用报的，不必处理"),
        _rule("submission.several_sheets", _F, "同一台账同一个月在一个文件里有几张表：{detail}", "一种台账一个月一张表",
              "请核对：确是同一单位同一个月的，合成一张后重报；不是的，在各表上方写明“填报单位”和“填报期间”后重报"),
        _rule("submission.all_rows_held", _F, "全部 {detail} 行都有错误，没有一行可以收下", remedy="请按各行的提示改正后重报"),
        _rule(NO_ROWS, _W, "表头下面一行也没有填，也没有写“无”", "本月的各行；确实没有内容可报的，写“无”",
              "请核对是否漏填，补齐后重报；确实没有的，在表头下面一行写“无”后重报"),
        _rule(FEW_ROWS, _W, "只有 {rows} 行，而本单位此前 {months} 个月的这种台账一般有 {usual} 行", "与往月相近的行数",
              "请核对是否漏报，补齐后重报；确实只有这些的，请告知市局"),
        _rule(REPEATS_EARLIER, _W, "{rows} 行里有 {same} 行与本单位{month}所报的{alike}", "本月新发生或有了进展的各行",
              "请核对是否误报了以前月份的表，是的话换成本月的重报；确实没有变动的，请告知市局"),
        _rule(LIST_SHRANK, _W, "这种台账每次报当时的全部，上次（{month}）报了 {before} 行，这次{rows}；从{period}起按这次的计，"
              "上次的不再计入", "{period}当时的全部",
              "请核对：没有变动的也要照报，把全部各行填上后重报；确实只有这些的，请告知市局"),
        _rule(ROWS_GONE, _W, "代替了以前报送的{files}，那里的 {total} 行有 {gone} 行这次没有，已不再计入：{rows}",
              remedy=f"请核对；漏了的，补齐后整张重报；这次只报了几行补充的，{_SAYS_ADDED}后重报"),
        _rule(VALUES_GONE, _W, "代替了以前报送的{files}，那里填有、这次空着的：{fields}",
              remedy="请核对；漏填了或漏了这一栏的，补齐后整张重报；本来就应当空着的，不用改"),
        _rule(VALUES_AWAIT, _W,
              "没有代替以前报送的{files}：那里填有、这次空着的：{fields}；以前的仍然有效，这份待确认",
              remedy=f"漏填了或漏了这一栏的，请补齐后整张重报；本来就应当空着的，请{_SAYS_WHOLE}后重报；或请市局确认"),
        _rule(SCALED, _W, "代替了以前报送的{files}，两份都有的 {amounts} 行里有 {scaled} 行的“{header}”都是以前的 {factor} 倍",
              remedy="请核对金额的单位和小数点：这次填错的，改正后整张重报；这次是更正的，不用改"),
        _rule(AWAITS, _W,
              "没有代替以前报送的{files}：那里有 {total} 行，其中 {gone} 行这次没有（{rows}）；以前的仍然有效，这份待确认",
              remedy=f"是本月全部的，请{_SAYS_WHOLE}后重报；只是补充或更正几行的，{_SAYS_ADDED}后重报；或请市局确认"),
        _rule(TWO_VERSIONS, _W, "同一次还收到{files}，是同一个月的同一种台账，内容对不上：{differences}；{outcome}",
              remedy=f"请核对以哪一份为准，在那一份{_SAYS_WHOLE}后重报；两份应当合并的，{_SAYS_ADDED}后重报；或请市局确认"),
        _rule(PARTS, _W, "本月还有{files}，没有互相代替，几份合在一起计入",
              remedy=f"本来就是几部分的，不用处理；其中有作废的，请告知市局撤回那一份，或把整张表{_SAYS_WHOLE}后重报"),
        _rule(NAMED_PARTS, _N, "文件名写明是本月的一部分，与{files}合在一起计入"),
        _rule(ADDED, _N, "按“本次报送”所选，与{files}合在一起计入"),
        _rule(CONTAINED, _N, "这份里的各行，{files}里都有，以那份为准"),
        _rule(GOES_BACK, _W, "与以前报送、后来被“{replaced_by}”代替的“{returned_from}”完全相同，现在又以这份的内容为准",
              remedy="确实要改回的，不用处理；误发了旧文件的，请重报最后改定的一份"),
        _rule(CONFIRMED, _N, "按市局的确认，{effect}（{decided}）"),
        _rule(IS_WITHDRAWN, _W, "市局已撤回这份报送，不再计入（{decided}）",
              remedy="应由别的单位报送的，由那个单位报送；不应撤回的，请告知市局"),
        _rule(OTHER_UNITS_FILE, _W, "与{unit}名下的“{other}”完全相同{moved}，现在两个单位名下都有",
              remedy="请核对应当是哪个单位的；放错了的那一份，由市局撤回（adjustments.toml 的 [[withdraw]]）"),
        _rule(COUNTS_ELSEWHERE, _W, "{other}的报表后来也报了 {keys}，改以那里的为准，这里的不再计入，这个月的数字随之变动",
              "一件事只由一个单位在一个月里报", "请核对：应以那里的为准的，不用改；不是同一件的，或应计在这里的，请告知市局"),
        _rule(TAKES_OVER, _W, "第 {rows} 行与{other}已报的编号相同（{keys}），改以这里的为准，那里的不再计入",
              "一件事只由一个单位在一个月里报", "请核对：是同一件、应以这里的为准的，不用改；不是同一件的，请改正编号后重报"),
        _rule("row.duplicate_key", _E, "第 {detail} 行的{key}相同，{fields}却不同，看不出是一件还是几件",
              "一件一行，不同的事项编号不同", "是同一件的，请合成一行；不是同一件的，请改正填错的编号"),
        _rule("row.contradicted_key", _W, "第 {detail} 行的{key}相同，{fields}却不同；有错误的一行改正以后，这几行都不能收下",
              "一件一行，不同的事项编号不同", "是同一件的，请合成一行；不是同一件的，请改正填错的编号"),
        _rule(SERIAL_TWICE, _W, "第 {detail} 行的序号和{party}都相同，其余却不同，目前各计一件", "一件一行",
              "请核对：是同一件的，请合成一行；不是同一件的，请填写完整的编号"),
        _rule("row.repeated", _N, "与第 {detail} 行完全相同，只计一次"),
        _rule(REPEATED_AMOUNT, _W, "与第 {detail} 行完全相同，都没有编号，看不出是一笔还是两笔，目前只计一次", "一笔一行",
              "请核对：是同一笔的，不用改；是两笔的，请填写各自的编号（票据号），没有编号的填写分期序号"),
        _rule("row.other_unit_has_key", _W, "{key} 在{detail}的报表里也有，全市只计一次，目前计在{detail}名下",
              "一件事只由一个单位报",
              "请与对方核对：是同一件、应计在本单位的，请告知市局；不是同一件的，请改正写错的一处，都没有写错的请告知市局"),
        _rule(OTHER_MATTER, _W, "第 {rows} 行与{other}的编号相同（{key}），{fields}却不同，目前只计一件",
              "一件事一个编号", "请核对：是同一件的，请改正填错的一处；不是同一件的，请改正编号，编号都没有写错的请告知市局"),
        _rule(REPLACED_OTHER, _W, "第 {rows} 行代替了以前报送的{other}：编号相同（{key}），{fields}却不同，以前的不再计入",
              "一件事一个编号", "请核对：是更正的，不用改；不是同一件的，请改正编号，把两件都报上来，编号都没有写错的请告知市局"),
        _rule(OTHER_KEY, _W, "第 {rows} 行与{other}的{fields}都相同，{difference}，目前各作一行收下",
              "一件事只报一次、写法一致", "请核对：是同一件的，请改成一样的写法；不是同一件的，不用改"),
        _rule(OTHER_PARTY, _W, "第 {rows} 行与{other}的{fields}相同，只有一处填了代码，按企业计数时目前算作两家",
              "同一企业填同一代码", "请核对：是同一家的，请在没有填的一处补上代码；不是同一家的，不用改"),
        _rule("row.total_differs", _W, "合计数与各行不符：{span}相加是 {sum}", "{sum}",
              "请核对各行的数字和合计数，改正错的一处"),
        _rule("sheet.count_differs", _W, "这一行写的是 {stated} 件，而上面第 {rows} 行共 {count} 行", "{count}",
              "请核对：漏了行的，补齐后重报；数写错的，请改正"),
        _rule("row.merged", _E, "与别的格合并成一格（{detail}），看不出这一行填的是什么", "每一行各填各的",
              "请取消合并单元格，在每一行填上这一行自己的内容后重报"),
        _rule("row.single_cell", _E, "这一行只有这一格填了内容，看不出是不是一条", "一行一条，各栏填齐",
              "是一条的，请补齐各栏；是小标题或说明的，请移到表的上方或下方"),
        _rule("row.example_overwritten", _E, "这一行开头写着“{detail}”，内容却不是模板里的示例，没有计入",
              "示例行保持原样，从它的下一行填起",
              "这一行是要报的，请删去开头的这个词；只是示例的，恢复模板原来的内容"),
        _rule("row.struck", _W, "{detail} 画了删除线，仍按所写的计入",
              remedy="请核对：有效的，请去掉删除线；无效的，请改成正确的内容，或在重报的台账里不再列这一行"),
        _rule("row.partly_struck", _E, "这一格里有一部分画了删除线，看不出填的是什么", "只有有效的内容",
              "请删去画了删除线的部分，只留有效的内容后重报"),
        _rule("row.void", _W, "写有“{detail}”，这一行仍按所写的计入",
              remedy="请核对：这一行不应计数的，重报时不要列入；应当计数的，不用改"),
        _rule("sheet.void_section", _W, "这一行写有“{detail}”，它下面的行仍按所写的计入",
              remedy="请核对：下面的行不应计数的，重报时不要列入；应当计数的，请删去这一行"),
        _rule("sheet.void_note", _W, "这一行的说明里写有“{detail}”，表中各行仍按所写的计入",
              remedy="请核对：说明里的那一行不应计数的，重报时不要列入；应当计数的，不用改"),
        _rule("row.unseen", _W, "第 {rows} 行的{headers}是白色的字或不显示的格式，表上看不见，仍按格子里所写的计入",
              remedy="请核对：应当报送的，请改成看得见的字；不应报送的，请从格子里删去后重报"),
        _rule("sheet.hidden_column", _W, "这一栏被隐藏，表上看不见，仍照常读取并计入",
              remedy="请取消隐藏，核对各行后重报；核对无误的，不用改"),
        _rule("row.comment", _W, "这一格有批注，里面写有{detail}；仍按格子里所写的计入",
              remedy="请核对：批注对的，请改正这一格后重报；不用改的，请删去批注"),
        _rule("row.refund", _W, "写有“{detail}”，而金额是正数，目前按收缴计入",
              remedy="请核对：是退还的，请把缴款类别改为“退款”、金额改为负数；不是的，不用改"),
        _rule("sheet.section_of_others", _W, "这一行写有“{detail}”，它下面的行目前计在本单位名下",
              remedy="请核对：下面的行由别的单位报送的，重报时不要列入；由本单位报送的，请删去这一行"),
        _rule("sheet.constant", _N, "没有“{header}”一栏，按市局为本单位设定的内容读作“{detail}”"),
        _rule("row.split_thousands", _E, "后面一格是{detail}，像是千分位的逗号把一个金额拆成了几格",
              "不带千分位逗号的金额，如 35000", "请去掉金额里的逗号，或用 Excel 另存为 xlsx 后重报"),
        _rule("sheet.thousands_joined", _N, "第 {rows} 行的金额被千分位的逗号拆成了几格，已合起来读取（如 {example}）"),
        _rule("sheet.scaled_format", _W,
              "第 {rows} 行的单元格格式是 {format}，显示的金额与格子里的数不同；读取的是格子里的数（{example} 是 {value}）",
              "", "请核对金额与单位，把这一栏的单元格格式改为“常规”后重报"),
        _rule("row.ragged", _E, "这一行比表头多出 {detail} 格内容，各栏可能错位", "与表头一样多的栏", "请检查这一行是否错位"),
    )
}  # fmt: skip

WAIVED = _rule("row.waived", _N, "{problem}；市局已准予收下（{decided}）")
CORRECTED = _rule("row.corrected", _N, "按市局的更正读作{read_as}（{decided}）", remedy="请在台账中改正")
#: notices on cells with an adjustment
ADJUSTMENT_RULES = {rule.rule_id: rule for rule in (WAIVED, CORRECTED)}


def quoted_in_rules() -> set[str]:
    """Return the words that the rules' own texts quote: 填报单位, 本次报送."""
    texts = (
        text for rule in SUBMISSION_RULES.values() for text in (rule.problem, rule.expected, rule.remedy)
    )
    return {word for text in texts for word in re.findall("“([^”{]*)”", text)}
