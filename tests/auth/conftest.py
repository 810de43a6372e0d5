"""A hub with the addresses of `auth/` only, on the test's own database, at an hour that the test sets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from auth.clients import NewClient, create_client
from auth.server import oauth_routes
from auth.token_records import TokenOutcome
from auth.tokens import Tokens
from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings


@dataclass
class Clock:
    """Seconds since 1970; a test moves it."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys.create()


@pytest.fixture
def tokens(keys: Keys, settings: Settings, clock: Clock) -> Tokens:
    return Tokens(keys, settings, clock)


async def unrecorded(_outcome: TokenOutcome) -> None:
    """Records nothing: the ledger is on a higher layer. tests/hub/service/test_every_interface_is_recorded.py tests both
    together."""


@pytest.fixture
async def hub(database: Database, tokens: Tokens, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=list(oauth_routes(database, tokens, settings, unrecorded)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.issuer) as client:
        yield client


@pytest.fixture
async def education(database: Database) -> NewClient:
    """A client of Jinshui's education bureau that holds all of its department's scopes."""
    async with database.write() as session:
        return await create_client(session, "education@410105", name="学籍系统")
