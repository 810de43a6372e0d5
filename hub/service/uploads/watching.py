"""The watchers of imports: limited in number, for each client and in total, and until the token expires."""

import time
from collections.abc import AsyncIterable, Callable

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from auth.grant import Grant
from auth.tokens import LEEWAY_SECONDS
from hub.foundation.errors import HubError
from schema.engine.execute.request_queue import RequestQueue

MOST_WATCHERS, MOST_OF_CLIENT = 64, 8
_AGAIN_AFTER = 10


class TooManyProgressStreams(HubError, numbers=("most", "retry_after_seconds")):
    """As many imports are watched as may be, {most} by one client; ask for the state, or try again in {retry_after_seconds} s.
    实时查看的导入已达上限(每个客户端 {most} 项);请改为查询进度,或 {retry_after_seconds} 秒后再试。
    """


class _Watching(StreamingResponse):
    """A stream of events; a callback runs once nobody reads it any more."""

    def __init__(self, events: AsyncIterable[bytes], media: str, ended: Callable[[], None]) -> None:
        super().__init__(events, media_type=media, headers={"Cache-Control": "no-store"})
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()


class Watchers:
    """The watchers of one process."""

    def __init__(self) -> None:
        self._places = RequestQueue(MOST_WATCHERS, MOST_OF_CLIENT)

    def response(self, grant: Grant, events: AsyncIterable[bytes], media: str) -> StreamingResponse:
        """The stream of events for one more watcher; raises TooManyProgressStreams."""
        if not self._places.try_enter(grant.client):
            raise TooManyProgressStreams(most=MOST_OF_CLIENT, retry_after_seconds=_AGAIN_AFTER)
        return _Watching(events, media, lambda: self._places.leave(grant.client))


def has_ended(grant: Grant) -> bool:
    """Whether the token of a request has expired since."""
    return grant.expires_at is not None and grant.expires_at + LEEWAY_SECONDS <= time.time()
