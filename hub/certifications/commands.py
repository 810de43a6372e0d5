"""Making and ending certifications (46-1.2, 46-2.4). Each is one event in the household's chain."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.certifications.changes import Certifying, Wish
from hub.certifications.drafts import (
    CertificationDraft,
    Termination,
    certification_digest,
    check_draft,
    check_end,
    check_termination,
    ended_as,
)
from hub.certifications.refusals import (
    CertificationEnded,
    CertificationSubjectInvalid,
    DateInFuture,
    OutsideJurisdiction,
)
from hub.certifications.rules import CATEGORY_RULES, amount_refusal, authority_refusal, end_fault
from hub.commands.context import CommandContext
from hub.commands.creation import CreationForSubject, Wanted, create
from hub.commands.update import Update, update
from hub.commands.warnings import Warned
from hub.foundation.calendar import today
from hub.foundation.database import table_of
from hub.foundation.errors import NotFound
from hub.glossary.code_sets import term
from hub.ledger.chain import EventDraft
from hub.model.certifications import Category, CertificationRow
from hub.model.households import HouseholdRow
from hub.model.ledger import ReceiptOf
from hub.model.persons import PersonRow
from hub.persons.subjects import Resolved
from hub.policy.facts.certifications import Validity
from hub.policy.facts.persons import is_present

_certification = table_of(CertificationRow)
_household = table_of(HouseholdRow)
_person = table_of(PersonRow)

CertificationKey = tuple[UUID, UUID]
"""(household id, certification id)."""

_NO_ROW = 0
"""The row number of a client's request, which is no row of a file."""


class _Certify(CreationForSubject[CertificationDraft]):
    """`decided` is the alert whose disposition is the certification."""

    receipt = ReceiptOf.CERTIFICATION

    def __init__(self, decided: UUID | None = None) -> None:
        self._decided = decided

    def authorise(self, context: CommandContext, draft: CertificationDraft) -> None:
        if error := authority_refusal(context.grant, draft.category):
            raise error.at("category")
        if draft.certified_amount is not None and (error := amount_refusal(context.grant)):
            raise error.at("certifiedAmount")

    def compares(self, draft: CertificationDraft) -> Sequence[str]:
        return ("Household.region",)

    def check_shape(self, context: CommandContext, draft: CertificationDraft) -> None:
        check_draft(draft)

    def digest(self, draft: CertificationDraft, target: Resolved) -> bytes:
        return certification_digest(target.household_id, target.person_id, draft)

    async def check_one(self, context: CommandContext, wanted: Wanted[CertificationDraft, Resolved]) -> None:
        _check_form(wanted.draft.category, wanted.target)
        if not Validity(wanted.draft.valid_from).had_begun_by(today()):
            raise DateInFuture(path=("validFrom",))
        await _check_jurisdiction(context, wanted.target.household_id, "subject")
        await _check_membership(context.session, wanted.target)

    async def write_one(self, context: CommandContext, new: Wanted[CertificationDraft, Resolved]) -> None:
        draft, to = new.draft, new.target
        certifying = Certifying(context.grant)
        await certifying.read(context.session, [to.household_id])
        states = {
            "valid_until": draft.valid_until,
            "subtype": draft.subtype,
            "support": draft.support,
            "certified_amount": draft.certified_amount,
        }
        wish = Wish(_NO_ROW, (to.household_id, to.person_id), draft.category, draft.valid_from, states)
        certifying.begin(wish, new.id, new.claim.external_id)
        await certifying.write(context.session)
        await context.append_events(*_following(certifying.events, self._decided))


