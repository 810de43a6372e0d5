"""The preview of an import: everything happens as it would, and is taken back at the end of each transaction.

Its hash names what would happen. An import that confirms a hash makes the preview again first, and is refused where it differs.

What a write must tell of records out of sight, it tells only where it stays (46-2.1, 46-3.3): a preview looks for nobody there
and answers the same whatever stands there.
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
"""The files of which some rows are refused for records out of sight, once they are imported."""
_HEADINGS = ("行号 row", "列 column", "现为 from", "将为 to", "变化 kind")
KINDS_OF_CHANGE = {
    "NEW": "新增 new",
    "CHANGED": "变更 changed",
    "CLEARED": "清空 cleared",
    "RENAMED": "改名 renamed",
    "MOVED": "迁移 moved",
    "ENDED": "终止 ended",
}
"""What a row would do, as people read it."""


class _TakenBack(Exception):
    """The end of a transaction that shall leave nothing."""


@asynccontextmanager
async def trial(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction that is rolled back at its end."""
    try:
        async with database.write() as session:
            yield session
            raise _TakenBack
    except _TakenBack:
        pass


def hash_of(
    kind: ImportKind,
    agency: str,
    month: date | None,
    sheets: Sequence[str],
    file: bytes,
    report: ImportReport,
) -> str:
    """The hash of a preview, in hexadecimal digits: of the file and of what would come of it. `file` is the file's own hash."""
    happens = {
        "kind": kind,
        "agency": agency,
        "month": month,
        "sheets": sheets,
        "file": file.hex(),
        "rows": report.rows,
        "changed": report.changed,
        "changes": [asdict(change) for change in report.changes],
        "refused": [(int(one.row), one.field, one.code) for one in report.refused],
    }
    return sha256(
        orjson.dumps(happens, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS, default=str)
    ).hexdigest()


def write_preview(path: Path, report: ImportReport) -> None:
    """Write what would become of each row, as CSV in UTF-8 with BOM: new ones, each value that would be replaced, what would end.
    An empty cell is no value."""
    with open(path, "w", encoding="utf-8-sig", newline="", opener=owners_alone) as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for change in report.changes:
            values = (change.column, change.before or "", change.after or "", KINDS_OF_CHANGE[change.kind])
            writer.writerow([str(change.row), *map(harmless, values)])
