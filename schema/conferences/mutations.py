"""Calling case conferences and recording their minutes: inputs, payloads and mutations."""

from datetime import date
from decimal import Decimal

import strawberry

from hub.conferences.commands import close_conference, open_conference
from hub.conferences.drafts import ConferenceDraft, Measure, Minutes
from hub.model.aid import AidKind
from schema.conferences.types import Conference
from schema.engine.declare import ids
from schema.payloads import EXPECTED_VERSION, EXTERNAL_ID, SUBJECT, SavedRow, command
from schema.persons.subject import SubjectInput

CONFERENCE = SavedRow(Conference, "conference", "会议 The conference, as it is now")


@strawberry.input(description="召集会议 A case conference to call (46-2.4, 46-3.3)")
class OpenConferenceInput:
    """召集."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    subject: SubjectInput = strawberry.field(description=SUBJECT)
    matter: str = strawberry.field(description="议题 The subject")
    participants: list[str] = strawberry.field(
        description="参会单位 Agency codes, department@region; they see the household from now on, and your own agency always"
        " takes part"
    )
    meets_on: date = strawberry.field(description="会议日期 Today or later")

    def to_draft(self) -> ConferenceDraft:
        """The draft; raises InvalidId."""
        return ConferenceDraft(
            self.external_id, self.subject.to_subject(), self.matter, self.participants, self.meets_on
        )


@strawberry.input(
    description="议定事项 A measure for an agency in charge of the kind; it becomes a referral to that agency"
)
class ConferenceMeasureInput:
    """议定事项."""

    agency: str = strawberry.field(
        description="承办单位 Agency code; your own code if your agency does it itself"
    )
    kind: AidKind = strawberry.field(description="救助类型 Kind of aid")
    what: str = strawberry.field(description="议定内容 What is to be done; 1 to 1,000 characters")
    amount: Decimal | None = strawberry.field(
        default=None,
        description="金额(元) Where the conference set one, as for urgent aid above the limit (46-3.3)",
    )


@strawberry.input(description="登记会议纪要 The minutes and decisions of a conference")
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
        measures = [
            Measure(measure.agency, measure.kind, measure.what, measure.amount) for measure in self.measures
        ]
        return Minutes(self.expected_version, self.held_on, self.minutes, self.decision, measures)


@strawberry.type
class ConferenceMutations:
    """一事一议."""

    open_conference = command(
        OpenConferenceInput,
        "召集会议 Call a case conference",
        keeps=CONFERENCE,
        answer="召集结果 The result of calling a conference",
        run=lambda context, input: open_conference(context, input.to_draft()),
    )
    close_conference = command(
        CloseConferenceInput,
        "登记纪要 Record the decisions of a case conference",
        keeps=CONFERENCE,
        answer="登记结果 The result of recording minutes",
        run=lambda context, input: close_conference(
            context, ids.key_of(input.id, "Conference"), input.to_minutes()
        ),
    )
