"""Sets the lines of a county, version by version, and restores the lines that an import changed. Each needs only a few
statements for all its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import now, table_of
from hub.lines.load import LineKey
from hub.model.certifications import Category
from hub.model.households import Residence
from hub.model.lines import PovertyLineRow
from hub.policy.facts.versions import current, is_replaced

_line = table_of(PovertyLineRow)
_KEY = ("county", "residence", "category", "from_month")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line that an office published: yuan a month from the first day of a month on, and the source document."""

    county: str
    residence: Residence
    category: Category
    from_month: date
    yuan: Decimal
    source: str

    @property
    def key(self) -> LineKey:
        """The key of a line; each key has one current version."""
        return self.county, self.residence, self.category, self.from_month


async def set_lines(session: AsyncSession, grant: Grant, drafts: Sequence[LineDraft]) -> int:
    """Save each new or changed line as the next version; earlier versions stay readable. Returns the number of these lines.
    No two drafts may have the same key."""
    before = await _current_lines(session, [draft.key for draft in drafts])
    changed = [
        draft
        for draft in drafts
        if draft.key not in before
        or (before[draft.key]["yuan"], before[draft.key]["source"]) != (draft.yuan, draft.source)
    ]
    if not changed:
        return 0
    at = now()
    replaced = [draft.key for draft in changed]
    await session.execute(
        sa.update(_line)
        .where(current(_line), sa.tuple_(*(_line.c[name] for name in _KEY)).in_(replaced))
        .values(superseded_at=at)
    )
    rows = [
        {
            **dict(zip(_KEY, draft.key, strict=True)),
            "version": before[draft.key]["version"] + 1 if draft.key in before else 1,
            "yuan": draft.yuan,
            "source": draft.source,
            "recorded_by": grant.agency,
            "client_id": grant.client,
            "recorded_at": at,
        }
        for draft in changed
    ]
    await session.execute(sa.insert(_line), rows)
    return len(changed)


async def _current_lines(session: AsyncSession, keys: Sequence[LineKey]) -> dict[LineKey, sa.RowMapping]:
    """The current versions of these lines."""
    columns = [_line.c[name] for name in _KEY]
    query = sa.select(*columns, _line.c.version, _line.c.yuan, _line.c.source).where(
        current(_line), sa.tuple_(*columns).in_(keys)
    )
    rows = (await session.execute(query)).mappings()
    return {(row["county"], row["residence"], row["category"], row["from_month"]): row for row in rows}


async def restore_lines(session: AsyncSession, client: str, restored_by: str) -> int:
    """Undo the lines of a client: the version before each line becomes the next version, and a line that was new ends.
    Returns how many lines of the client were replaced since; if there are any, nothing is written."""
    of_client = _line.c.client_id == client
    versions = (
        await session.scalars(sa.select(_line.c.superseded_at).where(of_client).with_for_update())
    ).all()
    if replaced := sum(map(is_replaced, versions)):
        return replaced
    at = now()
    before = (await session.execute(_versions_before(client))).mappings().all()
    await session.execute(sa.update(_line).where(of_client).values(superseded_at=at))
    if before:
        again = {"client_id": restored_by, "recorded_at": at, "superseded_at": None}
        await session.execute(sa.insert(_line), [{**row, **again} for row in before])
    return 0


def _versions_before(client: str) -> sa.Select[Any]:
    """The last version before each line of a client, with the number that follows the client's line."""
    older = _line.alias("older")
    columns = [
        (_line.c.version + 1).label("version") if column.name == "version" else column for column in older.c
    ]
    key = [older.c[name] for name in _KEY]
    return (
        sa.select(*columns)
        .join_from(
            _line,
            older,
            sa.and_(*(older.c[name] == _line.c[name] for name in _KEY), older.c.version < _line.c.version),
        )
        .where(_line.c.client_id == client, ~current(older))
        .order_by(*key, older.c.version.desc())
        .ext(pg.distinct_on(*key))
    )
