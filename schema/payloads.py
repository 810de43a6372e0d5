"""What every mutation answers besides its object: errors and warnings, in the same response. And what the fields say that
many of their inputs have."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

import hub.aid.amendments
import hub.aid.commands
import hub.aid.drafts
import hub.aid.forms
import hub.aid.mediation
import hub.aid.offered
import hub.aid.overlapping
import hub.aid.papers
import hub.aid.urgent
import hub.alerts.commands
import hub.applications.commands
import hub.certifications.refusals
import hub.circumstances.refusals
import hub.conferences.commands
import hub.disclosures.refusals
import hub.foundation.errors
import hub.imports.refusals
import hub.imports.upserting
import hub.near_relatives.commands
import hub.offers.commands
import hub.overlaps.commands
import hub.persons.identity_number
import hub.recoveries.commands
import hub.recoveries.rules
import hub.referrals.refusals
import hub.shares.refusals
import hub.visits.commands
import schema.engine.execute.transactions
from hub.aid.overlapping import ExclusiveAid, OverlapWarning, ToldOverlap
from hub.foundation.errors import HubError
from hub.model.overlaps import Bearing, OverlapCode
from schema.engine.declare import ids
from schema.engine.declare.enums import declare_enum
from schema.engine.execute.transactions import Writer

ERRORS = "错误 What the caller did wrong, and then nothing was written; empty: it was kept"
SUBJECT = "对象 The household or the person that it is about"
WARNINGS = "提醒 Kept, but worth a second look"
EXPECTED_VERSION = (
    "您所读到的版本。同一版本上的同一更改可随时重发:返回第一次的结果,不再写入;版本已变而内容不同的更改被拒绝(STALE_VERSION)。"
    " The version that you read. The same change of the same version can be sent again at any time: it answers what it made"
    " and writes nothing. Another change of a version that has passed is refused (STALE_VERSION)."
)


def user_errors() -> dict[str, type[HubError]]:
    """Every error that a mutation can answer, by its code."""
    sources = (
        hub.foundation.errors,
        hub.aid.amendments,
        hub.aid.commands,
        hub.aid.drafts,
        hub.aid.forms,
        hub.aid.mediation,
        hub.aid.offered,
        hub.aid.overlapping,
        hub.aid.papers,
        hub.aid.urgent,
        hub.certifications.refusals,
        hub.circumstances.refusals,
        hub.conferences.commands,
        hub.alerts.commands,
        hub.disclosures.refusals,
        hub.near_relatives.commands,
        hub.offers.commands,
        hub.overlaps.commands,
        hub.imports.refusals,
        hub.imports.upserting,
        hub.persons.identity_number,
        hub.recoveries.commands,
        hub.recoveries.rules,
        hub.referrals.refusals,
        hub.shares.refusals,
        hub.visits.commands,
        hub.applications.commands,
        ids,
        schema.engine.execute.transactions,
    )
    kinds = {
        one
        for source in sources
        for one in vars(source).values()
        if isinstance(one, type) and issubclass(one, HubError) and one is not HubError
    }
    return {kind.code: kind for kind in sorted(kinds, key=lambda one: one.code)}


ErrorCode = Enum("ErrorCode", {code: code for code in user_errors()})  # type: ignore[misc]
declare_enum(
    ErrorCode,
    "错误码 What a caller can do wrong; stable, explained in docs/errors.md",
    {code: kind.description() for code, kind in user_errors().items()},
)


@strawberry.type(
    description="重叠救助 The rule under which an outcome meets a record of somebody else's (46-2.1)"
)
class Overlap:
    """重叠救助."""

    rule: OverlapCode = strawberry.field(description="规则 Which rule")
    bearing: Bearing = strawberry.field(description="后果 What follows from it")
    clause: str = strawberry.field(description="依据条款 Clause of the policy")
    text: str = strawberry.field(description="条款原文 The policy's words")
    aid_record_id: strawberry.ID | None = strawberry.field(
        description="对方记录 The other record, where your grant lets you read it"
    )
    case_id: strawberry.ID | None = strawberry.field(
        description="核实单 The case at civil affairs, through whom the two agencies settle it"
    )

    @classmethod
    def of(cls, told: ToldOverlap) -> "Overlap":
        """What a command told."""
        rule = told.rule
        record = None if told.other is None else strawberry.ID(ids.encode("AidRecord", told.other))
        case = None if told.case is None else strawberry.ID(ids.encode("OverlapCase", told.case))
        return cls(
            rule=rule.code,
            bearing=rule.bearing,
            clause=rule.clause,
            text=rule.text,
            aid_record_id=record,
            case_id=case,
        )


_OVERLAP = "重叠救助 The rule and the record that it is about; null where it is about something else"


@strawberry.type(description="数值 A number that an error's message tells, for programs")
class ErrorNumber:
    """数值."""

    name: str = strawberry.field(
        description="名称 `actual` version, `least`, `most`, `left`, `months`, `retryAfterSeconds`; stable"
    )
    value: Decimal = strawberry.field(description="值 The number; of money, yuan")

    @classmethod
    def all_of(cls, numbers: Mapping[str, object]) -> "list[ErrorNumber]":
        """Numbers by name, in their order."""
        return [cls(name=name, value=Decimal(str(value))) for name, value in numbers.items()]


@strawberry.type(description="用户错误 What the caller did wrong, and where in the input")
class UserError:
    """用户错误."""

    code: ErrorCode = strawberry.field(description="错误码 Stable; programs go by it")
    message: str = strawberry.field(description="英文说明 The message in English, for people")
    message_zh: str = strawberry.field(description="中文说明 The same in Chinese")
    path: list[str] = strawberry.field(
        description='所在位置 Where in the input, as in ["input", "outcomes", "3", "amount"]'
    )
    numbers: list[ErrorNumber] = strawberry.field(
        description="数值 The numbers that a program acts on, as the message tells them; mostly none"
    )
    overlap: Overlap | None = strawberry.field(description=_OVERLAP)

    @classmethod
    def of(cls, error: HubError, *prefix: str | int) -> "UserError":
        """The value of an error, at a place in the input."""
        told = error.overlap if isinstance(error, ExclusiveAid) else None
        return cls(
            code=ErrorCode[error.code],
            message=error.message,
            message_zh=error.message_zh,
            path=[str(part) for part in (*prefix, *error.path)],
            numbers=ErrorNumber.all_of(error.told_numbers),
            overlap=None if told is None else Overlap.of(told),
        )


class Told(Protocol):
    """What a command tells besides what it kept."""

    @property
    def code(self) -> str:
        """Stable; programs go by it."""

    @property
    def message(self) -> str:
        """The fact in English."""

    @property
    def message_zh(self) -> str:
        """The fact in Chinese."""


@strawberry.type(name="Warning", description="提醒 Kept, but worth a second look")
class WriteWarning:
    """提醒."""

    code: str = strawberry.field(description="提醒码 Stable; programs go by it")
    message: str = strawberry.field(description="英文说明 The message in English, for people")
    message_zh: str = strawberry.field(description="中文说明 The same in Chinese")
    path: list[str] = strawberry.field(description="所在位置 Where in the input, as in UserError")
    overlap: Overlap | None = strawberry.field(description=_OVERLAP)

    @classmethod
    def of(cls, told: Told, *place: str | int) -> "WriteWarning":
        """What a command told, at a place in the input."""
        return cls(
            code=told.code,
            message=told.message,
            message_zh=told.message_zh,
            path=[str(part) for part in place],
            overlap=Overlap.of(told.overlap) if isinstance(told, OverlapWarning) else None,
        )


async def warned_payload(
    kind: Any,
    writer: Writer,
    write: Callable[[AsyncSession], Awaitable[tuple[tuple[UUID, ...], Sequence[Told]]]],
    *at: str,
) -> Any:
    """The payload of a command that answers the key of what it kept and what is worth a second look at a place of its
    input, or the error."""
    try:
        key, told = await writer.run(write)
    except HubError as error:
        return kind(key=None, errors=[UserError.of(error, "input")], warnings=[])
    return kind(key=key, errors=[], warnings=[WriteWarning.of(one, "input", *at) for one in told])


async def payload(
    kind: Any, writer: Writer, write: Callable[[AsyncSession], Awaitable[tuple[UUID, ...]]]
) -> Any:
    """The payload of a command that answers the key of what it kept, or the error."""
    try:
        key = await writer.run(write)
    except HubError as error:
        return kind(key=None, errors=[UserError.of(error, "input")])
    return kind(key=key, errors=[])
