"""The writes of the Strawberry peer: outcomes of education aid as plain inserts in one transaction."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry.types import Info

from bench.peers.strawberry_types import AidRecord, behind
from hub.model.aid import AidKind, AidRecordRow, AidStatus, EducationDetailRow, EducationForm
from hub.model.persons import EducationStage


@strawberry.input
class SubjectInput:
    """The helped person."""

    household_id: UUID
    person_id: UUID


@strawberry.input
class EducationDetailInput:
    """Detail of education aid."""

    form: EducationForm
    school_year: int
    stage: EducationStage
    school: str | None = None


@strawberry.input
class AidDetailInput:
    """The detail, by kind."""

    education: EducationDetailInput


@strawberry.input
class RecordAidInput:
    """One outcome."""

    external_id: str
    subject: SubjectInput
    program: str
    period_from: date
    period_until: date
    status: AidStatus
    decided_on: date
    detail: AidDetailInput
    amount: Decimal | None = None
    paid_on: date | None = None
    outcome: str | None = None


@strawberry.input
class RecordAidsInput:
    """Many outcomes."""

    outcomes: list[RecordAidInput]


@strawberry.type
class RecordedAid:
    """The saved record."""

    created: bool
    aid_record: AidRecord


@strawberry.type
class RecordAidsPayload:
    """The saved records, in the order of the request."""

    outcomes: list[RecordedAid]


def _rows(draft: RecordAidInput, agency: str, client: str) -> tuple[AidRecordRow, EducationDetailRow]:
    record = AidRecordRow(
        household_id=draft.subject.household_id,
        person_id=draft.subject.person_id,
        kind=AidKind.EDUCATION,
        program=draft.program,
        agency_id=agency,
        period_from=draft.period_from,
        period_until=draft.period_until,
        status=draft.status,
        amount=draft.amount,
        decided_on=draft.decided_on,
        paid_on=draft.paid_on,
        outcome=draft.outcome,
        policy_basis="46-3.2.2",
        external_id=draft.external_id,
        client_id=client,
    )
    education = draft.detail.education
    detail = EducationDetailRow(
        household_id=record.household_id,
        id=record.id,
        version=1,
        form=education.form,
        school_year=education.school_year,
        stage=education.stage,
        school=education.school,
    )
    return record, detail


async def _insert(info: Info, drafts: list[RecordAidInput]) -> list[RecordedAid]:
    claims = info.context["claims"]
    made = [_rows(aid, claims["agency"], claims["client_id"]) for aid in drafts]
    async with info.context["sessions"]() as session, session.begin():
        session.add_all(record for record, _ in made)
        await session.flush()  # a detail's foreign key needs its record
        session.add_all(detail for _, detail in made)
    return [RecordedAid(created=True, aid_record=AidRecord.of(record)) for record, _ in made]


@strawberry.type
class AidMutations:
    """Writes."""

    @behind("aid.education:write")
    async def record_aid(self, info: Info, input: RecordAidInput) -> RecordedAid:
        """Save one outcome."""
        return (await _insert(info, [input]))[0]

    @behind("aid.education:write")
    async def record_aids(self, info: Info, input: RecordAidsInput) -> RecordAidsPayload:
        """Save many outcomes."""
        return RecordAidsPayload(outcomes=await _insert(info, input.outcomes))
