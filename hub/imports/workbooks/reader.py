"""Reads a workbook in a separate process with limited memory, so that no file can stop the hub.

Run by path, as `python -I reader.py < WORKBOOK`, so that nothing of the hub is loaded. On stdout it writes pickles: for each
sheet with content a `(name, visible, index)`, then lists of up to `ROWS_IN_PART` rows, then an empty list. Rows begin with
row 1.
"""

import pickle
import resource
import sys
from typing import BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

MOST_MEMORY = 352 << 20
"""The bytes of address space: enough for about 180,000 rows of 20 columns."""
MOST_SECONDS = 120
MOST_WRITTEN = 2 << 30
ROWS_IN_PART = 1_000
UNREADABLE = 3
"""The exit code for a workbook that is damaged, protected or of an unknown kind."""


def write_rows(into: BinaryIO) -> None:
    """Write the rows of each sheet of the workbook on stdin; raises CalamineError."""
    workbook = CalamineWorkbook.from_path("/dev/stdin")
    for index, sheet in enumerate(workbook.sheets_metadata):
        content = workbook.get_sheet_by_name(sheet.name)
        if content.start is None:
            continue
        pickle.dump((sheet.name, sheet.visible is SheetVisibleEnum.Visible, index), into, 5)
        part = []
        for row in content.iter_rows():
            part.append(row)
            if len(part) == ROWS_IN_PART:
                pickle.dump(part, into, 5)
                part = []
        if part:
            pickle.dump(part, into, 5)
        pickle.dump([], into, 5)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        write_rows(sys.stdout.buffer)
    except CalamineError:
        sys.exit(UNREADABLE)
