"""Rows of a list of households that end something, by their column 变动 (46-2.2, 46-2.4): a row reports a death, ends a
membership, or ends certifications.

Each uses the command that requests use, with the same rights and events. Such a row changes nothing else of the person.
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
    """There is no certification here to end; end a household's certification in the row of its head.
    此处没有可停止的认定;全户的认定请在户主一行填写停保。
    """


class DeathDateMismatch(HubError):
    """The death is already stored with another day, which was not changed; if it is wrong, correct it in the list of deaths.
    此人的死亡日期已登记为另一日,未作更改;如有误,请以死亡名单更正。
    """


class NewHeadRequired(HubError):
    """The head of this household is dead; enter its new head in the same file or the next one.
    该户户主已死亡,请在同一文件或下一文件中提供新户主。
    """


@dataclass(frozen=True, slots=True)
class EndingRow:
    """A row that ends something from a day on. `category`: the certified category in the row, if any."""

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
        """Whether the row ends the membership. A dead head stays a member until another member is the head."""
        is_head = self.person["relation"] is Relation.HEAD
        return self.ending.change is RowChange.LEFT or (is_head and self.followed)


@dataclass
class _Ending:
    """The endings of one transaction. `members`: the present members by household, after the registration of the other rows."""

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
        """End the certifications of the person and, in the head's row, of the household. Refuses the row if there are none."""
        ending, person = found.ending, found.person
        whose: list[tuple[UUID, UUID | None]] = [(person["household_id"], person["id"])]
        if person["relation"] is Relation.HEAD:
            whose.append((person["household_id"], None))
        of = [ending.category] if ending.category else list(Category)
        known = [row for who in whose for category in of for row in self.certifying.of(who, category)]
        current = [row for row in known if not Validity.of(row).has_ended]
        if not known:
            self.refuse(found, "change", NothingCertified())
        for row in current:
            error = authority_refusal(self.context.grant, row["category"]) or end_fault(
                row["valid_from"], ending.on
            )
            if error:
                begun = Validity.of(row).had_begun_by(ending.on)
                self.refuse(found, "change" if begun else "changedOn", error)
                return
        for row in current:
            self.certifying.end(row, ending.on, EndReason.NO_LONGER_ELIGIBLE, None, ending.row)

    def end_own(self, found: _Found, because: EndReason) -> None:
        """End the certifications of a dead or departed person, if the agency is the authority for their category. If nobody
        is left in the household, also end the household's own certifications."""
        person, on = found.person, found.ending.on
        household_id = person["household_id"]
        gone = {leaving.person["id"] for leaving in self.leaving} | self.deaths.keys()
        whose: list[tuple[UUID, UUID | None]] = [(household_id, person["id"])]
        if all(member["id"] in gone for member in self.members[household_id]):
            whose.append((household_id, None))
        for who in whose:
            for category in Category:
                current = self.certifying.current(who, category)
                if current and authority_refusal(self.context.grant, category) is None:
                    self.certifying.end(current, on, because, None, found.ending.row)


async def end_rows(session: AsyncSession, importing: Importing, endings: Sequence[EndingRow]) -> None:
    """End what the rows state, after the other rows of the same file were registered. Refusals are added to the report."""
    if not endings:
        return
    await one_at_a_time(session)
    context, tally = importing.context(session), importing.tally
    rows, members = await _find(context, importing, endings)
    ids = {row.person["household_id"] for row in rows}
    importing.named.households |= ids
    await lock_households(session, ids)
    certifying = Certifying(context.grant)
    await certifying.read(session, list(ids))
    work = _Ending(importing, context, certifying, members, await _deaths(session, ids))
    changed = {row.ending.row for row in rows if _plan(work, row)}
    changed |= await _report_deaths(work)
    await leave_households(context, work.leaving)
    for row in rows:
        if row.ending.row in changed and row.ending.change is not RowChange.STOPPED:
            died = row.ending.change is RowChange.DEATH
            work.end_own(row, EndReason.DECEASED if died else EndReason.NO_LONGER_ELIGIBLE)
    await save_changes(context, certifying)
    changed |= certifying.changed_rows
    tally.changed += len(changed)
    tally.end_rows(
        (ending.row, str(ending.change.value), ending.on) for ending in endings if ending.row in changed
    )


def _plan(work: _Ending, row: _Found) -> bool:
    """Plan what a row ends. Returns whether it ends a membership. Deaths are reported later, together."""
    ending, person = row.ending, row.person
    if ending.change is RowChange.STOPPED:
        work.stop(row)
        return False
    if ending.change is RowChange.DEATH:
        registered = work.deaths.setdefault(person["id"], ending.on)
        if registered != ending.on:
            work.importing.tally.notice(DeathDateMismatch(), ending.row)
        work.dead.append(row)
    if not is_present(person["left_on"]) or not row.leaves:
        return False
    if person["relation"] is Relation.HEAD and not (row.alone or row.followed):
        work.refuse(row, "change", HeadCannotLeave())
        return False
    died = ending.change is RowChange.DEATH
    work.leaving.append(Leaving(person, work.deaths[person["id"]] if died else ending.on))
    return True


async def _report_deaths(work: _Ending) -> set[int]:
    """Report the deaths as their registry does, unless a death is stored with another day. Returns the rows that changed
    something."""
    dead = [row for row in work.dead if work.deaths[row.person["id"]] == row.ending.on]
    drafts = [
        CircumstanceDraft(
            None,
            Subject(person=(row.person["household_id"], row.person["id"])),
            DEATH,
            row.ending.on,
            newest=True,
        )
        for row in dead
    ]
    outcomes = await report_circumstances(work.context, drafts)
    changed: set[int] = set()
    for row, outcome in zip(dead, outcomes, strict=True):
        if outcome.error is not None:
            work.refuse(row, "change", outcome.error)
            continue
        if outcome.created or outcome.changed:
            changed.add(row.ending.row)
        if row.person["relation"] is Relation.HEAD and not (row.alone or row.followed):
            work.importing.tally.notice(NewHeadRequired(), row.ending.row)
    return changed


async def _deaths(session: AsyncSession, households: set[UUID]) -> dict[UUID, date]:
    """The stored days of death, by person."""
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
    """The rows whose person is found by code, number and name in the jurisdiction, and the present members of their
    households. The other rows are refused."""
    rows = await context.session.execute(
        sa.select(_person, _household.c.code, _household.c.region)
        .join_from(_person, _household, _household.c.id == _person.c.household_id)
        .where(_household.c.code.in_({ending.code for ending in endings}), visible(_household, context.grant))
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
        (ending.code, importing.secrecy.blind_index(ending.number.number))
        for ending in endings
        if ending.change is RowChange.LEFT
    }
    closed = closed_to(context.grant)
    for ending in endings:
        person = by_number.get((ending.code, importing.secrecy.blind_index(ending.number.number)))
        if scope := closed.get("name"):
            importing.tally.refuse(ending.row, "name", ForbiddenWrite(scope=scope.value))
        elif person is None:
            importing.tally.refuse(ending.row, "idNumber", NotAMember())
        elif not importing.registration_rules.places.within(person["region"]):
            importing.tally.refuse(ending.row, "householdCode", ForeignHousehold())
        elif not same_name(ending.name, person["name"]):
            importing.tally.refuse(ending.row, "name", NameMismatch())
        else:
            others = [
                member
                for member in members[person["household_id"]]
                if member["id"] != person["id"] and (ending.code, member["id_number_index"]) not in gone
            ]
            followed = any(member["relation"] is Relation.HEAD for member in others)
            found.append(_Found(ending, person, not others, followed))
    return found, members
