"""Documents' texts kept by their digest, for each client apart and within bounds, the least recently used forgotten first.

A client finds only what was kept for it and pushes out only its own. Clients are registered by hand, so that nobody can
make many of them to push out others'; those that asked last are kept.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

MOST_TEXTS = 200
MOST_BYTES = 262_144
"""Of one client, in UTF-8. With `MOST_CLIENTS` it bounds what all of them take: 128 MiB."""
MOST_CLIENTS = 500


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text, and when it was kept, by the clock of whoever kept it."""

    text: str
    size: int
    since: float


@dataclass(slots=True)
class _OfOneClient:
    texts: OrderedDict[bytes, KeptText] = field(default_factory=OrderedDict)
    size: int = 0

    def forget(self, digest: bytes) -> None:
        if kept := self.texts.pop(digest, None):
            self.size -= kept.size

    def keep(self, digest: bytes, kept: KeptText) -> None:
        self.forget(digest)
        self.texts[digest] = kept
        self.size += kept.size
        while len(self.texts) > MOST_TEXTS or self.size > MOST_BYTES:
            self.forget(next(iter(self.texts)))


class Texts:
    """The texts of every client."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, _OfOneClient] = OrderedDict()

    def find(self, client: str, digest: bytes) -> KeptText | None:
        """A client's text by its digest; None where there is none, or no more."""
        own = self._clients.get(client)
        if own is None or digest not in own.texts:
            return None
        self._clients.move_to_end(client)
        own.texts.move_to_end(digest)
        return own.texts[digest]

    def keep(self, client: str, digest: bytes, text: str, since: float = 0) -> None:
        """Keep a text for a client. One that alone is over the bound is not kept."""
        size = len(text.encode(errors="surrogatepass"))
        if size > MOST_BYTES:
            return
        self._clients.setdefault(client, _OfOneClient()).keep(digest, KeptText(text, size, since))
        self._clients.move_to_end(client)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)

    def forget(self, client: str, digest: bytes) -> None:
        """Keep a text no longer."""
        if own := self._clients.get(client):
            own.forget(digest)
