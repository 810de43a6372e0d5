"""The fields in event bodies, and who may read each: those of certifications and of aid (46-1, 46-3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.aid import AidKind
from hub.model.ledger import ChainEventRow, EventType
from hub.policy.permissions.aid_fields import AID_RECORD
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.field_scopes import CERTIFICATION
from hub.policy.permissions.nouns import Noun

EVENT = table_of(ChainEventRow)


@dataclass(frozen=True, slots=True)
class EventField:
    """A field, its key in event bodies, the event types that hold it, and its object. `of_kind`: only readers of the aid
    kind may read it."""

    field: str
    key: str
    by: tuple[EventType, ...]
    of: Noun
    of_kind: bool = False


_CERTIFIED, _ENDED = (EventType.CERTIFIED,), (EventType.CERTIFICATION_ENDED,)
_AID = (EventType.AID_RECORDED, EventType.AID_AMENDED)

EVENT_FIELDS: tuple[EventField, ...] = (
    *(
        EventField(name, name, _CERTIFIED, CERTIFICATION)
        for name in ("category", "subtype", "support", "certifiedAmount", "validFrom", "validUntil")
    ),
    EventField("endedOn", "endedOn", _ENDED, CERTIFICATION),
    EventField("endedBecause", "because", _ENDED, CERTIFICATION),
    EventField("endReason", "reason", _ENDED, CERTIFICATION),
    *(
        EventField(name, name, _AID, AID_RECORD)
        for name in ("program", "periodFrom", "periodUntil", "status", "decidedOn", "paidOn")
    ),
    EventField("amount", "amount", _AID, AID_RECORD, of_kind=True),
    EventField("outcome", "outcome", _AID, AID_RECORD, of_kind=True),
)


def fields_open(grant: Grant, kinds: Sequence[EventField] = EVENT_FIELDS) -> FromClause | None:
    """The fields that a grant may read, as rows (place, field, key, types, of_kind); None if there are none."""
    rows = [
        (place, field.field, field.key, [kind.value for kind in field.by], field.of_kind)
        for place, field in enumerate(kinds)
        if grant.covers(field.of.base)
    ]
    if not rows:
        return None
    columns = (
        sa.column("place", sa.Integer),
        sa.column("field", sa.Text),
        sa.column("key", sa.Text),
        sa.column("types", pg.ARRAY(sa.Text)),
        sa.column("of_kind", sa.Boolean),
    )
    data = [
        (
            sa.literal_column(str(place), sa.Integer),
            _text(field),
            _text(key),
            _texts(types),
            sa.true() if of_kind else sa.false(),
        )
        for place, field, key, types, of_kind in rows
    ]
    return sa.values(*columns, name="told").data(data)


def has_field(event: FromClause, field: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether an event holds a field that the grant may read."""
    open_kinds = [kind.value for kind in AidKind if read_scope(kind) in grant.scopes]
    kind_open = event.c.body["kind"].astext.in_(open_kinds) if open_kinds else sa.false()
    return sa.and_(
        sa.type_coerce(event.c.type, sa.Text) == sa.any_(field.c.types),
        sa.or_(sa.not_(field.c.of_kind), kind_open),
    )


def value_of(event: FromClause, field: FromClause) -> ColumnElement[str]:
    """The value of a field in an event."""
    return sa.func.jsonb_extract_path_text(event.c.body, field.c.key, type_=sa.Text)


def _text(value: str) -> ColumnElement[str]:
    return sa.cast(sa.literal(value), sa.Text)


def _texts(values: Sequence[str]) -> ColumnElement[Any]:
    return sa.cast(pg.array([sa.literal(value) for value in values]), pg.ARRAY(sa.Text))
