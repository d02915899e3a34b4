"""An office that sends files, and a bureau that decides about them, night by night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flows.home import Home
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.pipeline import ingest
from flows.workspace import RunScope, Workspace
from schemas.catalogue import ledgers
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading

STAR, RIVER = "990102", "990181"
ADD, WHOLE = [["本次报送：", "□ 全部", "☑ 补充"]], [["本次报送：全部"]]
DECISION = """
[[{kind}]]
unit = "{unit}"
period = "2023-06"
ledger = "cases"
file = "2023-06/{unit}/{name}.xlsx"
{mode}
reason = "已核实"
approved_by = "法制科"
until = 2024-12-31
"""


def case(number: int, **changes: Any) -> dict[str, Any]:
    return {"case_no": f"某环立〔2023〕{number}号", "party_name": f"第{number}公司", **changes}


def cases(*numbers: int) -> list[dict[str, Any]]:
    return [case(number) for number in numbers]


def decision(kind: str, name: str, mode: str = "", unit: str = STAR) -> str:
    return DECISION.format(kind=kind, name=name, unit=unit, mode=f'mode = "{mode}"' if mode else "")


class Office:
    """A home that takes in files and decisions night by night."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.day = workspace, 1

    def send(self, name: str, *rows: dict[str, Any], unit: str = STAR, above: Any = ()) -> None:
        self.put(name, ledger_bytes("cases", *rows, above=above), unit)

    def put(self, name: str, data: bytes, unit: str = STAR) -> None:
        put(self.workspace.home.inbox, f"2023-06/{unit}/{name}.xlsx", data, f"2023-07-{self.day:02}T10:00")

    def decide(self, text: str) -> None:
        (self.workspace.home.folder / "adjustments.toml").write_text(text, encoding="utf-8")

    def night(self, scope: RunScope | None = None) -> None:
        self.day += 1
        home = Home(self.workspace.home.folder)
        self.workspace.adjustments = home.adjustments(ledgers(), self.workspace.regions)
        ingest(self.workspace, scope or RunScope(), datetime(2023, 7, self.day, 2))

    def counted(self, unit: str = STAR) -> list[int]:
        """Return the numbers of the unit's cases that count."""
        table = self.workspace.tables.ledgers["cases"]
        is_counted = table.c.retired_load.is_(None) & table.c.is_counted & (table.c.unit_code == unit)
        with reading(self.workspace.engine) as connection:
            rows = connection.execute(table.select().where(is_counted)).all()
        return sorted(int(row.case_no.rpartition("〕")[2].rstrip("号")) for row in rows)

    def open_states(self) -> dict[str, str]:
        """Return the states of the submissions that nothing superseded, by file name."""
        table = self.workspace.tables.submissions
        with reading(self.workspace.engine) as connection:
            rows = connection.execute(table.select().where(table.c.superseded_load.is_(None))).all()
        return {row.source_file.rsplit("/", 1)[-1].removesuffix(".xlsx"): row.state for row in rows}

    def reported_rules(self) -> list[str]:
        """Return the rules of the findings on submissions of the last load."""
        return sorted(
            finding.rule_id for finding in self.findings() if finding.rule_id.startswith("submission")
        )

    def findings(self) -> list[Any]:
        tables = self.workspace.tables
        with reading(self.workspace.engine) as connection:
            last = connection.execute(tables.loads.select().order_by(tables.loads.c.load_id.desc())).first()
            assert last is not None
            is_last = tables.findings.c.load_id == last.load_id
            return list(connection.execute(tables.findings.select().where(is_last)))

    def differing_after_rebuild(self) -> list[str]:
        rebuilt = rebuild(self.workspace.home, "sqlite://", lambda _line: None)
        try:
            return compare_warehouses(self.workspace, rebuilt).differing
        finally:
            rebuilt.engine.dispose()
