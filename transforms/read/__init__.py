"""Reading: bytes to grids, grids to submissions."""

from transforms.read.file import read_file, refused_file
from transforms.read.header import HeaderIndex
from transforms.read.submission import FIRST_ROW, LAST_ROW, SOURCE_ROW, FileRead, Submission

__all__ = ["FIRST_ROW", "LAST_ROW", "SOURCE_ROW", "FileRead", "HeaderIndex", "Submission", "read_file", "refused_file"]
