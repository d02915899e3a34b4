"""The command `portal` as a process of its own: it serves, and stops in good order."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.support.portal_site import PASSWORD, cases_workbook

HUIZONG = [sys.executable, "-c", "from flows.cli import main; main()", "--home"]


@pytest.mark.usefixtures("site")
def test_the_portal_checks_a_file_and_stops_in_good_order(home_folder: Path) -> None:
    portal = subprocess.Popen(
        ["env", "HUIZONG_PORTAL_PORT=0", *HUIZONG, home_folder, "portal"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert portal.stdout is not None
        address = re.search(r"http://[\w.:]+", portal.stdout.readline())
        assert address is not None
        with httpx.Client(
            base_url=address[0], follow_redirects=True, timeout=60, trust_env=False
        ) as client:
            client.headers["origin"] = address[0]
            client.post("/sign-in", data={"name": "star", "password": PASSWORD})
            page = client.get("/month").text
            token, month = re.search(r'"form_token" value="(\w+)"', page), re.search(r"20\d\d-\d\d", page)
            assert token is not None
            assert month is not None
            form = {"form_token": token[1], "unit": "990102", "period": month[0]}
            sent = client.post("/uploads", data=form, files={"files": ("a.xlsx", cases_workbook(1))})
            until = time.monotonic() + 60
            while "正在检查" in client.get(sent.url.path).text and time.monotonic() < until:
                time.sleep(0.1)
            assert "下载标好的表" in client.get(sent.url.path).text
        portal.send_signal(signal.SIGTERM)
        output, errors = portal.communicate(timeout=30)
    finally:
        portal.kill()
    assert (portal.returncode, output.splitlines()[-1], errors) == (0, "Stopped.", "")
