"""The content of the first page: results of sheets, what to correct first, all problems, next steps."""

from __future__ import annotations

from collections import Counter
from enum import Enum

from schemas.catalogue import ledgers
from schemas.ledgers.rules import Severity
from schemas.states import ACCEPTED, AWAITING, CURRENT_STATES, PARTIAL, REJECTED, WITHDRAWN, ZERO
from transforms.receipt.marks import SUMMED_UP_FROM
from transforms.receipt.page import LAST, Line, TextRun, line, table, text_run
from transforms.receipt.places import MUST_BE_MENDED, count_places
from transforms.receipt.problems import Problem, group_problems, worst_problems, worth_mending
from transforms.receipt.subject import ReceiptSubject
from transforms.receipt.words import (
    CHECK_WORDS,
    COLOUR_NAMES,
    STATE_LOOKS,
    STATE_WORDS,
    SUPERSEDED,
    TONES,
    UNKNOWN,
    month_words,
)

#: problems listed one by one; a file with more has the same few on many sheets
MOST_PROBLEMS_LISTED = 200
CELLS_IN_A_SENTENCE = 6
WHOLE_FILE = "（本文件）"
_NO_LONGER_COUNTS = {
    SUPERSEDED: "这份文件已由另一份代替，不再计入。",
    WITHDRAWN: "这份文件已由市局撤回，不再计入。",
    SUPERSEDED + WITHDRAWN: "这份文件里的表已由另一份代替或由市局撤回，不再计入。",
}
_NO_MORE_TO_DO = {
    SUPERSEDED: "被代替的不用再改；要改的，请在代替它的那一份里改正后重报。",
    WITHDRAWN: "已撤回的不用再改；应由别的单位报送的，由那个单位报送；不应撤回的，请告知市局。",
}


class RenderMode(Enum):
    """How the rest of the workbook was rendered, and the sentence that says so."""

    IN_PLACE = "表中的公式、链接和宏在这份回执里已换成数值或去掉；您手上的原文件没有变动。"
    LARGE = "原文件较大，这份回执是重新绘制的：内容、行列位置与原文件一致，颜色和字体没有保留。"
    CONVERTED = "这份回执是按原文件重新绘制的 xlsx：内容、行列位置与原文件一致，可以直接在这里改正后重报。"
    UNOPENED = "文件没有打开，所以后面没有附上表格。"


def summary_lines(subject: ReceiptSubject, mode: RenderMode) -> list[Line]:
    """Build the lines of the first page of a receipt."""
    problems = group_problems(subject)
    lines = [*_head(subject), line(_verdict(subject)), line()]
    lines += _list_sheets(subject)
    lines += _list_worst(problems)
    lines += _next_steps(subject, mode)
    if any(finding.row for finding in subject.findings):
        lines += _legend()
    lines += _list_all(problems, len(subject.findings))
    return [*lines, line(text_run(f"文件校验码（SHA-256）：{subject.sha256}", 0, LAST, "small"))]


def _head(subject: ReceiptSubject) -> list[Line]:
    is_check = not subject.received_at
    title = "台账自查结果（尚未报送）" if is_check else "台账接收回执"
    received = "尚未报送" if is_check else subject.received_at
    return [
        line(text_run(title, 0, LAST, "title")),
        line(text_run("文件", 0, look="label"), text_run(subject.file_name, 1, 4),
             text_run("收到时间", 5, 6, "label"), text_run(received, 7, LAST)),
        line(text_run("校验码", 0, look="label"), text_run(subject.sha256[:16], 1, 4),
             text_run("规则版本", 5, 6, "label"), text_run(subject.ruleset, 7, LAST)),
    ]  # fmt: skip


def _verdict(subject: ReceiptSubject) -> TextRun:
    """Sum up in one sentence what was accepted, what was not, and how much has to be corrected."""
    states = Counter(outcome.state for outcome in subject.outcomes)
    words = STATE_WORDS if subject.received_at else CHECK_WORDS
    if set(states) <= {WITHDRAWN, SUPERSEDED} and states:
        return text_run(_NO_LONGER_COUNTS["".join(sorted(states))], 0, LAST, "fair_verdict")
    if set(states) <= {REJECTED}:
        look, text = "bad_verdict", f"这份文件{_refusal(subject)}。"
    elif set(states) <= {ACCEPTED, ZERO}:
        accepted = "已收下" if subject.received_at else "可以报送"
        look, text = "good_verdict", f"{states.total()} 张表全部{accepted}。"
    else:
        look = "bad_verdict" if states[REJECTED] else "fair_verdict"
        each = [f"{states[state]} 张{word[2:]}" for state, word in words.items() if states[state]]
        quarantined = sum(outcome.held_back for outcome in subject.outcomes if outcome.state == PARTIAL)
        text = f"共 {states.total()} 张表：{'，'.join(each)}。" + (
            f"有 {quarantined} 行不能收下。" if quarantined else ""
        )
    return text_run(text + _to_do(*count_places(subject.findings)), 0, LAST, look)