class _Terminate(Update[CertificationKey, Termination, sa.Row[Any]]):
    """`decided` is the alert whose disposition is the end."""

    name = "terminateCertification"
    of = "Certification"

    def __init__(self, decided: UUID | None = None) -> None:
        self._decided = decided

    def compares(self, termination: Termination) -> Sequence[str]:
        return ("Household.region",)

    def check_shape(self, context: CommandContext, termination: Termination) -> None:
        check_termination(termination)

    async def find(
        self, context: CommandContext, key: CertificationKey, termination: Termination
    ) -> sa.Row[Any]:
        row = await context.locked(_certification, key, "certification", "认定")
        if error := authority_refusal(context.grant, row.category):
            raise error.at("id")
        await _check_jurisdiction(context, key[0], "id")
        return row

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], termination: Termination) -> bool:
        check_end(record.category, record.person_id is None, termination)
        if error := end_fault(record.valid_from, termination.ended_on):
            raise error.at("endedOn")
        if not Validity.of(record._mapping).has_ended:
            return True
        if (record.ended_on, record.ended_because, record.end_reason) == ended_as(termination):
            return False
        raise CertificationEnded(path=("id",), valid_from=record.valid_from)

    async def write(
        self, context: CommandContext, record: sa.Row[Any], termination: Termination
    ) -> Sequence[Warned]:
        certifying = Certifying(context.grant)
        await certifying.read(context.session, [record.household_id])
        certification = certifying.current((record.household_id, record.person_id), record.category)
        assert certification is not None
        certifying.end(certification, *ended_as(termination), _NO_ROW)
        await certifying.write(context.session)
        await context.append_events(*_following(certifying.events, self._decided))
        return ()


_CERTIFY, _TERMINATE = _Certify(), _Terminate()


def _following(events: Sequence[EventDraft], decided: UUID | None) -> Iterator[EventDraft]:
    """The events; each follows from the alert too, if there is one."""
    for event in events:
        yield event if decided is None else replace(event, answers=(*event.answers, decided))


async def certify(
    context: CommandContext, draft: CertificationDraft, decided: UUID | None = None
) -> CertificationKey:
    """Certify a category. Idempotent by (agency, externalId). A later first day renews the current certification. `decided` is
    the alert whose disposition is the certification.

    Raises NotYourCategory, ForbiddenWrite, InvalidInput, the errors of `rules.faults`, NotFound, AmbiguousIdentity,
    CertificationSubjectInvalid, OutsideJurisdiction, Conflict, AlreadyCertified, CertificationOverlaps, HouseholdAlreadyCovered,
    ContradictoryCertification.
    """
    return await create(context, _CERTIFY if decided is None else _Certify(decided), draft)


async def terminate_certification(
    context: CommandContext, key: CertificationKey, termination: Termination, decided: UUID | None = None
) -> CertificationKey:
    """End a certification (46-2.4). A repeated request writes nothing and returns the certification. `decided` is the alert
    whose disposition is the end.

    Raises NotFound, NotYourCategory, ForbiddenWrite, OutsideJurisdiction, CertificationEnded, StaleVersion, InvalidInput,
    InvalidPeriod, DateInFuture.
    """
    command = _TERMINATE if decided is None else _Terminate(decided)
    return (await update(context, command, key, termination.expected_version, termination)).key


def _check_form(category: Category, to: Resolved) -> None:
    """Check the subject: some categories are certified for the household, others for the person (46-1.1)."""
    rule = CATEGORY_RULES[category]
    if not (rule.whole if to.person_id is None else rule.by_member):
        whom, whom_zh = ("one person", "个人") if rule.by_member else ("a household as a whole", "家庭")
        raise CertificationSubjectInvalid(
            path=("subject",),
            category=term(category).en,
            category_zh=term(category).zh,
            whom=whom,
            whom_zh=whom_zh,
        )


async def _check_jurisdiction(context: CommandContext, household_id: UUID, at: str) -> None:
    """Check that the household lives in the authority's own regions; a household that is only visible to it is refused."""
    of_household = sa.select(_household.c.region).where(_household.c.id == household_id)
    region = await context.session.scalar(of_household)
    if region is None or not region.startswith(context.grant.regions):
        raise OutsideJurisdiction(path=(at,))


async def _check_membership(session: AsyncSession, to: Resolved) -> None:
    if to.person_id is None:
        return
    left_on = await session.scalar(
        sa.select(_person.c.left_on).where(
            _person.c.household_id == to.household_id, _person.c.id == to.person_id
        )
    )
    if not is_present(left_on):
        raise NotFound(path=("subject",), noun="present member of the household", noun_zh="家庭现有成员")
