"""`upsertHouseholds`: households and their members by request, through the registration of `hub import households` (46-2.2).

What is said is compared with what stands: the same again writes nothing. Each household, and each of its members, is
answered by itself, as each row of a file is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.canonical_json import canonical, whole
from hub.foundation.database import table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.foundation.texts import Form, Unfit, refined
from hub.imports.cells import Cell
from hub.imports.headers import Column
from hub.imports.households import MOST_MEMBERS, OF_HOUSEHOLD, check_household, columns
from hub.imports.importing import Importing
from hub.imports.places import Places
from hub.imports.records import Record
from hub.imports.refusals import InvalidText, TooManyMembers, ValueMissing
from hub.imports.registration import register
from hub.imports.report import Notice, Refusal, Tally
from hub.model.households import HouseholdRow
from hub.model.installation import InstallationRow
from hub.model.persons import Relation
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible

MOST_HOUSEHOLDS = 500

_household, _installation = table_of(HouseholdRow), table_of(InstallationRow)


class TooManyHouseholds(HubError, numbers=("most",)):
    """A request holds at most {most} households; send the rest in another, or import them as a file.
    每次请求最多 {most} 户,其余请另批发送,或以文件导入。
    """


class DuplicateHousehold(HubError):
    """The household of this code stands in this request already.
    本次请求中已有此户编号。
    """


class HeadRequired(HubError):
    """What belongs to the household as a whole comes with its head (户主); give the head's member too.
    属于全户的内容须与户主一并填写,请同时提供户主。
    """


@dataclass(frozen=True, slots=True)
class HouseholdDraft:
    """A household as a client states it. `values` and those of each member go by the names that files give them; what is
    not named stays as it is, None clears. `expected_version` guards against what was changed in between; the same from the
    same version again is answered as it was, and writes nothing. What was refused of it then stays refused: where it has become
    possible since, it is stale, and wants the version that the household has by now."""

    code: str
    values: Mapping[str, Any]
    members: Sequence[Mapping[str, Any]]
    expected_version: int | None = None


@dataclass(slots=True)
class HouseholdOutcome:
    """The answer to one draft: the household's key where it stands now, and what was refused of it, each at its place
    (a member's index and its field, or None and the household's field)."""

    key: tuple[UUID] | None = None
    changed: bool = False
    refused: list[tuple[int | None, Refusal]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


async def upsert_households(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, drafts: Sequence[HouseholdDraft]
) -> list[HouseholdOutcome]:
    """Register what is new and update what differs, in the caller's transaction; answer each draft in its place.

    Raises ForbiddenWrite, TooManyHouseholds; every other refusal is part of an outcome.
    """
    if write_scopes.HOUSEHOLD not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.HOUSEHOLD.value)
    if len(drafts) > MOST_HOUSEHOLDS:
        raise TooManyHouseholds(path=("households",), most=MOST_HOUSEHOLDS)
    places = await Places.load(await session.connection(), grant)
    sample = bool(await session.scalar(sa.select(_installation.c.sample)))
    importing = Importing(grant, secrecy, places, sample, Tally({}))
    readers = {one.key: one for one in columns(places, sample)}
    code = readers["householdCode"]
    wrong = [_wrong(draft, code) for draft in drafts]
    drafts = [
        draft if refusal else replace(draft, code=code.read(_cell(draft.code)))
        for draft, refusal in zip(drafts, wrong, strict=True)
    ]
    rows = _Rows(readers)
    households = [
        check_household(
            draft.code, rows.of(place, draft), importing, draft.expected_version, _said(draft, secrecy)
        )
        for place, draft in enumerate(drafts)
        if wrong[place] is None
    ]
    changed = await register(session, importing, households)
    outcomes = await _outcomes(session, importing, drafts, rows, changed)
    for outcome, refusal in zip(outcomes, wrong, strict=True):
        outcome.refused += [] if refusal is None else [(None, refusal)]
    return outcomes


def _said(draft: HouseholdDraft, secrecy: Secrecy) -> str | None:
    """The keyed digest of a draft that names a version: it holds identity numbers, which a plain one would give away."""
    if draft.expected_version is None:
        return None
    return secrecy.blind_index(canonical(whole(draft)).decode()).hex()


def _wrong(draft: HouseholdDraft, code: Column) -> Refusal | None:
    """Why a household is not even looked at: it has no code, or not a household's number of members."""
    try:
        if code.read(_cell(draft.code)) is None:
            return _refusal("code", ValueMissing())
    except HubError as error:
        return _refusal("code", error)
    if not draft.members:
        return _refusal("members", ValueMissing())
    if len(draft.members) > MOST_MEMBERS:
        return _refusal("members", TooManyMembers(most=MOST_MEMBERS))
    return None


