"""Registering and withdrawing the documents of clients, on a real database."""

import hashlib

import pytest
import sqlalchemy as sa

from auth.clients import NewClient, create_client, find_client
from auth.documents import (
    document_digest,
    find_document,
    is_document_hash,
    list_documents,
    register_document,
    withdraw_document,
)
from auth.tables import OAuthClientDocumentRow
from hub.foundation.database import Database, table_of
from hub.foundation.errors import InvalidInput, NotFound

pytestmark = pytest.mark.anyio

TEXT = "{ viewer { client } } # 谁\n"
HASH = hashlib.sha256(TEXT.encode()).hexdigest()


async def register(database: Database, client: str, text: str = TEXT) -> bool:
    async with database.write() as session:
        return await register_document(session, client, text)


async def withdraw(database: Database, client: str, sha256: str = HASH) -> None:
    async with database.write() as session:
        await withdraw_document(session, client, sha256)


async def found(database: Database, client: str, text: str = TEXT) -> str | None:
    """The registered document, as the readers' role finds it."""
    async with database.read() as connection:
        return await find_document(connection, client, document_digest(text))


async def test_a_document_is_found_by_the_hash_of_its_text_and_registered_once(
    database: Database, education: NewClient
) -> None:
    assert await register(database, education.client_id)
    assert not await register(database, education.client_id)
    assert await found(database, education.client_id) == TEXT
    async with database.read() as connection:
        (listed,) = await list_documents(connection, education.client_id)
    assert (listed.client_id, listed.sha256, listed.text) == (education.client_id, HASH, TEXT)


async def test_another_client_s_document_is_not_there(database: Database, education: NewClient) -> None:
    async with database.write() as session:
        other = await create_client(session, "education@4101", name="other")
    await register(database, education.client_id)
    assert await found(database, other.client_id) is None
    async with database.read() as connection:
        assert await list_documents(connection, other.client_id) == []
    with pytest.raises(NotFound):
        await withdraw(database, other.client_id)
    assert await found(database, education.client_id) == TEXT


async def test_a_withdrawn_document_is_gone_and_can_be_registered_again(
    database: Database, education: NewClient
) -> None:
    await register(database, education.client_id)
    await withdraw(database, education.client_id)
    assert await found(database, education.client_id) is None
    with pytest.raises(NotFound):
        await withdraw(database, education.client_id)
    assert await register(database, education.client_id)
    assert await found(database, education.client_id) == TEXT
    async with database.write() as session:
        rows = (await session.execute(sa.select(table_of(OAuthClientDocumentRow)))).all()
    assert len(rows) == 1, "the same row stands again"


async def test_a_document_of_nobody_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        await register(database, "education-4101-0000x")


async def test_a_text_that_no_database_holds_is_refused(database: Database, education: NewClient) -> None:
    with pytest.raises(InvalidInput):
        await register(database, education.client_id, "{ viewer { client } } # \0")


@pytest.mark.parametrize("sha256", ["", "f" * 63, HASH.upper(), HASH + "0", "g" * 64])
async def test_what_is_no_hash_names_no_document(
    database: Database, education: NewClient, sha256: str
) -> None:
    await register(database, education.client_id)
    assert not is_document_hash(sha256)
    with pytest.raises(NotFound):
        await withdraw(database, education.client_id, sha256)


async def test_a_client_that_may_send_its_documents_alone_says_so_in_its_grant(database: Database) -> None:
    async with database.write() as session:
        restricted = await create_client(session, "education@4101", name="大屏", trusted_documents_only=True)
        free = await create_client(session, "education@4101", name="学籍系统")
        for client, only in ((restricted, True), (free, False)):
            known = await find_client(session, client.client_id)
            assert known is not None
            assert known.grant(known.scopes).trusted_documents_only is only
