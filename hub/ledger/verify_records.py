"""Compares every row of every record with its last record event, in parts: households by ranges of their ids, the rest by
table.

The database makes the digests from the rows by the forms of this version, and returns only the wrong ones.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.privileges import WRITER
from hub.ledger.record_form import RecordForm, form_of
from hub.model.every_table import metadata
from hub.model.records import key_columns, record_tables

_ROWS_AT_ONCE = 20_000
_LEAST, _GREATEST = UUID(int=0), UUID(int=2**128 - 1)
TOLD_BY_NONE = frozenset({"write_receipt", "shown_household", "share_entry", "field_change"})
"""Rows of a household that a command may write without an event of its chain: receipts, prolonged sight, entries of a monthly
list, and the old and new values of an event."""


class Fault(StrEnum):
    """The faults of a row or of a record event."""

    CHANGED = "CHANGED"
    MISSING = "MISSING"
    EXTRA = "EXTRA"
    RECORD_EVENT_BROKEN = "RECORD_EVENT_BROKEN"
    WRITTEN_BY_ANOTHER = "WRITTEN_BY_ANOTHER"
    NO_CHAIN_EVENT = "NO_CHAIN_EVENT"


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that differs from its record events: its household, its table and its key."""

    fault: Fault
    household_id: UUID | None
    relation: str
    record: str

    def place(self, codes: Mapping[UUID, str]) -> str:
        """Its description: `aid_record 0192…:1 of household 410105-…`. `codes`: of the households that exist."""
        row = f"{self.relation} {self.record}".rstrip()
        if self.household_id is None:
            return row
        return f"{row} of household {codes.get(self.household_id, self.household_id)}"


@dataclass(frozen=True, slots=True)
class IdRange:
    """The ids from `first` to `last`, both included."""

    first: UUID = _LEAST
    last: UUID = _GREATEST


_FORMS = {table.name: form_of(table) for table in record_tables(metadata)}
_OF_HOUSEHOLDS = [form for form in _FORMS.values() if form.household != "null"]
_OF_NONE = [form for form in _FORMS.values() if form.household == "null"]


def _rows_of(form: RecordForm, bounds: str) -> str:
    return (
        f"select '{form.table}' collate \"C\" as relation, s.*"
        f" from ({form.select(f'{form.table} n')} where {bounds}) s"
    )


def _between(column: str) -> str:
    return f"{column} between :first and :last"


_EVENTS = f"select * from record_event e where {_between('household_id')}"


def _compared(stood: str, events: str) -> str:
    """A query for the rows that differ from their last events, by kind of fault."""
    return f"""
with stood as ({stood}),
last as (
  select distinct on (household_id, relation, record) household_id, relation, record, digest
  from ({events}) e order by household_id, relation, record, number desc
)
select case when l.digest is null then 'EXTRA' when s.digest is null then 'MISSING' else 'CHANGED' end as fault,
  coalesce(s.household_id, l.household_id) as household_id,
  coalesce(s.relation, l.relation) as relation, coalesce(s.record, l.record) as record
from stood s full join last l on s.relation = l.relation and s.record = l.record
  and coalesce(s.household_id, :nobody) = coalesce(l.household_id, :nobody)
where s.digest is distinct from l.digest"""


def _linked(events: str) -> str:
    """A query for events with a wrong number or link, events that were not written by the hub, and events of a household
    without an event of its chain in the same transaction."""
    told_by_none = ", ".join(f"'{name}'" for name in sorted(TOLD_BY_NONE))
    return f"""
select * from (
  select case
      when number <> place or link <> sha256(coalesce(before, '') || digest) then 'RECORD_EVENT_BROKEN'
      when written_by <> '{WRITER}' and reason is null then 'WRITTEN_BY_ANOTHER'
      when household_id is not null and reason is null and not told and relation not in ({told_by_none})
        then 'NO_CHAIN_EVENT'
    end as fault, household_id, relation, record
  from (
    select e.*, lag(link) over same as before, row_number() over same as place,
      bool_or(relation = 'chain_event') over (partition by household_id, written_at) as told
    from ({events}) e
    window same as (partition by household_id, relation, record order by number)
  ) linked
) faults where fault is not null"""


_HOUSEHOLDS_COMPARED = _compared(
    " union all ".join(_rows_of(form, _between(form.household)) for form in _OF_HOUSEHOLDS), _EVENTS
)
_HOUSEHOLDS_LINKED = _linked(_EVENTS)


async def check_households(session: AsyncSession, part: IdRange) -> AsyncIterator[RowFault]:
    """The faults of the rows of some households."""
    values = {"first": part.first, "last": part.last}
    async for fault in _faults(session, _HOUSEHOLDS_COMPARED, {**values, "nobody": _LEAST}):
        yield fault
    async for fault in _faults(session, _HOUSEHOLDS_LINKED, values):
        yield fault


async def check_rows_of_none(session: AsyncSession) -> AsyncIterator[RowFault]:
    """The faults of rows that belong to no household, and of events of unknown tables."""
    for form in _OF_NONE:
        events = f"select * from record_event e where household_id is null and relation = '{form.table}'"
        if not _by_id(form):
            async for fault in _check(session, _rows_of(form, "true"), events, {}):
                yield fault
            continue
        stood, events = _rows_of(form, _between("n.id")), f"{events} and record between :low and :high"
        async for part in _parts_of(session, form):
            values = {"first": part.first, "last": part.last}
            bounds = {"low": str(part.first), "high": str(part.last)}
            async for fault in _check(session, stood, events, bounds, values):
                yield fault
    known = ", ".join(f"'{name}'" for name in sorted(_FORMS))
    strange = (
        "select 'MISSING' as fault, household_id, relation, record from record_event"
        f" where relation not in ({known})"
    )
    async for fault in _faults(session, strange, {}):
        yield fault


async def _check(
    session: AsyncSession,
    stood: str,
    events: str,
    bounds: Mapping[str, object],
    values: Mapping[str, object] = MappingProxyType({}),
) -> AsyncIterator[RowFault]:
    compared = {**bounds, **values, "nobody": _LEAST}
    async for fault in _faults(session, _compared(stood, events), compared):
        yield fault
    async for fault in _faults(session, _linked(events), bounds):
        yield fault


def _by_id(form: RecordForm) -> bool:
    """Whether the key of a table's rows is one UUID, so that they can be read in parts."""
    (first, *others) = key_columns(metadata.tables[form.table])
    return not others and isinstance(first.type, sa.Uuid) and first.name == "id"


async def _parts_of(session: AsyncSession, form: RecordForm) -> AsyncIterator[IdRange]:
    """The parts of a table, which together cover all possible ids."""
    ids = metadata.tables[form.table].c.id
    part = IdRange()
    while True:
        last = await session.scalar(
            sa.select(ids).where(ids >= part.first).order_by(ids).offset(_ROWS_AT_ONCE - 1).limit(1)
        )
        if last is None:
            yield part
            return
        yield IdRange(part.first, last)
        part = IdRange(following(last))


def following(id: UUID) -> UUID:
    """The next id."""
    return UUID(int=id.int + 1)


async def _faults(session: AsyncSession, query: str, values: Mapping[str, object]) -> AsyncIterator[RowFault]:
    rows = await session.stream(sa.text(query), dict(values))
    async for row in rows:
        yield RowFault(Fault(row.fault), row.household_id, row.relation, row.record)


async def codes_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The codes of the households that exist."""
    household = metadata.tables["household"]
    found = await session.execute(sa.select(household.c.id, household.c.code).where(household.c.id.in_(ids)))
    return {row.id: row.code for row in found}
