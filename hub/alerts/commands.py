"""Raising an alert by an agency, and disposing of an alert (46-2.3, 46-2.4). Each is one event in the household's chain."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.agencies.nearest import nearest_agency
from hub.alerts.drafts import (
    AlertDraft,
    Disposal,
    Inclusion,
    alert_digest,
    check_alert,
    check_disposal,
)
from hub.alerts.rules import CLAUSE
from hub.certifications.commands import certify, terminate_certification
from hub.certifications.drafts import CertificationDraft
from hub.commands.context import CommandContext
from hub.commands.creation import CreationForSubject, Wanted, create
from hub.commands.update import Update, update
from hub.commands.warnings import Warned
from hub.conferences.commands import open_conference
from hub.conferences.drafts import ConferenceDraft
from hub.foundation.calendar import after_workdays
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError, NotFound
from hub.glossary.code_sets import term
from hub.ledger.chain import EventDraft
from hub.model.agencies import Department
from hub.model.alerts import AlertReferralRow, AlertRow, AlertStatus, ClosedBecause, Disposition, Finding
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType, ReceiptOf
from hub.model.visits import VisitRow
from hub.persons.subjects import Resolved, Subject
from hub.policy.facts.alerts import is_waiting
from hub.policy.permissions import write_scopes
from hub.referrals.commands import ReferralOrigin, create_referral
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
    """The alert is already {status}.
    该预警{status_zh}。
    """


class _RaiseAlert(CreationForSubject[AlertDraft]):
    receipt = ReceiptOf.ALERT

    def authorise(self, context: CommandContext, draft: AlertDraft) -> None:
        context.need_any(*write_scopes.RAISING)

    def check_shape(self, context: CommandContext, draft: AlertDraft) -> None:
        check_alert(draft)

    def digest(self, draft: AlertDraft, target: Resolved) -> bytes:
        return alert_digest(target.household_id, target.person_id, draft)

    async def write_one(self, context: CommandContext, new: Wanted[AlertDraft, Resolved]) -> None:
        finding = Finding.FOUND_ON_THE_SPOT
        draft, to, session = new.draft, new.target, context.session
        at, due_at = now(), after_workdays(now(), finding.rule.within)
        nearest = sa.select(nearest_agency(Department.CIVIL_AFFAIRS, _household.c.region)).where(
            _household.c.id == to.household_id
        )
        to_agency = await session.scalar(nearest) or context.grant.agency
        body = {
            "finding": finding.value,
            "reason": draft.reason.strip(),
            "to": to_agency,
            "dueAt": due_at.isoformat(timespec="seconds"),
            "externalId": new.claim.external_id,
        }
        answers = () if draft.answers is None else (draft.answers,)
        await context.append_events(
            EventDraft(
                to.household_id,
                EventType.ALERT_RAISED,
                body,
                to.person_id,
                new.id,
                finding.clause,
                answers=answers,
            )
        )
        session.add(
            AlertRow(
                household_id=to.household_id,
                id=new.id,
                person_id=to.person_id,
                finding=finding,
                severity=finding.rule.severity,
                reason=draft.reason.strip(),
                policy_basis=finding.clause,
                raised_by=context.grant.agency,
                to_agency=to_agency,
                raised_at=at,
                due_at=due_at,
                external_id=new.claim.external_id,
            )
        )
        await session.flush()
        await context.renew_sight(to.household_id)


_RAISE_ALERT = _RaiseAlert()


async def raise_alert(context: CommandContext, draft: AlertDraft) -> AlertKey:
    """Raise an alert about a finding of the caller's agency. Every department may do this (46-2.3: 各级各部门). The alert
    goes to the civil affairs office of the household. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, AmbiguousIdentity, Conflict.
    """
    return await create(context, _RAISE_ALERT, draft)


async def find_alert(context: CommandContext, key: AlertKey, at: str) -> sa.Row[Any]:
    """A visible alert; its household is locked. Raises NotFound with a path in the input."""
    return await context.locked(_alert, key, "alert", "预警", at)


class _DisposeAlert(Update[AlertKey, Disposal, sa.Row[Any]]):
    name = "disposeAlert"
    of = "Alert"

    def authorise(self, context: CommandContext, disposal: Disposal) -> None:
        context.need(write_scopes.ALERT)

    def check_shape(self, context: CommandContext, disposal: Disposal) -> None:
        check_disposal(disposal)

    async def find(self, context: CommandContext, key: AlertKey, disposal: Disposal) -> sa.Row[Any]:
        return await find_alert(context, key, "id")

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], disposal: Disposal) -> bool:
        if not is_waiting(record.status):
            status = term(record.status)
            raise AlertDisposed(path=("id",), status=status.en, status_zh=status.zh)
        if record.status is AlertStatus.OPEN and record.finding.rule.at_home:
            raise AlertNotVisited(path=("id",))
        return True

    async def write(
        self, context: CommandContext, record: sa.Row[Any], disposal: Disposal
    ) -> Sequence[Warned]:
        session, grant = context.session, context.grant
        at = sa.and_(_alert.c.household_id == record.household_id, _alert.c.id == record.id)
        reason = disposal.reason.strip()
        body = {"finding": record.finding.value, "disposition": disposal.disposition.value, "reason": reason}
        visits = await session.scalars(
            sa.select(_visit.c.id).where(
                _visit.c.household_id == record.household_id, _visit.c.alert_id == record.id
            )
        )
        await context.append_events(
            EventDraft(
                record.household_id,
                EventType.ALERT_DISPOSED,
                body,
                record.person_id,
                record.id,
                CLAUSE,
                needs=record.needs,
                answers=(record.id, *visits),
            )
        )
        values = await _carry_out(context, record, disposal)
        closed = _closed_because(record, disposal)
        if closed is not None:
            values |= {"closed_at": now(), "closed_because": closed}
        await session.execute(
            sa.update(_alert)
            .where(at)
            .values(
                status=AlertStatus.DISPOSED if closed is None else AlertStatus.CLOSED,
                disposition=disposal.disposition,
                disposition_reason=reason,
                disposed_by=grant.agency,
                disposed_at=now(),
                version=record.version + 1,
                **values,
            )
        )
        await context.renew_sight(record.household_id)
        return ()


_DISPOSE_ALERT = _DisposeAlert()


async def dispose_alert(context: CommandContext, key: AlertKey, disposal: Disposal) -> AlertKey:
    """Dispose of an alert in one of four ways, and carry out the disposition in the same transaction (46-2.4). An alert that
    proves unfounded is closed after the check.

    A repeated request writes nothing and returns the alert. An alert of monitoring is closed when its fact is gone. An alert
    of an agency and an unfounded alert are closed at once.

    Raises ForbiddenWrite, NotFound, StaleVersion, AlertDisposed, AlertNotVisited, InvalidInput, and the errors of sending a
    referral, calling a conference, certifying or ending a certification.
    """
    return (await update(context, _DISPOSE_ALERT, key, disposal.expected_version, disposal)).key


def _closed_because(record: sa.Row[Any], disposal: Disposal) -> ClosedBecause | None:
    """The reason to close the alert now; None: monitoring closes it when its fact is gone."""
    if disposal.disposition is Disposition.UNFOUNDED:
        return ClosedBecause.UNFOUNDED
    return ClosedBecause.DISPOSED if record.finding is Finding.FOUND_ON_THE_SPOT else None


async def _carry_out(context: CommandContext, row: sa.Row[Any], disposal: Disposal) -> dict[str, Any]:
    """Carry out a disposition; returns the alert's columns that point at the result."""
    subject = Subject.of(row.household_id, row.person_id)
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
                _, conference_id = await open_conference(context, draft, row.id)
            except HubError as error:
                raise error.at("conference", *error.path) from None
            return {"conference_id": conference_id}
        case Disposition.TERMINATE:
            assert disposal.certification is not None
            assert disposal.termination is not None
            if disposal.certification[0] != row.household_id:
                raise NotFound(
                    path=("termination", "id"), noun="certification of this household", noun_zh="户的认定"
                )
            try:
                await terminate_certification(context, disposal.certification, disposal.termination, row.id)
            except HubError as error:
                raise error.at("termination", *error.path) from None
            return {"certification_id": disposal.certification[1]}
        case _:
            for place, need in enumerate(disposal.needs):
                referral = ReferralDraft(
                    f"{row.id}/{place + 1}", subject, need.to_agency, need.need, need.reason
                )
                try:
                    _, referral_id = await create_referral(context, referral, ReferralOrigin(decided=row.id))
                except HubError as error:
                    raise error.at("referrals", place, *error.path) from None
                link = {"household_id": row.household_id, "alert_id": row.id, "referral_id": referral_id}
                await context.session.execute(sa.insert(_alert_referral).values(link))
            return {} if disposal.inclusion is None else await _include(context, row, disposal.inclusion)


async def _include(context: CommandContext, row: sa.Row[Any], inclusion: Inclusion) -> dict[str, Any]:
    """Certify the household, or one person of it, in the office's own authority (46-1.2)."""
    person = inclusion.person
    if person is not None and person[0] != row.household_id:
        raise NotFound(path=("inclusion", "personId"), noun="person of this household", noun_zh="户的成员")
    draft = CertificationDraft(
        f"{row.id}/certification",
        Subject.of(row.household_id, None if person is None else person[1]),
        inclusion.category,
        inclusion.valid_from,
        inclusion.valid_until,
        support=inclusion.support,
    )
    try:
        _, certification_id = await certify(context, draft, row.id)
    except HubError as error:
        at = ("personId",) if error.path[:1] == ("subject",) else error.path
        raise error.at("inclusion", *at) from None
    return {"certification_id": certification_id}
