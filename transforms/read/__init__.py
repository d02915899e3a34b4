"""Read files: bytes to grids, grids to submissions.

`read_file` and `read_files` are in modules of their own, because they import the libraries that open
workbooks.
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
    "FIRST_ROW",
    "LAST_ROW",
    "SOURCE_ROW",
    "FileRead",
    "HeaderIndex",
    "Submission",
    "join_frames",
    "rejected_file",
    "text_frame",
]
