"""Admission of documents: those that a client may send, and those that it may send by their hash alone.

**Trusted documents.** A client registered with `trusted_documents_only` may send the documents registered for it (`hub client
documents add`) and no others; their hash is enough. The restriction is in the client's tokens, from the first one. Every
process refuses a withdrawn document within `FRESH_SECONDS`, and accepts a newly registered one at once.

**Automatic persisted queries**, by Apollo's protocol: `extensions.persistedQuery {version: 1, sha256Hash}`. A hash with the
text is checked, and once the document has proved valid the text is stored; then the hash alone is enough, by POST or GET.
`PersistedQueryNotFound` asks the client to send the text again: each process stores its own texts, up to a limit. Texts are
stored separately for each client (`execute.document_texts`): the hash of another client's document is unknown. Any client may
send the hash of a document registered for it, without having sent the text before.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from auth.documents import document_digest, find_document
from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.errors import HubError
from schema.engine.execute.document_texts import Texts
from schema.engine.execute.request import Request
from schema.engine.refusals import RequestRefused

FRESH_SECONDS = 30
"""Seconds for which a process accepts a registered document without asking the database again."""


class DocumentNotTrusted(HubError):
    """Your client may send only the documents registered for it, and this is none of them; have it registered.
    您的客户端只能发送已登记的文档,本文档未登记,请先办理登记。
    """


class PersistedQueryNotFound(HubError):
    """PersistedQueryNotFound
    未找到该哈希对应的文档,请连同全文重新发送。
    """


class PersistedQueryMismatch(HubError):
    """The sha256Hash of extensions.persistedQuery is not that of the query beside it.
    所附哈希与同时发送的文档不符。
    """


class RequestAdmission:
    """Admits the requests of one process."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._registered = Texts()
        self._persisted = Texts()

    async def admit(self, request: Request, grant: Grant) -> Request:
        """The request with its document's text, before anything is parsed; raises RequestRefused."""
        if request.query and request.sha256 and bytes.fromhex(request.sha256) != request.digest:
            raise RequestRefused.by(PersistedQueryMismatch())
        if grant.trusted_documents_only:
            return replace(request, query=await self._trusted(request, grant))
        if request.query:
            return request
        kept = self._persisted.find(grant.client, request.digest)
        text = kept.text if kept else await self._of_client(request, grant)
        if text is None:
            raise RequestRefused.by(PersistedQueryNotFound())
        return replace(request, query=text)

    def store(self, request: Request, grant: Grant) -> None:
        """Store the text of a request whose document is valid, if its hash was sent with it."""
        if request.sha256 and not grant.trusted_documents_only:
            self._persisted.store(grant.client, document_digest(request.query), request.query)

    async def _trusted(self, request: Request, grant: Grant) -> str:
        text = await self._of_client(request, grant)
        if text is None:
            raise RequestRefused.by(DocumentNotTrusted())
        return text

    async def _of_client(self, request: Request, grant: Grant) -> str | None:
        """The text of a document registered for the client."""
        digest, now = request.digest, self._clock()
        kept = self._registered.find(grant.client, digest)
        if kept is not None and now - kept.since < FRESH_SECONDS:
            return kept.text
        async with self._database.for_tokens() as session:
            text = await find_document(await session.connection(), grant.client, digest)
        if text is None:
            self._registered.forget(grant.client, digest)
        else:
            self._registered.store(grant.client, digest, text, now)
        return text
