"""A nightly run upgrades an older warehouse or changes nothing.

Newer ones are rejected; readers say what to run.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from click.testing import CliRunner, Result
from sqlalchemy import event, inspect, text

from flows.cli import main
from flows.home import Home
from flows.pipeline import ingest
from flows.workspace import RunScope, Workspace
from schemas.catalogue import ledgers
from schemas.ledgers.types import Money
from schemas.periods import Period
from tests.conftest import on_each_database, on_postgresql
from tests.support.counties import ledger_bytes, put
from tests.support.histories import CITY, INDICATORS, RIVER, STAR, Row, SentReport
from tests.support.history_warehouse import figures, load
from tests.support.older_warehouses import (
    change_payments,
    describe_schema,
    make_first_revision,
    open_with_ledgers,
)
from warehouse.engine import open_warehouse, reading, writing
from warehouse.migrations import fingerprint as schema_form
from warehouse.migrations import upgrade
from warehouse.migrations.fingerprint import SchemaStatus, UpgradeError, known_revisions, revision_of
from warehouse.migrations.schema_diff import compare_schemas
from warehouse.schema.tables import Warehouse, build_tables

FORK = multiprocessing.get_context("fork")
JUNE = Period.parse("2023-06")
LAST = -1


def huizong(workspace: Workspace, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(workspace.home.folder), *arguments])


def paid(workspace: Workspace) -> Any:
    """Read what two counties paid in the city's year, from the rows of the first revision."""
    return figures(workspace, 1, INDICATORS)["paid", CITY, Period.parse("2023")][0]


@pytest.fixture
def fresh(workspace: Workspace) -> dict[str, Any]:
    """Describe the schema of a warehouse created by this program."""
    return describe_schema(workspace.engine)


@pytest.fixture
def first(fresh: dict[str, Any], workspace: Workspace) -> Workspace:  # noqa: ARG001 - must be made first
    """A warehouse of the first revision, with a load of two reports."""
    reports = [
        SentReport("payments", unit, "2023-06", {unit: Row(date(2023, 6, 3), 700, "a", 1)})
        for unit in (STAR, RIVER)
    ]
    load(workspace.engine, workspace.tables, reports, datetime(2023, 7, 5), workspace.regions)
    make_first_revision(workspace)
    assert workspace.form() is SchemaStatus.OLDER
    return workspace


class TestAnOlderWarehouse:
    @on_each_database
    def test_is_upgraded_by_the_nightly_run_and_its_figures_stay_current(
        self, first: Workspace, fresh: dict[str, Any]
    ) -> None:
        payment = {"paid_on": "2023-06-20", "amount_fen": 3, "decision_no": "某环罚(江)〔2023〕7号"}
        data = ledger_bytes("payments", payment, above=[["本次报送：全部"]])
        put(first.home.inbox, f"2023-06/{RIVER}/a.xlsx", data)
        assert ingest(first, RunScope(), datetime(2023, 7, 6)).load_id == 2
        current_figures = figures(first, 2, INDICATORS)
        assert (
            paid(first),
            current_figures["paid", STAR, JUNE][0],
            current_figures["paid", RIVER, JUNE][0],
        ) == (
            1400,
            700,
            300,
        )
        assert (first.form(), describe_schema(first.engine)) == (SchemaStatus.CURRENT, fresh)

    def test_is_upgraded_by_a_nightly_run_without_new_files(self, workspace: Workspace) -> None:
        make_first_revision(workspace)
        result = huizong(workspace, "nightly")
        assert (result.exit_code, "Nothing new" in result.output, workspace.form()) == (
            0,
            True,
            SchemaStatus.CURRENT,
        )

    def test_is_not_changed_by_commands_that_read(self, first: Workspace) -> None:
        before = describe_schema(first.engine)
        for arguments in (
            ["indicators", "--period", "2023"],
            ["status"],
            ["statistics", "--year", "2023"],
            ["verify"],
        ):
            result = huizong(first, *arguments)
            assert (result.exit_code, "run `huizong nightly` to upgrade it" in result.output) == (
                1,
                True,
            ), arguments
        assert describe_schema(first.engine) == before

    @on_each_database
    def test_goes_down_and_up_again(self, first: Workspace, fresh: dict[str, Any]) -> None:
        first.prepare()
        upgrade.downgrade(first.engine, "0001")
        assert "runs" not in describe_schema(first.engine)
        first.prepare()
        assert describe_schema(first.engine) == fresh

    @on_each_database
    def test_between_two_revisions_keeps_its_rows(self, first: Workspace, fresh: dict[str, Any]) -> None:
        with writing(first.engine) as connection:
            first.tables.runs.create(connection)
            connection.execute(text("ALTER TABLE runs DROP COLUMN is_complete_scan"))
        first.prepare()
        assert describe_schema(first.engine) == fresh

    def test_may_be_too_old_and_is_rebuilt(self, first: Workspace) -> None:
        with writing(first.engine) as connection:
            connection.execute(text("DROP TABLE adjustments"))
        result = huizong(first, "nightly")
        assert (result.exit_code, "`huizong rebuild --replace`" in result.output) == (1, True)
        if first.engine.dialect.name == "sqlite":
            del os.environ["HUIZONG_WAREHOUSE_URL"]
            result = huizong(first, "rebuild", "--replace")
            assert (
                result.exit_code,
                "could not be compared" in result.output,
                "It now is" in result.output,
            ) == (
                0,
                True,
                True,
            )
            first.engine.dispose()
            assert first.form() is SchemaStatus.CURRENT


