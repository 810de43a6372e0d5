"""Deciding a case of two overlapping records, once, with an event in the chains of the households."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from auth.grant import Grant
from hub.commands.context import CommandContext
from hub.commands.update import Update, update
from hub.commands.warnings import Warned
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.texts import required_text
from hub.ledger.chain import EventDraft, lock_households
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
    """The case was decided and is final; record new matters separately.
    该核实单已核定,不再更改;如有新情况请另行登记。
    """


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision; `withdrawn` is the record to correct or recover."""

    expected_version: int
    disposition: OverlapDisposition
    reason: str
    withdrawn: OverlapSide | None = None


class _DecideOverlap(Update[CaseKey, Decision, sa.Row[Any]]):
    name = "decideOverlap"
    of = "OverlapCase"

    def authorise(self, context: CommandContext, decision: Decision) -> None:
        context.need(write_scopes.OVERLAP)

    def check_shape(self, context: CommandContext, decision: Decision) -> None:
        _check_words(decision)

    async def find(self, context: CommandContext, key: CaseKey, decision: Decision) -> sa.Row[Any]:
        at = sa.and_(_case.c.household_id == key[0], _case.c.id == key[1], visible(_case, context.grant))
        other = await context.session.scalar(sa.select(_case.c.first_household_id).where(at))
        if other is None:
            raise NotFound(path=("id",), noun="case of overlapping aid", noun_zh="重复救助核实单")
        await lock_households(context.session, [key[0], other])
        row = (await context.session.execute(sa.select(_case).where(at))).one()
        _check_office(context.grant, row)
        return row

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], decision: Decision) -> bool:
        if record.status is OverlapStatus.DECIDED:
            raise OverlapDecided(path=("id",))
        return True

    async def write(
        self, context: CommandContext, record: sa.Row[Any], decision: Decision
    ) -> Sequence[Warned]:
        await context.append_events(*_events(record, decision))
        at = sa.and_(_case.c.household_id == record.household_id, _case.c.id == record.id)
        await context.session.execute(
            sa.update(_case)
            .where(at)
            .values(
                status=OverlapStatus.DECIDED,
                disposition=decision.disposition,
                withdrawn=decision.withdrawn,
                reason=decision.reason.strip(),
                decided_by=context.grant.agency,
                decided_at=now(),
                version=record.version + 1,
            )
        )
        return ()


_DECIDE_OVERLAP = _DecideOverlap()


async def decide_overlap(context: CommandContext, key: CaseKey, decision: Decision) -> CaseKey:
    """Decide a case. The agency of the withdrawn record carries the decision out (46-4.3). A repeated request writes
    nothing and returns the case.

    Raises ForbiddenWrite, NotFound, NotYourOverlapCase, OverlapDecided, StaleVersion, InvalidInput.
    """
    return (await update(context, _DECIDE_OVERLAP, key, decision.expected_version, decision)).key


def _check_office(grant: Grant, row: sa.Row[Any]) -> None:
    region, office = grant.region, row.to_agency.partition("@")[2]
    if grant.department != Department.CIVIL_AFFAIRS or len(region) > _COUNTY or not office.startswith(region):
        raise NotYourOverlapCase(path=("id",))


def _check_words(decision: Decision) -> None:
    required_text("reason", decision.reason, LONGEST_REASON)
    if (decision.disposition in SETTLED) != (decision.withdrawn is None):
        raise InvalidInput(
            path=("withdrawn",),
            field="withdrawn",
            reason="CORRECT and RECOVER name the record that is withdrawn, the others name none",
            reason_zh="更正和追回须指明撤回哪一条记录,其余处置不填",
        )


def _events(row: sa.Row[Any], decision: Decision) -> list[EventDraft]:
    """One event for each household. The event of the first household comes from the platform and names no other district."""
    body = {
        "rule": row.rule.value,
        "disposition": decision.disposition.value,
        "withdrawn": None if decision.withdrawn is None else decision.withdrawn.value,
        "reason": decision.reason.strip(),
    }
    kind = EventType.OVERLAP_DECIDED
    events = [EventDraft(row.household_id, kind, body, row.person_id, row.id, CLAUSE, answers=(row.id,))]
    if row.first_household_id != row.household_id:
        events.append(
            EventDraft(
                row.first_household_id, kind, body, None, row.id, CLAUSE, author=PLATFORM, answers=(row.id,)
            )
        )
    return events
