"""Reading: bytes to grids, grids to submissions.

`read_file` stands in `transforms.read.layout.read_file`, with the libraries that open workbooks: only who reads imports them.
"""

from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.submission import (
    FIRST_ROW,
    LAST_ROW,
    SOURCE_ROW,
    FileRead,
    Submission,
    join_frames,
    rejected_file,
    text_frame,
)

__all__ = [
    "FIRST_ROW", "LAST_ROW", "SOURCE_ROW", "FileRead", "HeaderIndex", "Submission", "join_frames", "rejected_file", "text_frame",
]  # fmt: skip
