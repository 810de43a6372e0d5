"""Documents registered for clients: GraphQL texts that a client may send by their hash alone.

A client registered with `trusted_documents_only` may send no others. This module handles texts only; whoever registers a
document checks that it is valid GraphQL.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.clients import find_client
from auth.tables import OAuthClientDocumentRow
from hub.foundation.database import now, table_of
from hub.foundation.errors import InvalidInput, NotFound

_document = table_of(OAuthClientDocumentRow)
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RegisteredDocument:
    """A registered document of a client that is not withdrawn."""

    client_id: str
    sha256: str
    text: str
    registered_at: datetime


def document_digest(text: str) -> bytes:
    """SHA-256 of a document's UTF-8 text, 32 bytes. A lone surrogate, which JSON can hold, is encoded as it is."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def is_document_hash(value: object) -> bool:
    """Whether a value is a SHA-256 in lower-case hex."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


async def register_document(session: AsyncSession, client_id: str, text: str) -> bool:
    """Register a document of a client; returns False if it was already registered. Raises NotFound, InvalidInput."""
    if await find_client(session, client_id) is None:
        raise NotFound(noun="client", noun_zh="客户端")
    if "\0" in text:
        raise InvalidInput(field="document", reason="it holds a NUL", reason_zh="含有空字符")
    instant = now()
    values = {
        "client_id": client_id,
        "sha256": document_digest(text),
        "text": text,
        "registered_at": instant,
        "withdrawn_at": None,
    }
    registered = await session.execute(
        pg.insert(_document)
        .values(values)
        .on_conflict_do_update(
            index_elements=[_document.c.client_id, _document.c.sha256],
            set_={"registered_at": instant, "withdrawn_at": None},
            where=_document.c.withdrawn_at.is_not(None),
        )
        .returning(_document.c.sha256)
    )
    return registered.scalar_one_or_none() is not None


async def withdraw_document(session: AsyncSession, client_id: str, sha256: str) -> None:
    """Withdraw a client's document; raises NotFound if the client has no document of that hash."""
    withdrawn = None
    if is_document_hash(sha256):
        statement = (
            sa.update(_document)
            .where(_in_use(client_id), _document.c.sha256 == bytes.fromhex(sha256))
            .values(withdrawn_at=now())
            .returning(_document.c.sha256)
        )
        withdrawn = (await session.execute(statement)).scalar_one_or_none()
    if withdrawn is None:
        raise NotFound(noun="registered document", noun_zh="已登记文档")


async def list_documents(
    connection: AsyncSession | AsyncConnection, client_id: str
) -> list[RegisteredDocument]:
    """The documents of a client, oldest first."""
    query = (
        sa.select(_document).where(_in_use(client_id)).order_by(_document.c.registered_at, _document.c.sha256)
    )
    return [
        RegisteredDocument(row["client_id"], row["sha256"].hex(), row["text"], row["registered_at"])
        for row in (await connection.execute(query)).mappings()
    ]


async def find_document(
    connection: AsyncSession | AsyncConnection, client_id: str, digest: bytes
) -> str | None:
    """The text of a client's document by its digest; None if there is none or it was withdrawn."""
    query = sa.select(_document.c.text).where(_in_use(client_id), _document.c.sha256 == digest)
    text: str | None = (await connection.execute(query)).scalar_one_or_none()
    return text


def _in_use(client_id: str) -> sa.ColumnElement[bool]:
    """The condition for a client's documents that are not withdrawn."""
    return sa.and_(_document.c.client_id == client_id, _document.c.withdrawn_at.is_(None))