def _refusal(subject: ReceiptSubject) -> str:
    if not subject.received_at:
        return "不能收下"
    is_known = any(UNKNOWN not in (outcome.unit_name, outcome.period) for outcome in subject.outcomes)
    return "没有收下，以前收下过的照旧有效" if is_known else "没有收下"


def _to_do(must: int, should: int) -> str:
    if must:
        return f"需要改正 {must} 处" + (f"，需要核对 {should} 处。" if should else "。")
    return f"没有必须改的，请核对 {should} 处。" if should else "没有需要改的地方。"


def _list_sheets(subject: ReceiptSubject) -> list[Line]:
    if not subject.outcomes:
        return []
    head = [("工作表", 0, 0), ("台账", 1, 1), ("填报单位", 2, 2), ("月份", 3, 3), ("结果", 4, 4), ("收下\n行数", 5, 5),
            ("未收下\n行数", 6, 6), ("错误", 7, 7), ("提醒", 8, 8), ("提示", 9, 9)]  # fmt: skip
    lines = [line(text_run("各表结果", 0, LAST, "heading")), table(head)]
    notices = Counter(finding.sheet for finding in subject.findings if finding.severity == Severity.NOTICE)
    words = STATE_WORDS if subject.received_at else CHECK_WORDS
    for outcome in subject.outcomes:
        must, should = count_places(
            finding for finding in subject.findings if finding.sheet == outcome.sheet
        )
        accepted_rows = outcome.rows if outcome.state in CURRENT_STATES else 0
        numbers = (accepted_rows, outcome.held_back, must, should, notices[outcome.sheet])  # fmt: skip
        lines.append(
            line(
                text_run(outcome.sheet or WHOLE_FILE, 0, look="cell"),
                text_run(_ledger_title(outcome.ledger), 1, look="cell"),
                text_run(outcome.unit_name or "—", 2, look="cell"),
                text_run(month_words(outcome.period) or "—", 3, look="number"),
                text_run(
                    words.get(outcome.state, outcome.state),
                    4,
                    look=STATE_LOOKS.get(outcome.state, "number"),
                ),
                *(text_run(int(number), 5 + index, look="number") for index, number in enumerate(numbers)),
            )
        )
    if subject.withheld_sheets:
        text = f"这个文件里另有 {len(subject.withheld_sheets)} 张别的单位的工作表，回执里不附；重报时也请只报本单位的表。"
        lines.append(line(text_run(text, 0, LAST)))
    return [*lines, line()]


def _list_worst(problems: list[Problem]) -> list[Line]:
    chosen = worst_problems(problems)
    if not chosen:
        return []
    lines = [
        line(text_run(_heading_of_worst(problems, chosen), 0, LAST, "heading")),
        table([("次序", 0, 0), ("问题和改法", 1, 5), ("影响", 6, LAST)]),
    ]
    for number, problem in enumerate(chosen, 1):
        lines.append(
            line(
                text_run(
                    f"{number}　{TONES[problem.severity].word}", 0, look=f"tone_{problem.severity.value}"
                ),
                text_run(_sentence(problem), 1, 5, "cell"),
                text_run(problem.describe_effect(), 6, LAST, "cell"),
            )
        )
    return [*lines, line()]


def _heading_of_worst(problems: list[Problem], chosen: list[Problem]) -> str:
    """Say whether there is anything to correct or only to check, and of how many problems these are."""
    worth = worth_mending(problems)
    verb = "改" if any(problem.severity in MUST_BE_MENDED for problem in worth) else "核对"
    if len(worth) == len(chosen):
        return f"先{verb}这几处（按对公布数字的影响排列）"
    order = "按对公布数字的影响排列；其余的也要看，见下面的“全部问题”"
    return f"先{verb}这几处：共 {len(worth)} 种问题，这里是前 {len(chosen)} 种（{order}）"


def _sentence(problem: Problem) -> str:
    """行政处罚决定台账“罚款金额(万元)”：没有填写，共 12 处（行政处罚决定台账!F17、F18 等）。请补填。"""
    field = f"“{problem.first.column}”" if problem.first.column else ""
    sheet = problem.sheet if problem.sheet else ""
    subject = f"{sheet}{field}：" if sheet or field else ""
    cells = (
        f"（{sheet + '!' if sheet else ''}{problem.list_cells(CELLS_IN_A_SENTENCE)}）"
        if problem.cells
        else ""
    )
    count = f"，共 {problem.count} 处" if problem.count > 1 else ""
    return f"{subject}{_problem_text(problem)}{count}{cells}。{_describe_remedy(problem)}"


def _problem_text(problem: Problem) -> str:
    return f"{problem.first.problem}（其余各处类似）" if problem.has_variants else problem.first.problem


