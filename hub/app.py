"""The service, put together: routes, and what lives as long as the process."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.server import oauth_routes
from auth.tokens import Tokens
from hub.database import Database, new_id
from hub.ledger.access import AccessLog
from hub.schedule.plan import plan_of
from hub.schedule.scheduler import Scheduler
from hub.secrecy import Keys, Secrecy
from hub.settings import Settings
from schema.built import build
from schema.execute import Executor
from schema.explain import Explainer
from schema.http import graphql_routes
from schema.refusals import Internal

_log = logging.getLogger(__name__)


def create_app(settings: Settings, database: Database, keys: Keys) -> Starlette:
    """The ASGI application of one process. The caller opens the database and closes it afterwards."""
    tokens = Tokens(keys, settings)
    access = AccessLog(database)
    built = build()
    executor = Executor(built, database, Secrecy(keys, settings.cipher), access, settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with access, Scheduler(database, plan_of(settings.schedule)):
            yield

    async def failed(_request: Request, error: Exception) -> Response:
        """What the hub did wrong is logged under an id, and the caller gets only the id."""
        incident = str(new_id())
        _log.error("incident %s", incident, exc_info=error)
        told = Internal(incident=incident)
        extensions = {"code": told.code, "incident": incident, "messageZh": told.message_zh}
        return JSONResponse({"errors": [{"message": told.message, "extensions": extensions}]}, 500)

    return Starlette(
        routes=[
            *graphql_routes(executor, Explainer(built), tokens, settings),
            *oauth_routes(database, tokens, settings),
            *_health_routes(database),
        ],
        exception_handlers={Exception: failed},
        lifespan=lifespan,
    )


def _health_routes(database: Database) -> list[Route]:
    async def alive(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        try:
            async with database.read() as connection:
                await connection.execute(sa.text("select 1"))
        except (OSError, sa.exc.SQLAlchemyError):
            return JSONResponse({"status": "the database does not answer"}, 503)
        return JSONResponse({"status": "ok"})

    return [Route("/healthz", alive, methods=["GET"]), Route("/readyz", ready, methods=["GET"])]
