"""Refusals at the level of HTTP, before there is an operation: each with its status, all in the common shape of errors."""

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from auth.bearer import challenge
from auth.grant import Grant
from auth.tokens import PurposeNotAllowed
from hub.foundation.errors import RETRY_AFTER, HubError
from hub.foundation.settings import Settings
from hub.foundation.troubles import TROUBLES, ServerBusy
from hub.ledger.refused_requests import Refusal
from schema.engine.execute.request_queue import TooManyAtOnce


class AddressNotFound(HubError):
    """The hub has nothing at this address; see where things are.
    本平台没有此地址,请见所列各地址。
    """


class MethodNotAllowed(HubError):
    """This address takes {methods}; send one of them.
    此地址仅接受 {methods},请改用其一。
    """


class BodyTooLarge(HubError, numbers=("most",)):
    """The body is larger than {most} bytes; send less at once.
    请求体超过 {most} 字节,请分批发送。
    """


class UnsupportedMediaType(HubError):
    """Send the request as application/json in UTF-8.
    请以 UTF-8 编码的 application/json 发送请求。
    """


class UnsupportedEncoding(HubError):
    """The hub takes bodies as they are, and none that are compressed; send it without Content-Encoding.
    本平台不接受压缩的请求体,请去掉 Content-Encoding 后发送。
    """


class NotAcceptable(HubError):
    """The hub answers application/graphql-response+json or application/json; accept one of them.
    本平台以 application/graphql-response+json 或 application/json 应答,请在 Accept 中接受其一。
    """


class MalformedRequest(HubError):
    """The request is not a GraphQL request: {reason}.
    这不是 GraphQL 请求:{reason_zh}。
    """


class MalformedHttp(HubError):
    """The request is not HTTP/1.1 (RFC 9112): {reason}.
    这不是有效的 HTTP/1.1 请求(RFC 9112):{reason_zh}。
    """


class AddressTooLong(HubError, numbers=("most",)):
    """The address is longer than {most} bytes; send the document by POST.
    请求地址超过 {most} 字节,请改用 POST 发送文档。
    """


class HeadersTooLarge(HubError, numbers=("most", "most_fields")):
    """The headers are larger than {most} bytes, or more than {most_fields}; send fewer.
    请求头超过 {most} 字节或 {most_fields} 个,请减少请求头。
    """


class RequestTimeout(HubError, numbers=("seconds",)):
    """The request was not complete after {seconds} seconds; send it again.
    请求在 {seconds} 秒内未发送完整,请重新发送。
    """


class TooManyConnections(HubError, numbers=("retry_after_seconds",)):
    """Too many connections are open, from this address or in all; close some, or try again in {retry_after_seconds} s.
    打开的连接过多(来自此地址或总数),请关闭部分连接,或 {retry_after_seconds} 秒后再试。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=1)


STATUSES: Mapping[type[HubError], int] = {
    MalformedRequest: 400,
    MalformedHttp: 400,
    PurposeNotAllowed: 403,
    AddressNotFound: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    RequestTimeout: 408,
    BodyTooLarge: 413,
    AddressTooLong: 414,
    UnsupportedMediaType: 415,
    UnsupportedEncoding: 415,
    TooManyAtOnce: 429,
    HeadersTooLarge: 431,
    ServerBusy: 503,
    TooManyConnections: 503,
    **dict.fromkeys(TROUBLES, 503),
}
UNAUTHORIZED = 401
"""The status of errors that are not in the table: they concern the token."""


def malformed(reason: str, reason_zh: str) -> MalformedRequest:
    """The error for a request that is no GraphQL request."""
    return MalformedRequest(reason=reason, reason_zh=reason_zh)


def error_body(error: HubError, **more: object) -> bytes:
    """An error in the shape of every response of the hub; `more` is added to its extensions."""
    told = {"message": error.message, "extensions": {**error.extensions, **more}}
    return orjson.dumps({"errors": [told]})


def refused(error: HubError, media: str, settings: Settings) -> Response:
    """The response to a request that never became an operation."""
    status = STATUSES.get(type(error), UNAUTHORIZED)
    return json_response(error_body(error), status, media, _headers(error, status, settings))


def refusal_of(http: Request, error: HubError, grant: Grant | None = None) -> Refusal:
    """The refusal for the ledger. Parts of the address that the caller wrote are replaced by their names, as in `GET
    /exports/{id}`."""
    path = str(http.scope["path"])
    for name, value in http.path_params.items():
        path = path.replace(str(value), f"{{{name}}}")
    operation = f"{http.method} {path}"
    if grant is None:
        return Refusal(operation, error.code)
    return Refusal(operation, error.code, grant.agency, grant.client, grant.purpose)


def unavailable(trouble: HubError, **more: object) -> Response:
    """The response for a temporary trouble: 503, with the time to ask again (RFC 9110 section 10.2.3); `more` is added to the
    extensions."""
    waits = {"Retry-After": str(trouble.extensions[RETRY_AFTER])}
    return json_response(error_body(trouble, **more), 503, headers=waits)


def _headers(error: HubError, status: int, settings: Settings) -> dict[str, str]:
    """The headers that a client uses without reading the body."""
    if status == UNAUTHORIZED:
        return {"WWW-Authenticate": challenge(error, settings)}
    if isinstance(error, UnsupportedEncoding):
        return {"Accept-Encoding": "identity"}  # RFC 9110 section 12.5.3
    if isinstance(error, UnsupportedMediaType):
        return {"Accept": "application/json"}  # RFC 9110 section 12.5.1
    return waiting(error)


def waiting(error: HubError) -> dict[str, str]:
    """The `Retry-After` header, if the error has a waiting time."""
    seconds = error.extensions.get(RETRY_AFTER)
    return {"Retry-After": str(seconds)} if seconds else {}


def json_response(
    body: bytes, status: int, media: str = "application/json", headers: Mapping[str, str] | None = None
) -> Response:
    """A response in JSON. Responses contain personal data, so no cache may store them."""
    sent = {"Content-Type": f"{media}; charset=utf-8", "Cache-Control": "no-store", **(headers or {})}
    return Response(body, status, sent)
