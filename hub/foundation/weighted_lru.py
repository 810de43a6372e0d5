"""What was used last, within bounds."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key, at most `most` of them and of `heaviest` together; the least recently used are forgotten first.
    Threads may share one."""

    def __init__(self, most: int, heaviest: int) -> None:
        self._most = most
        self._heaviest = heaviest
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def find(self, key: K) -> V | None:
        """The value of a key, which becomes the last used; None where there is none, or no more."""
        with self._lock:
            if (found := self._kept.get(key)) is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: K, value: V, weight: int = 1) -> V:
        """Keep a value as the last used, and answer it. One that alone is too heavy is not kept."""
        with self._lock:
            self._forget(key)
            if weight <= self._heaviest:
                self._kept[key] = value, weight
                self._weight += weight
            while len(self._kept) > self._most or self._weight > self._heaviest:
                self._forget(next(iter(self._kept)))
            return value

    def forget(self, key: K) -> None:
        """Keep a value no longer."""
        with self._lock:
            self._forget(key)

    def _forget(self, key: K) -> None:
        if found := self._kept.pop(key, None):
            self._weight -= found[1]
