"""Rows of a list of households that end something, by their column 变动 (46-2.2, 46-2.4): a death is reported, a membership
ends, or what was certified ends.

Each goes by the command that requests use for it, with its rights and its events. Such a row changes nothing else of the person.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.certifications.changes import Certifying
from hub.certifications.lists import save_changes
from hub.certifications.rules import authority_refusal, end_fault
from hub.circumstances.commands import report_circumstances
from hub.circumstances.drafts import CircumstanceDraft
from hub.commands.context import CommandContext
from hub.foundation.database import table_of
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.households.import_lock import one_at_a_time
from hub.households.leaving import Leaving, leave_households
from hub.households.refusals import ForeignHousehold, HeadCannotLeave
from hub.imports.importing import Importing
from hub.imports.words import RowChange
from hub.ledger.chain import lock_households
from hub.model.certifications import Category, EndReason
from hub.model.circumstances import CircumstanceRow
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow, Relation
from hub.persons.identity_number import IdentityNumber
from hub.persons.names import NameMismatch, same_name
from hub.persons.subjects import Subject
from hub.policy.facts.certifications import Validity
from hub.policy.facts.circumstances import DEATH, death_on_record
from hub.policy.facts.persons import is_present
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.written_fields import closed_to

_household, _person, _circumstance = table_of(HouseholdRow), table_of(PersonRow), table_of(CircumstanceRow)


class NotAMember(HubError):
    """There is no such member of a household with this code; check code and number.
    该户编号下没有此人,请核对户编号和身份证号。
    """


class NothingCertified(HubError):
    """Nothing is certified here that would end; a household's is ended in the row of its head.
    此处没有可停止的认定;全户的认定请在户主一行填写停保。
    """


class DeathDateMismatch(HubError):
    """The death is reported with another day, which stays; where that is wrong, correct it in the list of deaths.
    此人的死亡日期已登记为另一日,未作更改;如有误,请以死亡名单更正。
    """


class NewHeadRequired(HubError):
    """The head of this household is dead; give its new head in the same file or the next.
    该户户主已死亡,请在同一文件或下一文件中提供新户主。
    """


@dataclass(frozen=True, slots=True)
class EndingRow:
    """A row that ends something, from a day on. `category`: what the row names as certified."""

    row: int
    code: str
    number: IdentityNumber
    name: str
    change: RowChange
    on: date
    category: Category | None = None


@dataclass(slots=True)
class _Found:
    """A row with its person. `alone`: nobody else stays in the household; `followed`: another member who stays is its head."""

    ending: EndingRow
    person: Mapping[str, Any]
    alone: bool
    followed: bool

    @property
    def leaves(self) -> bool:
        """Whether the row ends the membership. A dead head is no member any more once another head is there."""
        is_head = self.person["relation"] is Relation.HEAD
        return self.ending.change is RowChange.LEFT or (is_head and self.followed)


@dataclass
class _Ending:
    """The endings of one transaction. `members`: the present members by household, as they are after registering."""

    importing: Importing
    context: CommandContext
    certifying: Certifying
    members: Mapping[UUID, Sequence[Mapping[str, Any]]]
    deaths: dict[UUID, date]
    leaving: list[Leaving] = field(default_factory=list)
    dead: list[_Found] = field(default_factory=list)

    def refuse(self, found: _Found, key: str, error: HubError) -> None:
        """Refuse a row."""
        self.importing.tally.refuse(found.ending.row, key, error)

    def stop(self, found: _Found) -> None:
        """End what is certified for the person and, by the head's row, for the household."""
        ending, person = found.ending, found.person
        whose: list[tuple[UUID, UUID | None]] = [(person["household_id"], person["id"])]
        if person["relation"] is Relation.HEAD:
            whose.append((person["household_id"], None))
        of = [ending.category] if ending.category else list(Category)
        known = [one for who in whose for category in of for one in self.certifying.of(who, category)]
        current = [one for one in known if not Validity.of(one).has_ended]
        if not known:
            self.refuse(found, "change", NothingCertified())
        for one in current:
            error = authority_refusal(self.context.grant, one["category"]) or end_fault(
                one["valid_from"], ending.on
            )
            if error:
                begun = Validity.of(one).had_begun_by(ending.on)
                self.refuse(found, "change" if begun else "changedOn", error)
                return
        for one in current:
            self.certifying.end(one, ending.on, EndReason.NO_LONGER_ELIGIBLE, None, ending.row)

    def end_own(self, found: _Found, because: EndReason) -> None:
        """End what is certified for somebody alone who is dead or gone, as far as the agency is its authority; of a household of
        whom nobody is left, what is certified for it too."""
        person, on = found.person, found.ending.on
        household_id = person["household_id"]
        gone = {one.person["id"] for one in self.leaving} | self.deaths.keys()
        whose: list[tuple[UUID, UUID | None]] = [(household_id, person["id"])]
        if all(one["id"] in gone for one in self.members[household_id]):
            whose.append((household_id, None))
        for who in whose:
            for category in Category:
                current = self.certifying.current(who, category)
                if current and authority_refusal(self.context.grant, category) is None:
                    self.certifying.end(current, on, because, None, found.ending.row)


