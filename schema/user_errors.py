"""The errors and warnings of a mutation, as values of its payload.

The codes are collected, not listed: every error class of a package of `hub` with commands is a value of `ErrorCode`, except
pure warnings. So an error is declared where it is raised, and appears in the schema.
"""

import pkgutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import import_module
from types import ModuleType

import strawberry

import hub
from hub.aid.ages import SchoolYearUnlikely
from hub.aid.overlapping_aid import ExclusiveAid, OverlapNotice, OverlapWarning
from hub.commands.warnings import Warned
from hub.foundation.errors import HubError
from hub.foundation.operating import OperatorError
from hub.households.refusals import NameChanged
from hub.model.overlaps import Bearing, OverlapCode
from hub.persons.ages import AgeUnlikely, StageUnlikely
from schema.engine.declare import ids
from schema.engine.declare.enums import declare_enum
from schema.engine.execute.transactions import Busy, RequestInProgress

_WITHOUT_COMMANDS = frozenset({"evaluation", "foundation", "sample", "service"})
"""Packages of `hub` whose errors no mutation returns; `foundation.errors`, which all commands share, is included."""
_ONLY_WARNED: frozenset[type[HubError]] = frozenset(
    {AgeUnlikely, NameChanged, SchoolYearUnlikely, StageUnlikely}
)
_OF_THE_ENGINE: frozenset[type[HubError]] = frozenset({ids.InvalidId, Busy, RequestInProgress})


def kinds_of_errors(kind: type[HubError] = HubError) -> Iterator[type[HubError]]:
    """Every imported error class, without the base class of operator errors."""
    for subclass in kind.__subclasses__():
        if subclass is not OperatorError:
            yield subclass
        yield from kinds_of_errors(subclass)


def import_all_of(package: ModuleType) -> None:
    """Import every module of a package, so that its error classes are known."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)


@cache
def user_errors() -> Mapping[str, type[HubError]]:
    """Every error that a mutation can return, by its code."""
    nouns = [
        module
        for module in pkgutil.iter_modules(hub.__path__, "hub.")
        if module.name[4:] not in _WITHOUT_COMMANDS
    ]
    for noun in nouns:
        import_all_of(import_module(noun.name))
    places = "hub.foundation.errors", *(f"{noun.name}." for noun in nouns)
    kinds = {error for error in kinds_of_errors() if error.__module__.startswith(places)} | _OF_THE_ENGINE
    return {
        kind.code: kind for kind in sorted(kinds - _ONLY_WARNED, key=lambda error_class: error_class.code)
    }


ErrorCode = Enum("ErrorCode", {code: code for code in user_errors()})  # type: ignore[misc]
declare_enum(
    ErrorCode,
    "错误码 What a caller can do wrong; stable, explained in docs/errors.md",
    {code: kind.description() for code, kind in user_errors().items()},
)


@strawberry.type(description="重叠救助 The rule for two overlapping records of different agencies (46-2.1)")
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
        description="核实单 The case at civil affairs, which decides between the two agencies"
    )

    @classmethod
    def of(cls, notice: OverlapNotice) -> "Overlap":
        """The overlap of a warning or a refusal."""
        rule = notice.rule
        record = None if notice.other is None else strawberry.ID(ids.encode("AidRecord", notice.other))
        case = None if notice.case is None else strawberry.ID(ids.encode("OverlapCase", notice.case))
        return cls(
            rule=rule.code,
            bearing=rule.bearing,
            clause=rule.clause,
            text=rule.text,
            aid_record_id=record,
            case_id=case,
        )


_OVERLAP = "重叠救助 The rule and the other record, for a warning about overlapping aid; otherwise null"


@strawberry.type(description="数值 A number of an error's message, for programs")
class ErrorNumber:
    """数值."""

    name: str = strawberry.field(
        description="名称 `actual` version, `least`, `most`, `left`, `months`, `retryAfterSeconds`; stable"
    )
    value: Decimal = strawberry.field(description="值 The number; of money, yuan")

    @classmethod
    def all_of(cls, numbers: Mapping[str, object]) -> "list[ErrorNumber]":
        """The numbers by name, in order."""
        return [cls(name=name, value=Decimal(str(value))) for name, value in numbers.items()]


@strawberry.type(description="用户错误 What the caller did wrong, and where in the input")
class UserError:
    """用户错误."""

    code: ErrorCode = strawberry.field(description="错误码 Stable; for programs to evaluate")
    message: str = strawberry.field(description="英文说明 The message in English, for people")
    message_zh: str = strawberry.field(description="中文说明 The same in Chinese")
    path: list[str] = strawberry.field(
        description='所在位置 Where in the input, as in ["input", "outcomes", "3", "amount"]'
    )
    numbers: list[ErrorNumber] = strawberry.field(
        description="数值 The numbers of the message, for programs; often empty"
    )
    overlap: Overlap | None = strawberry.field(description=_OVERLAP)

    @classmethod
    def of(cls, error: HubError, *prefix: str | int) -> "UserError":
        """The error with its path in the input."""
        notice = error.overlap if isinstance(error, ExclusiveAid) else None
        return cls(
            code=ErrorCode[error.code],
            message=error.message,
            message_zh=error.message_zh,
            path=[str(part) for part in (*prefix, *error.path)],
            numbers=ErrorNumber.all_of(error.message_numbers),
            overlap=None if notice is None else Overlap.of(notice),
        )


@strawberry.type(name="Warning", description="提醒 The change was saved, but should be checked")
class WriteWarning:
    """提醒."""

    code: str = strawberry.field(description="提醒码 Stable; for programs to evaluate")
    message: str = strawberry.field(description="英文说明 The message in English, for people")
    message_zh: str = strawberry.field(description="中文说明 The same in Chinese")
    path: list[str] = strawberry.field(description="所在位置 Where in the input, as in UserError")
    overlap: Overlap | None = strawberry.field(description=_OVERLAP)

    @classmethod
    def of(cls, warning: Warned, *place: str | int) -> "WriteWarning":
        """A warning of a command, with its place in the input."""
        return cls(
            code=warning.code,
            message=warning.message,
            message_zh=warning.message_zh,
            path=[str(part) for part in place],
            overlap=Overlap.of(warning.overlap) if isinstance(warning, OverlapWarning) else None,
        )
