"""GraphQL over HTTP (the GraphQL Foundation's specification, draft of 2025): POST and GET on one path.

Refuses: a missing or invalid token (401), an unregistered purpose (403), a body that is too large (413), a media type other
than application/json (415, which also keeps out forms of other sites), a compressed body (415), a body that is not a JSON
object of the right shape (400), a document that the client may not send (403), a mutation by GET (405), a client that asked
for too much within a minute, or at once (429), and any request while the hub is overloaded (503).

A document that cannot be executed gets 400 if the client accepts application/graphql-response+json, and 200 if it accepts
application/json only; so does an unknown document hash, `PersistedQueryNotFound`. A client that accepts anything gets
application/json, which every client can read, with the statuses of the former. A browser without a query gets the list of
addresses.

POST /graphql/required-scopes takes the same body and returns the scopes that the operation needs (`schema.http.explain`). It
reads no household, so it leaves no access record.
"""

import asyncio
import logging

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from auth.bearer import bearer_token
from auth.grant import Grant
from auth.tokens import Tokens, select_purpose
from hub.foundation.errors import HubError
from hub.foundation.settings import Settings
from hub.foundation.troubles import TROUBLE_CODES, DatabaseUnavailable, ServerBusy, trouble_of
from hub.ledger.refused_requests import RefusedRequests
from schema.engine.execute.admission import DocumentNotTrusted
from schema.engine.execute.budget import RateLimited
from schema.engine.execute.execution_errors import retry_after
from schema.engine.execute.executor import Executor, GraphQLResponse
from schema.engine.execute.presence import Presence
from schema.engine.execute.request_queue import TooManyAtOnce
from schema.engine.execute.visible_schema import visible_sdl
from schema.engine.refusals import Internal, MutationByGet, RequestRefused
from schema.http.addresses import GRAPHQL_PATH, REQUIRED_SCOPES_PATH, SDL_PATH, Addresses
from schema.http.explain import Explainer
from schema.http.media_types import JSON, AcceptedMediaType, accepted, field_value, prefers_html
from schema.http.refusals import json_response, refusal_of, refused
from schema.http.request import read_request

_log = logging.getLogger(__name__)
SCHEMA_COSTS = 100_000
"""The planning cost of reading the schema, against a client's limit for a minute: as many characters as a large statement
has."""
PRESENCE = "hub.presence"
"""The key in a request's scope that holds the presence of its client, if the server sets it."""
PURPOSE = "hub-purpose"
"""The header that names the purpose of a request."""
_CLIENT_GONE = 499
"""The status in the log for a response that nobody reads; it is never sent."""
_REFUSED_AS = {
    DocumentNotTrusted.code: 403,
    MutationByGet.code: 405,
    RateLimited.code: 429,
    TooManyAtOnce.code: 429,
    ServerBusy.code: 503,
    **dict.fromkeys(TROUBLE_CODES, 503),
    Internal.code: 500,
}
"""Refusals that concern the caller, the form of the request, or the hub; a client library must see these statuses whatever
media type it accepts."""


