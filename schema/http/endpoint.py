"""GraphQL over HTTP (the GraphQL Foundation's specification, draft of 2025): POST and GET on one path.

Refuses: no or a bad token (401), a purpose not registered (403), a body that is too large (413), a media type other
than application/json (415, which also keeps forms of other sites out), a compressed body (415), a body that is not a
JSON object of the right shape (400), a document that the client may not send (403), a mutation by GET (405), a client
that asked for too much within a minute, or at once (429); and whoever comes while the hub has more to do than it may
(503). A document that cannot be executed answers 400 to who accepts
application/graphql-response+json, and 200 to who accepts application/json alone; so does the hash of a document that is
not known, `PersistedQueryNotFound`. Who accepts anything is answered application/json, which every client can read, with
the statuses of the former. A browser that comes without a query is shown where things are.

POST /graphql/required-scopes takes the same body and tells what the operation needs (`schema.http.explain`); it reads no
household, and so leaves no access record.
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
from schema.engine.execute.turns import TooManyAtOnce
from schema.engine.execute.visible_schema import visible_sdl
from schema.engine.refusals import Internal, MutationByGet, RequestRefused
from schema.http.addresses import GRAPHQL_PATH, REQUIRED_SCOPES_PATH, SDL_PATH, Addresses
from schema.http.explain import Explainer
from schema.http.media_types import JSON, AcceptedMediaType, accepted, field_value, prefers_html
from schema.http.refusals import json_response, refusal_of, refused
from schema.http.request import read_request

_log = logging.getLogger(__name__)
SCHEMA_COSTS = 100_000
"""What a look at the schema costs of what a client may plan in a minute: as the characters of a large statement."""
PRESENCE = "hub.presence"
"""Under which the scope of a request holds whether its client is still there, where the server tells."""
PURPOSE = "hub-purpose"
"""The header that names the purpose of a request."""
_CLIENT_GONE = 499
"""What a log calls an answer that nobody takes; it is sent to nobody."""
_REFUSED_AS = {
    DocumentNotTrusted.code: 403,
    MutationByGet.code: 405,
    RateLimited.code: 429,
    TooManyAtOnce.code: 429,
    ServerBusy.code: 503,
    **dict.fromkeys(TROUBLE_CODES, 503),
    Internal.code: 500,
}
"""Refusals that are about who asks, or how, or about the hub; a client library has to see them whatever media type it
accepts."""


def graphql_routes(
    executor: Executor, explainer: Explainer, tokens: Tokens, settings: Settings, refusals: RefusedRequests
) -> list[Route]:
    """`/graphql`, `/graphql/required-scopes` and `/schema.graphql`. `refusals` counts what never became an operation."""
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
            # The process ends, and what it waits for does not come.
            return refused(DatabaseUnavailable(), media, settings)
        except Exception as error:  # what cannot be recorded is not answered
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
    """A refusal of what explains: with its status, whatever the media type."""
    told = error.formatted()
    headers = {"Retry-After": str(seconds)} if (seconds := retry_after(told)) else {}
    return json_response(
        orjson.dumps({"errors": told}), _REFUSED_AS.get(error.kind.code, 400), headers=headers
    )


def _unavailable(error: Exception, media: str, settings: Settings) -> Response:
    """The response where something ails the database; raises any other error again."""
    if (trouble := trouble_of(error)) is None:
        raise error
    _log.error("%s: %s", trouble.code, type(error).__name__)
    return refused(trouble, media, settings)


def _verified(http: HttpRequest, tokens: Tokens) -> Grant:
    """Who asks; raises the errors of `auth.tokens`."""
    return tokens.verify(bearer_token(http.headers.getlist("authorization")))


def _status(answered: GraphQLResponse, taken: AcceptedMediaType) -> int:
    if answered.executed:
        return 200
    for code in answered.codes & _REFUSED_AS.keys():
        return _REFUSED_AS[code]
    return 400 if taken.by_status else 200


def _headers(answered: GraphQLResponse) -> dict[str, str]:
    """What a client acts on without reading the body."""
    if answered.executed:
        return {}
    waits = {} if answered.retry_after is None else {"Retry-After": str(answered.retry_after)}
    # RFC 9110 section 15.5.6: a 405 names what is taken, and of this operation that is POST alone.
    return {**waits, "Allow": "POST"} if MutationByGet.code in answered.codes else waits
