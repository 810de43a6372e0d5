"""Reads a GraphQL request from HTTP: from the body of a POST, or from the address of a GET."""

import re
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from auth.documents import is_document_hash
from schema.engine.execute.progress import LONGEST_NAME
from schema.engine.execute.request import Request
from schema.http.media_types import field_value, is_json
from schema.http.refusals import BodyTooLarge, UnsupportedEncoding, UnsupportedMediaType, malformed

_NAME = re.compile(rf"[_A-Za-z][_0-9A-Za-z]{{0,{LONGEST_NAME - 1}}}")
_LONGEST_NUMBER = 20
"""The most digits of a length that fits into 64 bits."""


async def read_request(http: HttpRequest, most_bytes: int) -> Request:
    """The request; raises the errors of `schema.http.refusals` if it is no GraphQL request."""
    if http.method == "POST":
        return _shaped(await read_json(http, most_bytes), http)
    return _shaped(_in_address(http), http)


async def read_json(http: HttpRequest, most_bytes: int) -> Any:
    """The JSON of a body; raises the errors of `schema.http.refusals`."""
    headers = http.headers
    if not is_json(field_value(headers, "content-type")):
        raise UnsupportedMediaType
    # A body of a megabyte needs no compression, and a small body that unpacks to a large one would need its own limit.
    if field_value(headers, "content-encoding").lower() not in {"", "identity"}:
        raise UnsupportedEncoding
    return _parsed(await _body(http, most_bytes))


def _in_address(http: HttpRequest) -> dict[str, Any]:
    """The parameters of a GET; `variables` and `extensions` are JSON in them."""
    given = http.query_params.multi_items()
    parameters: dict[str, Any] = dict(given)
    if len(parameters) != len(given):
        raise malformed("a parameter is given more than once", "参数重复")
    for name in ("variables", "extensions"):
        if text := parameters.pop(name, ""):
            parameters[name] = _parsed(text.encode())
    return parameters


async def _body(http: HttpRequest, most: int) -> bytes:
    """The body, refused as soon as it is too large; raises BodyTooLarge, MalformedRequest."""
    declared = http.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise malformed("Content-Length is not a number", "Content-Length 不是数字")
    if len(declared) > _LONGEST_NUMBER or int(declared) > most:
        raise BodyTooLarge(most=most)
    chunks = bytearray()
    try:
        async for chunk in http.stream():
            chunks += chunk
            if len(chunks) > most:
                raise BodyTooLarge(most=most)
    except ClientDisconnect as gone:  # nobody reads the response, and the hub has no fault
        raise malformed("its body broke off", "请求体不完整") from gone
    return bytes(chunks)


def _parsed(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise malformed("it is not JSON", "不是 JSON") from error


def _shaped(body: Any, http: HttpRequest) -> Request:
    if not isinstance(body, dict):
        raise malformed("it is not a JSON object; batches are not taken", "不是 JSON 对象,不支持批量请求")
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    sha256 = _persisted(body.get("extensions"))
    if sha256 and query in (None, ""):
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise malformed("query is missing or not text", "query 缺失或不是文本")
    if variables is not None and not isinstance(variables, dict):
        raise malformed("variables is not an object", "variables 不是对象")
    if name not in (None, "") and not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise malformed(
            f"operationName is not a GraphQL name of at most {LONGEST_NAME} characters",
            f"operationName 不是不超过 {LONGEST_NAME} 个字符的 GraphQL 名称",
        )
    return Request(
        query=query,
        variables=variables or {},
        operation_name=name or None,
        read_only=http.method != "POST",  # HEAD too
        reject_forbidden=_rejects(http.headers.get("hub-forbidden", "")),
        sha256=sha256,
    )


def _rejects(hub_forbidden: str) -> bool:
    """Whether a forbidden field should refuse the operation. An unknown value is refused, since its sender relies on it."""
    if hub_forbidden.strip().lower() not in {"", "reject"}:
        raise malformed("the header Hub-Forbidden takes `reject` alone", "请求头 Hub-Forbidden 只能为 reject")
    return bool(hub_forbidden.strip())


def _persisted(extensions: Any) -> str | None:
    """The document's hash in the extensions, if they have one (Apollo's automatic persisted queries)."""
    if extensions is None:
        return None
    if not isinstance(extensions, dict):
        raise malformed("extensions is not an object", "extensions 不是对象")
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise malformed("persistedQuery is not of version 1", "persistedQuery 的版本不是 1")
    sha256 = persisted.get("sha256Hash")
    if not is_document_hash(sha256):
        raise malformed(
            "sha256Hash is not 64 lower-case hexadecimal digits", "sha256Hash 不是 64 位小写十六进制数字"
        )
    return str(sha256)
