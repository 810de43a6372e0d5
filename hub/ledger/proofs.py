"""Proofs of a household, a record or an access record, for `proof_verifier`: record events and their paths in the log."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.canonical_json import canonical
from hub.foundation.database import Database, table_of, with_limits_of_jobs
from hub.ledger.chain import link_form
from hub.ledger.merkle import MerkleTree, node_hash, path_of, perfect_root
from hub.ledger.proof_verifier import CHECKPOINT, ENTRIES_OF_A_FILE, FORMAT
from hub.ledger.record_form import form_of
from hub.ledger.sealing import BLOCK, ENTRY, leaves_of
from hub.model.every_table import metadata
from hub.model.ledger import ChainEventRow
from hub.model.log import LogBlockRow, LogCheckpointRow
from hub.model.record_events import RecordEventRow

_block, _checkpoint = table_of(LogBlockRow), table_of(LogCheckpointRow)
_chain_event, _event = table_of(ChainEventRow), table_of(RecordEventRow)


@dataclass(frozen=True)
class ToProve:
    """The object of a proof: a household by its id, one of its records by the record's id too, or an access record by its id
    alone."""

    household_id: UUID | None = None
    record_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record event: its text, and its position in the log."""

    relation: str
    record: str
    digest: bytes
    text: str
    position: int


async def household_of(database: Database, code: str) -> ToProve | None:
    """A household by its code."""
    household = metadata.tables["household"]
    async with database.write() as session:
        id = await session.scalar(sa.select(household.c.id).where(household.c.code == code))
    return None if id is None else ToProve(id)


async def proof_of(database: Database, wanted: ToProve) -> dict[str, Any] | None:
    """The proof file, as JSON values; None if nothing of the object is sealed. A household's proof has the events of its
    chain too."""
    async with database.write() as session:
        await session.execute(sa.text("set transaction isolation level repeatable read, read only"))
        await with_limits_of_jobs(session)
        last = (
            await session.execute(
                sa.select(_checkpoint.c.size, _checkpoint.c.note).order_by(_checkpoint.c.size.desc()).limit(1)
            )
        ).one_or_none()
        entries = await _entries(session, wanted)
        if last is None or not entries:
            return None
        rows = await _rows(session, wanted, entries)
        nodes = await _Nodes.of(session, last.size, [entry.position for entry in entries])
        whole = wanted.household_id if wanted.record_id is None else None
        return {
            "format": FORMAT,
            "checkpoint": last.note,
            "entries": [
                {
                    "index": entry.position,
                    "event": entry.text,
                    "path": [base64.b64encode(node).decode() for node in nodes.path(entry.position)],
                    **({"row": row} if (row := rows.get(entry)) is not None else {}),
                }
                for entry in entries
            ],
            "chain": [] if whole is None else await _links(session, whole),
        }


async def write_log(database: Database, folder: Path) -> int:
    """Write the log into a folder: its checkpoint, and its entries in files of `ENTRIES_OF_A_FILE` lines; returns its size."""
    async with database.write() as session:
        await session.execute(sa.text("set transaction isolation level repeatable read, read only"))
        await with_limits_of_jobs(session)
        note = await session.scalar(
            sa.select(_checkpoint.c.note).order_by(_checkpoint.c.size.desc()).limit(1)
        )
        (folder / CHECKPOINT).write_text(note or "", "utf-8")
        size, file = 0, None
        try:
            async for (text,) in await session.stream(_ALL):
                if size % ENTRIES_OF_A_FILE == 0:
                    if file is not None:
                        file.close()
                    file = (folder / f"{size // ENTRIES_OF_A_FILE:08}.jsonl").open("w", encoding="utf-8")
                assert file is not None
                file.write(f"{text}\n")
                size += 1
        finally:
            if file is not None:
                file.close()
    return size


_ALL = sa.text(f"""
    select {ENTRY} from log_checkpoint c cross join unnest(c.record_events) with ordinality taken(id, place)
    join record_event n on n.id = taken.id order by c.size, taken.place""")