async def end_rows(session: AsyncSession, importing: Importing, endings: Sequence[EndingRow]) -> None:
    """End what the rows say, after the other rows of the same file were registered; refusals are added to the report."""
    if not endings:
        return
    await one_at_a_time(session)
    context, tally = importing.context(session), importing.tally
    found, members = await _find(context, importing, endings)
    ids = {one.person["household_id"] for one in found}
    importing.named.households |= ids
    await lock_households(session, ids)
    certifying = Certifying(context.grant)
    await certifying.read(session, list(ids))
    work = _Ending(importing, context, certifying, members, await _deaths(session, ids))
    changed = {one.ending.row for one in found if _plan(work, one)}
    changed |= await _report_deaths(work)
    await leave_households(context, work.leaving)
    for one in found:
        if one.ending.row in changed and one.ending.change is not RowChange.STOPPED:
            died = one.ending.change is RowChange.DEATH
            work.end_own(one, EndReason.DECEASED if died else EndReason.NO_LONGER_ELIGIBLE)
    await save_changes(context, certifying)
    changed |= certifying.changed_rows
    tally.changed += len(changed)
    tally.end_rows((one.row, str(one.change.value), one.on) for one in endings if one.row in changed)


def _plan(work: _Ending, one: _Found) -> bool:
    """Plan what a row ends; whether it ends a membership. Deaths are reported together."""
    ending, person = one.ending, one.person
    if ending.change is RowChange.STOPPED:
        work.stop(one)
        return False
    if ending.change is RowChange.DEATH:
        registered = work.deaths.setdefault(person["id"], ending.on)
        if registered != ending.on:
            work.importing.tally.notice(DeathDateMismatch(), ending.row)
        work.dead.append(one)
    if not is_present(person["left_on"]) or not one.leaves:
        return False
    if person["relation"] is Relation.HEAD and not (one.alone or one.followed):
        work.refuse(one, "change", HeadCannotLeave())
        return False
    died = ending.change is RowChange.DEATH
    work.leaving.append(Leaving(person, work.deaths[person["id"]] if died else ending.on))
    return True


async def _report_deaths(work: _Ending) -> set[int]:
    """Report the deaths as their registry does, with the day that stands; the rows that were new."""
    dead = [one for one in work.dead if work.deaths[one.person["id"]] == one.ending.on]
    drafts = [
        CircumstanceDraft(
            None,
            Subject(person=(one.person["household_id"], one.person["id"])),
            DEATH,
            one.ending.on,
            newest=True,
        )
        for one in dead
    ]
    outcomes = await report_circumstances(work.context, drafts)
    changed: set[int] = set()
    for one, outcome in zip(dead, outcomes, strict=True):
        if outcome.error is not None:
            work.refuse(one, "change", outcome.error)
            continue
        if outcome.created or outcome.changed:
            changed.add(one.ending.row)
        if one.person["relation"] is Relation.HEAD and not (one.alone or one.followed):
            work.importing.tally.notice(NewHeadRequired(), one.ending.row)
    return changed


async def _deaths(session: AsyncSession, households: set[UUID]) -> dict[UUID, date]:
    """The days of the deaths that stand, by person."""
    rows = await session.execute(
        sa.select(_circumstance.c.person_id, _circumstance.c.since).where(
            _circumstance.c.household_id.in_(households),
            death_on_record(_circumstance),
        )
    )
    return {row.person_id: row.since for row in rows}


async def _find(
    context: CommandContext, importing: Importing, endings: Sequence[EndingRow]
) -> tuple[list[_Found], dict[UUID, list[Mapping[str, Any]]]]:
    """The rows whose person is found by code, number and name in the jurisdiction, and the present members of their households;
    the others are refused."""
    rows = await context.session.execute(
        sa.select(_person, _household.c.code, _household.c.region)
        .join_from(_person, _household, _household.c.id == _person.c.household_id)
        .where(_household.c.code.in_({one.code for one in endings}), visible(_household, context.grant))
    )
    by_number: dict[tuple[str, bytes], Mapping[str, Any]] = {}
    members: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for found_row in rows.mappings():
        row: Mapping[str, Any] = dict(found_row)
        by_number[row["code"], row["id_number_index"]] = row
        if is_present(row["left_on"]):
            members[row["household_id"]].append(row)
    found: list[_Found] = []
    gone = {
        (one.code, importing.secrecy.blind_index(one.number.number))
        for one in endings
        if one.change is RowChange.LEFT
    }
    closed = closed_to(context.grant)
    for one in endings:
        person = by_number.get((one.code, importing.secrecy.blind_index(one.number.number)))
        if scope := closed.get("name"):
            importing.tally.refuse(one.row, "name", ForbiddenWrite(scope=scope.value))
        elif person is None:
            importing.tally.refuse(one.row, "idNumber", NotAMember())
        elif not importing.registration_rules.places.within(person["region"]):
            importing.tally.refuse(one.row, "householdCode", ForeignHousehold())
        elif not same_name(one.name, person["name"]):
            importing.tally.refuse(one.row, "name", NameMismatch())
        else:
            others = [
                member
                for member in members[person["household_id"]]
                if member["id"] != person["id"] and (one.code, member["id_number_index"]) not in gone
            ]
            followed = any(member["relation"] is Relation.HEAD for member in others)
            found.append(_Found(one, person, not others, followed))
    return found, members
