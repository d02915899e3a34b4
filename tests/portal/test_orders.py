"""Work that an operator orders: done once, by a process of its own, under the run lock."""

from __future__ import annotations

import io
import re
import time
import zipfile

import pytest
from filelock import FileLock

from flows.outputs.exports import LOCK_FILE
from flows.portal import job_child
from flows.run_lock import hold_run_lock
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site, cases_workbook, order
from warehouse.engine import reading
from warehouse.portal.jobs import read_jobs


def test_a_rerun_loads_what_came_and_is_recorded(ordered: Site) -> None:
    put(ordered.portal.workspace().home.inbox, "2023-06/990121/b.xlsx", cases_workbook(7))
    bureau = ordered.visitor("bureau")
    job = bureau.get(order(bureau, "/rerun?unit=990121&period=2023-06", reason="县里来电")).text
    assert "已做完" in job
    assert "/morning?year=2023&amp;since=2023-07-" in job
    assert "b.xlsx" in job
    assert "县里来电" in bureau.get("/jobs").text
    assert ("bureau", "rerun", "990121 2023-06") in ordered.audited()
    again = bureau.get(order(bureau, "/rerun?unit=990121&period=2023-06")).text
    assert "什么都没有变" in again


def test_a_second_press_orders_nothing_twice(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    text = bureau.get("/rerun?unit=990102&period=2023-06").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    pages = {bureau.post("/rerun", **hidden).headers["location"] for _ in range(3)}
    assert len(pages) == 1
    with reading(ordered.portal.store) as connection:
        assert len(read_jobs(connection, 10)) == 1
    assert bureau.post("/rerun", **(hidden | {"token": "short"})).status_code == 422


def test_an_export_can_be_downloaded_and_has_no_names(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    page = order(bureau, "/export")
    answer = bureau.get(f"{page}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "datapackage.json" in archive.namelist()
        assert all(
            "甲某" not in archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()
        )
    assert bureau.get("/jobs/99/export").status_code == 404
    assert bureau.get("/jobs/99999999999").status_code == 404


def test_what_goes_wrong_is_said(ordered: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau = ordered.visitor("bureau")

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(job_child, "run_pipeline", fail)
    job = bureau.get(order(bureau, "/rerun?unit=990102&period=2023-06")).text
    assert "没有做成" in job
    assert "secret" not in job


def test_an_export_beside_another_is_refused_in_chinese_without_a_path(ordered: Site) -> None:
    folder = ordered.portal.workspace().home.folder
    bureau = ordered.visitor("bureau")
    with FileLock(folder / LOCK_FILE, timeout=0):
        job = bureau.get(order(bureau, "/export")).text
    assert "没有做成" in job
    assert "导出" in job.split("没有做成")[1]
    assert ("another export" in job, str(folder) in job) == (False, False)


def test_what_cannot_be_ordered_is_refused(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    bureau.get("/rerun")
    good = {"unit": "990102", "period": "2023-06", "token": "0" * 32}
    for fields in ({"unit": "1"}, {"period": "2023-13"}, {"ledger": "x"}):
        assert bureau.post("/rerun", **(good | fields)).status_code == 422
    for period in ("x", "1999", "2023-Q5"):
        assert bureau.post("/publish", period=period, load_id="1", token="0" * 32).status_code == 422
        assert "没有这个时期" in bureau.get(f"/publish?period={period}").text


def test_a_job_waits_for_another_run_in_a_process_of_its_own(site: Site) -> None:
    put(site.portal.workspace().home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    bureau = site.visitor("bureau")
    with hold_run_lock(site.portal.workspace()):
        page = order(bureau, "/rerun?unit=990102&period=2023-06")
        time.sleep(2)  # long enough for a process that does not wait to begin
        waiting = bureau.get(page).text
        assert "正在等待另一次运行结束" in waiting
        assert 'http-equiv="refresh"' in waiting
    for _ in range(300):
        text = bureau.get(page).text
        if "已做完" in text:
            break
        time.sleep(0.1)
    assert "a.xlsx" in text


def test_what_a_stopped_portal_left_is_said(ordered: Site) -> None:
    ordered.portal.jobs.add = lambda number: None  # type: ignore[method-assign, misc]
    bureau = ordered.visitor("bureau")
    page = order(bureau, "/rerun?unit=990102&period=2023-06")
    ordered.portal.jobs.start()
    assert "中断" in bureau.get(page).text


def test_the_audit_log_can_be_read_filtered_and_downloaded(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    order(bureau, "/rerun?unit=990102&period=2023-06", reason="=1+1")
    assert "重新入库" in bureau.get("/audit?account=bureau&action=rerun").text
    assert "登录</td>" not in bureau.get("/audit?action=rerun").text
    text = bureau.get("/audit.csv").content.decode("utf-8-sig")
    assert text.startswith("什么时候,谁,")
    assert "星河区 2023年6月" in text
