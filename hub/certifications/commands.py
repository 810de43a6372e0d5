"""Certifying, and ending a certification (46-1.2, 46-2.4). Each is one event in the household's chain."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.certifications.certifying import Certifying, Wish
from hub.certifications.drafts import (
    CertificationDraft,
    Termination,
    certification_digest,
    ended_as,
    refusal,
    termination_refusal,
)
from hub.certifications.refusals import CertificationEnded, CertificationSubjectInvalid, OutsideJurisdiction
from hub.certifications.rules import CATEGORY_RULES, authority_refusal, end_fault
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import NotFound, StaleVersion
from hub.glossary.code_sets import term
from hub.ledger.chain import Author, append_events, lock_households
from hub.ledger.receipts import Change, Claim, claim_receipt, repeated
from hub.model.certifications import Category, CertificationRow
from hub.model.households import HouseholdRow
from hub.model.ledger import ReceiptOf
from hub.model.persons import PersonRow
from hub.persons.subjects import Resolved, find_subject
from hub.policy.permissions.row_policies import visible

_certification = table_of(CertificationRow)
_household = table_of(HouseholdRow)
_person = table_of(PersonRow)

CertificationKey = tuple[UUID, UUID]
"""(household id, certification id)."""

_NO_ROW = 0
"""A client's request is no row of a file."""


async def certify(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: CertificationDraft
) -> CertificationKey:
    """Certify a category. Idempotent by (agency, externalId). A later day than that of the one that stands renews it.

    Raises NotYourCategory, ForbiddenWrite, InvalidInput, what `rules.faults` finds, NotFound, AmbiguousIdentity,
    CertificationSubjectInvalid, OutsideJurisdiction, Conflict, AlreadyCertified, CertificationOverlaps, CoveredWhole.
    """
    if error := refusal(grant, draft):
        raise error
    to = await find_subject(session, grant, secrecy, draft.subject)
    _check_form(draft.category, to)
    external_id = draft.external_id.strip()
    digest = certification_digest(to.household_id, to.person_id, draft)
    claim = Claim(0, external_id, to.household_id, new_id(), digest)
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.CERTIFICATION, claim)
    if receipt.record_id == claim.record_id:
        await _begin(session, grant, draft, to, claim)
    return receipt.household_id, receipt.record_id


def _check_form(category: Category, to: Resolved) -> None:
    """A household's category is certified for the household, a person's for the person (46-1.1)."""
    rule = CATEGORY_RULES[category]
    if not (rule.whole if to.person_id is None else rule.by_member):
        whom, whom_zh = ("one person", "个人") if rule.by_member else ("a household as a whole", "家庭")
        raise CertificationSubjectInvalid(
            path=("subject",),
            category=category.value,
            category_zh=term(category).zh,
            whom=whom,
            whom_zh=whom_zh,
        )


async def _begin(
    session: AsyncSession, grant: Grant, draft: CertificationDraft, to: Resolved, claim: Claim
) -> None:
    await lock_households(session, [to.household_id])
    await _check_jurisdiction(session, grant, to.household_id, "subject")
    await _check_membership(session, to)
    certifying = Certifying(grant)
    await certifying.read(session, [to.household_id])
    states = {"valid_until": draft.valid_until, "subtype": draft.subtype, "support": draft.support}
    wish = Wish(_NO_ROW, (to.household_id, to.person_id), draft.category, draft.valid_from, states)
    certifying.begin(wish, claim.record_id, claim.external_id)
    await certifying.write(session)
    await append_events(session, Author(grant.agency, grant.client), certifying.events)


async def _check_jurisdiction(session: AsyncSession, grant: Grant, household_id: UUID, at: str) -> None:
    """An authority certifies those who live in its own regions; that a household was shown to it is not enough."""
    region = await session.scalar(sa.select(_household.c.region).where(_household.c.id == household_id))
    if region is None or not region.startswith(grant.regions):
        raise OutsideJurisdiction(path=(at,))


async def _check_membership(session: AsyncSession, to: Resolved) -> None:
    if to.person_id is None:
        return
    left_on = await session.scalar(
        sa.select(_person.c.left_on).where(
            _person.c.household_id == to.household_id, _person.c.id == to.person_id
        )
    )
    if left_on is not None:
        raise NotFound(path=("subject",), noun="present member of the household", noun_zh="家庭现有成员")


async def terminate_certification(
    session: AsyncSession, grant: Grant, key: CertificationKey, termination: Termination,
    decided: UUID | None = None,
) -> CertificationKey:  # fmt: skip
    """End a certification that stands (46-2.4). The same of the same version again, and the same words again of what has ended,
    write nothing and answer the certification. `decided`: the alert whose disposition it is.

    Raises NotFound, NotYourCategory, ForbiddenWrite, OutsideJurisdiction, CertificationEnded, StaleVersion,
    InvalidInput, PeriodReversed, DateInFuture.
    """
    await lock_households(session, [key[0]])
    row = await _in_charge_of(session, grant, key)
    if error := termination_refusal(row.category, row.person_id is None, termination):
        raise error
    change = Change("terminateCertification", key, termination.expected_version, termination)
    if await repeated(session, grant.agency, change):
        return key
    if error := end_fault(row.valid_from, termination.ended_on):
        raise error.at("endedOn")
    if row.ended_on is not None:
        if (row.ended_on, row.ended_because, row.end_reason) == ended_as(termination):
            return key
        raise CertificationEnded(path=("id",), valid_from=row.valid_from)
    if row.version != termination.expected_version:
        raise StaleVersion(
            path=("expectedVersion",), expected=termination.expected_version, actual=row.version
        )
    certifying = Certifying(grant)
    await certifying.read(session, [key[0]])
    one = certifying.current((key[0], row.person_id), row.category)
    assert one is not None
    certifying.end(one, *ended_as(termination), _NO_ROW)
    await certifying.write(session)
    events = [
        replace(event, answers=(*event.answers, *filter(None, (decided,)))) for event in certifying.events
    ]
    await append_events(session, Author(grant.agency, grant.client), events)
    return key


async def _in_charge_of(session: AsyncSession, grant: Grant, key: CertificationKey) -> sa.Row[Any]:
    """A certification that the grant sees, and whose authority it is where the household lives."""
    at = sa.and_(_certification.c.household_id == key[0], _certification.c.id == key[1])
    found = await session.execute(sa.select(_certification).where(at, visible(_certification, grant)))
    row = found.one_or_none()
    if row is None:
        raise NotFound(path=("id",), noun="certification", noun_zh="认定")
    if error := authority_refusal(grant, row.category):
        raise error.at("id")
    await _check_jurisdiction(session, grant, key[0], "id")
    return row
