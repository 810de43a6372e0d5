"""Assembles the service: its routes, and the objects that live as long as the process."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from auth.server import oauth_routes
from auth.tokens import Tokens
from hub.foundation.database import Database, new_id
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.foundation.troubles import reason_to_wait
from hub.ledger.access import AccessLog
from hub.ledger.refused_requests import RefusedRequests
from hub.service.client_transactions import ClientTransactions
from hub.service.compatibility import Compatibility, CompatibilityGate
from hub.service.exports.routes import Exports
from hub.service.exports.worker import Exporter
from hub.service.readiness import Readiness
from hub.service.records import token_record
from hub.service.schedule.plan import plan_of
from hub.service.schedule.scheduler import Scheduler
from hub.service.sealer import Sealer
from hub.service.uploads.routes import Uploads
from hub.service.uploads.templates import Templates
from hub.service.uploads.worker import Importer
from schema.engine.execute.executor import Executor
from schema.engine.execute.plans import PlanCache
from schema.engine.refusals import Internal
from schema.http.addresses import ALIVE_PATH, READY_PATH, Addresses
from schema.http.endpoint import graphql_routes
from schema.http.explain import Explainer
from schema.http.refusals import error_body, json_response, unavailable
from schema.hub_schema import build

_log = logging.getLogger(__name__)
_SENT_BY_CLIENTS = ("Authorization", "Content-Type", "Hub-Purpose", "Hub-Forbidden")
_READ_BY_CLIENTS = ("Retry-After", "WWW-Authenticate", "Allow", "Accept", "Accept-Encoding")


def create_app(
    settings: Settings,
    database: Database,
    keys: Keys,
    compatibility: Compatibility | None = None,
    plans: PlanCache | None = None,
) -> ASGIApp:
    """The ASGI application of one process. The caller opens the database and closes it afterwards. `compatibility`: whether the
    process fits its database; without it, the keys are assumed to be the database's. `plans`: the cache of plans, which
    applications of the same keys and cipher in one process may share; without it, the application has its own."""
    compatibility = compatibility or Compatibility(database, keys, settings.keys_path, compared=True)
    tokens = Tokens(keys, settings)
    access = AccessLog(database)
    refusals = RefusedRequests(access)
    built = build()
    secrecy = Secrecy(keys, settings.cipher)
    executor = Executor(built, database, secrecy, access, settings, plans)
    importer, exporter = Importer(database, secrecy), Exporter(executor, database, secrecy)
    transactions = ClientTransactions(database)
    addresses = Addresses(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        scheduler, sealer = Scheduler(database, plan_of(settings.schedule)), Sealer(database, keys, settings)
        try:
            async with access, refusals, compatibility, scheduler, importer, exporter, sealer:
                yield
        finally:
            await transactions.close()

    async def welcome(request: Request) -> Response:
        return addresses.welcome(request)

    app = Starlette(
        routes=[
            *graphql_routes(
                executor, Explainer(built), tokens, settings, refusals
            ),  # first: most requests are theirs
            *oauth_routes(database, tokens, settings, token_record(access, refusals)),
            *Templates(database, tokens, settings, refusals).routes,
            *Uploads(transactions, secrecy, tokens, settings, importer.wake, refusals).routes,
            *Exports(transactions, secrecy, tokens, settings, exporter.wake, refusals).routes,
            *_health_routes(Readiness(database, access)),
            Route("/", welcome, methods=["GET"]),
        ],
        exception_handlers={HTTPException: addresses.answer, Exception: _failed},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would go to the request's Host, with the token
    return _for_browsers(CompatibilityGate(app, compatibility), settings.allowed_origins)


def _for_browsers(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """The application with CORS, for pages of other origins. It is the outermost layer: errors of the hub must be readable
    there too. Tokens are sent in a header that the page sets, so no cookies are allowed."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "HEAD", "POST"),
        allow_headers=_SENT_BY_CLIENTS,
        expose_headers=_READ_BY_CLIENTS,
    )


async def _failed(_request: Request, error: Exception) -> Response:
    """A failure of the hub is logged under an incident's id, and the caller gets only the id; a trouble of the database has
    its own code."""
    if (trouble := reason_to_wait(error)) is not None:
        _log.error("%s: %s", trouble.code, type(error).__name__)
        return unavailable(trouble)
    incident = str(new_id())
    _log.error("incident %s", incident, exc_info=error)
    return json_response(error_body(Internal(incident=incident), incident=incident), 500)


def _health_routes(readiness: Readiness) -> list[Route]:
    async def alive(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return [
        Route(ALIVE_PATH, alive, methods=["GET"]),
        Route(READY_PATH, readiness.answer, methods=["GET"]),
    ]
