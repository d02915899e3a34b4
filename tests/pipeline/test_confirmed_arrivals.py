"""A confirmation is of the file that waited when it was written, not of each later file of that name."""

from __future__ import annotations

import pytest

from flows.workspace import Workspace
from tests.support.office import Office, cases, decision

CONFIRMED = decision("confirm", "立案", "replace")


@pytest.fixture
def office(workspace: Workspace) -> Office:
    office = Office(workspace)
    office.send("立案", *cases(1, 2, 3, 4))
    office.night()
    office.send("立案", *cases(1, 2))
    office.night()
    assert office.counted() == [1, 2, 3, 4]
    office.decide(CONFIRMED)
    office.night()
    assert office.counted() == [1, 2]
    return office


def test_a_third_file_of_the_name_waits_again(office: Office) -> None:
    office.send("立案", *cases(9))
    office.night()
    assert office.counted() == [1, 2]
    assert "submission.awaits_confirmation" in office.reported_rules()
    office.decide(CONFIRMED.replace("已核实", "第三份也已核实"))  # another decision, on what waits now
    office.night()
    assert office.counted() == [9]
    assert office.differing_after_rebuild() == []


def test_a_confirmation_written_before_its_file_comes_is_of_the_first_that_comes(
    workspace: Workspace,
) -> None:
    office = Office(workspace)
    office.send("立案", *cases(1, 2, 3, 4))
    office.night()
    office.decide(CONFIRMED)
    office.night()
    office.send("立案", *cases(1, 2))
    office.night()
    assert office.counted() == [1, 2]
    office.send("立案", *cases(9))
    office.night()
    assert office.counted() == [1, 2]
