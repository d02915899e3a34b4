"""Find every call that prints, logs, writes a file or sends something, by module; list the known ones."""

from __future__ import annotations

import ast
from pathlib import Path

#: what is called, by the last parts of its name
OUTPUTS = {
    "print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write", "Console", "logging.getLogger",
    "logging.warning", "logging.error", "logging.info", "warnings.warn", "write_text", "write_bytes", "write_atomic",
    "replace_atomic", "csv.writer", "xlsxwriter.Workbook", "Workbook", "ParquetWriter", "CSVWriter", "emit_event",
    "create_table_artifact", "create_markdown_artifact", "create_link_artifact", "create_image_artifact", "notify",
    "subprocess.run", "subprocess.Popen", "urlopen", "smtplib.SMTP", "syslog.syslog", "json.dump", "to_csv", "to_excel",
    "to_json", "to_html", "to_parquet", "render", "run_logger", "get_run_logger",
}  # fmt: skip
#: modes of `open` that write
WRITING = set("wax+")


def find_outputs(root: Path) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the outputs that the code has and the known ones, each as module and call."""
    outputs = {
        (file.relative_to(root).as_posix(), name)
        for package in ("flows", "schemas", "transforms", "warehouse")
        for file in (root / package).rglob("*.py")
        for name in _outputs(ast.parse(file.read_text("utf-8")))
    }
    return outputs, {(module, name) for module, names in KNOWN.items() for name in names}


def _outputs(tree: ast.Module) -> set[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {name for call in calls if (name := _output(call))}
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return names | ({"get_logger"} if "get_logger" in imported else set())


def _output(call: ast.Call) -> str:
    full = ast.unparse(call.func)
    if full.rsplit(".", 1)[-1] in ("open", "fdopen"):
        modes = [
            item.value
            for item in (*call.args, *(word.value for word in call.keywords))
            if isinstance(item, ast.Constant)
        ]
        return (
            "open"
            if any(isinstance(mode, str) and len(mode) < 4 and WRITING & set(mode) for mode in modes)
            else ""
        )
    longest_first = sorted(OUTPUTS, key=len, reverse=True)
    return next((name for name in longest_first if full == name or full.endswith(f".{name}")), "")


#: module to its outputs, by the border that they go through
KNOWN: dict[str, set[str]] = {
    # the progress line has fixed words and numbers
    "flows/commands/progress_line.py": {"Console"},
    # terminals: print_line, print_table, print_data; and the errors that click and the interpreter print
    "flows/render.py": {"Console", "click.echo", "csv.writer", "print"},
    "flows/cli.py": {"click.echo"},
    "flows/commands/statistics.py": {"Console"},  # asks for its width only
    # logs: one line each
    "flows/logs.py": {"logging.getLogger", "print"},
    "flows/ingest/complete_logged.py": {"get_logger"},
    "flows/ingest/process.py": {"get_logger"},
    "flows/outputs/receipts.py": {"get_logger", "write_atomic"},
    # notifications: make_visible for the title, escape_json for the command
    "flows/notify/send.py": {"get_logger", "notify", "subprocess.run"},
    "flows/mailbox/reports.py": {"write_atomic"},
    "flows/mailbox/take_mails.py": {"get_logger"},
    "flows/notify/mail.py": {"smtplib.SMTP"},
    "flows/notify/units.py": {"get_logger", "notify"},
    "flows/pipeline.py": {"notify"},
    # Prefect's page: escape_markdown
    "flows/orchestration/artifacts.py": {"create_markdown_artifact", "create_table_artifact"},
    "flows/orchestration/prefect_flows.py": {"emit_event", "notify"},
    # JSON and CSV: as_json, as_csv, frame_as_csv, neutralise_formula; Parquet has the text as it is
    "flows/commands/common.py": {"write_atomic"},  # --out: a workbook or a page
    "flows/outputs/export_files.py": {"CSVWriter", "ParquetWriter", "open"},
    "flows/outputs/exports.py": {"write_atomic"},
    "flows/outputs/load_reports.py": {"open", "replace_atomic"},
    "flows/outputs/report_manifest.py": {"write_text"},  # names of its own files and a digest
    "flows/outputs/publication.py": {"write_atomic"},
    "flows/outputs/decisions_file.py": {"write_atomic"},  # texts as TOML strings; no unseen ones in its comment
    # workbooks: fit_workbook, or the county's own cells (transforms/receipt/workbook/cell_xml.py)
    "flows/precheck.py": {"write_atomic"},
    "flows/outputs/datasette_file.py": {"write_atomic"},  # texts of definitions only
    "flows/outputs/disclosure.py": {"xlsxwriter.Workbook"},
    "flows/queries/explain_workbook.py": {"xlsxwriter.Workbook"},
    "flows/queries/statistics.py": {"xlsxwriter.Workbook"},
    "transforms/bulletin/workbook.py": {"xlsxwriter.Workbook"},
    "transforms/charts/word.py": {"xlsxwriter.Workbook"},
    "transforms/dictionary/workbook.py": {"xlsxwriter.Workbook"},
    "transforms/receipt/workbook/redrawn_styles.py": {"xlsxwriter.Workbook"},  # only its styles
    "transforms/receipt/workbook/zip_parts.py": {"open"},  # a part of a zip in memory
    # pages: templates that escape everything, with make_visible for names and cells
    "flows/portal/app.py": {"get_logger", "render"},
    "flows/portal/checks.py": {"get_logger"},
    "flows/portal/clerk/unfinished.py": {"get_logger"},
    "flows/portal/job_child.py": {"get_logger"},
    "flows/portal/jobs.py": {"open", "subprocess.run"},
    "flows/portal/child.py": {"open", "print", "subprocess.Popen"},  # its address
    "flows/portal/portal.py": {"get_logger"},
    "flows/portal/visit.py": {"render"},
    "transforms/bulletin/page.py": {"render"},
    "transforms/bulletin/sentences.py": {"render"},
    "transforms/bulletin/word.py": {"render"},  # sentences.py escapes, XML needs the same
    "transforms/dictionary/page.py": {"render"},
    # blank workbooks and a home's first files: only texts of the definitions and names of units
    "transforms/template/book.py": {"xlsxwriter.Workbook"},
    "flows/commands/template.py": {"write_atomic"},
    "flows/home_folder.py": {"write_atomic"},
    "flows/configuration_page.py": {"write_text"},
    # for the program itself: the archive, copies of databases, its own processes
    "flows/archive/anchor.py": {"open"},
    "flows/archive/log.py": {"open"},
    "flows/archive/store.py": {"open", "replace_atomic", "write_atomic"},
    "flows/atomic.py": {"replace_atomic", "write_bytes"},
    "flows/orchestration/prefect_api.py": {"urlopen", "write_atomic"},
    "flows/orchestration/prefect_database.py": {"replace_atomic"},
    "flows/orchestration/prefect_server.py": {"open", "print", "subprocess.Popen"},
    "flows/orchestration/prepare_installation.py": {"replace_atomic"},
    "flows/outputs/snapshot.py": {"open", "replace_atomic"},
    "flows/sandbox/shared_buffers.py": {"open"},
    # uploads as they came, in the portal's folder and the inbox
    "flows/ingest/into_inbox.py": {"write_atomic"},
    "flows/portal/clerk/uploads.py": {"open", "replace_atomic"},
    "flows/portal/loads.py": {"get_logger", "subprocess.Popen"},
    "flows/portal/clerk/previews.py": {"get_logger"},
    # the sample year: invented files
    "flows/sample_year/sample_files.py": {"write_atomic"},
    "flows/sample_year/deliveries.py": {"write_bytes"},
    "flows/sample_year/sheets.py": {"render"},
    "flows/sample_year/workbooks.py": {"Workbook", "csv.writer", "write_bytes", "xlsxwriter.Workbook"},
}  # fmt: skip
