"""A report tool that runs: Datasette opens the snapshot and shows the figures that the command gives."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.home import Home
from flows.outputs.datasette_file import DATASETTE_FILE, QUERIES
from flows.workspace import Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.views import night, snapshot_of

LONGEST_START_SECONDS = 60
#: what is filled into the queries that come with the snapshot
FILLED_IN = {"period": "2023", "region_code": "990100", "indicator_id": "case_filed_count", "year": "2023"}


@contextmanager
def datasette(file: Path) -> Iterator[httpx.Client]:
    """A Datasette over a file, as docs/report-tools.md starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "datasette", "serve", "--immutable", str(file), "--port", str(port)]
    command += ["--metadata", str(file.with_name(DATASETTE_FILE))]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
                wait_for(client, server)
                yield client
        finally:
            server.terminate()


def wait_for(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    over = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < over and server.poll() is None:
        try:
            client.get("/-/versions.json")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"Datasette does not answer; it ended with {server.poll()}")


def test_datasette_opens_the_snapshot_and_shows_the_figures(
    home_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
    workspace = Workspace(Home(home_folder))
    for ledger in ("cases", "penalties"):
        put(workspace.home.inbox, f"2023-06/990102/{ledger}.xlsx", ledger_bytes(ledger, {}))
    night(workspace)
    workspace.engine.dispose()
    completed = CliRunner().invoke(
        main, ["--home", str(home_folder), "indicators", "--period", "2023", "--json"]
    )
    figures = {row["indicator_id"]: (row["value"], row["display"]) for row in json.loads(completed.stdout)}
    assert figures["case_filed_count"] == (1, "1件")
    of_year = {"period": "2023", "region_code": "990100", "_shape": "array", "_size": "max"}
    with datasette(snapshot_of(workspace)) as client:
        rows = client.get("/marts/mart_indicators.json", params=of_year).json()
        private = client.get("/marts.json", params={"sql": "SELECT id_no FROM penalties"})
        answers = {name: client.get(f"/marts/{name}.json", params=FILLED_IN) for name in QUERIES}
        database = client.get("/marts.json").json()
        view = client.get("/marts/mart_indicators").text
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(QUERIES, 200)
    of_period = answers["figures_of_a_period"].json()["rows"]
    assert ["立案", "1件", 0, 4, 1] in of_period
    assert answers["months_of_a_figure"].json()["rows"][0][:2] == ["2023-06", "1件"]
    shown = {table["name"] for table in database["tables"] if not table["hidden"]}
    assert not any(name.endswith(("_rows", "_moment")) for name in shown)
    assert "各地区各期间的公布数" in view
    assert {row["indicator_id"]: (row["value"], row["display"]) for row in rows} == figures
    assert (private.status_code, "no such table" in private.text) == (400, True)
