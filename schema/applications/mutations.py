"""Submitting an application: input, payload and mutation."""

from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from hub.applications.commands import ApplicationDraft, ApplicationKey, Need, submit_application
from hub.model.aid import AidKind
from hub.model.applications import Channel
from schema.applications.types import Application
from schema.engine.declare.fields import kept, mutation
from schema.engine.execute.transactions import Writer
from schema.payloads import ERRORS, UserError, payload
from schema.persons.subject import SubjectInput


@strawberry.input(description="救助需求 One need of an application")
class NeedInput:
    """需求."""

    need: AidKind = strawberry.field(description="救助需求 The kind of aid that is needed")
    reason: str = strawberry.field(description="事由 Why it is needed; 1 to 1,000 characters")


@strawberry.input(description="提交申请 One application for all that a household or person needs")
class SubmitApplicationInput:
    """申请."""

    external_id: str = strawberry.field(
        description="外部编号 Its id in your own system; the same again writes nothing twice"
    )
    subject: SubjectInput = strawberry.field(description="申请人 The household or the person that applies")
    needs: list[NeedInput] = strawberry.field(description="需求 Each goes to the agency in charge of it")
    channel: Channel = strawberry.field(
        default=Channel.COUNTER, description="申请渠道 How it came in; left out: at a counter"
    )

    def to_draft(self) -> ApplicationDraft:
        """The draft; raises InvalidId."""
        asked = [Need(one.need, one.reason) for one in self.needs]
        return ApplicationDraft(self.external_id, self.subject.to_subject(), asked, self.channel)


@strawberry.type(description="申请结果 The answer to an application")
class SubmitApplicationPayload:
    """申请结果."""

    key: strawberry.Private[ApplicationKey | None]
    application: Application | None = kept("Application", "申请 The application with its referrals")
    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _submit(writer: Writer, input: SubmitApplicationInput) -> Any:
    async def write(session: AsyncSession) -> ApplicationKey:
        return await submit_application(session, writer.grant, writer.secrecy, input.to_draft())

    return await payload(SubmitApplicationPayload, writer, write)


@strawberry.type
class ApplicationMutations:
    """One application for all needs."""

    submit_application: SubmitApplicationPayload | None = mutation(
        _submit, SubmitApplicationInput,
        "一次申请 Take in one application and push each need to the agency in charge (46-4.1)",
    )  # fmt: skip
