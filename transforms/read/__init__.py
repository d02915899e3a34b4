"""Reading: bytes to grids, grids to submissions."""

from transforms.read.file import SOURCE_ROW, FileRead, Submission, read_file
from transforms.read.header import HeaderIndex

__all__ = ["SOURCE_ROW", "FileRead", "HeaderIndex", "Submission", "read_file"]
