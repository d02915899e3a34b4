"""Reading: bytes to grids, grids to submissions.

`read_file` stands in `transforms.read.file`, with the libraries that open workbooks: only who reads imports them.
"""

from transforms.read.header import HeaderIndex
from transforms.read.submission import FIRST_ROW, LAST_ROW, SOURCE_ROW, FileRead, Submission, joined, refused_file, text_frame

__all__ = [
    "FIRST_ROW", "LAST_ROW", "SOURCE_ROW", "FileRead", "HeaderIndex", "Submission", "joined", "refused_file", "text_frame",
]  # fmt: skip
