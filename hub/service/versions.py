"""The versions of the hub that may run on a schema.

A version of the hub is identified by its last migration. Each migration says whether the version before may continue to run
while it is applied, and after (`previous_code_runs`). `hub migrate` writes into the database which versions may run on the
new schema (`schema_version`), so that an older process, which does not know the newer migrations, can look it up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ProgrammingError

from hub.foundation.database import table_of
from hub.foundation.operating import OperatorError
from hub.foundation.troubles import sqlstate
from hub.model.schema_versions import SchemaVersionRow

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_version = table_of(SchemaVersionRow)
_UNDEFINED_TABLE = "42P01"


class DatabaseIsOlder(OperatorError):
    """The database is of an older version ({found}) than this hub, which needs {own}: run `hub migrate` of this version first.
    数据库版本({found})旧于本平台所需版本({own}),请先运行本版本的 `hub migrate`。
    """


class DatabaseIsNewer(OperatorError):
    """The database was migrated by a newer version of the hub ({found}) than this one ({own}); use that version.
    数据库已由更新版本的平台升级({found}),本版本为 {own},请使用该版本。
    """


@dataclass(frozen=True)
class History:
    """The migrations of this hub: `revisions` from the first to the last, and for each whether the version before it may run."""

    revisions: tuple[str, ...]
    previous_code_runs: Mapping[str, bool]

    @property
    def newest(self) -> str:
        """The newest migration, which identifies this version of the hub."""
        return self.revisions[-1]

    @property
    def that_run(self) -> tuple[str, ...]:
        """The versions that may run on the newest schema, newest first."""
        running = []
        for revision in reversed(self.revisions):
            running.append(revision)
            if not self.previous_code_runs[revision]:
                break
        return tuple(running)

    def compare(self, connection: sa.Connection) -> OperatorError | None:
        """The reason why this version cannot run on a database, or None. A database without the table of versions is older
        than every version with this check."""
        try:
            with connection.begin_nested():
                rows = connection.execute(sa.select(_version.c.revision, _version.c.newest)).all()
        except ProgrammingError as error:
            if sqlstate(error) != _UNDEFINED_TABLE:
                raise
            rows = []
        runs = {row.revision for row in rows}
        if self.newest in runs:
            return None
        found = next((row.revision for row in rows if row.newest), None)
        if found is None or found in self.revisions:
            return DatabaseIsOlder(found=found or "?", own=self.newest)
        return DatabaseIsNewer(found=found, own=self.newest)

    def write(self, connection: sa.Connection) -> None:
        """Write which versions may run on the schema of this version, if that is not written yet."""
        rows = [{"revision": one, "newest": one == self.newest} for one in self.that_run]
        written = connection.execute(sa.select(_version)).mappings()
        if sorted(map(repr, map(dict, written))) == sorted(map(repr, rows)):
            return
        connection.execute(sa.delete(_version))
        connection.execute(sa.insert(_version), rows)


@cache
def history() -> History:
    """The migrations of this hub's code."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    down = list(scripts.walk_revisions())
    return History(
        tuple(script.revision for script in reversed(down)),
        {script.revision: script.module.previous_code_runs for script in down},
    )
