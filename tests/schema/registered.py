"""A served hub with registered clients. Each sends a token from the token endpoint."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from auth.clients import NewClient, create_client
from auth.documents import register_document, withdraw_document
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from tests.fixtures.served import Reply, Served

T = TypeVar("T")


def sha256(text: str) -> str:
    """The hash of a document, as clients send it."""
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(text: str, hashed: str | None = None) -> dict[str, Any]:
    """The extensions of Apollo's automatic persisted queries."""
    return {"persistedQuery": {"version": 1, "sha256Hash": hashed or sha256(text)}}


@dataclass(frozen=True)
class Client:
    """A registered client of the served hub."""

    hub: Served
    settings: Settings
    client_id: str
    token: str

    @classmethod
    def of(cls, hub: Served, settings: Settings, agency: str, **options: Any) -> "Client":
        """Register a client and request a token for it."""
        made = registered_client(hub.database_url, settings, agency, **options)
        answered = hub.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(made.client_id, made.client_secret),
        )
        return cls(hub, settings, made.client_id, answered.json()["access_token"])

    def register(self, text: str) -> None:
        """Register a document for the client."""
        _write(
            self.hub.database_url,
            self.settings,
            lambda session: register_document(session, self.client_id, text),
        )

    def withdraw(self, text: str) -> None:
        """Withdraw a document."""
        _write(
            self.hub.database_url,
            self.settings,
            lambda session: withdraw_document(session, self.client_id, sha256(text)),
        )

    def post(self, path: str = "/graphql", headers: dict[str, str] | None = None, **body: Any) -> Reply:
        """Send a JSON body."""
        answered = self.hub.http.post(path, json=body, headers={**self._bearer, **(headers or {})})
        return Reply(answered.status_code, answered.json())

    def get(self, **parameters: Any) -> Reply:
        """Send query parameters; values that are not text are sent as JSON."""
        texts = {
            name: parameter if isinstance(parameter, str) else json.dumps(parameter)
            for name, parameter in parameters.items()
        }
        answered = self.hub.http.get("/graphql", params=texts, headers=self._bearer)
        return Reply(answered.status_code, answered.json())

    def records(self) -> list[tuple[Any, ...]]:
        """The client's access records of documents, oldest first: hash, outcome, code, coordinates."""
        return self.hub.rows(
            "select encode(operation_hash, 'hex'), outcome, code,"
            " (select s.coordinates from coordinate_set s where s.digest = coordinates_digest) from access_record"
            " where client_id = %s and operation_hash <> '' order by at, id",
            self.client_id,
        )

    @property
    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def registered_client(url: str, settings: Settings, agency: str, **options: Any) -> NewClient:
    """A client of an agency, as `hub client create` registers it."""
    return _write(url, settings, lambda session: create_client(session, agency, name="test", **options))


def _write(url: str, settings: Settings, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    async def run() -> T:
        database = Database(url, settings)
        try:
            async with database.write() as session:
                return await work(session)
        finally:
            await database.close()

    return asyncio.run(run())
