"""The limit of a client's requests in a minute, in objects of answers or in planning costs; each process counts for itself."""

import time
from collections.abc import Callable
from threading import Lock

from hub.foundation.errors import HubError

_MINUTE = 60
_REMEMBER = 10_000


class TooCostly(HubError, numbers=("cost", "most")):
    """The answer could hold {cost} objects, and may hold {most}; ask for smaller pages or for less of each row.
    该查询最多可能返回 {cost} 个对象,上限为 {most};请减小分页或减少每行内容。
    """


class RateLimited(HubError, numbers=("retry_after_seconds",)):
    """Your client asked for too much within a minute; try again in {retry_after_seconds} s.
    您的客户端一分钟内的查询量已达上限,请 {retry_after_seconds} 秒后再试。
    """


class Budget:
    """The spending of every client in its present minute. Thread-safe. A single cost above `most` is refused by `too_costly`."""

    def __init__(
        self,
        most: int,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        too_costly: type[HubError] = TooCostly,
    ) -> None:
        # What exceeds a whole minute's limit is too much, however long the client waits.
        self._most = min(most, per_minute)
        self._per_minute = per_minute
        self._clock = clock
        self._too_costly = too_costly
        self._spent: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    def charge(self, client: str, cost: int) -> None:
        """Charge a client before the work; raises the error of `too_costly`, and RateLimited."""
        if cost > self._most:
            raise self._too_costly(cost=cost, most=self._most)
        now = self._clock()
        with self._lock:
            since, spent = self._spent.get(client, (now, 0))
            if now - since >= _MINUTE:
                since, spent = now, 0
            if spent + cost > self._per_minute:
                raise RateLimited(retry_after_seconds=round(since + _MINUTE - now) + 1)
            if len(self._spent) >= _REMEMBER:
                self._spent = {name: entry for name, entry in self._spent.items() if now - entry[0] < _MINUTE}
            self._spent[client] = (since, spent + cost)