async def _entries(session: AsyncSession, wanted: ToProve) -> list[_Entry]:
    """The sealed events of the object, in the order of the log."""
    of_record = (
        ""
        if wanted.record_id is None
        else " and (n.record = :record or starts_with(n.record, :record || ':'))"
    )
    household = "is null and relation = 'access_record'" if wanted.household_id is None else "= :household"
    query = f"""
        select n.relation, n.record, n.digest, {ENTRY} as text,
          c.first + array_position(c.record_events, n.id) - 1 as position
        from record_event n
        join lateral (select first, record_events from log_checkpoint c
          where c.greatest >= n.id and c.least <= n.id and n.id = any(c.record_events) limit 1) c on true
        where n.household_id {household}{of_record} order by position"""
    found = await session.execute(
        sa.text(query),
        {
            **({} if wanted.record_id is None else {"record": str(wanted.record_id)}),
            **({} if wanted.household_id is None else {"household": wanted.household_id}),
        },
    )
    return [_Entry(*row) for row in found]


async def _rows(session: AsyncSession, wanted: ToProve, entries: Sequence[_Entry]) -> Mapping[_Entry, str]:
    """The rows of those events that match the rows' present state."""
    last = {(entry.relation, entry.record): entry for entry in entries}
    texts = dict[_Entry, str]()
    for relation in sorted({entry.relation for entry in entries} & metadata.tables.keys()):
        form = form_of(metadata.tables[relation])
        records = [record for of, record in last if of == relation]
        where = "n.id = :id" if wanted.household_id is None else f"{form.household} = :id"
        rows = await session.execute(
            sa.text(
                f'select {form.key} as record, {form.text} as text, {form.digest} as digest from "{relation}" n'
                f" where {where} and {form.key} = any(:records)"
            ),
            {"id": wanted.household_id or wanted.record_id, "records": records},
        )
        for row in rows:
            entry = last[relation, row.record]
            if entry.digest == row.digest:
                texts[entry] = row.text
    return texts


async def _links(session: AsyncSession, household_id: UUID) -> list[dict[str, str]]:
    """The events of a chain in the form that was hashed."""
    rows = await session.execute(
        sa.select(_chain_event)
        .where(_chain_event.c.household_id == household_id)
        .order_by(_chain_event.c.number)
    )
    return [{"text": canonical(link_form(dict(row))).decode()} for row in rows.mappings()]


@dataclass(frozen=True)
class _Nodes:
    """The nodes for paths: the roots of all full blocks, and the leaves of the required blocks."""

    size: int
    blocks: Sequence[bytes]
    leaves: Mapping[int, Sequence[bytes]]
    known: dict[tuple[int, int], bytes]

    @classmethod
    async def of(cls, session: AsyncSession, size: int, positions: Sequence[int]) -> "_Nodes":
        """The nodes for some positions."""
        blocks = (await session.scalars(sa.select(_block.c.root).order_by(_block.c.number))).all()
        needed = {position // BLOCK for position in positions} | ({size // BLOCK} if size % BLOCK else set())
        leaves = {
            number: await leaves_of(session, number * BLOCK, min(size, (number + 1) * BLOCK))
            for number in sorted(needed)
        }
        return cls(size, blocks, leaves, {})

    def path(self, position: int) -> list[bytes]:
        """The inclusion path of an entry."""
        return path_of(position, self.size, self._root)

    def _root(self, first: int, end: int) -> bytes:
        if (first, end) not in self.known:
            self.known[first, end] = self._computed(first, end)
        return self.known[first, end]

    def _computed(self, first: int, end: int) -> bytes:
        size, number = end - first, first // BLOCK
        if size >= BLOCK and size & (size - 1) == 0:
            return perfect_root(self.blocks[number : end // BLOCK])
        if size < BLOCK:
            tree = MerkleTree(0, [])
            for leaf in self.leaves[number][first % BLOCK : first % BLOCK + size]:
                tree.append(leaf)
            return tree.root
        split = first + (1 << ((size - 1).bit_length() - 1))
        return node_hash(self._root(first, split), self._root(split, end))