def graphql_routes(
    executor: Executor, explainer: Explainer, tokens: Tokens, settings: Settings, refusals: RefusedRequests
) -> list[Route]:
    """`/graphql`, `/graphql/required-scopes` and `/schema.graphql`. `refusals` counts requests that never became an
    operation."""
    addresses = Addresses(settings)

    async def answer(http: HttpRequest) -> Response:
        accept = field_value(http.headers, "accept")
        if http.method != "POST" and not http.scope["query_string"] and prefers_html(accept):
            return addresses.welcome(http)
        media = JSON
        presence = http.scope.get(PRESENCE) or Presence()
        grant: Grant | None = None
        try:
            taken = accepted(accept)
            media = taken.media
            grant = _verified(http, tokens)
            grant = select_purpose(grant, http.headers.get(PURPOSE))
            request = await read_request(http, settings.max_body_bytes)
        except HubError as error:
            refusals.note(refusal_of(http, error, grant))
            return refused(error, media, settings)
        try:
            answered = await executor.answer(request, grant, presence)
        except asyncio.CancelledError:
            if presence.gone:
                return Response(status_code=_CLIENT_GONE)
            # The process is ending, and the awaited result will not come.
            return refused(DatabaseUnavailable(), media, settings)
        except Exception as error:  # a request without its access record is not answered
            return _unavailable(error, media, settings)
        return json_response(answered.content, _status(answered, taken), media, _headers(answered))

    async def explain(http: HttpRequest) -> Response:
        grant: Grant | None = None
        try:
            grant = _verified(http, tokens)
            grant = select_purpose(grant, http.headers.get(PURPOSE))
            asked = await read_request(http, settings.max_body_bytes)
            request = await executor.admission.admit(asked, grant)
            executor.charge(grant.client, len(request.query))
            explained = await executor.beside(
                grant.client,
                explainer.explain,
                request.query,
                request.operation_name,
                request.variables,
            )
        except HubError as error:
            refusals.note(refusal_of(http, error, grant))
            return refused(error, JSON, settings)
        except RequestRefused as error:
            return _refusal(error)
        except asyncio.CancelledError:
            return refused(DatabaseUnavailable(), JSON, settings)
        except Exception as error:
            return _unavailable(error, JSON, settings)
        return json_response(orjson.dumps(explained.body(grant.scopes)), 200)

    async def schema(http: HttpRequest) -> Response:
        grant: Grant | None = None
        try:
            grant = _verified(http, tokens)
            grant = select_purpose(grant, http.headers.get(PURPOSE))
            executor.charge(grant.client, SCHEMA_COSTS)
            seen = await executor.beside(grant.client, visible_sdl, executor.schema, grant)
        except HubError as error:
            refusals.note(refusal_of(http, error, grant))
            return refused(error, JSON, settings)
        except RequestRefused as error:
            return _refusal(error)
        return PlainTextResponse(seen, headers={"Cache-Control": "private, max-age=60"})

    return [
        Route(GRAPHQL_PATH, answer, methods=["GET", "POST"]),
        Route(REQUIRED_SCOPES_PATH, explain, methods=["POST"]),
        Route(SDL_PATH, schema, methods=["GET"]),
    ]


def _refusal(error: RequestRefused) -> Response:
    """The refusal of an explanation, with its status for any media type."""
    told = error.formatted()
    headers = {"Retry-After": str(seconds)} if (seconds := retry_after(told)) else {}
    return json_response(
        orjson.dumps({"errors": told}), _REFUSED_AS.get(error.kind.code, 400), headers=headers
    )


def _unavailable(error: Exception, media: str, settings: Settings) -> Response:
    """The response for a trouble of the database; raises any other error again."""
    if (trouble := trouble_of(error)) is None:
        raise error
    _log.error("%s: %s", trouble.code, type(error).__name__)
    return refused(trouble, media, settings)


def _verified(http: HttpRequest, tokens: Tokens) -> Grant:
    """The caller's grant; raises the errors of `auth.tokens`."""
    return tokens.verify(bearer_token(http.headers.getlist("authorization")))


def _status(answered: GraphQLResponse, taken: AcceptedMediaType) -> int:
    if answered.executed:
        return 200
    for code in answered.codes & _REFUSED_AS.keys():
        return _REFUSED_AS[code]
    return 400 if taken.by_status else 200


def _headers(answered: GraphQLResponse) -> dict[str, str]:
    """The headers that a client uses without reading the body."""
    if answered.executed:
        return {}
    waits = {} if answered.retry_after is None else {"Retry-After": str(answered.retry_after)}
    # RFC 9110 section 15.5.6: a 405 lists the allowed methods, for a mutation only POST.
    return {**waits, "Allow": "POST"} if MutationByGet.code in answered.codes else waits
