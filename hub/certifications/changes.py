"""Changes of certifications: new, corrected, renewed or ended (46-1).

A request begins a certification (`begin`); it is refused if an existing one conflicts. A row of a file states one (`wish`),
which is matched by subject, category and first day. A repeated row changes nothing; another end or subtype is a correction;
a later first day ends the existing certification and begins a new one. A file never reopens an ended certification and
never adds one over its days; the row is reported instead.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.certifications.refusals import (
    AlreadyCertified,
    CertificationEnded,
    CertificationOverlaps,
    ContradictoryCertification,
    HouseholdAlreadyCovered,
)
from hub.certifications.rules import CATEGORY_RULES, end_clause
from hub.foundation.calendar import today
from hub.foundation.database import copy_rows, new_id, now, table_of, update_rows
from hub.foundation.errors import HubError
from hub.glossary.code_sets import term
from hub.ledger.before import Stood, columns_of, save_before
from hub.ledger.chain import EventDraft
from hub.model.certifications import Category, CertificationRow, EndReason
from hub.model.ledger import EventType
from hub.policy.facts.certifications import COVERED_BY_MEMBER, Validity
from hub.policy.facts.exclusions import Exclusion, exclusion_between

_certification = table_of(CertificationRow)
_COLUMNS = [column.name for column in _certification.columns]
_CHANGING = (
    "subtype", "support", "certified_amount", "valid_from", "valid_until", "ended_on", "ended_because", "end_reason", "authority",
    "version",
)  # fmt: skip
_NO_ROW = 0
"""The row number of a change that no row of a file states."""
_ENDING = ("ended_on", "ended_because", "end_reason")

Subject = tuple[UUID, UUID | None]
"""(household id, person id or None for the household as a whole)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A certification that a request or one row of a file states; `row` is the row's number, for the report.

    `states` holds values by column of `CertificationRow`; other columns stay unchanged. `of_month`: only the month of the
    first day is known, so a certification that began in that month is the same.
    """

    row: int
    subject: Subject
    category: Category
    valid_from: date | None
    states: Mapping[str, Any]
    of_month: bool = False

    def begins_with(self, valid_from: date) -> bool:
        """Whether it is the certification that began on a day."""
        if self.of_month and self.valid_from is not None:
            return self.valid_from == valid_from.replace(day=1)
        return self.valid_from in (None, valid_from)


@dataclass
class Certifying:
    """The certifications of one transaction, existing and planned. Call `read`, then `begin`, `wish` or `end`, then
    `write`. The caller appends `events` and reports `notices` by row."""

    grant: Grant
    _by_household: dict[UUID, dict[tuple[UUID | None, Category], list[dict[str, Any]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    events: list[EventDraft] = field(default_factory=list)
    changed_rows: set[int] = field(default_factory=set)
    notices: list[tuple[int, HubError]] = field(default_factory=list)
    _new: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    _touched: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    _before: Stood = field(default_factory=dict)

    async def read(self, session: AsyncSession, household_ids: Sequence[UUID]) -> None:
        """Read the certifications of households, which the caller has locked."""
        rows = await session.execute(
            sa.select(_certification)
            .where(_certification.c.household_id == sa.any_(sa.cast(household_ids, sa.ARRAY(sa.Uuid))))
            .order_by(_certification.c.valid_from, _certification.c.recorded_at)
        )
        for row in rows.mappings():
            self.add(dict(row))

    def add(self, certification: dict[str, Any]) -> None:
        """Add an existing certification, a row of `CertificationRow`; those of one subject and category in the order of their
        first days."""
        of_household = self._by_household[certification["household_id"]]
        of_household[certification["person_id"], certification["category"]].append(certification)

    def every(self) -> list[dict[str, Any]]:
        """All certifications of the households."""
        return [
            row
            for of_household in self._by_household.values()
            for rows in of_household.values()
            for row in rows
        ]

    def of(self, subject: Subject, category: Category) -> list[dict[str, Any]]:
        """The certifications of a subject in a category, by their first days."""
        household_id, person_id = subject
        return self._by_household[household_id].get((person_id, category), [])

    def current(self, subject: Subject, category: Category) -> dict[str, Any] | None:
        """The certification of a subject that has not ended."""
        return next(
            (
                certification
                for certification in self.of(subject, category)
                if not Validity.of(certification).has_ended
            ),
            None,
        )

    def begin(self, wish: Wish, id: UUID, external_id: str) -> None:
        """Certify from a day on. A certification that the new one replaces ends on that day.

        Raises AlreadyCertified, CertificationOverlaps, HouseholdAlreadyCovered, ContradictoryCertification.
        """
        begins, person_id = wish.valid_from or today(), wish.subject[1]
        ends = Validity(begins, wish.states.get("valid_until")).end
        others = self._beside(wish)
        for other in others:
            if not Validity.of(other).has_ended:
                if other["person_id"] is None and person_id is not None:
                    raise HouseholdAlreadyCovered(path=("subject",), valid_from=other["valid_from"])
                if not Validity.of(other).began_before(begins):
                    raise AlreadyCertified(path=("validFrom",), valid_from=other["valid_from"])
        if (ended_on := _ended_within(others, begins, None)) is not None:
            raise CertificationOverlaps(path=("validFrom",), ended_on=ended_on)
        if (contradiction := self._contradiction(wish, begins, ends)) is not None:
            raise contradiction.at("category")
        for other in others:
            if not Validity.of(other).has_ended:
                renewed = other["person_id"] == person_id
                because = EndReason.RECERTIFIED if renewed else EndReason.COVERED_WHOLE
                self.end(other, begins, because, None, wish.row)
        self._add(wish, begins, id, external_id)

    def wish(self, wish: Wish) -> None:
        """Plan the change of one row of a file, or add a notice if it is impossible."""
        if (same := self._same(wish)) is not None:
            self._correct(same, wish)
            return
        begins, current = wish.valid_from or today(), self.current(wish.subject, wish.category)
        later = current if current is not None and not Validity.of(current).had_begun_by(begins) else None
        ends: date | None = wish.states.get("ended_on")
        until = later["valid_from"] if later is not None and ends is None else ends
        ended_on = _ended_within(self.of(wish.subject, wish.category), begins, until)
        last = Validity(begins, wish.states.get("valid_until"), until).end
        if later is not None and ends is None:
            last = Validity(begins, wish.states.get("valid_until", later["valid_until"])).end
        if ended_on is not None:
            self.notices.append((wish.row, CertificationOverlaps(ended_on=ended_on)))
        elif (contradiction := self._contradiction(wish, begins, last)) is not None:
            self.notices.append((wish.row, contradiction))
        elif later is not None and ends is not None and Validity.of(later).began_before(ends):
            self.notices.append((wish.row, AlreadyCertified(valid_from=later["valid_from"])))
        elif later is not None and ends is None:
            self._change(later, {**wish.states, "valid_from": begins}, wish.row)
        else:
            if current is not None and later is None:
                self.end(current, begins, EndReason.RECERTIFIED, None, wish.row)
            self._add(wish, begins)

    def end(
        self, certification: dict[str, Any], on: date, because: EndReason, reason: str | None, row: int
    ) -> None:
        """End a certification, not before its first day. Without a `reason`, the Chinese name of `because` is stored."""
        self._remember(certification)
        certification["ended_on"] = Validity.of(certification).ending_on(on)
        certification["ended_because"] = because
        certification["end_reason"] = reason or term(because).zh
        self._touch(certification, row)
        self._record_end(certification)

    def withdraw(self, certification: dict[str, Any], reason: str) -> None:
        """End a certification on its first day, whether it has ended since or not: it was begun by mistake and was never in
        force (46-4.3)."""
        if not Validity.of(certification).never_in_force:
            certification.update(
                ended_on=certification["valid_from"], ended_because=EndReason.MISTAKE, end_reason=reason
            )
            self._touch(certification, _NO_ROW)
            self._record_end(certification)

    def restore(self, certification: dict[str, Any], stood: Mapping[str, Any]) -> None:
        """Restore the earlier values of a certification, in force or ended."""
        if all(certification[name] == value for name, value in stood.items()):
            return
        certification.update(stood)
        self._touch(certification, _NO_ROW)
        self._record_event(certification)
        if Validity.of(certification).has_ended:
            self._record_end(certification)

    async def write(self, session: AsyncSession) -> None:
        """Write the rows: changed ones first, so that a replacement does not conflict with the replaced one."""
        changed = [
            {name: certification[name] for name in ("household_id", "id", *_CHANGING)}
            for certification in self._touched.values()
        ]
        await save_before(session, self.grant.client, self._before)
        await update_rows(session, _certification, ("household_id", "id"), changed)
        if self._new:
            rows = (tuple(certification[name] for name in _COLUMNS) for certification in self._new.values())
            await copy_rows(session, "certification", _COLUMNS, rows)

    def _beside(self, wish: Wish) -> list[dict[str, Any]]:
        """The certifications that must not overlap the new one: the subject's own of the category, and those of the other
        form of coverage, whole household or by member (非整户保)."""
        household_id, person_id = wish.subject

        def clashes(other: UUID | None) -> bool:
            return other == person_id or (wish.category is COVERED_BY_MEMBER and None in (other, person_id))

        found = (
            rows
            for (other, category), rows in self._by_household[household_id].items()
            if category is wish.category and clashes(other)
        )
        return [row for rows in found for row in rows]

    def _contradiction(self, wish: Wish, begins: date, ends: date) -> HubError | None:
        """The refusal if a certification of the household that excludes the wish is in force on a day from `begins` to before
        `ends`; None if there is none."""
        household_id, person_id = wish.subject
        for (other_person, category), rows in self._by_household[household_id].items():
            exclusion = exclusion_between(wish.category, person_id, category, other_person)
            if exclusion is None:
                continue
            for other in rows:
                if Validity.of(other).is_in_force_between(begins, ends):
                    return _contradicts(exclusion, wish.category, begins, other)
        return None

    def _same(self, wish: Wish) -> dict[str, Any] | None:
        """The certification that the row states: the one with its first day, or the last one if the row names no day."""
        same = [
            certification
            for certification in self.of(wish.subject, wish.category)
            if wish.begins_with(certification["valid_from"])
        ]
        return next(
            (certification for certification in same if not Validity.of(certification).has_ended),
            same[-1] if same else None,
        )

    def _correct(self, certification: dict[str, Any], wish: Wish) -> None:
        if Validity.of(certification).has_ended:
            if wish.states.get("ended_on") is None:
                self.notices.append((wish.row, CertificationEnded(valid_from=certification["valid_from"])))
            return
        states = {name: value for name, value in wish.states.items() if name not in _ENDING}
        ended_on = wish.states.get("ended_on")
        begins = certification["valid_from"]
        longer = Validity(begins, states.get("valid_until", certification["valid_until"]), ended_on).end
        ends = Validity(begins, certification["valid_until"]).end
        if longer > ends and (contradiction := self._contradiction(wish, ends, longer)) is not None:
            self.notices.append((wish.row, contradiction))
            return
        self._change(certification, states, wish.row)
        if ended_on is not None:
            self.end(
                certification, ended_on, wish.states["ended_because"], wish.states.get("end_reason"), wish.row
            )

    def _change(self, certification: dict[str, Any], states: Mapping[str, Any], row: int) -> None:
        if all(certification[name] == value for name, value in states.items()):
            return
        self._remember(certification)
        certification.update(states, authority=self.grant.agency)
        self._touch(certification, row)
        self._record_event(certification)

    def _remember(self, certification: Mapping[str, Any]) -> None:
        """Save the values before the first change."""
        id, household_id = certification["id"], certification["household_id"]
        if id not in self._new:
            self._before.setdefault(
                ("certification", id), (household_id, columns_of("certification", certification))
            )

    def _touch(self, certification: dict[str, Any], row: int) -> None:
        self.changed_rows.add(row)
        if certification["id"] not in self._touched and certification["id"] not in self._new:
            certification["version"] += 1
            self._touched[certification["id"]] = certification

    def _add(
        self, wish: Wish, valid_from: date, id: UUID | None = None, external_id: str | None = None
    ) -> None:
        household_id, person_id = wish.subject
        certification: dict[str, Any] = dict.fromkeys(_COLUMNS)
        certification |= {
            "household_id": household_id,
            "id": id or new_id(),
            "person_id": person_id,
            "category": wish.category,
            "valid_from": valid_from,
            **wish.states,
            "authority": self.grant.agency,
            "policy_basis": CATEGORY_RULES[wish.category].clause,
            "version": 1,
            "recorded_at": now(),
        }
        self._new[certification["id"]] = certification
        self.add(certification)
        self.changed_rows.add(wish.row)
        self._record_event(certification, external_id)
        if Validity.of(certification).has_ended:
            certification["end_reason"] = (
                certification["end_reason"] or term(certification["ended_because"]).zh
            )
            self._record_end(certification)

    def _record_event(self, certification: Mapping[str, Any], external_id: str | None = None) -> None:
        body = {
            "category": certification["category"].value,
            "subtype": certification["subtype"] and certification["subtype"].value,
            "support": certification["support"] and certification["support"].value,
            "validFrom": str(certification["valid_from"]),
            "validUntil": certification["valid_until"] and str(certification["valid_until"]),
            **({"certifiedAmount": str(amount)} if (amount := certification["certified_amount"]) else {}),
            **({"externalId": external_id} if external_id else {}),
        }
        self._append(EventType.CERTIFIED, certification, body, certification["policy_basis"])

    def _record_end(self, certification: Mapping[str, Any]) -> None:
        body = {
            "category": certification["category"].value,
            "endedOn": str(certification["ended_on"]),
            "because": certification["ended_because"].value,
            "reason": certification["end_reason"],
        }
        clause = end_clause(certification["category"], certification["ended_because"])
        self._append(EventType.CERTIFICATION_ENDED, certification, body, clause)

    def _append(
        self, kind: EventType, certification: Mapping[str, Any], body: dict[str, Any], clause: str
    ) -> None:
        """Append an event of a certification; it follows from the certification's last event."""
        begins = kind is EventType.CERTIFIED and certification["id"] in self._new
        self.events.append(
            EventDraft(
                certification["household_id"],
                kind,
                body,
                certification["person_id"],
                certification["id"],
                clause,
                answers=() if begins else (certification["id"],),
            )
        )


def _contradicts(
    exclusion: Exclusion, category: Category, begins: date, other: Mapping[str, Any]
) -> ContradictoryCertification:
    """The refusal that names both certifications and the rule between them."""
    return ContradictoryCertification(
        category=term(category).en,
        category_zh=term(category).zh,
        valid_from=begins,
        other=term(other["category"]).en,
        other_zh=term(other["category"]).zh,
        other_from=other["valid_from"],
        basis=exclusion.words,
        basis_zh=exclusion.basis,
    )


def _ended_within(others: Iterable[Mapping[str, Any]], begins: date, ends: date | None) -> date | None:
    """The last end of those certifications that have ended and were in force on a day from `begins` to before `ends` (None:
    no end); None if there are none."""
    return max(
        (
            other["ended_on"]
            for other in others
            if (validity := Validity.of(other)).has_ended and validity.is_in_force_between(begins, ends)
        ),
        default=None,
    )
