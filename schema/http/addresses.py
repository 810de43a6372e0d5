"""Lists the hub's addresses: at `/`, to a browser at `/graphql`, and in the response to an unknown address or method.

People get a page without scripts, programs get JSON. Addresses are made from HUB_ISSUER, never from the request's `Host`. No
response contains the requested address.
"""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from auth.addresses import ISSUING_PATH, address, server_metadata_address
from hub.foundation.errors import HubError
from hub.foundation.settings import Settings
from schema.http.media_types import field_value, prefers_html
from schema.http.refusals import STATUSES, AddressNotFound, MethodNotAllowed, error_body, json_response

GRAPHQL_PATH = "/graphql"
REQUIRED_SCOPES_PATH = "/graphql/required-scopes"
SDL_PATH = "/schema.graphql"
IMPORTS_PATH = "/imports"
EXPORTS_PATH = "/exports"
ALIVE_PATH = "/healthz"
READY_PATH = "/readyz"
_PATHS = {
    "graphql": GRAPHQL_PATH,
    "schema": SDL_PATH,
    "requiredScopes": REQUIRED_SCOPES_PATH,
    "imports": IMPORTS_PATH,
    "exports": EXPORTS_PATH,
    "token": ISSUING_PATH,
    "alive": ALIVE_PATH,
    "ready": READY_PATH,
}
_NAME = {"name": "Assistance hub", "nameZh": "救助数据共享平台"}
_STYLE = "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 sans-serif}code{overflow-wrap:anywhere}"
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Language": "zh-CN, en",
    "Vary": "Accept",
}


class Addresses:
    """Responses that list the hub's addresses."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._addresses = {
            **{name: address(settings, path) for name, path in _PATHS.items()},
            "authorizationServer": server_metadata_address(settings),
        }
        self._page = Template(files("schema.http").joinpath("page.html").read_text("utf-8"))
        self._filled = {name: escape(full) for name, full in self._addresses.items()} | {"style": _STYLE}

    def welcome(self, http: HttpRequest) -> Response:
        """The name of the service and its first addresses."""
        cached = {"Cache-Control": "public, max-age=300"}
        if _by_person(http):
            return self._shown({"refusal": "", "refusal_zh": ""}, 200, cached)
        told = {**_NAME, "addresses": self._addresses}
        return json_response(orjson.dumps(told), 200, headers={**cached, "Vary": "Accept"})

    async def answer(self, http: HttpRequest, failure: Exception) -> Response:
        """The response for an address or a method that the hub does not have."""
        assert isinstance(failure, HTTPException)
        if failure.status_code != STATUSES[MethodNotAllowed]:
            return self._missing(http)
        methods = ", ".join(sorted({*http.scope["route"].methods, "OPTIONS"}))
        if http.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": methods, "Cache-Control": "no-store"})
        return self._refused(http, MethodNotAllowed(methods=methods), {"Allow": methods})

    def _missing(self, http: HttpRequest) -> Response:
        right = _right_path(
            http.scope["path"], [one.path for one in http.app.routes if isinstance(one, Route)]
        )
        meant = {"address": address(self._settings, right)} if right else {}
        return self._refused(http, AddressNotFound(), {}, addresses=self._addresses, **meant)

    def _refused(
        self, http: HttpRequest, error: HubError, headers: dict[str, str], **more: object
    ) -> Response:
        status = STATUSES[type(error)]
        if _by_person(http):
            told = {"refusal": _paragraph(error.message), "refusal_zh": _paragraph(error.message_zh)}
            return self._shown(told, status, {**headers, "Cache-Control": "no-store"})
        return json_response(error_body(error, **more), status, headers={**headers, "Vary": "Accept"})

    def _shown(self, told: dict[str, str], status: int, headers: dict[str, str]) -> Response:
        return HTMLResponse(self._page.substitute(self._filled, **told), status, {**_PAGE_HEADERS, **headers})


def _by_person(http: HttpRequest) -> bool:
    return prefers_html(field_value(http.headers, "accept"))


def _paragraph(text: str) -> str:
    return f"<p><strong>{escape(text)}</strong></p>"


def _right_path(given: str, known: Sequence[str]) -> str | None:
    """The intended path, if only slashes or the case of letters are wrong."""
    plain = "/" + "/".join(part for part in given.lower().split("/") if part)
    return plain if plain in known and plain != given else None
