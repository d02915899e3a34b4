"""How the portal answers fifty clerks at once beside a running night:
`python -m benchmarks.portal_under_clerks [CLERKS [SECONDS]]`.

The sample year is loaded, a second year lies in the inbox. While a night takes that in, each clerk signs in
and then opens pages, uploads a workbook, waits for its check and sends it, with a pause of a
second or two between two clicks. Printed are the slowest answers by kind of page, and what failed.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from flows.home import Home
from flows.pipeline import utc_now
from flows.portal.passwords import hash_password
from flows.portal_store import open_store
from flows.workspace import Workspace
from warehouse.engine import writing
from warehouse.portal.accounts import add_account, find_account, set_password

HUIZONG = [sys.executable, "-c", "from flows.cli import main; main()", "--home"]
CLERKS, SECONDS = 50, 60.0
PASSWORD = "only-for-this-measurement"
PAUSE_SECONDS = (1.0, 2.5)
YEARS = (2023, 2024)
MONTH = f"{YEARS[1]}-06"


@dataclass
class Answers:
    """Seconds of each answer by kind of request, and failures in words."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)


class Clerk:
    """A browser of one clerk, who is a little slower than a machine."""

    def __init__(self, address: str, name: str, unit: str, workbook: tuple[str, bytes], seed: int) -> None:
        self.client = httpx.Client(base_url=address, timeout=60, trust_env=False)
        self.origin = {"origin": address}
        self.name, self.unit, self.workbook = name, unit, workbook
        self.random, self.answers, self.form_token = random.Random(seed), Answers(), ""

    def work(self, until: float) -> None:
        """Click until the time is over."""
        self.post("sign in", "/sign-in", {"name": self.name, "password": PASSWORD})
        while time.monotonic() < until:
            self.get("my month", f"/month?period={MONTH}")
            self.get("templates", f"/templates?period={MONTH}")
            if path := self.upload():
                self.wait_for_check(path, until)
                self.post("send", f"{path}/send", {})
                self.get("uploads", "/uploads")
        self.client.close()

    def wait_for_check(self, path: str, until: float) -> None:
        """Look at an upload until it is checked; how long that took is a kind of its own."""
        began = time.monotonic()
        while "正在检查" in self.get("upload", path):
            if time.monotonic() > until + 60:
                self.answers.failures.append("a check did not end")
                return
        self.answers.seconds["until checked"].append(time.monotonic() - began)

    def get(self, kind: str, path: str) -> str:
        answer = self.timed(kind, "GET", path)
        if answer is None:
            return ""
        if match := re.search(r'name="form_token" value="(\w+)"', answer.text):
            self.form_token = match[1]
        return answer.text

    def post(self, kind: str, path: str, fields: dict[str, str]) -> None:
        self.timed(kind, "POST", path, data={"form_token": self.form_token} | fields, headers=self.origin)

    def upload(self) -> str:
        """Upload the workbook under a name of its own; return the path of its page."""
        name, data = self.workbook
        form = {"form_token": self.form_token, "unit": self.unit, "period": MONTH}
        files = [("files", (f"{self.name}-{self.random.random():.9f}-{name}", data))]
        answer = self.timed("send a file", "POST", "/uploads", data=form, files=files, headers=self.origin)
        return answer.headers.get("location", "") if answer is not None else ""

    def timed(self, kind: str, method: str, path: str, **options: object) -> httpx.Response | None:
        """Pause, send, and note how long the answer took; None for a failure."""
        time.sleep(self.random.uniform(*PAUSE_SECONDS))
        began = time.monotonic()
        try:
            answer = self.client.request(method, path, **options)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            self.answers.failures.append(f"{kind}: {type(error).__name__}")
            return None
        self.answers.seconds[kind].append(time.monotonic() - began)
        if answer.status_code not in (200, 303):
            self.answers.failures.append(f"{kind}: {answer.status_code}")
            return None
        return answer


def make_home(folder: Path) -> Home:
    """Load the sample year, and put a second one into the inbox."""
    for command in (("demo", "--year", str(YEARS[0])), ("nightly",), ("demo", "--year", str(YEARS[1]))):
        done = subprocess.run([*HUIZONG, folder, *command], capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise SystemExit(done.stdout + done.stderr)
    return Home(folder)


def make_clerks(home: Home, address: str, count: int) -> list[Clerk]:
    """Add accounts that share one password, of all units in turn."""
    units = Workspace(home).regions.unit_codes()
    workbooks = {unit: next(_month_folder(home, unit).glob("*.xlsx"), None) for unit in units}
    units = [unit for unit, workbook in workbooks.items() if workbook]
    store, password_hash = open_store(home.folder), hash_password(PASSWORD)
    clerks = []
    with writing(store) as connection:
        for number in range(count):
            name, unit = f"clerk{number}", units[number % len(units)]
            add_account(connection, name, "clerk", [unit], password_hash, utc_now())
            account = find_account(connection, name)
            assert account is not None
            set_password(connection, account, password_hash, is_first=False)
            workbook = workbooks[unit]
            assert workbook is not None
            clerks.append(Clerk(address, name, unit, (workbook.name, workbook.read_bytes()), number))
    store.dispose()
    return clerks


def _month_folder(home: Home, unit: str) -> Path:
    return home.inbox / MONTH / unit


def main(count: int, seconds: float) -> int:
    """Print slowest answers and failures; return 1 if any answer failed."""
    with tempfile.TemporaryDirectory() as folder:
        home = make_home(Path(folder) / "home")
        environment = ["env", "HUIZONG_PORTAL_PORT=0"]
        portal = subprocess.Popen(
            [*environment, *HUIZONG, home.folder, "portal"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert portal.stdout is not None
            match = re.search(r"http://[\w.:]+", portal.stdout.readline())
            assert match is not None
            clerks = make_clerks(home, match[0], count)
            night = subprocess.Popen([*HUIZONG, home.folder, "nightly"], stdout=subprocess.DEVNULL)
            until = time.monotonic() + seconds
            threads = [threading.Thread(target=clerk.work, args=(until,)) for clerk in clerks]
            for thread in threads:
                thread.start()
            began = time.monotonic()
            night.wait()
            print(f"the night beside {count} clerks: {time.monotonic() - began:.1f} s")
            for thread in threads:
                thread.join()
        finally:
            portal.terminate()
            portal.wait()
    return _print_answers([clerk.answers for clerk in clerks])


def _print_answers(all_answers: list[Answers]) -> int:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for answers in all_answers:
        for kind, seconds in answers.seconds.items():
            by_kind[kind] += seconds
    print(f"{'':<16} {'answers':>8} {'median':>8} {'95 %':>8} {'slowest':>8}  (seconds)")
    for kind, seconds in by_kind.items():
        ordered = sorted(seconds)
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        print(f"{kind:<16} {len(ordered):>8} {middle:>8.2f} {high:>8.2f} {ordered[-1]:>8.2f}")
    failures = [failure for answers in all_answers for failure in answers.failures]
    print(f"failures: {len(failures)} {sorted(set(failures))}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*(
        (int(sys.argv[1]) if len(sys.argv) > 1 else CLERKS),
        (float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS),
    )))  # fmt: skip
