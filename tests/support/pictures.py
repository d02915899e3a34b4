"""Make the pictures of `docs/zh` again, from the portal over the sample year:
`python -m tests.support.pictures`. Needs chromium.

With a folder as argument, every page is written there whole, as a wide screen and as a phone shows it, to be
looked at. The rows in the pictures are invented.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.support.browser import start_browser

FOLDER = Path("docs/zh/pictures")
HUIZONG = [sys.executable, "-c", "from flows.cli import main; main()", "--home"]
PASSWORD = "only-for-the-pictures"
WIDTH, HEIGHT, WIDE, PHONE_WIDTH = 1080, 760, 1440, 390
MONTH, FIGURE = "2023-06", "fine_imposed_amount"
#: name of the picture, account, page; `{upload}` is the page of an upload with something to mend
PAGES = (
    ("sign-in", "", "/"),
    ("my-month", "clerk", f"/month?period={MONTH}"),
    ("templates", "clerk", f"/templates?period={MONTH}"),
    ("upload", "clerk", "{upload}"),
    ("uploads", "clerk", "/uploads"),
    ("morning", "bureau", "/morning"),
    ("reports", "bureau", f"/reports?period={MONTH}"),
    ("moved", "bureau", "/moved"),
    ("figures", "reader", "/figures?period=2023"),
    ("figure", "reader", f"/figures/{FIGURE}?period=2023"),
)
IN_DOCS = ("sign-in", "my-month", "upload", "morning", "reports")


@contextmanager
def running_portal() -> Iterator[tuple[str, dict[str, str], Path]]:
    """Load the sample year and serve its portal; yield its address, first passwords by account, its inbox."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        made = _run(home, "demo")
        _run(home, "nightly")
        names = "|".join(sorted({account for _, account, _ in PAGES if account}))
        passwords = dict(re.findall(rf"({names})\W.*?((?:\w{{4}}-){{3}}\w{{4}})", made))
        portal = subprocess.Popen(
            ["env", "HUIZONG_PORTAL_PORT=0", *HUIZONG, home, "portal"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert portal.stdout is not None
            address = re.search(r"http://[\w.:]+", portal.stdout.readline())
            assert address is not None
            yield address[0], passwords, home / "inbox"
        finally:
            portal.terminate()
            portal.wait()


def _run(home: Path, *arguments: str) -> str:
    done = subprocess.run([*HUIZONG, home, *arguments], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def spoiled_workbook(inbox: Path, folder: Path) -> Path:
    """Copy a county's workbook of cases, with a wrong date and a missing one in it."""
    source = next(path for path in sorted(inbox.glob(f"{MONTH}/*/*立案台账.xlsx")))
    workbook = load_workbook(source)
    sheet = workbook.worksheets[0]
    rows = [row for row in sheet.iter_rows(min_row=3) if sum(cell.value is not None for cell in row) > 4]
    header = next(row for row in sheet.iter_rows() if sum(cell.value is not None for cell in row) > 4)
    date = next(cell.column for cell in header if str(cell.value) in ("立案日期", "立案时间"))
    rows[1][date - 1].value = "2023年6月31日"
    rows[2][date - 1].value = None
    target = folder / "立案台账.xlsx"
    workbook.save(target)
    return target


def sign_in(page: Any, name: str, passwords: dict[str, str]) -> None:
    """Sign in with the first password, and choose one's own."""
    page.goto("/")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(passwords[name])
    page.get_by_role("button", name="登录").click()
    page.locator("#old").fill(passwords[name])
    for field in ("#new", "#again"):
        page.locator(field).fill(PASSWORD)
    page.get_by_role("button", name="保存").click()
    page.locator("#again").wait_for(state="detached")


def upload(page: Any, workbook: Path) -> str:
    """Upload a workbook, wait for its check, and return the path of its page."""
    page.goto(f"/month?period={MONTH}")
    page.locator("input[type=file]").first.set_input_files([workbook])
    page.get_by_role("button", name="上传并检查", exact=True).click()
    page.get_by_text("下载标好的表").first.wait_for(timeout=60_000)
    return re.sub(r"^https?://[^/]+", "", page.url)


def take_pictures(page: Any, name: str, folder: Path, *, is_for_docs: bool) -> None:
    """Write the head of a page, or all of it in two widths."""
    widths = {WIDTH: name} if is_for_docs else {WIDE: name, PHONE_WIDTH: f"{name}-phone"}
    for width, file_name in widths.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.screenshot(path=folder / f"{file_name}.png", full_page=not is_for_docs)


def main(folder: Path, *, is_for_docs: bool) -> None:
    """Write the pictures of every page."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        running_portal() as (address, passwords, inbox),
        tempfile.TemporaryDirectory() as temporary,
        start_browser() as browser,
    ):
        workbook = spoiled_workbook(inbox, Path(temporary))
        pages: dict[str, Any] = {}
        uploaded = ""
        for name, account, path in PAGES:
            if account not in pages:
                pages[account] = browser.new_context(base_url=address, locale="zh-CN").new_page()
                if account:
                    sign_in(pages[account], account, passwords)
                if account == "clerk":
                    uploaded = upload(pages[account], workbook)
            if is_for_docs and name not in IN_DOCS:
                continue
            pages[account].goto(path.format(upload=uploaded))
            take_pictures(pages[account], name, folder, is_for_docs=is_for_docs)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, is_for_docs=len(sys.argv) == 1)
