"""Refusals of GraphQL requests: errors that refuse a whole operation or make a field null."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import FieldNode, GraphQLError

from hub.foundation.errors import HubError
from schema.engine.reasons import reason_of


class GraphqlParseFailed(HubError):
    """The document is not GraphQL: {reason}
    文档不是有效的 GraphQL:{reason_zh}。
    """


class GraphqlValidationFailed(HubError):
    """The document does not fit the schema: {reason}
    文档与模式不符:{reason_zh}。
    """


class BadUserInput(HubError):
    """A variable or an argument cannot be used: {reason}
    变量或参数不可用:{reason_zh}。
    """


class OperationNotFound(HubError):
    """The document has {count} operations; {wanted}.
    文档中有 {count} 个操作,请指明其中一个操作的名称。
    """


class MutationByGet(HubError):
    """Send a mutation by POST; GET only reads.
    写入请用 POST 发送,GET 仅用于读取。
    """


class TooDeep(HubError, numbers=("most",)):
    """The operation is nested deeper than {most} levels; ask for the inner part in a request of its own.
    查询嵌套超过 {most} 层,请将内层内容另行查询。
    """


class TooManyFields(HubError, numbers=("most",)):
    """The operation asks for more than {most} fields, counted for each type they are asked of; ask for less at once.
    查询的字段(按类型计)超过 {most} 个,请减少单次查询内容。
    """


class TooManyAliases(HubError, numbers=("most",)):
    """The operation has more than {most} aliases; ask for many things by a filter or in several requests.
    别名超过 {most} 个,请改用筛选条件或分次查询。
    """


class ForbiddenField(HubError):
    """To read {coordinate} your client needs {scopes}.
    读取 {coordinate} 需要权限 {scopes_zh}。
    """


class ForbiddenFilter(HubError):
    """To filter or order by {coordinate} your client needs {scopes}.
    按 {coordinate} 筛选或排序需要权限 {scopes_zh}。
    """


class Timeout(HubError):
    """The database took too long; ask for less at once, or narrow the filter.
    数据库响应超时,请减少单次查询内容或缩小筛选范围。
    """


class ValueUnreadable(HubError):
    """This value cannot be decrypted; the rest of the answer stands. Tell the operators of the hub.
    该值无法解密,其余内容不受影响,请告知平台运维人员。
    """


class FurtherValuesUnreadable(HubError, numbers=("count",)):
    """{count} further values of the answer cannot be decrypted, which are not listed one by one.
    另有 {count} 处值无法解密,未逐一列出。
    """


class Internal(HubError):
    """The hub failed; the incident is {incident}.
    平台内部错误,事件编号 {incident}。
    """


class RequestRefused(Exception):
    """The request cannot be executed at all; `errors` say why, and there is no data."""

    def __init__(self, kind: type[HubError], errors: Sequence[GraphQLError]) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.errors = errors

    @classmethod
    def by(cls, error: HubError) -> "RequestRefused":
        """The refusal for one error."""
        return cls.at(error, None, ())

    @classmethod
    def at(cls, error: HubError, node: FieldNode | None, place: Sequence[str]) -> "RequestRefused":
        """The refusal for one error in the arguments of a field: with the field's node, its path in the response (none inside
        a list, where it has several) and, in `extensions.path`, the path in its arguments."""
        extensions: dict[str, Any] = {**error.extensions}
        if error.path:
            extensions["path"] = list(error.path)
        return cls(
            type(error),
            [GraphQLError(error.message, node, path=list(place) or None, extensions=extensions)],
        )

    def formatted(self) -> list[Mapping[str, Any]]:
        """The errors in the form of a response, each with its code and its Chinese message."""
        if self.kind in _OF_GRAPHQL:
            return [body_of(self.kind, error) for error in self.errors]
        code = {"code": self.kind.code}
        return [
            {**error.formatted, "extensions": {**code, **(error.extensions or {})}} for error in self.errors
        ]


_OF_GRAPHQL = (GraphqlParseFailed, GraphqlValidationFailed, BadUserInput)


def body_of(kind: type[HubError], error: GraphQLError) -> dict[str, Any]:
    """An error of graphql-core in the form of a response: in both languages, with its path, without any value."""
    reason = reason_of(error)
    extensions: dict[str, Any] = {
        "code": kind.code,
        "messageZh": kind(reason=reason.message, reason_zh=reason.message_zh.rstrip("。")).message_zh,
    }
    if path := (error.extensions or {}).get("path") or list(reason.path):
        extensions["path"] = path
    return {**error.formatted, "message": reason.message, "extensions": extensions}
