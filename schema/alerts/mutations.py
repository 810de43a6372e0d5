"""Raising alerts, recording visits and disposing of alerts: inputs, payloads and mutations."""

from datetime import date
from uuid import UUID

import strawberry

from hub.aid.continuing import running_aid
from hub.alerts.commands import dispose_alert, raise_alert
from hub.alerts.drafts import AlertDraft, CalledConference, Disposal, Inclusion, PushedNeed
from hub.commands.context import CommandContext
from hub.commands.update import Updated
from hub.model.aid import AidKind
from hub.model.alerts import Disposition
from hub.model.certifications import Category, Support
from hub.model.visits import Recommendation
from hub.visits.commands import VisitDraft, record_visit
from schema.alerts.types import Alert, Visit
from schema.certifications.mutations import TerminateCertificationInput
from schema.engine.declare import ids
from schema.payloads import EXPECTED_VERSION, EXTERNAL_ID, SUBJECT, SavedRow, command
from schema.persons.subject import SubjectInput
from schema.referrals.mutations import NEED, NEEDED_BECAUSE, TO_AGENCY

ALERT = SavedRow(Alert, "alert", "预警 The alert, as it is now")
VISIT = SavedRow(Visit, "visit", "走访 The visit")


@strawberry.input(description="发起预警 Something found on the spot that needs checking (46-2.3)")
class RaiseAlertInput:
    """预警."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    subject: SubjectInput = strawberry.field(description=SUBJECT)
    reason: str = strawberry.field(description="说明 What was found")

    def to_draft(self) -> AlertDraft:
        """The draft; raises InvalidId."""
        return AlertDraft(self.external_id, self.subject.to_subject(), self.reason)


@strawberry.input(
    description="登记走访 A visit at home, with or without an alert that it checks (46-2.3, 46-2.4)"
)
class RecordVisitInput:
    """走访."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    subject: SubjectInput = strawberry.field(description=SUBJECT)
    visited_on: date = strawberry.field(
        description="走访日期 The day of the visit, YYYY-MM-DD; today at the latest"
    )
    visitors: str = strawberry.field(description="走访人 The people who went")
    found: str = strawberry.field(description="核查情况 What they found")
    recommendation: Recommendation = strawberry.field(description="走访建议 What those who went recommend")
    alert_id: strawberry.ID | None = strawberry.field(
        default=None, description="预警 The alert that it checks; its status becomes VISITED"
    )

    def to_draft(self) -> VisitDraft:
        """The draft; raises InvalidId."""
        alert = None if self.alert_id is None else ids.key_of(self.alert_id, "Alert", at=("alertId",))
        return VisitDraft(
            self.external_id,
            self.subject.to_subject(),
            self.visited_on,
            self.visitors,
            self.found,
            self.recommendation,
            alert,
        )


@strawberry.input(description="转办需求 A need to push to an agency in charge of it")
class PushedNeedInput:
    """转办需求."""

    to_agency: str = strawberry.field(description=TO_AGENCY)
    need: AidKind = strawberry.field(description=NEED)
    reason: str = strawberry.field(description=NEEDED_BECAUSE)


@strawberry.input(description="一事一议 The case conference that an alert is taken to")
class CalledConferenceInput:
    """一事一议."""

    participants: list[str] = strawberry.field(description="参会单位 Agency codes")
    meets_on: date = strawberry.field(description="会议日期 The day it meets, YYYY-MM-DD; today or later")


@strawberry.input(
    description="纳入救助范围 The certification by which your own office includes the household, if it certifies the category"
    " (46-1.2)"
)
class InclusionInput:
    """纳入."""

    category: Category = strawberry.field(description="救助类别 The category that is certified")
    valid_from: date = strawberry.field(description="认定日期 Today at the latest, YYYY-MM-DD")
    valid_until: date | None = strawberry.field(default=None, description="有效期至 Left out: without end")
    support: Support | None = strawberry.field(default=None, description="供养方式 Only for extreme hardship")
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="认定成员 The member; left out: the household as a whole"
    )

    def to_inclusion(self) -> Inclusion:
        """The certification to make; raises InvalidId."""
        member = self.person_id
        person = None if member is None else ids.key_of(member, "Person", at=("inclusion", "personId"))
        return Inclusion(self.category, self.valid_from, self.valid_until, self.support, person)


@strawberry.input(description="处置预警 A disposition of 46-2.4, with what follows from it")
class DisposeAlertInput:
    """处置."""

    id: strawberry.ID = strawberry.field(description="预警 The alert's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    disposition: Disposition = strawberry.field(description="处置方式 Which of the four, or UNFOUNDED")
    reason: str = strawberry.field(description="处置理由 Why; 1 to 1,000 characters")
    referrals: list[PushedNeedInput] = strawberry.field(
        default_factory=list,
        description="转办 With CARRY_OUT (if omitted, your own agency carries it out) and with INCLUDE, by kind of need",
    )
    conference: CalledConferenceInput | None = strawberry.field(
        default=None, description="会议 With CONFERENCE, and only with it: the conference that it is taken to"
    )
    termination: TerminateCertificationInput | None = strawberry.field(
        default=None, description="终止认定 With TERMINATE, and only with it: the certification that is ended"
    )

    inclusion: InclusionInput | None = strawberry.field(
        default=None,
        description="纳入 With INCLUDE: the certification that your own office makes, with referrals or instead of them",
    )

    def to_disposal(self) -> Disposal:
        """The disposal; raises InvalidId."""
        termination, conference, inclusion = self.termination, self.conference, self.inclusion
        return Disposal(
            self.expected_version,
            self.disposition,
            self.reason,
            [PushedNeed(referral.to_agency, referral.need, referral.reason) for referral in self.referrals],
            None if conference is None else CalledConference(conference.participants, conference.meets_on),
            None
            if termination is None
            else ids.key_of(termination.id, "Certification", at=("termination", "id")),
            None if termination is None else termination.to_termination(),
            None if inclusion is None else inclusion.to_inclusion(),
        )


async def _dispose(context: CommandContext, input: DisposeAlertInput) -> Updated[tuple[UUID, UUID]]:
    """Dispose of an alert, with a warning about aid that continues after the ended certification."""
    alert, disposal = ids.key_of(input.id, "Alert"), input.to_disposal()
    key = await dispose_alert(context, alert, disposal)
    ended = disposal.certification
    return Updated(key, [] if ended is None else await running_aid(context.session, context.grant, ended))


@strawberry.type
class AlertMutations:
    """预警与走访."""

    raise_alert = command(
        RaiseAlertInput,
        "发起预警 Raise an alert for a local finding (46-2.3)",
        keeps=ALERT,
        answer="预警结果 The result of raising an alert",
        run=lambda context, input: raise_alert(context, input.to_draft()),
    )
    record_visit = command(
        RecordVisitInput,
        "登记走访 Record a visit at home (46-2.3, 46-2.4)",
        keeps=VISIT,
        answer="走访结果 The result of recording a visit",
        run=lambda context, input: record_visit(context, input.to_draft()),
    )
    dispose_alert = command(
        DisposeAlertInput,
        "处置预警 Dispose of an alert in one of four ways, or close it as unfounded (46-2.4)",
        keeps=ALERT,
        answer="处置结果 The result of disposing of an alert",
        run=_dispose,
        warns_at=("termination", "id"),
    )
