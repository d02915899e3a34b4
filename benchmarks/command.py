"""The real command, as a module: `python -m benchmarks.command --home HOME nightly`.

A night that refused a file ends well here: the sample year has files to refuse.
"""

from __future__ import annotations

import sys

from flows.cli import main
from flows.commands.options import EXIT_OK, EXIT_REJECTED

if __name__ == "__main__":
    try:
        main()
    except SystemExit as end:
        sys.exit(EXIT_OK if end.code == EXIT_REJECTED else end.code)
