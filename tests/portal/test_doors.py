"""Which role may open which page, and what keeps other sites' pages from giving orders."""

from __future__ import annotations

import pytest

from flows.portal.guard import HEADERS
from flows.portal.routes import ROUTES
from tests.support.portal_site import Site, cases_workbook

CLERK, OPERATOR, READER = ("star",), ("bureau",), ("reader", "bureau")
EVERYBODY = ("star", "bureau", "reader")
#: who may open each page; a page that is not here makes the test fail
DOORS = {
    "POST /sign-out": EVERYBODY,
    "GET /password": EVERYBODY,
    "POST /password": EVERYBODY,
    "GET /month": CLERK,
    "GET /month/template": CLERK,
    "GET /templates": CLERK,
    "GET /templates/{ledger}": CLERK,
    "GET /receipts/{period}/{unit}/{name}": CLERK,
    "POST /uploads": CLERK,
    "GET /uploads": CLERK,
    "GET /uploads/{upload_id:int}": CLERK,
    "GET /uploads/{upload_id:int}/receipt": CLERK,
    "GET /uploads/{upload_id:int}/file": CLERK,
    "POST /uploads/{upload_id:int}/preview": CLERK,
    "POST /uploads/{upload_id:int}/send": CLERK,
    "POST /uploads/{upload_id:int}/take-back": CLERK,
    "POST /uploads/{upload_id:int}/remove": CLERK,
    "GET /uploads/sending": CLERK,
    "POST /uploads/sending": CLERK,
    "GET /morning": OPERATOR,
    "GET /runs": OPERATOR,
    "GET /settling": OPERATOR,
    "GET /chase": OPERATOR,
    "GET /chase.csv": OPERATOR,
    "GET /rates.csv": OPERATOR,
    "GET /moved": OPERATOR,
    "GET /moved.csv": OPERATOR,
    "GET /questions": OPERATOR,
    "GET /questions.csv": OPERATOR,
    "GET /deadlines": ("star", "bureau"),
    "GET /deadlines.csv": ("star", "bureau"),
    "GET /reports": OPERATOR,
    "GET /reports/{period}/{unit}/{ledger}": OPERATOR,
    "GET /submissions/{submission_id:int}": OPERATOR,
    "GET /submissions/{submission_id:int}/file": OPERATOR,
    "GET /submissions/{submission_id:int}/receipt": OPERATOR,
    "GET /figures": READER,
    "GET /report": READER,
    "GET /report/{ending}": READER,
    "GET /figures.csv": READER,
    "GET /figures/{indicator_id}": READER,
    "GET /coverage": READER,
    "GET /coverage.csv": READER,
    "GET /penalties": READER,
    "GET /penalties.csv": READER,
    "GET /submissions/{submission_id:int}/rows/{row:int}": OPERATOR,
    "GET /decisions": OPERATOR,
    "GET /decisions/new": OPERATOR,
    "POST /decisions": OPERATOR,
    "GET /decisions/{decision_id}/cancel": OPERATOR,
    "POST /decisions/{decision_id}/cancel": OPERATOR,
    "GET /rerun": OPERATOR,
    "POST /rerun": OPERATOR,
    "GET /publish": OPERATOR,
    "POST /publish": OPERATOR,
    "GET /export": OPERATOR,
    "POST /export": OPERATOR,
    "GET /jobs": OPERATOR,
    "GET /jobs/{job_id:int}": OPERATOR,
    "GET /jobs/{job_id:int}/export": OPERATOR,
    "GET /audit": OPERATOR,
    "GET /audit.csv": OPERATOR,
    "GET /figures/{indicator_id}/rows": OPERATOR,
    "GET /figures/{indicator_id}/rows.xlsx": OPERATOR,
    "GET /figures/{indicator_id}/history": OPERATOR,
    "GET /figures/{indicator_id}.csv": READER,
}
OPEN = {"GET /", "POST /sign-in"}
VALUES = {
    "{ledger}": "cases",
    "{ending}": "html",
    "{period}": "2023-06",
    "{name}": "a.xlsx",
    "{upload_id:int}": "1",
    "{submission_id:int}": "1",
    "{row:int}": "2",
    "{job_id:int}": "1",
    "{unit}": "990102",
    "{indicator_id}": "case_filed_count",
}


