"""Undoing an import of lines: the version before counts again, as the next one; a line that was new is withdrawn."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import now, table_of
from hub.imports.built_on import ImportBuiltOn
from hub.model.lines import PovertyLineRow
from hub.policy.facts.versions import current, is_replaced

_line = table_of(PovertyLineRow)
_KEY = ("county", "residence", "category", "from_month")


async def undo_lines(session: AsyncSession, run_client: str, undo_client: str) -> None:
    """Undo the lines of an import; raises ImportBuiltOn where one was given anew since."""
    of_run = _line.c.client_id == run_client
    rows = (await session.execute(sa.select(_line).where(of_run).with_for_update())).mappings().all()
    if replaced := sum(is_replaced(row["superseded_at"]) for row in rows):
        raise ImportBuiltOn(count=replaced, households=0)
    at = now()
    before = [one for row in rows if (one := await _before(session, row)) is not None]
    await session.execute(sa.update(_line).where(of_run).values(superseded_at=at))
    if before:
        new = [{**one, "client_id": undo_client, "recorded_at": at, "superseded_at": None} for one in before]
        await session.execute(sa.insert(_line), new)


async def _before(session: AsyncSession, row: sa.RowMapping) -> dict[str, Any] | None:
    """The version before, as the one after."""
    same = [_line.c[name] == row[name] for name in _KEY]
    query = sa.select(_line).where(*same, _line.c.version < row["version"], ~current(_line))
    found = (await session.execute(query.order_by(_line.c.version.desc()).limit(1))).mappings().one_or_none()
    return None if found is None else {**found, "version": row["version"] + 1}