def _refusal(field_: str, error: HubError) -> Refusal:
    return Refusal(0, field_, field_, error.code, error.message, error.message_zh, "", error.told_numbers)


@dataclass
class _Rows:
    """Members as rows, numbered through the request; `places` says whose row is whose (draft, member)."""

    readers: Mapping[str, Column]
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    _codes: set[str] = field(default_factory=set)

    def of(self, place: int, draft: HouseholdDraft) -> list[Record]:
        """The rows of one draft; values of the household stand in its head's."""
        twice, code = draft.code in self._codes, draft.code
        self._codes.add(code)
        head = next(
            (at for at, one in enumerate(draft.members) if one.get("relation") is Relation.HEAD), None
        )
        records = []
        for at, member in enumerate(draft.members):
            row = len(self.places) + 1
            self.places[row] = place, at
            record = Record(row, {})
            given = {**member, **(draft.values if at == head else {})}
            for key, value in given.items():
                try:
                    record.values[key] = None if value is None else self.readers[key].read(_cell(value))
                except HubError as error:
                    record.wrong.append((key, error, None))
                    continue
                if record.values[key] is None and self.readers[key].required:
                    record.wrong.append((key, ValueMissing(), None))
            if twice:
                record.wrong.append(("householdCode", DuplicateHousehold(), None))
            elif draft.values and head is None:
                record.wrong.append(("relation", HeadRequired(), None))
            records.append(record)
        return records


def _cell(value: Any) -> Cell:
    """A value as a cell of a file holds it, so that both are read alike. Raises InvalidText for what nobody can see: of
    a file it is passed over, since its writer did not put it there; a program did."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        try:
            return refined(value, Form.PROSE)
        except Unfit as unfit:
            raise InvalidText(reason=unfit.reason, reason_zh=unfit.reason_zh) from unfit
    return str(value) if isinstance(value, Decimal) else value


async def _outcomes(
    session: AsyncSession,
    importing: Importing,
    drafts: Sequence[HouseholdDraft],
    rows: _Rows,
    changed: set[int],
) -> list[HouseholdOutcome]:
    outcomes = [HouseholdOutcome() for _ in drafts]
    for row in changed:
        outcomes[rows.places[row][0]].changed = True
    refused: set[int] = set()
    of_whole: list[set[tuple[str, str]]] = [set() for _ in drafts]
    for one in importing.tally.refused:
        place, member = rows.places[one.row]
        refused.add(one.row)
        of_household = one.field in {*OF_HOUSEHOLD, "householdCode", "expectedVersion"}
        if not of_household:
            outcomes[place].refused.append((member, one))
        elif (one.field, one.code) not in of_whole[place]:  # it stands in the way of each of its members
            of_whole[place].add((one.field, one.code))
            outcomes[place].refused.append((None, one))
    for notice in importing.tally.notices:
        if notice.row is not None:
            outcomes[rows.places[notice.row][0]].notices.append(notice)
    landed = {place for row, (place, _) in rows.places.items() if row not in refused}
    ids = await _ids(session, importing.grant, [drafts[place].code for place in landed])
    for place in landed:
        id = ids.get(drafts[place].code)
        outcomes[place].key = None if id is None else (id,)
    return outcomes


async def _ids(session: AsyncSession, grant: Grant, codes: Sequence[str]) -> dict[str, UUID]:
    rows = await session.execute(
        sa.select(_household.c.code, _household.c.id).where(
            _household.c.code == sa.any_(sa.cast(list(codes), pg.ARRAY(sa.Text))), visible(_household, grant)
        )
    )
    return {row.code: row.id for row in rows}
