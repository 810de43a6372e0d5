"""Documents' texts kept by their digest, for each client apart and within bounds, the least recently used forgotten first.

A client finds only what was kept for it and pushes out only its own. Clients are registered by hand, so that nobody can
make many of them to push out others'; those that asked last are kept.
"""

from dataclasses import dataclass

from hub.foundation.weighted_lru import Recent

MOST_TEXTS = 200
MOST_BYTES = 262_144
"""Of one client, in UTF-8. With `MOST_CLIENTS` it bounds what all of them take: 128 MiB."""
MOST_CLIENTS = 500


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text, and when it was kept, by the clock of whoever kept it."""

    text: str
    since: float


class Texts:
    """The texts of every client."""

    def __init__(self) -> None:
        self._clients: Recent[str, Recent[bytes, StoredText]] = Recent(MOST_CLIENTS, MOST_CLIENTS)

    def find(self, client: str, digest: bytes) -> StoredText | None:
        """A client's text by its digest; None where there is none, or no more."""
        own = self._clients.find(client)
        return None if own is None else own.find(digest)

    def keep(self, client: str, digest: bytes, text: str, since: float = 0) -> None:
        """Keep a text for a client. One that alone is over the bound is not kept."""
        own = self._clients.find(client) or self._clients.keep(client, Recent(MOST_TEXTS, MOST_BYTES))
        own.keep(digest, StoredText(text, since), len(text.encode(errors="surrogatepass")))

    def forget(self, client: str, digest: bytes) -> None:
        """Keep a text no longer."""
        if own := self._clients.find(client):
            own.forget(digest)
