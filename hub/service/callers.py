"""Callers of the addresses beside GraphQL: the grant of a verified token, errors as responses, and the grant of a job that
runs later."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from auth.bearer import bearer_token
from auth.clients import find_client
from auth.grant import Grant
from auth.scopes import Scope
from auth.tokens import Tokens, select_purpose
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.settings import Settings
from hub.foundation.troubles import DatabaseUnavailable, reason_to_wait
from hub.ledger.refused_requests import RefusedRequests
from hub.service.client_transactions import RecordedRefusal
from schema.http.endpoint import PURPOSE
from schema.http.media_types import JSON
from schema.http.refusals import (
    STATUSES,
    error_body,
    json_response,
    refusal_of,
    refused,
    unavailable,
    waiting,
)

_MOST_LISTED = 100
Handler = Callable[[Request, Grant], Awaitable[Response]]


class ClientGone(Exception):
    """The client is gone; nobody reads the response."""


class ClientRevoked(HubError):
    """The client that began this was revoked; from then on nothing was done.
    发起此任务的客户端已被注销,此后未执行任何操作。
    """


class Callers:
    """Handles requests that have a token."""

    def __init__(self, tokens: Tokens, settings: Settings, refusals: RefusedRequests) -> None:
        self._tokens, self._settings, self._refusals = tokens, settings, refusals

    def answered(
        self, handler: Handler, statuses: Mapping[type[HubError], int]
    ) -> Callable[[Request], Awaitable[Response]]:
        """A handler for requests with a token; its errors become responses. `statuses` are the HTTP statuses of its own
        errors."""

        async def answer(http: Request) -> Response:
            grant: Grant | None = None
            try:
                grant = self._tokens.verify(bearer_token(http.headers.getlist("authorization")))
                grant = select_purpose(grant, http.headers.get(PURPOSE))
            except HubError as error:
                self._refusals.note(refusal_of(http, error, grant))
                return refused(error, JSON, self._settings)
            try:
                return await handler(http, grant)
            except ClientGone:
                return Response(status_code=400)
            except (HubError, RecordedRefusal) as failure:
                refusal = failure.refusal if isinstance(failure, RecordedRefusal) else failure
                if refusal is failure:
                    self._refusals.note(refusal_of(http, refusal, grant))
                status = (
                    statuses.get(type(refusal))
                    or _COMMON.get(type(refusal))
                    or STATUSES.get(type(refusal), 403)
                )
                return json_response(error_body(refusal), status, headers=waiting(refusal))
            except asyncio.CancelledError:  # the process is ending, and the awaited result will not come
                return unavailable(DatabaseUnavailable())
            except Exception as error:
                if (trouble := reason_to_wait(error)) is None:
                    raise
                return unavailable(trouble)

        return answer


def page_of(http: Request) -> tuple[UUID | None, int]:
    """The requested page of a list: the id before it, and the number of entries (1 to 100); raises InvalidInput."""
    first, after = http.query_params.get("first", "20"), http.query_params.get("after")
    if not (first.isascii() and first.isdigit() and len(first) < 5 and 0 < int(first) <= _MOST_LISTED):
        bound = f"1 to {_MOST_LISTED}"
        raise InvalidInput(
            path=("first",), field="first", reason=bound, reason_zh=f"须为 1 至 {_MOST_LISTED}"
        )
    try:
        return None if after is None else UUID(after), int(first)
    except ValueError as error:
        raise InvalidInput(
            path=("after",), field="after", reason="the id of a job", reason_zh="须为任务编号"
        ) from error


_COMMON: Mapping[type[HubError], int] = {NotFound: 404, InvalidInput: 400}


async def grant_of(session: AsyncSession, job: sa.RowMapping, *, of_revoked: bool = False) -> Grant:
    """The grant with which a job was begun, limited to the client's present permissions. Raises ClientRevoked, unless the job is
    for the agency whoever began it (`of_revoked`)."""
    scopes = frozenset(scope for scope in Scope if scope in job["scopes"])
    client = await find_client(session, job["client_id"])
    if client is not None:
        if client.revoked_at is not None and not of_revoked:
            raise ClientRevoked
        scopes &= client.scopes
    return Grant(
        agency=job["agency_id"],
        client=job["client_id"],
        scopes=scopes,
        regions=tuple(job["regions"]),
        purpose=job["purpose"],
        purposes=(job["purpose"],),
        person=job["person"],
        reject_forbidden=client is not None and client.reject_forbidden,
        trusted_documents_only=client is not None and client.trusted_documents_only,
    )
