"""Rebuilds the transparency log from the record events, and compares it with its checkpoints and the last anchored one."""

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import table_of
from hub.ledger.checkpoints import LogKey
from hub.ledger.merkle import MerkleTree, perfect_root
from hub.ledger.proof_verifier import NotProven
from hub.ledger.sealing import BLOCK, LEAVES
from hub.model.log import LogBlockRow, LogCheckpointRow

_AT_ONCE = 100
_MOST_NAMED = 100
_block, _checkpoint = table_of(LogBlockRow), table_of(LogCheckpointRow)
_NEVER_SEALED = sa.text("""
    select e.id, e.relation, e.record from record_event e
    left join (select unnest(record_events) as id from log_checkpoint) sealed on sealed.id = e.id
    where sealed.id is null and e.id <= :until and not e.id <@ cast(cast(:open as text) as int8multirange)
    order by e.id limit :most""")
_WAITING = sa.text(
    "select count(*) from record_event where id > :until or id <@ cast(cast(:open as text) as int8multirange)"
)


@dataclass
class LogVerdict:
    """The result of a check of the log: its size, the number of unsealed record events, and the faults as sentences."""

    size: int = 0
    waiting: int = 0
    faults: list[str] = field(default_factory=list)

    def note(self, fault: str) -> None:
        """Add a fault, up to a limit."""
        if len(self.faults) < _MOST_NAMED:
            self.faults.append(fault)


async def check_log(session: AsyncSession, key: LogKey | None, anchored: str | None) -> LogVerdict:
    """Check the whole log. Without a key, signatures are not checked; `anchored` is the note of the last anchored checkpoint."""
    found, tree = LogVerdict(), MerkleTree(0, [])
    part, number, in_step = list[bytes](), 0, True
    root: bytes | None = None
    expected = _opened(key, anchored, found) if anchored else None
    async for checkpoint, leaves in _checkpoints(session):
        if checkpoint.first != tree.size or checkpoint.size != checkpoint.first + len(leaves):
            found.note(f"checkpoint {checkpoint.size} does not follow the one before, of {tree.size} entries")
            tree, in_step = MerkleTree.of(checkpoint.size, checkpoint.peaks), False
            continue
        for position, leaf in enumerate(leaves, checkpoint.first):
            if leaf is None:
                missing = checkpoint.record_events[position - checkpoint.first]
                found.note(f"entry {position}: its record event {missing} was deleted")
            tree.append(leaf or bytes(32))
            part.append(leaf or bytes(32))
            if len(part) == BLOCK and in_step:
                await _check_block(session, number, part, found)
                part, number = [], number + 1
        _check_checkpoint(checkpoint, tree, key, found)
        tree = MerkleTree.of(checkpoint.size, checkpoint.peaks)
        if expected is not None and checkpoint.size == expected[0]:
            root = checkpoint.root
    found.size = tree.size
    if expected is not None and root != expected[1]:
        found.note(
            f"the anchored checkpoint of {expected[0]} entries is not in the log, which has {tree.size}:"
            " it was cut off, or replaced"
        )
    await _check_sealed(session, found)
    return found


def _opened(key: LogKey | None, note: str, found: LogVerdict) -> tuple[int, bytes] | None:
    """The size and root of the anchored note."""
    try:
        if key is not None:
            checkpoint = key.open(note)
            return checkpoint.size, checkpoint.root
        _origin, size, root = note.split("\n")[:3]
        return int(size), base64.b64decode(root, validate=True)
    except (NotProven, ValueError) as error:
        found.note(f"the anchored checkpoint cannot be used: {error}")
        return None


def _check_checkpoint(
    checkpoint: sa.Row[Any], tree: MerkleTree, key: LogKey | None, found: LogVerdict
) -> None:
    entries = f"entries {checkpoint.first} to {checkpoint.size - 1}"
    if tree.root != checkpoint.root or b"".join(tree.peaks) != checkpoint.peaks:
        found.note(f"{entries}: the record events are not those that were sealed")
        return
    if key is None:
        return
    try:
        signed = key.open(checkpoint.note)
    except NotProven as error:
        found.note(f"{entries}: {error}")
        return
    if (signed.size, signed.root) != (checkpoint.size, checkpoint.root):
        found.note(f"{entries}: another checkpoint was signed")


async def _checkpoints(
    session: AsyncSession,
) -> AsyncIterator[tuple[sa.Row[Any], Sequence[bytes | None]]]:
    """Each checkpoint in order, with its leaf hashes made from the record events."""
    after = 0
    while True:
        page = sa.select(_checkpoint).where(_checkpoint.c.size > after).order_by(_checkpoint.c.size)
        checkpoints = (await session.execute(page.limit(_AT_ONCE))).all()
        if not checkpoints:
            return
        ids = [id for checkpoint in checkpoints for id in checkpoint.record_events]
        leaves: Sequence[bytes | None] = (await session.scalars(LEAVES, {"ids": ids})).all()
        at = 0
        for checkpoint in checkpoints:
            end = at + len(checkpoint.record_events)
            yield checkpoint, leaves[at:end]
            at, after = end, checkpoint.size


async def _check_block(session: AsyncSession, number: int, leaves: list[bytes], found: LogVerdict) -> None:
    root = await session.scalar(sa.select(_block.c.root).where(_block.c.number == number))
    if root != perfect_root(leaves):
        found.note(f"block {number}: its root is not that of its entries")


async def _check_sealed(session: AsyncSession, found: LogVerdict) -> None:
    """Check for record events that the sealer skipped, and count those that wait for it."""
    last = (
        await session.execute(
            sa.select(_checkpoint.c.sealed_until, sa.cast(_checkpoint.c.open, sa.Text).label("open"))
            .order_by(_checkpoint.c.size.desc())
            .limit(1)
        )
    ).one_or_none()
    values = {
        "until": 0 if last is None else last.sealed_until,
        "open": "{}" if last is None else last.open,
    }
    for event in await session.execute(_NEVER_SEALED, {**values, "most": _MOST_NAMED}):
        found.note(
            f"record event {event.id} of {event.relation} {event.record} was never sealed: it was put in later"
        )
    found.waiting = await session.scalar(_WAITING, values) or 0
