"""A check beside a warehouse finds what the next night finds: the page of an upload, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.portal.checks import check_upload, upload_file
from schemas.states import ACCEPTED, AWAITING, PARTIAL, REJECTED
from tests.portal.conftest import open_site
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import case
from tests.support.portal_site import Site
from warehouse.engine import reading
from warehouse.ops.findings import findings_of_load
from warehouse.ops.submissions import submissions_of_load
from warehouse.portal.uploads import CHECKING, Upload

MONTH, STAR, RIDGE = "2023-06", "990102", "990121"
CASES = [case(number) for number in range(1, 13)]
OFFICERS = [{"officer_no": f"R{number:03}", "certificate_no": f"Z-{number}"} for number in range(9)]
PAYMENTS = [{"receipt_no": f"43002023{number}", "amount_fen": 10000 * number} for number in range(1, 4)]


def transfers(*detained: int | None) -> list[dict[str, Any]]:
    return [
        {"document_no": f"某环移〔2023〕{number}号", "persons_detained": persons}
        for number, persons in enumerate(detained, start=1)
    ]


EARLIER = {
    f"{MONTH}/{STAR}/立案.xlsx": ledger_bytes("cases", *CASES),
    f"{MONTH}/{STAR}/处罚.xlsx": ledger_bytes("penalties", {}),
    f"{MONTH}/{STAR}/移送.xlsx": ledger_bytes("transfers", *transfers(1, 2, None)),
    f"{MONTH}/{STAR}/缴款.xlsx": ledger_bytes("payments", *PAYMENTS),
    f"{MONTH}/{STAR}/人员.xlsx": ledger_bytes("officers", *OFFICERS),
    f"{MONTH}/{RIDGE}/诉讼.xlsx": ledger_bytes("lawsuits", {}),
}
#: lies in the inbox when the files are checked
WAITING = {f"{MONTH}/{STAR}/复议一.xlsx": ledger_bytes("reconsiderations", {"case_no": "某复〔2023〕1号"})}
#: by the name of the file: what is in it, the state of its report, and rules that only a warehouse knows
NEW: dict[str, tuple[bytes, str, set[str]]] = {
    "检查.xlsx": (ledger_bytes("inspections", {}), ACCEPTED, set()),
    "立案.xlsx": (ledger_bytes("cases", *CASES[:-1]), ACCEPTED, {"submission.rows_gone"}),
    "人员二.xlsx": (ledger_bytes("officers", *OFFICERS[:2]), AWAITING, {"submission.awaits_confirmation"}),
    "移送.xlsx": (
        ledger_bytes("transfers", *transfers(None, None, None)),
        AWAITING,
        {"submission.values_await_confirmation"},
    ),
    "缴款.xlsx": (
        ledger_bytes("payments", *({**row, "amount_fen": row["amount_fen"] // 10} for row in PAYMENTS)),
        ACCEPTED,
        {"submission.amounts_by_one_factor"},
    ),
    "诉讼.xlsx": (
        ledger_bytes("lawsuits", {}, {"case_no": "(2023)某01行初9号"}),
        ACCEPTED,
        {"row.other_unit_has_key"},
    ),
    "复议二.xlsx": (
        ledger_bytes("reconsiderations", {"case_no": "某复〔2023〕1号", "outcome": "撤销"}),
        AWAITING,
        {"submission.two_versions_one_night"},
    ),
    "信访.xlsx": (
        ledger_bytes("petitions", {"registered_on": "待定"}, {"petition_no": "XF-2"}),
        PARTIAL,
        set(),
    ),
    "处罚二.xlsx": (EARLIER[f"{MONTH}/{STAR}/处罚.xlsx"], "", {"file.duplicate"}),
    "坏了.xlsx": (b"PK no workbook", REJECTED, set()),
}


def keys_of(findings: Any) -> set[tuple[str, ...]]:
    """Return what a finding is, where it stands and what it says."""
    columns = ["rule_id", "severity", "sheet", "cell", "value", "message"]
    return {tuple(str(finding.get(name) or "") for name in columns) for finding in findings}


@pytest.fixture(scope="module")
def nights(
    tmp_path_factory: pytest.TempPathFactory, laid_out_file: Path
) -> Iterator[dict[str, dict[str, Any]]]:
    """By file: what the page of its upload, the command and then the night say of it."""
    from schemas.ledgers.finding import compose_messages

    with open_site(tmp_path_factory.mktemp("nights") / "home", laid_out_file) as site:
        inbox = site.portal.workspace().home.inbox
        for path, data in EARLIER.items():
            put(inbox, path, data)
        site.night()
        site.wait(minutes=60 * 24)
        for path, data in WAITING.items():
            put(inbox, path, data, "2023-07-03T08:00")
        statements = checked(site)
        for name, (data, *_) in NEW.items():
            put(inbox, f"{MONTH}/{STAR}/{name}", data, "2023-07-04T08:00")
        site.night()
        workspace = site.portal.workspace()
        with reading(workspace.engine) as connection:
            findings = findings_of_load(connection, workspace.tables, 2)
            submissions = submissions_of_load(connection, workspace.tables, 2)
        findings = findings.assign(message=compose_messages)
        findings = findings.astype(object).where(findings.notna(), None)
        for name, about in statements.items():
            path = f"{MONTH}/{STAR}/{name}"
            about["night"] = findings[findings["file"].eq(path)].to_dict("records")
            about["states"] = submissions[submissions["source_file"].eq(path)]["state"].tolist()
        yield statements


def checked(site: Site) -> dict[str, dict[str, Any]]:
    """Check each file as an upload, and all by the command."""
    workspace, folder = site.portal.workspace(), site.portal.folder
    files, statements = dict[str, Path](), dict[str, dict[str, Any]]()
    for number, (name, (data, *_)) in enumerate(NEW.items()):
        upload = Upload(
            number,
            "star",
            STAR,
            MONTH,
            name,
            sha256(data).hexdigest(),
            len(data),
            site.now,
            CHECKING,
            None,
            None,
            None,
        )
        file = files[name] = upload_file(folder, number, name)
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        statements[name] = {"page": check_upload(workspace, folder, upload)}
    options = ["--home", str(workspace.home.folder), "check", *map(str, files.values()), "--json"]
    result = CliRunner().invoke(main, [*options, "--unit", STAR, "--period", MONTH])
    findings = json.loads(result.stdout)
    for name, file in files.items():
        statements[name]["command"] = [finding for finding in findings if finding["file"] == str(file)]
    return statements


@pytest.mark.parametrize("name", NEW)
def test_a_check_finds_what_the_night_finds(nights: dict[str, dict[str, Any]], name: str) -> None:
    _, state, rules = NEW[name]
    about = nights[name]
    by_night = keys_of(about["night"])
    assert {key[1:] for key in keys_of(about["page"]["findings"])} == {key[1:] for key in by_night}
    assert keys_of(about["command"]) == by_night
    assert rules <= {finding["rule_id"] for finding in about["command"]}
    assert [sheet["state"] for sheet in about["page"]["sheets"]][:1] == ([state or ACCEPTED])
    assert about["states"] == ([state] if state else [])
    assert about["page"]["is_compared"]
