"""The error hierarchy. The class of an error is named by its fact; its docstring is the message, English on the first line
and Chinese on the second, with the details as {placeholders}.

A `HubError` is a caller's mistake: it becomes a value in the answer. Any other exception is the hub's own failure: it is
logged with an id, and the caller gets only the id.
"""

import re
from functools import cache
from typing import ClassVar


class HubError(Exception):
    """The request was refused.
    请求被拒绝。
    """

    code: ClassVar[str]
    numbers: ClassVar[tuple[str, ...]] = ()
    """The details that programs use. They are also in `extensions` or a payload's `numbers`: limits, waiting times, versions
    and sums, never anything that the caller wrote."""

    _en: ClassVar[str]
    _zh: ClassVar[str]

    def __init_subclass__(cls, *, numbers: tuple[str, ...] = ()) -> None:
        cls.numbers = numbers
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).upper()
        lines = [line.strip() for line in (cls.__doc__ or "").strip().splitlines() if line.strip()]
        if len(lines) != 2:
            raise TypeError(f"{cls.__name__} needs an English and a Chinese line as its docstring")
        cls._en, cls._zh = lines

    def __init__(self, *, path: tuple[str | int, ...] = (), **details: object) -> None:
        self.path = path
        self.details = details
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The message in English."""
        return self._en.format(**self.details)

    @property
    def message_zh(self) -> str:
        """The message in Chinese."""
        return self._zh.format(**self.details)

    @classmethod
    def description(cls) -> str:
        """The general meaning, Chinese first, with the details as placeholders in braces."""
        return f"{cls._zh} {cls._en}"

    @property
    def extensions(self) -> dict[str, object]:
        """The `extensions` of a GraphQL error: its code, its Chinese message, and its numbers."""
        return {"code": self.code, "messageZh": self.message_zh, **self.message_numbers}

    @property
    def message_numbers(self) -> dict[str, object]:
        """Its numbers, by their camel-case names."""
        return {camel(name): self.details[name] for name in self.numbers}

    def at(self, *path: str | int) -> "HubError":
        """The same error with a path in the input (`input`, `outcomes`, 3, `idNumber`)."""
        self.path = path
        return self


@cache
def camel(column: str) -> str:
    """A column's name in inputs and paths, in camel case."""
    first, *rest = column.lower().split("_")
    return first + "".join(part.title() for part in rest)


RETRY_AFTER = camel("retry_after_seconds")
"""The key in `extensions` for the seconds after which the same request may be sent again; the header `Retry-After` has them
too."""


class InvalidInput(HubError):
    """The value of {field} cannot be used: {reason}.
    “{field}”的值不可用:{reason_zh}。
    """


class NotFound(HubError):
    """There is no such {noun}, or you may not see it.
    未找到该{noun_zh},或您无权查看。
    """


class AmbiguousIdentity(HubError):
    """The identity number matches more than one person; name the person by id.
    该身份证号对应多名人员,请用人员编号指明。
    """


class ForbiddenWrite(HubError):
    """Your grant does not cover this write; it needs the scope {scope}.
    您的授权不包括此项写入,需要权限“{scope}”。
    """


class StaleVersion(HubError, numbers=("actual",)):
    """Another change came first: you edited version {expected}, but the record is at version {actual}; read it again and retry.
    记录已有其他变更:您修改的是第 {expected} 版,而记录已是第 {actual} 版,请重新读取后再试。
    """


class Conflict(HubError):
    """This externalId was already written with other content; to correct it, amend it (amendAid; in a report, expectedVersion).
    该外部编号下已写入过不同的内容,如需更正请提交更正,报送情形时须填写所更正的版本。
    """


class BatchTooLarge(HubError, numbers=("most",)):
    """A batch holds at most {most} entries; send the rest in another.
    每批最多 {most} 条,其余请另批发送。
    """
