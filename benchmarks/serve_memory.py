"""Memory use of `huizong serve` over many runs with nothing new:
`python -m benchmarks.serve_memory [NIGHTS]`.

Needs /proc. Nights are asked for one after the other through the API, so each is as short as it can be.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

SERVE = [sys.executable, "-c", "from flows.cli import main; main()"]


def mebibytes(process_id: int) -> float:
    """Return the resident memory of a process."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def server_of(process_id: int) -> int:
    """Find the child of serve that is Prefect's server."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_child = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == process_id
            if is_child and b"prefect_server" in (folder / "cmdline").read_bytes():
                return int(folder.name)
        except OSError:
            continue
    raise LookupError(f"process {process_id} has no server")


def nights(api: httpx.Client, serve: int, count: int) -> None:
    """Run the pipeline `count` times and regularly print the memory use of the two processes."""
    server, deployment = server_of(serve), api.get("/deployments/name/nightly/nightly").json()["id"]
    every = max(1, count // 10)
    for night in range(count + 1):
        if night % every == 0:
            print(
                f"{night:5} nights  serve {mebibytes(serve):6.1f} MiB  server {mebibytes(server):6.1f} MiB",
                flush=True,
            )
        while (made := api.post(f"/deployments/{deployment}/create_flow_run", json={})).status_code == 503:
            time.sleep(0.2)  # the server's SQLite is busy
        run = made.json()["id"]
        while api.get(f"/flow_runs/{run}").json()["state_type"] not in ("COMPLETED", "FAILED", "CRASHED"):
            time.sleep(0.5)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HUIZONG_SERVE_PORT": "0"}
        subprocess.run([*SERVE, "--home", home, "init"], check=True, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        command = [*SERVE, "--home", home, "serve"]
        serve = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert serve.stdout is not None
        page = serve.stdout.readline().removeprefix("Prefect's page: ").strip()
        print(f"up after {time.monotonic() - began:.1f} s", flush=True)
        began = time.monotonic()
        try:
            with httpx.Client(base_url=f"{page}/api", trust_env=False, timeout=30) as api:
                nights(api, serve.pid, count)
            print(f"{(time.monotonic() - began) / (count + 1):.1f} s a night")
        finally:
            serve.send_signal(signal.SIGTERM)
            print(f"exit code {serve.wait()}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
