"""After a publication its report, its figures and proofreading against it stay, whatever is loaded later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flows.bulletin.contents import open_source, read_bulletin
from flows.outputs.publication import publish
from flows.queries.proofread import proofread_text
from flows.workspace import Workspace
from schemas.periods import Period
from tests.conftest import on_each_database
from tests.pipeline.test_archive import night
from tests.support.counties import ledger_bytes, put
from transforms.bulletin.page import write_page
from transforms.proofread.read_plain import read_plain
from warehouse.engine import reading
from warehouse.figures.publications import Publication, published_figures

JUNE, LOOKED_AT = Period.parse("2023-06"), datetime(2024, 2, 20)
TEXT = "6月，星河区立案1件，处罚款2000元；全市立案1件，较上月增加1件。1—6月全市立案1件，1—5月没有立案。"


def everything(workspace: Workspace, publication: Publication) -> dict[str, Any]:
    """Return all that a reader gets of a publication."""
    with reading(workspace.engine) as connection:
        source = open_source(workspace, connection, publication, LOOKED_AT)
        page = write_page(read_bulletin(source, JUNE, workspace.regions.top.code))
        code = workspace.regions.top.code
        findings = proofread_text(workspace, connection, read_plain(TEXT), code, JUNE, publication).findings
        figures = published_figures(connection, workspace.tables, publication.number)
    return {"page": page, "findings": findings, "figures": [dict(row) for row in figures]}


@on_each_database
def test_a_publication_stays_for_ever(workspace: Workspace) -> None:
    inbox = workspace.home.inbox
    put(inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    put(inbox, "2023-06/990102/处罚.xlsx", ledger_bytes("penalties", {}), "2023-07-01T01:00")
    night(workspace, 1)
    published = publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 3, 9)).publication
    before = everything(workspace, published)
    assert any(finding.state == "agrees" for finding in before["findings"])
    later = {
        "2023-06/990102/补报-立案.xlsx": ledger_bytes("cases", {}, {"case_no": "某环立(星)〔2023〕2号"}),
        "2023-05/990102/立案.xlsx": ledger_bytes("cases", {"case_no": "某环立(星)〔2023〕9号", "filed_on": "2023-05-08"}),
        "2023-06/990121/立案.xlsx": ledger_bytes("cases", {"case_no": "某环立(长)〔2023〕1号"}),
        "2022-06/990102/立案.xlsx": ledger_bytes("cases", {"case_no": "某环立(星)〔2022〕1号", "filed_on": "2022-06-08"}),
    }  # fmt: skip
    for number, (path, data) in enumerate(later.items(), start=1):
        put(inbox, path, data, f"2023-07-0{3 + number}T01:00")
    night(workspace, 9)
    again = publish(workspace, JUNE, "", as_provisional=True, now=datetime(2023, 7, 10, 9)).publication
    assert everything(workspace, published) == before
    assert everything(workspace, again)["figures"] != before["figures"]
    assert everything(workspace, again)["findings"] != before["findings"]
