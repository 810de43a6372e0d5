"""Declaring near relatives of officials: inputs, payloads and mutations (46-4.3)."""

from datetime import date

import strawberry

from hub.foundation.calendar import today
from hub.model.near_relatives import Kinship
from hub.near_relatives.commands import NearRelativeDraft, declare_near_relative, end_near_relative
from schema.engine.declare import ids
from schema.near_relatives.types import NearRelative
from schema.payloads import EXPECTED_VERSION, EXTERNAL_ID, SavedRow, command
from schema.persons.subject import SubjectInput

DECLARATION = SavedRow(NearRelative, "near_relative", "备案 The declaration, as it is now")


@strawberry.input(
    description="近亲属备案 A member of a household who is a near relative of an official (46-4.3)"
)
class DeclareNearRelativeInput:
    """近亲属备案."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    subject: SubjectInput = strawberry.field(description="人员 The relative, one person")
    kinship: Kinship = strawberry.field(description="关系 What the person is to the official")
    office: str = strawberry.field(description="任职单位 Where the official serves")
    post: str = strawberry.field(description="职务 The official's post; the hub stores no name")
    declared_on: date | None = strawberry.field(
        default=None, description="备案日期 Left out: today, in China"
    )

    def to_draft(self) -> NearRelativeDraft:
        """The draft; raises InvalidId."""
        return NearRelativeDraft(
            self.external_id,
            self.subject.to_subject(),
            self.kinship,
            self.office,
            self.post,
            self.declared_on or today(),
        )


@strawberry.input(description="终止近亲属备案 The end of a declaration of your own")
class EndNearRelativeInput:
    """终止备案."""

    id: strawberry.ID = strawberry.field(description="备案 The declaration's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="终止原因 Why; 1 to 500 characters")


@strawberry.type
class NearRelativeMutations:
    """近亲属备案."""

    declare_near_relative = command(
        DeclareNearRelativeInput,
        "近亲属备案 Declare a near relative of an official; idempotent by externalId (46-4.3)",
        keeps=DECLARATION,
        answer="备案结果 The result of a declaration",
        run=lambda context, input: declare_near_relative(context, input.to_draft()),
    )
    end_near_relative = command(
        EndNearRelativeInput,
        "终止备案 End a declaration of your own",
        keeps=DECLARATION,
        answer="终止备案结果 The result of ending a declaration",
        run=lambda context, input: end_near_relative(
            context, ids.key_of(input.id, "NearRelative"), input.expected_version, input.reason
        ),
    )
