"""Declaring near relatives of officials: inputs, payloads and mutations (46-4.3)."""

from datetime import date
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.calendar import today
from hub.model.near_relatives import Kinship
from hub.near_relatives.commands import (
    NearRelativeDraft,
    NearRelativeKey,
    declare_near_relative,
    end_near_relative,
)
from schema.engine.declare import ids
from schema.engine.declare.fields import kept, mutation
from schema.engine.execute.transactions import Writer
from schema.near_relatives.types import NearRelative
from schema.payloads import ERRORS, EXPECTED_VERSION, UserError, payload
from schema.persons.subject import SubjectInput


@strawberry.input(
    description="近亲属备案 A member of a household who is a near relative of an official (46-4.3)"
)
class DeclareNearRelativeInput:
    """近亲属备案."""

    external_id: str = strawberry.field(
        description="外部编号 Its id in your own system; the same again writes nothing twice"
    )
    subject: SubjectInput = strawberry.field(description="人员 The relative, one person")
    kinship: Kinship = strawberry.field(description="关系 What the person is to the official")
    office: str = strawberry.field(description="任职单位 Where the official serves")
    post: str = strawberry.field(description="职务 The official's post; the hub keeps no name")
    declared_on: date | None = strawberry.field(
        default=None, description="备案日期 Left out: today, in China"
    )

    def to_draft(self) -> NearRelativeDraft:
        """The draft; raises InvalidId."""
        return NearRelativeDraft(
            self.external_id, self.subject.to_subject(), self.kinship, self.office, self.post,
            self.declared_on or today(),
        )  # fmt: skip


@strawberry.input(description="终止近亲属备案 The end of a declaration of your own")
class EndNearRelativeInput:
    """终止备案."""

    id: strawberry.ID = strawberry.field(description="备案 The declaration's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="终止原因 Why; 1 to 500 characters")


@strawberry.type
class _NearRelativePayload:
    """The answer to a declaration or its end."""

    key: strawberry.Private[NearRelativeKey | None]
    near_relative: NearRelative | None = kept("NearRelative", "备案 The declaration, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="备案结果 The answer to a declaration")
class DeclareNearRelativePayload(_NearRelativePayload):
    """备案结果."""


@strawberry.type(description="终止备案结果 The answer to the end of a declaration")
class EndNearRelativePayload(_NearRelativePayload):
    """终止备案结果."""


async def _declare(writer: Writer, input: DeclareNearRelativeInput) -> Any:
    async def write(session: AsyncSession) -> NearRelativeKey:
        return await declare_near_relative(session, writer.grant, writer.secrecy, input.to_draft())

    return await payload(DeclareNearRelativePayload, writer, write)


async def _end(writer: Writer, input: EndNearRelativeInput) -> Any:
    async def write(session: AsyncSession) -> NearRelativeKey:
        household, declaration = ids.key_of(input.id, "NearRelative")
        return await end_near_relative(
            session, writer.grant, (household, declaration), input.expected_version, input.reason
        )

    return await payload(EndNearRelativePayload, writer, write)


@strawberry.type
class NearRelativeMutations:
    """近亲属备案."""

    declare_near_relative: DeclareNearRelativePayload | None = mutation(
        _declare, DeclareNearRelativeInput,
        "近亲属备案 Declare a near relative of an official; idempotent by externalId (46-4.3)",
    )  # fmt: skip
    end_near_relative: EndNearRelativePayload | None = mutation(
        _end, EndNearRelativeInput, "终止备案 End a declaration of your own"
    )