def _describe_remedy(problem: Problem) -> str:
    expected = f"应为：{problem.first.expected}。" if problem.first.expected else ""
    return expected + (f"{problem.first.remedy}。" if problem.first.remedy else "")


def _next_steps(subject: ReceiptSubject, mode: RenderMode) -> list[Line]:
    errors = [finding for finding in subject.findings if finding.severity in MUST_BE_MENDED]
    has_errors, is_marked = bool(errors), any(finding.row for finding in errors)
    states = {outcome.state for outcome in subject.outcomes}
    if states and states <= {WITHDRAWN, SUPERSEDED}:
        text = "这一份不用再改。要改的，请在代替它的那一份里改正后重报；不应撤回或代替的，请告知市局。"
    elif mode is RenderMode.UNOPENED:
        text = "请按上面说的办法处理原文件，再报一次。"
    elif any(outcome.state == AWAITING for outcome in subject.outcomes):
        is_counted = "还没有计入" if subject.received_at else "报送后先不计入"
        text = (
            f"待确认的表{is_counted}，以前收下的照旧有效：请按上面的提醒，在表头上方写明“本次报送：全部”或“本次报送：补充”后"
            f"{'重报' if subject.received_at else '报送'}，或告知市局确认；“回执”这一页不用删，收文时会自动跳过。"
        )
    elif has_errors and not is_marked:
        text = "请按上面说的办法改好后" + (
            "整张重报。" if subject.received_at else "再检查一次，没有错误后报送。"
        )
    elif has_errors and subject.received_at:
        text = (
            "请直接在本文件中改正标色的单元格，保存后重报；“回执”这一页不用删，收文时会自动跳过。"
            "没有标色的行请保留：重报的表收下后，会整张替换上一次报的。"
        )
    elif has_errors:
        text = "请直接在本文件（或原文件）中改正标色的单元格，再检查一次，没有错误后报送；“回执”这一页不用删，收文时会自动跳过。"
    elif not subject.received_at:
        text = "没有错误，可以报送；报原文件或这份文件都可以，“回执”这一页收文时会自动跳过。"
    else:
        text = "不用重报；如核对后发现要改的，请在本文件中改正后整张重报，“回执”这一页收文时会自动跳过。"
    lines = [
        line(text_run("下一步", 0, LAST, "heading")),
        line(text_run(text, 0, LAST)),
        line(text_run(mode.value, 0, LAST)),
    ]
    return [*lines, *(line(text_run(note, 0, LAST)) for note in subject.notes), line()]


def _list_all(problems: list[Problem], count: int) -> list[Line]:
    if all(problem.count <= CELLS_IN_A_SENTENCE for problem in problems) and len(
        worst_problems(problems)
    ) == len(problems):
        return []  # all of it is listed above
    head = [("级别、工作表", 0, 0), ("栏目", 1, 1), ("问题和改法", 2, 5), ("处数", 6, 6), ("位置", 7, LAST)]
    lines = [line(text_run("全部问题", 0, LAST, "heading"))]
    if count > SUMMED_UP_FROM:
        text = f"共 {count:,} 处，每种问题只列最先的几处；表中其余的只标颜色，不带批注。改好一种后，可先自查再改下一种。"
        lines.append(line(text_run(text, 0, LAST)))
    lines.append(table(head))
    lines += [_problem_line(problem) for problem in problems[:MOST_PROBLEMS_LISTED]]
    if len(problems) > MOST_PROBLEMS_LISTED:
        lines.append(
            line(
                text_run(f"另有 {len(problems) - MOST_PROBLEMS_LISTED} 种没有列出，请先改上面的。", 0, LAST)
            )
        )
    return [*lines, line()]


def _problem_line(problem: Problem) -> Line:
    return line(
        text_run(
            f"{TONES[problem.severity].word}\n{problem.sheet or WHOLE_FILE}",
            0,
            look=f"tone_{problem.severity.value}",
        ),
        text_run(problem.first.column or "—", 1, look="cell"),
        text_run(f"{_problem_text(problem)}。{_describe_remedy(problem)}", 2, 5, "cell"),
        text_run(problem.count, 6, look="number"),
        text_run(problem.list_cells() or "—", 7, LAST, "cell"),
    )


def _legend() -> list[Line]:
    swatches = []
    for (severity, colour), (column, first, last) in zip(
        COLOUR_NAMES.items(), ((0, 1, 2), (3, 4, 6), (7, 8, 9)), strict=True
    ):
        tone = TONES[severity]
        swatches += [
            text_run(tone.word, column, look=f"tone_{severity.value}"),
            text_run(f"{colour}：{tone.meaning}", first, last, "cell"),
        ]
    heading = "颜色说明（鼠标移到标色的单元格上，会显示填了什么、应填什么、怎么改；工作表标签是表中最重一级的颜色）"
    return [line(text_run(heading, 0, LAST, "heading")), line(*swatches), line()]


def _ledger_title(name: str) -> str:
    return ledgers()[name].title if name in ledgers() else "—"
