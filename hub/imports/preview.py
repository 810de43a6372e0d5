"""The preview of an import: everything is done as in the import, and rolled back at the end of each transaction.

The hash of a preview identifies its result. An import that confirms a hash first makes the preview again, and is refused if
the hash differs.

An import may refuse a row because of records out of sight (46-2.1, 46-3.3). A preview does not look for such records, so it
reveals nothing about them.
"""

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from pathlib import Path

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database
from hub.foundation.private_files import owners_alone
from hub.imports.report import ImportReport, harmless
from hub.model.import_runs import ImportKind

TELLING = frozenset({ImportKind.HOUSEHOLDS, ImportKind.AID})
"""Kinds of files of which an import may refuse rows because of records out of sight."""
_HEADINGS = ("行号 row", "列 column", "现为 from", "将为 to", "变化 kind")
KINDS_OF_CHANGE = {
    "NEW": "新增 new",
    "CHANGED": "变更 changed",
    "CLEARED": "清空 cleared",
    "RENAMED": "改名 renamed",
    "MOVED": "迁移 moved",
    "ENDED": "终止 ended",
}
"""The kinds of change that a row would make, in the words for people."""


class _RolledBack(Exception):
    """Raised to roll back a trial transaction."""


@asynccontextmanager
async def trial(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction that is rolled back at its end."""
    try:
        async with database.write() as session:
            yield session
            raise _RolledBack
    except _RolledBack:
        pass


def hash_of(
    kind: ImportKind,
    agency: str,
    month: date | None,
    sheets: Sequence[str],
    file: bytes,
    report: ImportReport,
) -> str:
    """The hash of a preview, in hexadecimal digits: of the file and of its result. `file` is the file's own hash."""
    happens = {
        "kind": kind,
        "agency": agency,
        "month": month,
        "sheets": sheets,
        "file": file.hex(),
        "rows": report.rows,
        "changed": report.changed,
        "changes": [asdict(change) for change in report.changes],
        "refused": [(int(refusal.row), refusal.field, refusal.code) for refusal in report.refused],
    }
    return sha256(
        orjson.dumps(happens, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS, default=str)
    ).hexdigest()


def write_preview(path: Path, report: ImportReport) -> None:
    """Write the result of each row, as CSV in UTF-8 with BOM: new records, each value that would be replaced, and what would
    end. An empty cell means no value."""
    with open(path, "w", encoding="utf-8-sig", newline="", opener=owners_alone) as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for change in report.changes:
            values = (change.column, change.before or "", change.after or "", KINDS_OF_CHANGE[change.kind])
            writer.writerow([str(change.row), *map(harmless, values)])
