"""The hub with one thing changed, as `python -m bench.variants NAME PORT`. The service itself has no such switches.

`reference`: the reference executor answers every request. `unguarded`: the hub without its guards: the token is not read,
nothing is forbidden, every row is in sight. It still does what any service would: parse, plan, query, and store its access
record.
"""

import dataclasses
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette

from auth.grant import Grant
from auth.scopes import Scope
from auth.tokens import Tokens
from hub.foundation.database import Database
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from hub.ledger.refused_requests import RefusedRequests
from hub.policy.permissions.row_policies import RULES, Rule, is_public
from hub.service.http_protocol import ServerConfig
from hub.service.serving import freeze_imported_objects
from schema.engine.executable_schema import ExecutableSchema
from schema.engine.execute.executor import Executor, GraphQLResponse
from schema.engine.execute.presence import Presence
from schema.engine.execute.request import Request
from schema.http.endpoint import graphql_routes
from schema.http.explain import Explainer
from schema.hub_schema import build


class ReferenceExecutor(Executor):
    """Uses the reference executor, even if an operation compiles."""

    async def answer(
        self, request: Request, grant: Grant, presence: Presence | None = None, *, reference: bool = True
    ) -> GraphQLResponse:
        """The same answer, resolved field by field."""
        return await super().answer(request, grant, presence, reference=reference)


class NoTokens(Tokens):
    """Every caller has all scopes."""

    _anyone = Grant(
        "civil_affairs@4101",
        "bench",
        frozenset(Scope),
        ("4101",),
        "social-assistance",
        ("social-assistance",),
    )

    def verify(self, token: str) -> Grant:  # it is not checked; that is measured
        """The same grant for any text."""
        return self._anyone


def _without_rules() -> None:
    """Puts every row in sight, in this process."""
    open_to_all = Rule(lambda _table, _grant: sa.true(), lambda _table, _grant: sa.true())
    guarded = [name for name in RULES if not is_public(sa.table(name))]
    RULES.update(dict.fromkeys(guarded, open_to_all))


def _without_scopes(built: ExecutableSchema) -> ExecutableSchema:
    """Removes the scopes of all coordinates."""
    return dataclasses.replace(
        built, guards=dataclasses.replace(built.guards, scopes=dict.fromkeys(built.guards.scopes, ()))
    )


def create_variant(name: str, settings: Settings) -> Starlette:
    """The ASGI application of a variant."""
    assert settings.database_url is not None
    assert settings.reading_database_url is not None
    keys = Keys.load(settings.keys_path)
    database = Database(
        settings.database_url.get_secret_value(), settings, settings.reading_database_url.get_secret_value()
    )
    access = AccessLog(database)
    executor: Callable[..., Executor] = Executor
    tokens, built = Tokens(keys, settings), build()
    if name == "reference":
        executor = ReferenceExecutor
    else:
        _without_rules()
        tokens, built = NoTokens(keys, settings), _without_scopes(built)

    refusals = RefusedRequests(access)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        freeze_imported_objects()
        async with access, refusals:
            yield
        await database.close()

    hub = executor(built, database, Secrecy(keys, settings.cipher), access, settings)
    routes = graphql_routes(hub, Explainer(built), tokens, settings, refusals)
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    defaults = Settings()
    uvicorn.Server(ServerConfig(create_variant(sys.argv[1], defaults), defaults, port=int(sys.argv[2]))).run()
