"""Certifications that a file asks for, against those that stand: new, corrected, renewed or ended (46-1).

A certification goes by its subject, its category and the date it begins. The same one again changes nothing;
with another end or subtype it is corrected; a later beginning ends the one before and begins anew; one that has
ended is never opened again by a file.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.certifications.tables import Category, CertificationRow
from hub.database import copy_rows, new_id, now, table_of
from hub.exchange.authorities import AUTHORITY_OF
from hub.exchange.refusals import CertificationEnded
from hub.exchange.report import Tally
from hub.exchange.updating import update_rows
from hub.ledger.chain import EventDraft
from hub.ledger.tables import EventType

RENEWED = "重新认定"
NOW_WHOLE = "改为整户保障"
NOW_BY_MEMBER = "改为按人保障"

_certification = table_of(CertificationRow)
_COLUMNS = [column.name for column in _certification.columns]
_CHANGING = (
    "subtype",
    "support",
    "valid_from",
    "valid_until",
    "ended_on",
    "end_reason",
    "authority",
    "version",
)
_CHINA = timezone(timedelta(hours=8))

Subject = tuple[UUID, UUID | None]
"""(household id, person id or None for the household as a whole)."""


def today() -> date:
    """The day it is in China."""
    return datetime.now(_CHINA).date()


@dataclass(frozen=True, slots=True)
class Wish:
    """A certification as one row of a file states it.

    `states` has what the file says of it, by column of `CertificationRow`; what it does not say stays as it is.
    """

    row: int
    subject: Subject
    category: Category
    valid_from: date | None
    states: Mapping[str, Any]


@dataclass
class Certifying:
    """The certifications of one batch: what stands, and what is to be written. Call `wish`, then `write`."""

    grant: Grant
    tally: Tally
    standing: dict[tuple[Subject, Category], list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    events: list[EventDraft] = field(default_factory=list)
    changed_rows: set[int] = field(default_factory=set)
    _new: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    _touched: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    async def read(self, session: AsyncSession, household_ids: Sequence[UUID]) -> None:
        """Read the certifications of households, which the caller has locked."""
        rows = await session.execute(
            sa.select(_certification)
            .where(_certification.c.household_id == sa.any_(sa.cast(household_ids, pg.ARRAY(sa.Uuid))))
            .order_by(_certification.c.valid_from, _certification.c.recorded_at)
        )
        for row in rows.mappings():
            one = dict(row)
            self.standing[(one["household_id"], one["person_id"]), one["category"]].append(one)

    def current(self, subject: Subject, category: Category) -> dict[str, Any] | None:
        """The certification of a subject that has not ended."""
        return next((one for one in self.standing[subject, category] if one["ended_on"] is None), None)

    def wish(self, wish: Wish) -> None:
        """Plan what one row asks for."""
        current = self.current(wish.subject, wish.category)
        same = self._same(wish)
        if same is not None:
            self._correct(same, wish)
        elif current is None:
            self._add(wish, wish.valid_from or today())
        elif wish.valid_from is not None and wish.valid_from > current["valid_from"]:
            self.end(current, wish.valid_from, RENEWED, wish.row)
            self._add(wish, wish.valid_from)
        elif wish.states.get("ended_on"):
            self._add(wish, wish.valid_from or today())
        else:
            self._change(current, {**wish.states, "valid_from": wish.valid_from}, wish.row)

    def end(self, one: dict[str, Any], on: date, reason: str | None, row: int) -> None:
        """End a certification that stands; never before the day it began."""
        one["ended_on"] = max(on, one["valid_from"])
        one["end_reason"] = reason
        self._touch(one, row)
        self._tell_end(one)

    async def write(self, session: AsyncSession) -> None:
        """Write the rows; the events are the caller's to append."""
        await update_rows(
            session, _certification, ("household_id", "id"),
            [
                {name: one[name] for name in ("household_id", "id", *_CHANGING)}
                for one in self._touched.values()
            ],
        )  # fmt: skip
        if self._new:
            rows = (tuple(one[name] for name in _COLUMNS) for one in self._new.values())
            await copy_rows(session, "certification", _COLUMNS, rows)

    def _same(self, wish: Wish) -> dict[str, Any] | None:
        """The certification the wish means: of its first day, or the last there was if it names no day."""
        same = [
            one for one in self.standing[wish.subject, wish.category]
            if wish.valid_from in (None, one["valid_from"])
        ]  # fmt: skip
        return next((one for one in same if one["ended_on"] is None), same[-1] if same else None)

    def _correct(self, one: dict[str, Any], wish: Wish) -> None:
        if one["ended_on"] is not None:
            if wish.states.get("ended_on") is None:
                self.tally.notice(CertificationEnded(valid_from=one["valid_from"]), wish.row)
            return
        states = dict(wish.states)
        ended_on, reason = states.pop("ended_on", None), states.pop("end_reason", None)
        self._change(one, states, wish.row)
        if ended_on is not None:
            self.end(one, ended_on, reason, wish.row)

    def _change(self, one: dict[str, Any], states: Mapping[str, Any], row: int) -> None:
        if all(one[name] == value for name, value in states.items()):
            return
        one.update(states)
        self._touch(one, row)
        self._tell(one)

    def _touch(self, one: dict[str, Any], row: int) -> None:
        self.changed_rows.add(row)
        if one["id"] not in self._touched and one["id"] not in self._new:
            one["version"] += 1
            one["authority"] = self.grant.agency
            self._touched[one["id"]] = one

    def _add(self, wish: Wish, valid_from: date) -> None:
        household_id, person_id = wish.subject
        one: dict[str, Any] = dict.fromkeys(_COLUMNS)
        one |= {
            "household_id": household_id, "id": new_id(), "person_id": person_id,
            "category": wish.category, "valid_from": valid_from, **wish.states,
            "authority": self.grant.agency, "policy_basis": AUTHORITY_OF[wish.category].clause,
            "version": 1, "recorded_at": now(),
        }  # fmt: skip
        self._new[one["id"]] = one
        self.standing[wish.subject, wish.category].append(one)
        self.changed_rows.add(wish.row)
        self._tell(one)
        if one["ended_on"] is not None:
            self._tell_end(one)

    def _tell(self, one: Mapping[str, Any]) -> None:
        body = {
            "category": one["category"].value,
            "subtype": one["subtype"] and one["subtype"].value,
            "support": one["support"] and one["support"].value,
            "validFrom": str(one["valid_from"]),
            "validUntil": one["valid_until"] and str(one["valid_until"]),
        }
        self._append(EventType.CERTIFIED, one, body)

    def _tell_end(self, one: Mapping[str, Any]) -> None:
        body = {
            "category": one["category"].value, "endedOn": str(one["ended_on"]), "reason": one["end_reason"]
        }  # fmt: skip
        self._append(EventType.CERTIFICATION_ENDED, one, body)

    def _append(self, kind: EventType, one: Mapping[str, Any], body: dict[str, Any]) -> None:
        self.events.append(
            EventDraft(one["household_id"], kind, body, one["person_id"], one["id"], one["policy_basis"])
        )
