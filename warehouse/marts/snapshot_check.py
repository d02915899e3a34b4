"""Find the views of which a readers' copy shows other rows than the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from warehouse.marts.snapshot import open_file, query_text
from warehouse.marts.view_spec import ViewSpec


def find_differing_views(warehouse: str, file: str, views: Sequence[ViewSpec]) -> list[str]:
    """Name the views of the readers' copy `file` that show other rows than those of the warehouse.

    The copy must have the state of the warehouse. SQLite compares them, so no row is fetched.
    """
    differing = []
    with closing(open_file(warehouse)) as connection:
        connection.execute("ATTACH ? AS readers", (file,))
        for view in views:
            queries = {view.name: view.query()} if view.parts is None else dict(view.parts.tables)
            for name, query in queries.items():
                here, there = f"SELECT * FROM ({query_text(query)})", f"SELECT * FROM readers.{name}"  # noqa: S608
                differences = (
                    f"SELECT 1 FROM ({here} EXCEPT {there}) UNION ALL SELECT 1 FROM ({there} EXCEPT {here})"  # noqa: S608
                )
                counts = f"SELECT (SELECT count(*) FROM ({here})) = (SELECT count(*) FROM ({there}))"  # noqa: S608
                is_equal = connection.execute(counts).fetchone() == (1,)
                if not is_equal or connection.execute(f"{differences} LIMIT 1").fetchone():
                    differing.append(view.name)
                    break
    return differing
