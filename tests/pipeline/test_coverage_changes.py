"""The reports of loads, read one after the other, show the reporting states as they are."""

from __future__ import annotations

import io
from datetime import datetime

import pandas as pd

from flows.outputs.load_reports import write_missing_reports
from flows.pipeline import run_pipeline
from flows.refresh.status import report_states_of_months, reports_received_until
from flows.render import frame_as_csv
from flows.workspace import RunScope, Workspace
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading

KEY = ["unit_code", "ledger", "period"]
#: day of the run, and the file that comes then: a month, a replacement, an earlier month, and late ones
NIGHTS = [
    ("2023-07-05", "2023-06/990102/a.xlsx", {}),
    ("2023-07-20", "2023-06/990181/a.xlsx", {"case_no": "某环立(江)〔2023〕1号"}),
    ("2023-07-21", "2023-06/990102/a.xlsx", {"case_no": "某环立(星)〔2023〕2号"}),
    ("2023-07-22", "2023-03/990102/a.xlsx", {"case_no": "某环立(星)〔2023〕3号", "filed_on": "2023-03-03"}),
    ("2023-12-10", "2023-08/990181/a.xlsx", {"case_no": "某环立(江)〔2023〕4号", "filed_on": "2023-08-03"}),
]


def read_coverage(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text.removeprefix("\ufeff")), dtype=str, keep_default_na=False)


def test_changes_add_up_to_the_states(workspace: Workspace) -> None:
    shown, sizes = pd.DataFrame(), []
    for number, (day, path, values) in enumerate(NIGHTS, start=1):
        put(workspace.home.inbox, path, ledger_bytes("cases", values), f"{day}T08:00")
        now = datetime.fromisoformat(f"{day}T12:00")
        assert run_pipeline(workspace, RunScope(), now).load_id == number
        file = workspace.home.reports / f"load-{number:06}" / "coverage.csv"
        changed = read_coverage(file.read_text("utf-8")).drop(columns="load_id")
        sizes.append(len(changed))
        shown = pd.concat([shown, changed]).drop_duplicates(KEY, keep="last")
        with reading(workspace.engine) as connection:
            months = reports_received_until(workspace, connection, now.date())
            as_of = workspace.as_of(connection, number)
            states = report_states_of_months(workspace, as_of, months, now.date())
        whole = read_coverage(frame_as_csv(states))
        pd.testing.assert_frame_equal(
            *(frame.sort_values(KEY, ignore_index=True) for frame in (shown, whole))
        )
    assert sizes[2] == 1, "a replacement changes one state"
    for report in sorted(workspace.home.reports.glob("load-*")):  # made later, they are the same
        before = (report / "coverage.csv").read_bytes()
        (report / "coverage.csv").write_bytes(b"")
        assert write_missing_reports(workspace) == [report]
        assert (report / "coverage.csv").read_bytes() == before