def path_of(door: str) -> tuple[str, str]:
    method, path = door.split()
    for name, value in VALUES.items():
        path = path.replace(name, value)
    return method, path


def test_every_page_is_in_the_table() -> None:
    assert {f"{route.method} {route.path}" for route in ROUTES} == DOORS.keys() | OPEN


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_role_opens_its_own_doors_and_no_other(site: Site, name: str) -> None:
    visitor = site.visitor(name)
    for door in sorted(DOORS, key=lambda door: door == "POST /sign-out"):
        method, path = path_of(door)
        answer = visitor.get(path) if method == "GET" else visitor.post(path, unit="990102")
        is_refused = answer.status_code == 403
        assert is_refused == (name not in DOORS[door]), (door, answer.status_code)
        assert answer.status_code != 500, door


def test_nobody_else_opens_any(site: Site) -> None:
    visitor = site.visitor()
    for door in DOORS:
        method, path = path_of(door)
        answer = visitor.get(path) if method == "GET" else visitor.post(path, unit="990102")
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), door


def test_every_answer_has_the_strict_headers(site: Site) -> None:
    for path in ("/", "/static/portal.css", "/nothing", "/month"):
        answer = site.visitor("star").get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://other.test"}, {"origin": "null"}, {"sec-fetch-site": "cross-site", "origin": "http://portal.test"},
     {"sec-fetch-site": "same-site"}, {"origin": "http://[::1"}, {"origin": "http://a]b[c"}, {"origin": "http://[portal.test]"}],
)  # fmt: skip
def test_another_sites_page_gives_no_orders(site: Site, headers: dict[str, str]) -> None:
    visitor = site.visitor("star")
    form = {"form_token": visitor.form_token}
    assert visitor.client.post("/sign-out", data=form, headers=headers).status_code == 403
    assert visitor.get("/month").status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "词"])
def test_a_form_without_the_token_of_its_session_changes_nothing(site: Site, token: str) -> None:
    visitor = site.visitor("star")
    assert visitor.post("/sign-out", form_token=token).status_code == 403
    assert visitor.get("/month").status_code == 200


def test_a_clerk_reaches_nothing_of_another_unit(site: Site) -> None:
    star, ridge = site.visitor("star"), site.visitor("ridge")
    page = star.checked("甲.xlsx", cases_workbook(1))
    star.post(f"{page}/send")
    site.night()
    for path in (page, f"{page}/receipt", f"{page}/file"):
        assert star.get(path).status_code == 200
        assert ridge.get(path).status_code == 404
    for path in (f"{page}/send", f"{page}/take-back", f"{page}/preview"):
        assert ridge.post(path).status_code == 404
    [receipt] = site.portal.workspace().home.receipts.glob("2023-06/990102/*")
    assert star.get(f"/receipts/2023-06/990102/{receipt.name}").content == receipt.read_bytes()
    for name in (receipt.name, f"../990102/{receipt.name}", "..%2f990102%2f" + receipt.name):
        for unit in ("990102", "990121"):
            assert ridge.get(f"/receipts/2023-06/{unit}/{name}").status_code == 404
    answer = ridge.upload(("甲.xlsx", cases_workbook(1)), unit="990102")
    assert answer.status_code == 403
    assert "甲.xlsx" not in ridge.get("/uploads").text


def test_the_address_of_a_form_leads_to_its_page(site: Site) -> None:
    visitor = site.visitor("star")
    pages = {
        "/sign-in": "/",
        "/sign-out": "/",
        "/uploads/7/send": "/uploads/7",
        "/uploads/7/remove": "/uploads/7",
    }
    for address, page in pages.items():
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, page), address
    assert visitor.get("/uploads/a/send").status_code == 404
    assert visitor.get("/month").status_code == 200
    for route in ROUTES:
        assert visitor.get(path_of(f"GET {route.path}")[1]).status_code != 405, route.path
