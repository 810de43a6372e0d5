"""GraphQL over HTTP (the GraphQL Foundation's specification, draft of 2025): POST and GET on one path.

Refuses: no or a bad token (401), a purpose not registered (403), a body that is too large (413), a media type other
than application/json (415, which also keeps forms of other sites out), a body that is not a JSON object of the right
shape (400), a document that the client may not send (403), a mutation by GET (405), a client that asked for too much
within a minute (429). A document that cannot be executed answers 400 to who accepts application/graphql-response+json,
and 200 to who accepts application/json alone; so does the hash of a document that is not known,
`PersistedQueryNotFound`. Who accepts anything is answered application/json, which every client can read, with the
statuses of the former.

POST /graphql/required-scopes takes the same body and tells what the operation needs (`schema.explain`); it reads no
household, and so leaves no access record.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from auth.bearer import bearer_token, challenge
from auth.documents import is_document_hash
from auth.grant import Grant
from auth.tokens import PurposeNotAllowed, Tokens, select_purpose
from hub.errors import HubError
from hub.settings import Settings
from schema.admission import DocumentNotTrusted
from schema.budget import BudgetSpent
from schema.execute import LONGEST_NAME, Answer, Executor
from schema.explain import Explainer
from schema.refusals import MutationByGet, RequestRefused
from schema.request import Request
from schema.visible import visible_sdl

_NAME = re.compile(rf"[_A-Za-z][_0-9A-Za-z]{{0,{LONGEST_NAME - 1}}}")
JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"


class BodyTooLarge(HubError):
    """The body is larger than {most} bytes; send less at once.
    请求体超过 {most} 字节,请分批发送。
    """


class UnsupportedMediaType(HubError):
    """Send the request as application/json in UTF-8.
    请以 UTF-8 编码的 application/json 发送请求。
    """


class NotAcceptable(HubError):
    """The hub answers application/graphql-response+json or application/json; accept one of them.
    本平台以 application/graphql-response+json 或 application/json 应答,请在 Accept 中接受其一。
    """


class MalformedRequest(HubError):
    """The request is not a GraphQL request: {reason}.
    这不是 GraphQL 请求:{reason_zh}。
    """


_STATUSES: Mapping[type[HubError], int] = {
    MalformedRequest: 400,
    PurposeNotAllowed: 403,
    NotAcceptable: 406,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
}


@dataclass(frozen=True)
class Accepted:
    """The media type to answer in, and whether the caller reads from the status that nothing was executed."""

    media: str
    by_status: bool


_ANYTHING = Accepted(JSON, by_status=True)
_ACCEPTED: Mapping[str, Accepted] = {
    GRAPHQL_RESPONSE: Accepted(GRAPHQL_RESPONSE, by_status=True),
    JSON: Accepted(JSON, by_status=False),
    "application/*": _ANYTHING,
    "*/*": _ANYTHING,
}


def _malformed(reason: str, reason_zh: str) -> MalformedRequest:
    return MalformedRequest(reason=reason, reason_zh=reason_zh)


_REFUSED_AS = {DocumentNotTrusted.code: 403, MutationByGet.code: 405, BudgetSpent.code: 429}
"""Refusals that are about who asks, or how; a client library has to see them whatever media type it accepts."""


def graphql_routes(
    executor: Executor, explainer: Explainer, tokens: Tokens, settings: Settings
) -> list[Route]:
    """`/graphql`, `/graphql/required-scopes` and `/schema.graphql`."""

    async def answer(http: HttpRequest) -> Response:
        accepted = _ANYTHING
        try:
            accepted = _accepted(http.headers)
            grant = _grant(http, tokens)
            request = await _request(http, settings)
        except HubError as error:
            return _refused(error, accepted.media, settings)
        answered = await executor.answer(request, grant)
        return _response(answered.content, _status(answered, accepted), accepted.media)

    async def explain(http: HttpRequest) -> Response:
        try:
            grant = _grant(http, tokens)
            request = await executor.admission.admit(await _request(http, settings), grant)
            explained = explainer.explain(request.query, request.operation_name, request.variables)
        except HubError as error:
            return _refused(error, JSON, settings)
        except RequestRefused as refused:
            body = orjson.dumps({"errors": refused.formatted()})
            return _response(body, _REFUSED_AS.get(refused.kind.code, 400), JSON)
        return _response(orjson.dumps(explained.told(grant.scopes)), 200, JSON)

    async def schema(http: HttpRequest) -> Response:
        try:
            grant = _grant(http, tokens)
        except HubError as error:
            return _refused(error, JSON, settings)
        return PlainTextResponse(visible_sdl(grant), headers={"Cache-Control": "private, max-age=60"})

    return [
        Route("/graphql", answer, methods=["GET", "POST"]),
        Route("/graphql/required-scopes", explain, methods=["POST"]),
        Route("/schema.graphql", schema, methods=["GET"]),
    ]


def _grant(http: HttpRequest, tokens: Tokens) -> Grant:
    """Who asks, and for what purpose; raises the errors of `auth.tokens`."""
    grant = tokens.verify(bearer_token(http.headers.get("authorization")))
    return select_purpose(grant, http.headers.get("hub-purpose"))


def _accepted(headers: Headers) -> Accepted:
    """What the caller takes for an answer; raises NotAcceptable."""
    for one in headers.get("accept", "*/*").lower().split(","):
        if accepted := _ACCEPTED.get(one.partition(";")[0].strip()):
            return accepted
    raise NotAcceptable


async def _request(http: HttpRequest, settings: Settings) -> Request:
    if http.method == "POST":
        content, _, options = http.headers.get("content-type", "").partition(";")
        charset = options.partition("charset=")[2].strip(' "').lower()
        if content.strip().lower() != JSON or charset not in {"", "utf-8", "utf8"}:
            raise UnsupportedMediaType
        body = _parsed(await _body(http, settings.max_body_bytes))
    else:
        parameters = dict(http.query_params)
        structured = {name: parameters.pop(name, "") for name in ("variables", "extensions")}
        body = {**parameters, **{name: _parsed(text.encode()) for name, text in structured.items() if text}}
    return _shaped(body, http)


async def _body(http: HttpRequest, most: int) -> bytes:
    """The body, refused as soon as it is too large; raises BodyTooLarge."""
    if int(http.headers.get("content-length") or 0) > most:
        raise BodyTooLarge(most=most)
    chunks = bytearray()
    async for chunk in http.stream():
        chunks += chunk
        if len(chunks) > most:
            raise BodyTooLarge(most=most)
    return bytes(chunks)


def _parsed(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _malformed("it is not JSON", "不是 JSON") from error


def _shaped(body: Any, http: HttpRequest) -> Request:
    if not isinstance(body, dict):
        raise _malformed("it is not a JSON object; batches are not taken", "不是 JSON 对象,不支持批量请求")
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    sha256 = _persisted(body.get("extensions"))
    if sha256 and query in (None, ""):
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise _malformed("query is missing or not text", "query 缺失或不是文本")
    if variables is not None and not isinstance(variables, dict):
        raise _malformed("variables is not an object", "variables 不是对象")
    if name not in (None, "") and not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise _malformed(
            f"operationName is not a GraphQL name of at most {LONGEST_NAME} characters",
            f"operationName 不是不超过 {LONGEST_NAME} 个字符的 GraphQL 名称",
        )
    return Request(
        query=query,
        variables=variables or {},
        operation_name=name or None,
        read_only=http.method != "POST",  # HEAD too
        reject_forbidden=http.headers.get("hub-forbidden", "").lower() == "reject",
        sha256=sha256,
    )


def _persisted(extensions: Any) -> str | None:
    """The document's hash in the extensions, where they hold one (Apollo's automatic persisted queries)."""
    if extensions is None:
        return None
    if not isinstance(extensions, dict):
        raise _malformed("extensions is not an object", "extensions 不是对象")
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise _malformed("persistedQuery is not of version 1", "persistedQuery 的版本不是 1")
    sha256 = persisted.get("sha256Hash")
    if not is_document_hash(sha256):
        raise _malformed(
            "sha256Hash is not 64 lower-case hexadecimal digits", "sha256Hash 不是 64 位小写十六进制数字"
        )
    return str(sha256)


def _status(answered: Answer, accepted: Accepted) -> int:
    if answered.executed:
        return 200
    for code in answered.codes & _REFUSED_AS.keys():
        return _REFUSED_AS[code]
    return 400 if accepted.by_status else 200


def _refused(error: HubError, media: str, settings: Settings) -> Response:
    """A request that never became an operation. What is not in the table is about the token."""
    status = _STATUSES.get(type(error), 401)
    headers = {"WWW-Authenticate": challenge(error, settings)} if status == 401 else None
    extensions = {"code": error.code, "messageZh": error.message_zh}
    body = orjson.dumps({"errors": [{"message": error.message, "extensions": extensions}]})
    return _response(body, status, media, headers)


def _response(body: bytes, status: int, media: str, headers: Mapping[str, str] | None = None) -> Response:
    # Answers hold personal data: no cache on the way may keep them.
    sent = {"Content-Type": f"{media}; charset=utf-8", "Cache-Control": "no-store", **(headers or {})}
    return Response(body, status, sent)
