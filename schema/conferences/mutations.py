"""Calling case conferences and keeping their minutes: inputs, payloads and mutations."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from hub.conferences.commands import ConferenceKey, close_conference, open_conference
from hub.conferences.drafts import ConferenceDraft, Measure, Minutes
from hub.model.aid import AidKind
from schema.conferences.types import Conference
from schema.engine.declare import ids
from schema.engine.declare.fields import kept, mutation
from schema.engine.execute.transactions import Writer
from schema.payloads import ERRORS, EXPECTED_VERSION, SUBJECT, UserError, payload
from schema.persons.subject import SubjectInput


@strawberry.input(description="召集会议 A case conference to call (46-2.4, 46-3.3)")
class OpenConferenceInput:
    """召集."""

    external_id: str = strawberry.field(
        description="外部编号 Its id in your own system; the same again writes nothing twice"
    )
    subject: SubjectInput = strawberry.field(description=SUBJECT)
    matter: str = strawberry.field(description="议题 What it is about")
    participants: list[str] = strawberry.field(
        description="参会单位 Agency codes, department@region; they see the household from now on, and your own is one anyway"
    )
    meets_on: date = strawberry.field(description="会议日期 Today or later")

    def to_draft(self) -> ConferenceDraft:
        """The draft; raises InvalidId."""
        return ConferenceDraft(
            self.external_id, self.subject.to_subject(), self.matter, self.participants, self.meets_on
        )


@strawberry.input(
    description="议定事项 Something decided for an agency in charge of the kind to do; it becomes a referral to it"
)
class ConferenceMeasureInput:
    """议定事项."""

    agency: str = strawberry.field(description="承办单位 Agency code; your own: you do it yourself")
    kind: AidKind = strawberry.field(description="救助类型 Kind of aid")
    what: str = strawberry.field(description="议定内容 What is to be done; 1 to 1,000 characters")
    amount: Decimal | None = strawberry.field(
        default=None,
        description="金额(元) Where the conference set one, as for urgent aid above the limit (46-3.3)",
    )


@strawberry.input(description="登记会议纪要 The minutes of a conference and what it decided")
class CloseConferenceInput:
    """纪要."""

    id: strawberry.ID = strawberry.field(description="会议 The conference's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    held_on: date = strawberry.field(
        description="召开日期 The day on which it was held: from the day it was called to today"
    )
    minutes: str = strawberry.field(description="会议纪要 The minutes, 1 to 20,000 characters")
    decision: str = strawberry.field(description="议定结果 What was decided, 1 to 1,000 characters")
    measures: list[ConferenceMeasureInput] = strawberry.field(
        default_factory=list, description="议定事项 What each agency is to do; left out: nothing"
    )

    def to_minutes(self) -> Minutes:
        """The minutes."""
        measures = [Measure(one.agency, one.kind, one.what, one.amount) for one in self.measures]
        return Minutes(self.expected_version, self.held_on, self.minutes, self.decision, measures)


@strawberry.type(description="召集结果 The answer to a conference called")
class OpenConferencePayload:
    """召集结果."""

    key: strawberry.Private[ConferenceKey | None]
    conference: Conference | None = kept("Conference", "会议 The conference, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="登记结果 The answer to minutes kept")
class CloseConferencePayload:
    """登记结果."""

    key: strawberry.Private[ConferenceKey | None]
    conference: Conference | None = kept("Conference", "会议 The conference, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _open(writer: Writer, input: OpenConferenceInput) -> Any:
    async def write(session: AsyncSession) -> ConferenceKey:
        return await open_conference(session, writer.grant, writer.secrecy, input.to_draft())

    return await payload(OpenConferencePayload, writer, write)


async def _close(writer: Writer, input: CloseConferenceInput) -> Any:
    async def write(session: AsyncSession) -> ConferenceKey:
        household, conference = ids.key_of(input.id, "Conference")
        return await close_conference(
            session, writer.grant, writer.secrecy, (household, conference), input.to_minutes()
        )

    return await payload(CloseConferencePayload, writer, write)


@strawberry.type
class ConferenceMutations:
    """一事一议."""

    open_conference: OpenConferencePayload | None = mutation(
        _open, OpenConferenceInput, "召集会议 Call a case conference"
    )
    close_conference: CloseConferencePayload | None = mutation(
        _close, CloseConferenceInput, "登记纪要 Keep what a case conference decided"
    )
