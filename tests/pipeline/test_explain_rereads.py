"""What `explain` says of rows that the program read again: nobody sent them again."""

from __future__ import annotations

from typing import Any

from flows.queries.explain import explain_figure
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from tests.support.office import STAR, Office, case, cases, decision
from warehouse.engine import reading


def left_out(workspace: Workspace) -> list[tuple[str, str]]:
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        figure = indicators()["case_filed_count"]
        explanation: dict[str, Any] = explain_figure(
            workspace, as_of, figure, STAR, Period.parse("2023-06")
        )
    assert explanation["row_count"] == explanation["value"]
    return [(row["value"], row["reason"]) for row in explanation["left_out"]]


def test_rows_read_again_as_they_were_are_not_listed_and_others_with_the_true_reason(
    workspace: Workspace,
) -> None:
    office = Office(workspace)
    office.send("立案", *cases(1, 2, 3))
    office.night()
    office.send("立案更正", *cases(1, 2, 3, 4))
    office.night()
    office.decide(decision("withdraw", "立案更正"))
    office.night()
    assert left_out(workspace) == [("某环立〔2023〕4号", "市局的决定有变或重新读取，不再计入")]
    office.send("立案", *cases(1, 2), case(3, cause="无证排放"))
    office.night()
    ((changed, reason), (withdrawn, _)) = left_out(workspace)
    assert (changed, withdrawn) == ("某环立〔2023〕3号", "某环立〔2023〕4号")
    assert reason.startswith("已被星河区 2023-06 的报送")
