"""The sealer: appends record events to the transparency log, and anchors the log's newest checkpoint outside the database.

Of many processes one seals at a time, by an advisory lock. It takes events in the order of their ids. A missing id, whose
transaction has not ended, stays open and is taken later. A checkpoint is durable before it is anchored.
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, table_of, with_limits_of_jobs
from hub.ledger.checkpoints import LogKey
from hub.ledger.merkle import HASH, MerkleTree, perfect_root
from hub.ledger.record_form import form_of
from hub.model.log import LogBlockRow, LogCheckpointRow
from hub.model.record_events import RecordEventRow

_LOCK = 4_600_005
_AT_ONCE = 20_000
_NEWEST = 4_096
"""Bytes at the end of an anchor's file that contain its newest note."""
BLOCK = 256
"""The number of entries in a block."""
_block, _checkpoint = table_of(LogBlockRow), table_of(LogCheckpointRow)
ENTRY = form_of(table_of(RecordEventRow)).text
"""An entry of the log: the canonical form of a record event with the alias `n`."""
LEAF = f"sha256('\\x00'::bytea || convert_to({ENTRY}, 'UTF8'))"
"""The leaf hash of an entry."""

_LAST = sa.text(
    "select size, peaks, note, sealed_until, open::text as open from log_checkpoint order by size desc limit 1"
)
_NEW = sa.text(f"""
    select n.id, {LEAF} as leaf from (
      select e.* from unnest(cast(cast(:open as text) as int8multirange)) missing
      join record_event e on e.id >= lower(missing) and e.id < upper(missing)
      union all (select * from record_event where id > :until order by id limit :most)
    ) n order by n.id""")
_ADD = sa.text("""
    insert into log_checkpoint
      (size, first, at, record_events, least, greatest, sealed_until, open, peaks, root, note)
    select :size, :first, clock_timestamp(), :ids, :least, :greatest, :until,
      (cast(cast(:open as text) as int8multirange) + int8multirange(int8range(:since, :until, '(]')))
        - (select range_agg(int8range(id, id, '[]')) from unnest(cast(:ids as int8[])) id)
        - coalesce((select old.open from log_checkpoint old where old.at < now() - interval '1 day'
            order by old.size desc limit 1), '{}'),
      :peaks, :root, :note""").bindparams(sa.bindparam("ids", type_=sa.ARRAY(sa.BigInteger)))
"""An id that was open a day ago belongs to a transaction that was rolled back."""
LEAVES = sa.text(f"""
    select case when n.id is not null then {LEAF} end as leaf
    from unnest(cast(:ids as int8[])) with ordinality taken(id, place)
    left join record_event n on n.id = taken.id order by taken.place""").bindparams(
    sa.bindparam("ids", type_=sa.ARRAY(sa.BigInteger))
)
"""The leaf hashes of record events in the order of the given ids; null for a missing event."""


@dataclass(frozen=True)
class SealedCheckpoint:
    """The newest checkpoint: the number of entries in the log, the number of new ones, and the signed note."""

    size: int
    new: int
    note: str | None


async def seal(database: Database, key: LogKey, *, wait: bool = False) -> SealedCheckpoint | None:
    """Seal all sealable events, in transactions of some thousands. If another process is sealing: return None, or wait with
    `wait`."""
    new = 0
    while True:
        async with database.write() as session:
            await with_limits_of_jobs(session)
            if wait:
                await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            elif not await session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))):
                return None
            size, taken, note = await _seal_some(session, key)
        new += taken
        if taken < _AT_ONCE:
            return SealedCheckpoint(size, new, note)


async def _seal_some(session: AsyncSession, key: LogKey) -> tuple[int, int, str | None]:
    """Seal some events; returns the log's size, the number of sealed events, and the newest note."""
    last = (await session.execute(_LAST)).one_or_none()
    tree = MerkleTree(0, []) if last is None else MerkleTree.of(last.size, last.peaks)
    since, still_open = (0, "{}") if last is None else (last.sealed_until, last.open)
    values = {"open": still_open, "until": since, "most": _AT_ONCE}
    events = (await session.execute(_NEW, values)).all()
    if not events:
        return tree.size, 0, None if last is None else last.note
    first, ids = tree.size, [event.id for event in events]
    blocks = await _append(session, tree, [event.leaf for event in events])
    note = key.sign(tree.size, tree.root)
    await session.execute(
        _ADD,
        {
            "size": tree.size,
            "first": first,
            "ids": ids,
            "least": min(ids),
            "greatest": max(ids),
            "since": since,
            "until": max(since, *ids),
            "open": still_open,
            "peaks": b"".join(tree.peaks),
            "root": tree.root,
            "note": note,
        },
    )
    if blocks:
        await session.execute(sa.insert(_block), blocks)
    return tree.size, len(ids), note


async def _append(session: AsyncSession, tree: MerkleTree, leaves: list[bytes]) -> list[dict[str, object]]:
    """Add leaves to a tree; returns the blocks that become full."""
    begun = tree.size % BLOCK
    part = await leaves_of(session, tree.size - begun, tree.size) if begun else []
    number, blocks = tree.size // BLOCK, list[dict[str, object]]()
    for leaf in leaves:
        tree.append(leaf)
        part.append(leaf)
        if len(part) == BLOCK:
            blocks.append({"number": number, "root": perfect_root(part)})
            number, part = number + 1, []
    return blocks


async def leaves_of(session: AsyncSession, first: int, end: int) -> list[bytes]:
    """The leaf hashes of the positions from `first` to before `end`, made from the record events; zeros for a missing event,
    which prove nothing."""
    parts = await session.execute(
        sa.select(_checkpoint.c.first, _checkpoint.c.record_events)
        .where(_checkpoint.c.size > first, _checkpoint.c.first < end)
        .order_by(_checkpoint.c.size)
    )
    leaves = list[bytes]()
    for part in parts.all():
        ids = part.record_events[max(0, first - part.first) : end - part.first]
        found: list[bytes | None] = list((await session.scalars(LEAVES, {"ids": ids})).all())
        leaves += [leaf or bytes(HASH) for leaf in found]
    return leaves


class Anchor:
    """A file outside the database with every checkpoint, the newest last: signed notes, each followed by an empty line."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def newest(self) -> str | None:
        """The newest note; None if there is none. Raises OSError if the file cannot be read."""
        try:
            with self._file.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _NEWEST))
                notes = file.read().decode("utf-8", "replace").split("\n\n\n")
        except FileNotFoundError:
            return None
        written = [note for note in notes if note.strip()]
        return f"{written[-1].strip()}\n" if written else None

    async def write(self, note: str) -> None:
        """Add a note unless it is the newest already. Raises OSError."""
        await asyncio.to_thread(self._write, note)

    def _write(self, note: str) -> None:
        if self.newest() == note:
            return
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{note}\n\n")
            file.flush()
            os.fsync(file.fileno())
