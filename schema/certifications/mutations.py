"""Certifying categories and ending certifications: inputs, payloads and mutations."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import strawberry

from hub.aid.continuing import running_aid
from hub.certifications.commands import certify, terminate_certification
from hub.certifications.drafts import CertificationDraft, Termination
from hub.commands.context import CommandContext
from hub.commands.update import Updated
from hub.foundation.calendar import today
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support
from schema.certifications.types import Certification
from schema.engine.declare import ids
from schema.payloads import EXPECTED_VERSION, EXTERNAL_ID, SavedRow, command
from schema.persons.subject import SubjectInput

CERTIFICATION = SavedRow(Certification, "certification", "认定 The certification, as it is now")


@strawberry.input(
    description="认定 A category of the low-income population, certified by its authority (46-1.2)"
)
class CertifyInput:
    """认定."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    subject: SubjectInput = strawberry.field(
        description="认定对象 The household as a whole, or one person: for extreme hardship always, for subsistence allowance if"
        " the household is covered in part (非整户保)"
    )
    category: Category = strawberry.field(description="救助类别 The category that is certified")
    valid_from: date = strawberry.field(
        description="认定日期 Today at the latest. A later day than that of the current certification renews it"
    )
    valid_until: date | None = strawberry.field(default=None, description="有效期至 Left out: without end")
    subtype: MonitoredSubtype | None = strawberry.field(
        default=None, description="监测对象类型 Required for monitored households; for no others (46-1.2.2)"
    )
    support: Support | None = strawberry.field(default=None, description="供养方式 Only for extreme hardship")
    certified_amount: Decimal | None = strawberry.field(
        default=None,
        description="核定金额(元/月) Yuan a month of allowance or support, including supplements (46-3.1)",
    )

    def to_draft(self) -> CertificationDraft:
        """The draft; raises InvalidId."""
        return CertificationDraft(
            self.external_id,
            self.subject.to_subject(),
            self.category,
            self.valid_from,
            self.valid_until,
            self.subtype,
            self.support,
            self.certified_amount,
        )


@strawberry.input(description="终止认定 The end of a certification that no longer holds (46-2.4)")
class TerminateCertificationInput:
    """终止认定."""

    id: strawberry.ID = strawberry.field(description="认定 The certification's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    because: EndReason = strawberry.field(
        description="终止情形 Which case it is; RECERTIFIED and COVERED_WHOLE follow from another certification and cannot be"
        " sent"
    )
    ended_on: date | None = strawberry.field(default=None, description="终止日期 Left out: today, in China")
    reason: str | None = strawberry.field(default=None, description="终止原因 In your own words")

    def to_termination(self) -> Termination:
        """The termination."""
        return Termination(self.expected_version, self.ended_on or today(), self.because, self.reason)


async def _terminate(
    context: CommandContext, input: TerminateCertificationInput
) -> Updated[tuple[UUID, UUID]]:
    """End a certification, with a warning about aid that continues."""
    certification = ids.key_of(input.id, "Certification")
    key = await terminate_certification(context, certification, input.to_termination())
    return Updated(key, await running_aid(context.session, context.grant, key))


@strawberry.type
class CertificationMutations:
    """The certifications of authorities."""

    certify = command(
        CertifyInput,
        "认定 Certify a category; idempotent by externalId (46-1.2)",
        keeps=CERTIFICATION,
        answer="认定结果 The result of a certification",
        run=lambda context, input: certify(context, input.to_draft()),
    )
    terminate_certification = command(
        TerminateCertificationInput,
        "终止认定 End a certification that no longer holds (46-2.4)",
        keeps=CERTIFICATION,
        answer="终止结果 The result of ending a certification",
        run=_terminate,
        warns_at=("id",),
    )
