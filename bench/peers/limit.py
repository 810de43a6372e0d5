"""The limit: the best statement that we can write for each question (`limit_sql`), sent by the thinnest possible server.

It is an ASGI function without a framework, on uvicorn and uvloop, with connections on which each statement is prepared once.
It has no GraphQL, token, permission or record: `POST /W1` with the variables as JSON. The difference to a service is the cost
of what the service does in addition.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
import orjson
import uvicorn

from bench.peers.limit_sql import W1, W2, W4, W5
from hub.foundation.settings import Settings

_STATEMENTS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Any]]] = {
    "/W1": (W1, lambda variables: variables["code"]),
    "/W2": (W2, lambda variables: variables["after"] or ""),
    "/W4": (W4, lambda variables: variables["after"] or ""),
    "/W5": (W5, lambda variables: variables["kinds"]),
}


class Limit:
    """The ASGI application."""

    def __init__(self, settings: Settings) -> None:
        assert settings.reading_database_url is not None
        self._url = settings.reading_database_url.get_secret_value()
        self._size = settings.pool_size
        self._free: asyncio.LifoQueue[Mapping[str, Any]] = asyncio.LifoQueue()
        self._connections: list[asyncpg.Connection] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or open and close the connections."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        _, value = _STATEMENTS[scope["path"]]
        prepared = await self._free.get()
        try:
            data: bytes = await prepared[scope["path"]].fetchval(value(orjson.loads(body)))
        finally:
            self._free.put_nowait(prepared)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        for _ in range(self._size):
            connection = await asyncpg.connect(
                self._url, server_settings={"role": "hub_reader", "TimeZone": "UTC"}
            )
            self._connections.append(connection)
            self._free.put_nowait(
                {path: await connection.prepare(sql) for path, (sql, _) in _STATEMENTS.items()}
            )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for connection in self._connections:
            await connection.close()
        await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(
        Limit(Settings()), port=int(sys.argv[1]), log_level="warning", access_log=False, lifespan="on"
    )
