"""The peer, written in the usual way: Strawberry types over SQLModel rows, DataLoaders, permission classes on the fields.

It uses the same tables, the same token (verified in each request) and the same region rule. It writes no access record, and
its writes are plain inserts without chain, receipt or check for duplicates.
"""

import base64
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any

import sqlalchemy as sa
import strawberry
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.types import Info

from bench.peers.strawberry_aid import AidMutations
from bench.peers.strawberry_loaders import Loaders
from bench.peers.strawberry_types import Household, behind
from hub.foundation.calendar import TODAY
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.households import HouseholdRow, Residence

_MOST = 1000


@strawberry.enum
class HouseholdOrderField(Enum):
    """The fields by which households can be ordered."""

    CODE = "code"


@strawberry.input
class HouseholdOrder:
    """An order of households."""

    field: HouseholdOrderField


@strawberry.input
class HouseholdFilter:
    """A filter of households."""

    residence: Residence | None = None
    circumstance: list[CircumstanceKind] | None = None


@strawberry.type
class PageInfo:
    """The end of the page."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class HouseholdConnection:
    """A page of households."""

    nodes: list[Household]
    page_info: PageInfo
    where: strawberry.Private[list[sa.ColumnElement[bool]]]

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        """The total count."""
        async with info.context["sessions"]() as session:
            count = sa.select(sa.func.count()).select_from(HouseholdRow).where(*self.where)
            return int(await session.scalar(count) or 0)


def _in_sight(info: Info) -> sa.ColumnElement[bool]:
    region = sa.inspect(HouseholdRow).columns.region
    return sa.or_(sa.false(), *(region.startswith(prefix) for prefix in info.context["claims"]["regions"]))


def _filtered(filter_: HouseholdFilter | None) -> list[sa.ColumnElement[bool]]:
    household, circumstance = sa.inspect(HouseholdRow).columns, sa.inspect(CircumstanceRow).columns
    where: list[sa.ColumnElement[bool]] = []
    if filter_ and filter_.residence:
        where.append(household.residence == filter_.residence)
    if filter_ and filter_.circumstance:
        lasts = sa.or_(circumstance.until.is_(None), circumstance.until >= TODAY)
        of_kind = circumstance.kind.in_(filter_.circumstance)
        where.append(sa.exists().where(circumstance.household_id == household.id, of_kind, lasts))
    return where


@strawberry.type
class Query:
    """Reads."""

    @behind("household:read")
    async def household(self, info: Info, code: str) -> Household | None:
        """One household."""
        columns = sa.inspect(HouseholdRow).columns
        async with info.context["sessions"]() as session:
            row = await session.scalar(sa.select(HouseholdRow).where(columns.code == code, _in_sight(info)))
        return Household.of(row) if row else None

    @behind("household:read")
    async def households(
        self,
        info: Info,
        order_by: HouseholdOrder,
        first: int = 50,
        after: str | None = None,
        filter: HouseholdFilter | None = None,
    ) -> HouseholdConnection:
        """A page by keyset."""
        columns = sa.inspect(HouseholdRow).columns
        where = [_in_sight(info), *_filtered(filter)]
        beyond = [columns[order_by.field.value] > base64.b64decode(after).decode()] if after else []
        page = sa.select(HouseholdRow).where(*where, *beyond).order_by(columns[order_by.field.value])
        async with info.context["sessions"]() as session:
            rows = (await session.scalars(page.limit(min(first, _MOST) + 1))).all()
        shown = rows[:first]
        end = base64.b64encode(shown[-1].code.encode()).decode() if shown else None
        return HouseholdConnection(
            nodes=[Household.of(row) for row in shown],
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end),
            where=where,
        )


class Api(GraphQL[dict[str, Any], None]):
    """The GraphQL endpoint: the context of a request is its claims, its sessions and its loaders."""

    def __init__(
        self, schema: strawberry.Schema, keys: KeySet, sessions: async_sessionmaker[AsyncSession]
    ) -> None:
        super().__init__(schema)
        self._keys = keys
        self._sessions = sessions

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:  # Strawberry's signature
        """Raises joserfc's errors for a token that does not verify."""
        assert isinstance(request, Request)
        token = request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, self._keys, algorithms=["EdDSA"]).claims
        jwt.JWTClaimsRegistry(leeway=5, aud={"essential": True, "value": "assistance-hub"}).validate(claims)
        return {
            "claims": claims,
            "scopes": frozenset(claims["scope"].split()),
            "sessions": self._sessions,
            "loaders": Loaders(self._sessions),
        }


def create_peer(settings: Settings) -> Starlette:
    """The ASGI application."""
    assert settings.database_url is not None
    engine = create_async_engine(
        make_url(settings.database_url.get_secret_value()).set(drivername="postgresql+asyncpg"),
        pool_size=settings.pool_size,
        max_overflow=0,
        connect_args={"server_settings": {"role": "hub_writer", "TimeZone": "UTC"}},
    )
    signing = Keys.load(settings.keys_path).signing
    keys = KeySet(
        [OKPKey.import_key({name: part for name, part in key.items() if name != "alg"}) for key in signing]
    )
    schema = strawberry.Schema(query=Query, mutation=AidMutations)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    api = Api(schema, keys, async_sessionmaker(engine, expire_on_commit=False))
    return Starlette(routes=[Route("/graphql", api, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(create_peer(Settings()), port=int(sys.argv[1]), log_level="warning")
