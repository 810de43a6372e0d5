"""Submitting an application: input, payload and mutation."""

import strawberry

from hub.applications.commands import ApplicationDraft, Need, submit_application
from hub.model.aid import AidKind
from hub.model.applications import Channel
from schema.applications.types import Application
from schema.payloads import EXTERNAL_ID, SavedRow, command
from schema.persons.subject import SubjectInput
from schema.referrals.mutations import NEED, NEEDED_BECAUSE


@strawberry.input(description="救助需求 One need of an application")
class NeedInput:
    """需求."""

    need: AidKind = strawberry.field(description=NEED)
    reason: str = strawberry.field(description=NEEDED_BECAUSE)


@strawberry.input(description="提交申请 One application for all that a household or person needs")
class SubmitApplicationInput:
    """申请."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    subject: SubjectInput = strawberry.field(description="申请人 The household or the person that applies")
    needs: list[NeedInput] = strawberry.field(description="需求 Each goes to the agency in charge of it")
    channel: Channel = strawberry.field(
        default=Channel.COUNTER, description="申请渠道 How it was submitted; default: at a counter"
    )

    def to_draft(self) -> ApplicationDraft:
        """The draft; raises InvalidId."""
        needs = [Need(need.need, need.reason) for need in self.needs]
        return ApplicationDraft(self.external_id, self.subject.to_subject(), needs, self.channel)


@strawberry.type
class ApplicationMutations:
    """One application for all needs."""

    submit_application = command(
        SubmitApplicationInput,
        "一次申请 Take in one application and push each need to the agency in charge (46-4.1)",
        keeps=SavedRow(Application, "application", "申请 The application with its referrals"),
        answer="申请结果 The result of an application",
        run=lambda context, input: submit_application(context, input.to_draft()),
    )