def upgrade_and_die(nth_change: int, folder: Path) -> None:
    """Upgrade a warehouse and kill this process at its n-th change."""
    workspace, changes = Workspace(Home(folder)), 0

    def step(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal changes
        changes += statement.lstrip().startswith(("CREATE", "DROP", "ALTER", "INSERT INTO schema_form"))
        if changes == nth_change or (nth_change == LAST and "INTO schema_form" in statement):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(workspace.engine, "after_cursor_execute", step)
    workspace.prepare()


@on_each_database
def test_a_killed_upgrade_changes_nothing(first: Workspace) -> None:
    before = describe_schema(first.engine)
    for nth_change in (
        2,
        30,
        100,
        LAST,
    ):  # views dropped, tables created, indexes created, before the commit
        first.engine.dispose()
        child = FORK.Process(target=upgrade_and_die, args=(nth_change, first.home.folder))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        assert (describe_schema(first.engine), first.form()) == (before, SchemaStatus.OLDER)
    first.prepare()
    assert (first.form(), paid(first)) == (SchemaStatus.CURRENT, 1400)


@on_each_database
def test_the_revisions_create_the_fixed_tables_as_they_are_defined(
    warehouse_url: str, home_folder: Path
) -> None:
    assert home_folder.exists()
    engine, fixed = open_warehouse(warehouse_url), Warehouse(build_tables({}), {})
    with writing(engine) as connection:
        command.upgrade(upgrade._config(connection), "head")
        assert revision_of(connection) == known_revisions()[-1]
        steps = compare_schemas(connection, fixed)[1]
    differing = [
        step
        for step in steps
        if not hasattr(step, "modify_comment") or (step.has_changes() and step.modify_type is not None)
    ]
    engine.dispose()
    assert differing == [], "a fixed table was changed without a revision"


class TestAChangedDefinition:
    @on_each_database
    def test_a_new_ledger_and_a_new_field_are_added(self, first: Workspace) -> None:
        first.prepare()
        noise = replace(ledgers()["payments"], name="noise", row_rules=())
        changed = {**change_payments(weather="new"), "noise": noise}
        workspace = open_with_ledgers(first, changed)
        assert workspace.form() is SchemaStatus.OLDER
        workspace.prepare()
        assert workspace.form() is SchemaStatus.CURRENT
        with reading(workspace.engine) as connection:
            rows = connection.execute(text("SELECT weather, amount_fen FROM mart_payments")).all()
            assert [tuple(row) for row in rows] == [(None, 700)] * 2
            assert connection.scalar(text("SELECT count(*) FROM mart_noise")) == 0
        assert {"noise_counted", "noise_by_key"} <= {
            get_index["name"] for get_index in inspect(workspace.engine).get_indexes("noise")
        }

    @on_each_database
    def test_other_changes_than_additions_are_rejected(
        self, workspace: Workspace, fresh: dict[str, Any]
    ) -> None:
        rejections = {
            "'payments' has a column 'kind' that no definition has": change_payments(kind=None),
            "the column 'kind' of 'payments' is TEXT and by definition BIGINT": change_payments(
                kind=Money()
            ),
            "'payments' has a column 'kind'": change_payments(kind=None, reason="new"),
            "'exams' is the table of a ledger": {
                name: ledger for name, ledger in ledgers().items() if name != "exams"
            },
        }
        for message, changed in rejections.items():
            with pytest.raises(
                UpgradeError, match=r"docs/extending\.md, 'A change that needs a revision'"
            ) as rejected:
                open_with_ledgers(workspace, changed).prepare()
            assert message in str(rejected.value)
            assert (describe_schema(workspace.engine), workspace.form()) == (fresh, SchemaStatus.CURRENT)

    @on_each_database
    def test_a_field_that_became_private_leaves_its_view(self, workspace: Workspace) -> None:
        payments = ledgers()["payments"]
        fields = tuple(
            replace(field, private=field.private or field.name == "kind") for field in payments.fields
        )
        open_with_ledgers(workspace, {**ledgers(), "payments": replace(payments, fields=fields)}).prepare()
        assert "kind" not in {
            get_column["name"] for get_column in inspect(workspace.engine).get_columns("mart_payments")
        }

    @on_each_database
    def test_objects_of_others_in_the_same_database_are_unchanged(self, workspace: Workspace) -> None:
        with writing(workspace.engine) as connection:
            connection.execute(text("CREATE TABLE notes (note TEXT)"))
            connection.execute(text("CREATE INDEX of_our_own ON payments (kind)"))
        open_with_ledgers(workspace, change_payments(weather="new")).prepare()
        assert "notes" in describe_schema(workspace.engine)
        assert {"of_our_own", "payments_by_date"} <= {
            get_index["name"] for get_index in inspect(workspace.engine).get_indexes("payments")
        }


@pytest.fixture
def further_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A revision that removes a field of the payments, as the documented command writes it."""
    folder = Path(shutil.copytree(str(schema_form.MIGRATIONS), tmp_path / "migrations"))
    for module in (schema_form, upgrade):
        monkeypatch.setattr(module, "MIGRATIONS", folder)
    config = upgrade._config(None)
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    command.revision(config, "payments lose their kind", rev_id="9999")
    written = folder / "versions" / "r9999_payments_lose_their_kind.py"
    written.write_text(written.read_text().replace("a_ledger", "payments").replace("a_field", "kind"))
    return written


@on_each_database
def test_a_hand_written_revision_makes_other_changes(first: Workspace, further_revision: Path) -> None:
    workspace = open_with_ledgers(first, change_payments(kind=None))
    workspace.prepare()
    with reading(workspace.engine) as connection:
        assert revision_of(connection) == "9999"
        assert connection.scalar(text("SELECT count(*) FROM mart_payments")) == 2
    columns, indexes, keys, key = describe_schema(workspace.engine)["payments"]
    assert "kind" not in {column[0] for column in columns}
    assert {"payments_counted", "payments_standing", "payments_by_date"} <= {index[0] for index in indexes}
    options = {
        get_index["name"]: get_index.get("dialect_options", {})
        for get_index in inspect(workspace.engine).get_indexes("payments")
    }
    assert "retired_load IS NULL" in " ".join(map(str, options["payments_counted"].values()))
    assert (keys, key) == ([(["submission_id"], "submissions")], ["version_id"])
    further_revision.unlink()
    assert workspace.form() is SchemaStatus.NEWER  # to a program without that revision


@on_each_database
def test_a_newer_warehouse_is_rejected(workspace: Workspace, fresh: dict[str, Any]) -> None:
    with writing(workspace.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE schema_form SET fingerprint = 'another'"))
    for arguments in (["nightly"], ["status"], ["publish", "--period", "2023"]):
        result = huizong(workspace, *arguments)
        assert (result.exit_code, "made by a newer version" in result.output) == (1, True), arguments
    assert describe_schema(workspace.engine) == fresh


@on_postgresql  # SQLite's readers hold nobody up, and it knows no roles
class TestOnPostgresql:
    def test_a_reader_that_blocks_the_upgrade_is_named(
        self, workspace: Workspace, fresh: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in {"LOCK_SECONDS": 0.1, "TRIES": 2, "PAUSE_SECONDS": 0.0}.items():
            monkeypatch.setattr(upgrade, name, value)
        changed = open_with_ledgers(workspace, change_payments(weather="new"))
        second_engine = open_warehouse(workspace.home.warehouse_url)
        with second_engine.connect() as reader:
            session = reader.scalar(text("SELECT pg_backend_pid()"))
            assert list(reader.execute(text("SELECT * FROM mart_payments"))) == []
            with pytest.raises(
                UpgradeError, match=rf"while it is read: session {session} \(.*pg_terminate_backend"
            ):
                changed.prepare()
            assert describe_schema(workspace.engine) == fresh
        second_engine.dispose()
        changed.prepare()
        assert changed.form() is SchemaStatus.CURRENT

    def test_readers_of_a_view_may_read_it_afterwards(self, workspace: Workspace) -> None:
        with writing(workspace.engine) as connection:
            connection.execute(text("GRANT SELECT ON mart_payments TO PUBLIC"))
        open_with_ledgers(workspace, change_payments(weather="new")).prepare()
        with reading(workspace.engine) as connection:
            rights = connection.scalar(
                text("SELECT relacl::text FROM pg_class WHERE relname = 'mart_payments'")
            )
        assert "=r/" in str(rights)

    def test_views_of_others_that_depend_on_the_tables_are_named(self, workspace: Workspace) -> None:
        with writing(workspace.engine) as connection:
            connection.execute(text("CREATE VIEW of_the_bureau AS SELECT kind FROM mart_payments"))
        with pytest.raises(UpgradeError, match="view of_the_bureau depends on view mart_payments"):
            open_with_ledgers(workspace, change_payments(weather="new")).prepare()
        with writing(workspace.engine) as connection:
            connection.execute(text("DROP VIEW of_the_bureau"))


def test_a_current_warehouse_needs_no_import_of_alembic(workspace: Workspace) -> None:
    code = (
        "import sys; from pathlib import Path; from flows.home import Home; from flows.workspace import Workspace; "
        f"Workspace(Home(Path({str(workspace.home.folder)!r}))).prepare(); sys.exit('alembic' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode
        == 0
    )
