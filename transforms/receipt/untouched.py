"""Whether a receipt is as it was written: a clerk may have corrected cells in it."""

from __future__ import annotations

import io
import zipfile

from transforms.receipt.words import AUTHOR

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
#: the part that says who made a workbook; a program that saves one adds itself and the time
CORE_PART = "docProps/core.xml"
CORE = (
    f'{DECLARATION}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{AUTHOR}</dc:creator></cp:coreProperties>'
)


def is_untouched(workbook: bytes) -> bool:
    """Whether these are the bytes of a receipt as it was written: programs that save it say that they did."""
    try:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            return archive.read(CORE_PART) == CORE.encode()
    except (zipfile.BadZipFile, KeyError):
        return False
