"""Raising an alert by hand and disposing of one (46-2.3, 46-2.4). Each is one event in the household's chain."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.agencies.nearest import nearest_agency
from hub.agencies.shown import show_to
from hub.alerts.drafts import AlertDraft, Disposal, alert_digest, check_alert, check_disposal
from hub.alerts.rules import CLAUSE, FINDING_RULES
from hub.certifications.commands import terminate_certification
from hub.conferences.commands import open_conference
from hub.conferences.drafts import ConferenceDraft
from hub.foundation.calendar import after_workdays
from hub.foundation.database import new_id, now, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError, NotFound, StaleVersion
from hub.glossary.code_sets import term
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import Change, Claim, claim_receipt, repeated
from hub.model.agencies import Department, ShownBecause
from hub.model.alerts import AlertReferralRow, AlertRow, AlertStatus, ClosedBecause, Disposition, Finding
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType, ReceiptOf
from hub.model.visits import VisitRow
from hub.persons.subjects import Resolved, Subject, find_subject
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible
from hub.referrals.commands import Origin, create_referral
from hub.referrals.drafts import ReferralDraft

_alert = table_of(AlertRow)
_alert_referral = table_of(AlertReferralRow)
_household = table_of(HouseholdRow)
_visit = table_of(VisitRow)

AlertKey = tuple[UUID, UUID]
"""(household id, alert id)."""


class AlertNotVisited(HubError):
    """This alert is checked at home first (46-2.4); record the visit, then dispose of it.
    该预警须先上门核查(46-2.4),请先登记走访,再作处置。
    """


class AlertDisposed(HubError):
    """The alert is {status} already.
    该预警{status_zh}。
    """


async def raise_alert(session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: AlertDraft) -> AlertKey:
    """Raise what was found on the spot; it goes to civil affairs where the household lives. Idempotent by (agency,
    externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, AmbiguousIdentity, Conflict.
    """
    if write_scopes.ALERT not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.ALERT.value)
    check_alert(draft)
    to = await find_subject(session, grant, secrecy, draft.subject)
    digest = alert_digest(to.household_id, to.person_id, draft)
    claim = Claim(0, draft.external_id.strip(), to.household_id, new_id(), digest)
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.ALERT, claim)
    if receipt.record_id == claim.record_id:
        await _raise(session, grant, draft, to, claim)
    return receipt.household_id, receipt.record_id


async def _raise(session: AsyncSession, grant: Grant, draft: AlertDraft, to: Resolved, claim: Claim) -> None:
    rule = FINDING_RULES[Finding.FOUND_ON_THE_SPOT]
    at, due_at = now(), after_workdays(now(), rule.within)
    nearest = sa.select(nearest_agency(Department.CIVIL_AFFAIRS, _household.c.region)).where(
        _household.c.id == to.household_id
    )
    to_agency = await session.scalar(nearest) or grant.agency
    body = {
        "finding": Finding.FOUND_ON_THE_SPOT.value, "reason": draft.reason.strip(), "to": to_agency,
        "dueAt": due_at.isoformat(timespec="seconds"), "externalId": claim.external_id,
    }  # fmt: skip
    event = EventDraft(
        to.household_id, EventType.ALERT_RAISED, body, to.person_id, claim.record_id, rule.clause,
        answers=() if draft.answers is None else (draft.answers,),
    )  # fmt: skip
    await append_events(session, Author(grant.agency, grant.client), [event])
    session.add(
        AlertRow(
            household_id=to.household_id, id=claim.record_id, person_id=to.person_id,
            finding=Finding.FOUND_ON_THE_SPOT, severity=rule.severity, reason=draft.reason.strip(),
            policy_basis=rule.clause, raised_by=grant.agency, to_agency=to_agency, raised_at=at, due_at=due_at,
            external_id=claim.external_id,
        )
    )  # fmt: skip
    await session.flush()
    await show_to(session, to_agency, [to.household_id], ShownBecause.ALERT)


async def find_alert(session: AsyncSession, grant: Grant, key: AlertKey, at: str) -> sa.Row[Any]:
    """An alert in sight, whose household is then locked; raises NotFound at a place in the input."""
    await lock_households(session, [key[0]])
    found = await session.execute(
        sa.select(_alert).where(
            _alert.c.household_id == key[0], _alert.c.id == key[1], visible(_alert, grant)
        )
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(path=(at,), noun="alert", noun_zh="预警")
    return row


async def dispose_alert(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, key: AlertKey, disposal: Disposal
) -> AlertKey:
    """Dispose of an alert in one of four ways, and do what it leads to in the same transaction (46-2.4).

    The same of the same version again writes nothing and answers the alert. What monitoring found is closed when the fact
    is gone; what an agency raised is closed now.
    Raises ForbiddenWrite, NotFound, StaleVersion, AlertDisposed, AlertNotVisited, InvalidInput, and what pushing a need,
    calling a conference or ending a certification raises.
    """
    if write_scopes.ALERT not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.ALERT.value)
    row = await find_alert(session, grant, key, "id")
    change = Change("disposeAlert", key, disposal.expected_version, disposal)
    if await repeated(session, grant.agency, change):
        return key
    if row.version != disposal.expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=disposal.expected_version, actual=row.version)
    if row.status in (AlertStatus.DISPOSED, AlertStatus.CLOSED):
        raise AlertDisposed(path=("id",), status=term(row.status).en, status_zh=term(row.status).zh)
    if row.status is AlertStatus.OPEN and FINDING_RULES[row.finding].at_home:
        raise AlertNotVisited(path=("id",))
    check_disposal(disposal)
    body = {
        "finding": row.finding.value, "disposition": disposal.disposition.value, "reason": disposal.reason.strip()
    }  # fmt: skip
    checked = await session.scalars(
        sa.select(_visit.c.id).where(_visit.c.household_id == key[0], _visit.c.alert_id == key[1])
    )
    event = EventDraft(
        key[0], EventType.ALERT_DISPOSED, body, row.person_id, key[1], CLAUSE, needs=row.needs,
        answers=(key[1], *checked),
    )  # fmt: skip
    await append_events(session, Author(grant.agency, grant.client), [event])
    values = await _carry_out(session, grant, secrecy, row, disposal)
    by_hand = row.finding is Finding.FOUND_ON_THE_SPOT
    if by_hand:
        values |= {"closed_at": now(), "closed_because": ClosedBecause.DISPOSED}
    await session.execute(
        sa.update(_alert)
        .where(_alert.c.household_id == key[0], _alert.c.id == key[1])
        .values(
            status=AlertStatus.CLOSED if by_hand else AlertStatus.DISPOSED, disposition=disposal.disposition,
            disposition_reason=disposal.reason.strip(), disposed_by=grant.agency, disposed_at=now(),
            version=row.version + 1, **values,
        )
    )  # fmt: skip
    return key


async def _carry_out(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, row: sa.Row[Any], disposal: Disposal
) -> dict[str, Any]:
    """What a disposition leads to; answers the columns of the alert that point at it."""
    subject = (
        Subject(person=(row.household_id, row.person_id))
        if row.person_id
        else Subject(household_id=row.household_id)
    )
    match disposal.disposition:
        case Disposition.CONFERENCE:
            assert disposal.conference is not None
            draft = ConferenceDraft(
                str(row.id),
                subject,
                disposal.reason,
                disposal.conference.participants,
                disposal.conference.meets_on,
            )
            try:
                _, conference_id = await open_conference(session, grant, secrecy, draft, row.id)
            except HubError as error:
                raise error.at("conference", *error.path) from None
            return {"conference_id": conference_id}
        case Disposition.TERMINATE:
            assert disposal.certification is not None
            assert disposal.termination is not None
            if disposal.certification[0] != row.household_id:
                raise NotFound(
                    path=("termination", "id"), noun="certification of this household", noun_zh="该户的认定"
                )
            try:
                await terminate_certification(
                    session, grant, disposal.certification, disposal.termination, row.id
                )
            except HubError as error:
                raise error.at("termination", *error.path) from None
            return {"certification_id": disposal.certification[1]}
        case _:
            for place, need in enumerate(disposal.needs):
                referral = ReferralDraft(
                    f"{row.id}/{place + 1}", subject, need.to_agency, need.need, need.reason
                )
                try:
                    _, referral_id = await create_referral(
                        session, grant, secrecy, referral, Origin(decided=row.id)
                    )
                except HubError as error:
                    raise error.at("referrals", place, *error.path) from None
                link = {"household_id": row.household_id, "alert_id": row.id, "referral_id": referral_id}
                await session.execute(sa.insert(_alert_referral).values(link))
            return {}
