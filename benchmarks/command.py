"""The real command, as a module: `python -m benchmarks.command --home HOME nightly`.

A night that refused a file ends well here: the sample year has files to refuse. With --without-prefect
before all else the command gets the address of a Prefect that does not answer, and works without it.
"""

from __future__ import annotations

import os
import sys

from flows.cli import main

if __name__ == "__main__":
    if sys.argv[1] == "--without-prefect":
        del sys.argv[1]
        os.environ |= {
            "PREFECT_API_URL": "http://127.0.0.1:9/api",
            "HUIZONG_PREFECT_TIMEOUT_SECONDS": "0.1",
        }
    try:
        main()
    except SystemExit as end:
        from flows.commands.common import (  # as with the real command, a child has no need of it
            EXIT_OK,
            EXIT_REJECTED,
        )

        sys.exit(EXIT_OK if end.code == EXIT_REJECTED else end.code)
