"""Writing aid records: inputs, payloads and mutations."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from hub.aid.amendments import AMENDABLE, AidAmendment, amend_aid
from hub.aid.commands import AidKey, record_aids
from hub.aid.drafts import AidDraft, detail_columns
from hub.aid.revocation import Revocation, revoke_aid
from hub.aid.supporting_documents import supply_papers
from hub.aid.unregistered import Unregistered, record_urgent_aid
from hub.commands.context import CommandContext
from hub.commands.creation import DraftOutcome
from hub.commands.update import Updated
from hub.foundation.errors import HubError, InvalidInput, camel
from hub.model.aid import AidKind, AidStatus, CorrectionReason
from hub.persons.subjects import Subject
from hub.recoveries.overpayments import recovery_due
from hub.referrals.answers import answers_revoked
from schema.aid.details import AidDetailInput, TemporaryDetailInput, detail_of_input
from schema.aid.types import AidRecord
from schema.batches import ERRORS_OF_ALL, in_order, one_answer
from schema.engine.declare import ids
from schema.engine.declare.fields import mutation
from schema.engine.declare.input_validation import validate
from schema.engine.execute.transactions import Writer
from schema.payloads import ERRORS, EXPECTED_VERSION, SUBJECT, WARNINGS, SavedRow, answered, command
from schema.persons.subject import NAME, SubjectInput
from schema.user_errors import UserError, WriteWarning

RECORD = SavedRow(AidRecord, "aid_record", "救助记录 The record, as it is now")


@strawberry.input(description="反馈救助结果 One outcome of an agency, written back to the chain")
class RecordAidInput:
    """反馈."""

    external_id: str = strawberry.field(
        description="外部编号 The record's id in your own system; sending the same content again writes nothing"
    )
    subject: SubjectInput = strawberry.field(description=SUBJECT)
    program: str = strawberry.field(description="项目 Programme")
    period_from: date = strawberry.field(description="起始日期 First day that the aid covers, YYYY-MM-DD")
    period_until: date = strawberry.field(
        description="截止日期 Last day that it covers, included; not before periodFrom"
    )
    status: AidStatus = strawberry.field(description="救助状态 The status; REVOKED cannot be written here")
    decided_on: date = strawberry.field(
        description="决定日期 The day of the decision, YYYY-MM-DD; today at the latest"
    )
    detail: AidDetailInput = strawberry.field(
        description="类型与明细 The kind of aid, by the field that is filled, and the data of that kind"
    )
    amount: Decimal | None = strawberry.field(default=None, description="金额(元) Yuan for the whole period")
    paid_on: date | None = strawberry.field(
        default=None,
        description="发放日期 The day of payment, today at the latest; required for PAID",
    )
    outcome: str | None = strawberry.field(
        default=None, description="救助结果 The outcome, in words; up to 1,000 characters"
    )
    name: str | None = strawberry.field(default=None, description=NAME)

    def to_draft(self) -> AidDraft:
        """The draft; raises InvalidId, InvalidInput."""
        validate(self)
        kind, detail = detail_of_input(self.detail)
        return _draft_of(self, self.subject.to_subject(self.name), kind, detail)


@strawberry.input(
    description="批量反馈,逐条应答 Many outcomes, with one result for each in the same order; a refused outcome does not stop the"
    " others"
)
class RecordAidsInput:
    """批量反馈."""

    outcomes: list[RecordAidInput] = strawberry.field(
        description="救助结果 Up to 1,000, each as in recordAid"
    )


@strawberry.input(
    description="更正;与现有内容完全相同的更正不写入新版本。 A correction. Earlier versions stay readable, and omitted fields"
    " stay unchanged (46-4.3). A correction that changes nothing writes no version"
)
class AmendAidInput:
    """更正."""

    id: strawberry.ID = strawberry.field(description="救助记录 The id of a record of your own")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="更正原因 Why it is corrected; 1 to 500 characters")
    program: str | None = strawberry.field(default=strawberry.UNSET, description="项目 Programme")
    period_from: date | None = strawberry.field(
        default=strawberry.UNSET, description="起始日期 First day that the aid covers, YYYY-MM-DD"
    )
    period_until: date | None = strawberry.field(
        default=strawberry.UNSET, description="截止日期 Last day that it covers, included"
    )
    status: AidStatus | None = strawberry.field(
        default=strawberry.UNSET, description="救助状态 The status; use revokeAid for REVOKED"
    )
    decided_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="决定日期 The day of the decision, YYYY-MM-DD"
    )
    amount: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="金额(元) Yuan for the whole period; null clears it"
    )
    paid_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="发放日期 The day of payment; null clears it"
    )
    outcome: str | None = strawberry.field(
        default=strawberry.UNSET, description="救助结果 The outcome; null clears it"
    )
    detail: AidDetailInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="类型与明细 Of the kind of the record; omitted values are cleared",
    )

    _CLEARABLE = frozenset({"amount", "paid_on", "outcome"})

    def to_amendment(self) -> AidAmendment:
        """The amendment; raises InvalidInput."""
        changes = {
            name: getattr(self, name) for name in AMENDABLE if getattr(self, name) is not strawberry.UNSET
        }
        for name, value in changes.items():
            if value is None and name not in self._CLEARABLE:
                raise InvalidInput(
                    path=(camel(name),),
                    field=camel(name),
                    reason="it cannot be emptied",
                    reason_zh="不能清空",
                )
        own_detail: Any = self.detail
        if not own_detail:
            return AidAmendment(self.expected_version, self.reason, changes, {})
        kind, detail = detail_of_input(own_detail)
        return AidAmendment(self.expected_version, self.reason, changes, detail, kind)


@strawberry.type
class _Outcome:
    """The result of one record. The saved record is read only if it is selected, together with those of all others."""

    key: strawberry.Private[AidKey | None]
    aid_record: AidRecord | None = RECORD.read()
    created: bool = strawberry.field(
        description="是否新建 False if the same outcome was saved before, or was refused"
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)
    warnings: list[WriteWarning] = strawberry.field(description=WARNINGS)


@strawberry.type(description="反馈结果 The result of one outcome")
class RecordAidPayload(_Outcome):
    """反馈结果."""


@strawberry.type(description="单条反馈结果 The result of one outcome of a batch")
class RecordedAid(_Outcome):
    """单条反馈结果."""


@strawberry.type(description="批量反馈结果 The result of a batch")
class RecordAidsPayload:
    """批量反馈结果."""

    outcomes: list[RecordedAid] = strawberry.field(
        description="逐条结果 One for each outcome, in the order sent"
    )
    errors: list[UserError] = strawberry.field(description=ERRORS_OF_ALL)


@strawberry.input(
    description="撤销救助记录 Taking back a record of your own; every version stays readable (46-4.3)"
)
class RevokeAidInput:
    """撤销."""

    id: strawberry.ID = strawberry.field(description="救助记录 The id of a record of your own")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    because: CorrectionReason = strawberry.field(description="撤销情形 For which reason")
    reason: str = strawberry.field(description="说明 In your own words")

    def to_revocation(self) -> Revocation:
        """The revocation."""
        return Revocation(self.expected_version, self.because, self.reason)


@strawberry.input(description="补齐材料 The papers of pay-first aid have been supplied (46-3.3)")
class SupplyPapersInput:
    """补齐材料."""

    id: strawberry.ID = strawberry.field(
        description="救助记录 The id of your record of urgent aid that was paid first"
    )
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    supplied_on: date = strawberry.field(
        description="补齐日期 The day the papers were supplied, YYYY-MM-DD; today at the latest"
    )


@strawberry.input(description="受助人 Who is helped: idNumber with name; without papers, knownAs alone")
class UrgentPersonInput:
    """受助人."""

    id_number: str | None = strawberry.field(
        default=None,
        description="身份证号 Identity number; searched wherever the person is registered (46-3.3)",
    )
    name: str | None = strawberry.field(default=None, description="姓名 Full name, beside the number")
    known_as: str | None = strawberry.field(
        default=None,
        description="已知情况 For a person without papers: what is known, such as the stated name and the apparent age; stored"
        " with the aid, up to 200 characters",
    )


@strawberry.input(
    description="急难救助并登记 Urgent aid for a person who may be registered nowhere: without papers, or from another place"
    " (46-3.3)"
)
class RecordUrgentAidInput:
    """急难救助并登记."""

    external_id: str = strawberry.field(
        description="外部编号 The record's id in your own system; sending the same content again writes nothing"
    )
    person: UrgentPersonInput = strawberry.field(description="受助人 Who is helped")
    program: str = strawberry.field(description="项目 Programme")
    period_from: date = strawberry.field(description="起始日期 First day that the aid covers, YYYY-MM-DD")
    period_until: date = strawberry.field(
        description="截止日期 Last day that it covers, included; not before periodFrom"
    )
    status: AidStatus = strawberry.field(description="救助状态 The status; REVOKED cannot be written here")
    decided_on: date = strawberry.field(
        description="决定日期 The day of the decision, YYYY-MM-DD; today at the latest"
    )
    detail: TemporaryDetailInput = strawberry.field(
        description="明细 The trouble and where it happened: a township or village of your jurisdiction, where a newly registered"
        " person lives from then on"
    )
    amount: Decimal | None = strawberry.field(default=None, description="金额(元) Yuan for the whole period")
    paid_on: date | None = strawberry.field(
        default=None,
        description="发放日期 The day of payment, today at the latest; required for PAID",
    )
    outcome: str | None = strawberry.field(
        default=None, description="救助结果 The outcome, in words; up to 1,000 characters"
    )

    def to_draft(self) -> AidDraft:
        """The draft, without its subject: the command finds or registers the person."""
        columns = detail_columns(AidKind.TEMPORARY)
        detail = {name: value for name in columns if (value := getattr(self.detail, name)) is not None}
        return _draft_of(self, Subject(), AidKind.TEMPORARY, detail)


def _draft_of(
    input: RecordAidInput | RecordUrgentAidInput, subject: Subject, kind: AidKind, detail: Mapping[str, Any]
) -> AidDraft:
    return AidDraft(
        external_id=input.external_id,
        subject=subject,
        kind=kind,
        program=input.program,
        period_from=input.period_from,
        period_until=input.period_until,
        status=input.status,
        decided_on=input.decided_on,
        detail=detail,
        amount=input.amount,
        paid_on=input.paid_on,
        outcome=input.outcome,
    )


_TEMPORARY = ("detail", camel(AidKind.TEMPORARY.value))
"""The path of the detail in the errors of the commands of aid."""


async def _record_urgent(context: CommandContext, input: RecordUrgentAidInput) -> Updated[tuple[UUID, UUID]]:
    person = input.person
    who = Unregistered(person.id_number, person.name, person.known_as)
    try:
        outcome = await record_urgent_aid(context, who, input.to_draft())
    except HubError as error:
        if error.path[:2] == _TEMPORARY:  # this input has one kind only
            raise error.at("detail", *error.path[2:]) from None
        raise
    assert outcome.key is not None
    household_id, id = outcome.key
    return Updated((household_id, id), outcome.warnings)


async def _save(writer: Writer, inputs: list[RecordAidInput]) -> list[DraftOutcome]:
    """Save records in one transaction; returns one result for each, in order."""
    return await in_order(
        writer,
        inputs,
        record_aids,
        lambda error: DraftOutcome(error=error),
    )


async def _record_aid(writer: Writer, input: RecordAidInput) -> RecordAidPayload:
    return await answered(
        _save(writer, [input]),
        lambda outcomes: one_answer(RecordAidPayload, outcomes[0], "input"),
        lambda error: RecordAidPayload(key=None, created=False, errors=[error], warnings=[]),
    )


async def _record_aids(writer: Writer, input: RecordAidsInput) -> RecordAidsPayload:
    def payload_of(outcomes: list[DraftOutcome]) -> RecordAidsPayload:
        placed = enumerate(outcomes)
        answers = [one_answer(RecordedAid, outcome, "input", "outcomes", place) for place, outcome in placed]
        return RecordAidsPayload(outcomes=answers, errors=[])

    running = _save(writer, input.outcomes)
    return await answered(running, payload_of, lambda error: RecordAidsPayload(outcomes=[], errors=[error]))


async def _revoke(context: CommandContext, input: RevokeAidInput) -> Updated[tuple[UUID, UUID]]:
    """Revoke a record, with warnings about money to recover and about referrals that it answered."""
    record = ids.key_of(input.id, "AidRecord")
    key = await revoke_aid(context, record, input.to_revocation())
    due = await recovery_due(context.session, context.grant, key)
    return Updated(key, [*due, *await answers_revoked(context.session, context.grant, key)])


@strawberry.type
class AidMutations:
    """The outcomes that agencies write back."""

    record_aid = mutation(
        _record_aid,
        RecordAidInput,
        RecordAidPayload,
        "反馈一条救助 Write back one outcome; idempotent by externalId",
    )
    record_aids = mutation(
        _record_aids, RecordAidsInput, RecordAidsPayload, "批量反馈 Write back up to 1,000 outcomes"
    )
    record_urgent_aid = command(
        RecordUrgentAidInput,
        "急难救助并登记 Record urgent aid, and register a person who is registered nowhere; papers follow (46-3.3)",
        keeps=RECORD,
        answer="急难救助结果 The result of recording urgent aid",
        run=_record_urgent,
        warns_at=(),
    )
    amend_aid = command(
        AmendAidInput,
        "更正 Correct a record of your own; earlier versions stay readable",
        keeps=RECORD,
        answer="更正结果 The result of a correction",
        run=lambda context, input: amend_aid(
            context, ids.key_of(input.id, "AidRecord"), input.to_amendment()
        ),
        warns_at=(),
    )
    revoke_aid = command(
        RevokeAidInput,
        "撤销 Take back a record of your own, for a reason (46-4.3, 46-2.4)",
        keeps=RECORD,
        answer="撤销结果 The result of revoking a record",
        run=_revoke,
        warns_at=("id",),
    )
    supply_papers = command(
        SupplyPapersInput,
        "补齐材料 Papers of urgent aid that was paid first, as an amendment (46-3.3)",
        keeps=RECORD,
        answer="补齐材料结果 The result of recording supplied papers",
        run=lambda context, input: supply_papers(
            context, ids.key_of(input.id, "AidRecord"), input.expected_version, input.supplied_on
        ),
    )
