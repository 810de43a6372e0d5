"""Deciding a case: what is to be done about two records that overlap, once, in the chains of the households concerned."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import now, table_of
from hub.foundation.errors import ForbiddenWrite, HubError, InvalidInput, NotFound, StaleVersion
from hub.foundation.texts import said
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import Change, repeated
from hub.model.agencies import Department
from hub.model.ledger import EventType
from hub.model.overlaps import SETTLED, OverlapCaseRow, OverlapDisposition, OverlapSide, OverlapStatus
from hub.overlaps.cases import PLATFORM, CaseKey
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible

CLAUSE = "46-4.3"
LONGEST_REASON = 1000
_COUNTY = 6
_case = table_of(OverlapCaseRow)


class NotYourOverlapCase(HubError):
    """Civil affairs of the household's county, or of the city, decides this case (46-4.2).
    该核实单由家庭所在县级民政部门或市民政部门核定(46-4.2)。
    """


class OverlapDecided(HubError):
    """The case was decided, and stays so; what is new is a new record.
    该核实单已核定,不再更改;如有新情况请另行登记。
    """


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done; `withdrawn` is the side that CORRECT and RECOVER are about."""

    expected_version: int
    disposition: OverlapDisposition
    reason: str
    withdrawn: OverlapSide | None = None


async def decide_overlap(session: AsyncSession, grant: Grant, key: CaseKey, decision: Decision) -> CaseKey:
    """Decide a case. It says what is to be done; the agency of the record that is withdrawn does it (46-4.3). The same
    of the same version again writes nothing and answers the case.

    Raises ForbiddenWrite, NotFound, NotYourOverlapCase, OverlapDecided, StaleVersion, InvalidInput.
    """
    if write_scopes.OVERLAP not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.OVERLAP.value)
    at = sa.and_(_case.c.household_id == key[0], _case.c.id == key[1], visible(_case, grant))
    found = await session.scalar(sa.select(_case.c.first_household_id).where(at))
    if found is None:
        raise NotFound(path=("id",), noun="case of overlapping aid", noun_zh="重复救助核实单")
    await lock_households(session, [key[0], found])
    row = (await session.execute(sa.select(_case).where(at))).one()
    _check_office(grant, row)
    change = Change("decideOverlap", key, decision.expected_version, decision)
    if await repeated(session, grant.agency, change):
        return key
    _check(row, decision)
    await append_events(session, Author(grant.agency, grant.client), _told(row, decision))
    await session.execute(
        sa.update(_case)
        .where(_case.c.household_id == key[0], _case.c.id == key[1])
        .values(
            status=OverlapStatus.DECIDED, disposition=decision.disposition, withdrawn=decision.withdrawn,
            reason=decision.reason.strip(), decided_by=grant.agency, decided_at=now(), version=row.version + 1,
        )
    )  # fmt: skip
    return key


def _check_office(grant: Grant, row: sa.Row[Any]) -> None:
    department, _, region = grant.agency.partition("@")
    office = row.to_agency.partition("@")[2]
    if department != Department.CIVIL_AFFAIRS or len(region) > _COUNTY or not office.startswith(region):
        raise NotYourOverlapCase(path=("id",))


def _check(row: sa.Row[Any], decision: Decision) -> None:
    if row.status is OverlapStatus.DECIDED:
        raise OverlapDecided(path=("id",))
    if row.version != decision.expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=decision.expected_version, actual=row.version)
    said("reason", decision.reason, LONGEST_REASON)
    if (decision.disposition in SETTLED) != (decision.withdrawn is None):
        raise InvalidInput(
            path=("withdrawn",), field="withdrawn",
            reason="CORRECT and RECOVER name the record that is withdrawn, the others name none",
            reason_zh="更正和追回须指明撤回哪一条记录,其余处置不填",
        )  # fmt: skip


def _told(row: sa.Row[Any], decision: Decision) -> list[EventDraft]:
    """One event for each household; the first's is the platform's, which tells it of no other district."""
    body = {
        "rule": row.rule.value, "disposition": decision.disposition.value,
        "withdrawn": None if decision.withdrawn is None else decision.withdrawn.value, "reason": decision.reason.strip(),
    }  # fmt: skip
    kind = EventType.OVERLAP_DECIDED
    events = [EventDraft(row.household_id, kind, body, row.person_id, row.id, CLAUSE, answers=(row.id,))]
    if row.first_household_id != row.household_id:
        events.append(
            EventDraft(
                row.first_household_id, kind, body, None, row.id, CLAUSE, author=PLATFORM, answers=(row.id,)
            )
        )
    return events
