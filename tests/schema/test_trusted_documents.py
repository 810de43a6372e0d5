"""A client that may send only its registered documents."""

import pytest

from auth.clients import create_client
from auth.documents import document_digest, register_document, withdraw_document
from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from schema.engine.execute.admission import DocumentNotTrusted, RequestAdmission
from schema.engine.execute.request import Request
from schema.engine.refusals import RequestRefused
from tests.fixtures.served import Served
from tests.schema.registered import Client, persisted, sha256

FRESH_SECONDS = 30
"""README: after this time every process refuses a document that was withdrawn."""

OURS = "query Ours { viewer { client } }"
OTHER = "query Other { viewer { purpose } }"


@pytest.fixture
def held(registry_hub: Served, settings: Settings) -> Client:
    """A client that may send only `OURS`."""
    client = Client.of(registry_hub, settings, "education@410105", trusted_documents_only=True)
    client.register(OURS)
    return client


def test_a_registered_document_is_answered_by_its_text_and_by_its_hash_alone(held: Client) -> None:
    expected = {"viewer": {"client": held.client_id}}
    assert held.post(query=OURS).data == expected
    assert held.post(query=OURS, extensions=persisted(OURS)).data == expected
    assert held.post(extensions=persisted(OURS)).data == expected
    assert held.get(extensions=persisted(OURS)).data == expected
    assert held.records() == [(sha256(OURS), "ANSWERED", None, ["Query.viewer", "Viewer.client"])] * 4


@pytest.mark.parametrize("text", [OTHER, OURS + " ", "{ not GraphQL", "{ nobody }", "{" * 10_000])
@pytest.mark.parametrize("accept", ["application/graphql-response+json", "application/json"])
def test_any_other_document_is_refused_unread_and_leaves_its_record(
    held: Client, text: str, accept: str
) -> None:
    for body in (
        {"query": text},
        {"query": text, "extensions": persisted(text)},
        {"extensions": persisted(text)},
    ):
        reply = held.post(headers={"accept": accept}, **body)
        assert (reply.status, reply.codes) == (403, ["DOCUMENT_NOT_TRUSTED"])
        assert reply.body.keys() == {"errors"}
    assert held.records() == [(sha256(text), "REFUSED", "DOCUMENT_NOT_TRUSTED", [])] * 3


def test_what_another_client_registered_is_not_trusted(
    registry_hub: Served, settings: Settings, held: Client
) -> None:
    other = Client.of(registry_hub, settings, "education@410105", trusted_documents_only=True)
    other.register(OTHER)
    assert other.post(extensions=persisted(OTHER)).data
    assert (
        held.post(query=OTHER).codes
        == held.post(extensions=persisted(OTHER)).codes
        == ["DOCUMENT_NOT_TRUSTED"]
    )


def test_a_document_registered_after_it_was_refused_is_answered_at_once(held: Client) -> None:
    assert held.post(query=OTHER).codes == ["DOCUMENT_NOT_TRUSTED"]
    held.register(OTHER)
    assert held.post(query=OTHER).data


def test_a_withdrawn_document_is_refused(held: Client) -> None:
    held.withdraw(OURS)
    assert held.post(query=OURS).codes == ["DOCUMENT_NOT_TRUSTED"]


def test_only_registered_documents_are_explained(held: Client) -> None:
    explained = held.post("/graphql/required-scopes", extensions=persisted(OURS))
    assert explained.body["operation"] == "Ours"
    refused = held.post("/graphql/required-scopes", query=OTHER)
    assert (refused.status, refused.codes) == (403, ["DOCUMENT_NOT_TRUSTED"])


def test_a_hash_beside_another_text_is_refused(held: Client) -> None:
    reply = held.post(query=OTHER, extensions=persisted(OURS))
    assert (reply.status, reply.codes) == (400, ["PERSISTED_QUERY_MISMATCH"])


def test_a_client_that_may_send_anything_may_send_the_hash_of_a_registered_document(
    registry_hub: Served, settings: Settings
) -> None:
    free = Client.of(registry_hub, settings, "education@410105")
    assert free.post(extensions=persisted(OURS)).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    free.register(OURS)
    assert free.post(extensions=persisted(OURS)).data == {"viewer": {"client": free.client_id}}


@pytest.mark.anyio
async def test_a_document_withdrawn_while_in_use_is_refused_within_a_minute(database: Database) -> None:
    async with database.write() as session:
        client = (await create_client(session, "education@4101", name="大屏")).client_id
        await register_document(session, client, OURS)
    now = 1000.0
    admission = RequestAdmission(database, lambda: now)
    grant = Grant("education@4101", client, frozenset(), ("4101",), "", trusted_documents_only=True)

    async def admitted() -> str:
        return (await admission.admit(Request("", sha256=document_digest(OURS).hex()), grant)).query

    assert await admitted() == OURS
    async with database.write() as session:
        await withdraw_document(session, client, sha256(OURS))
    now += FRESH_SECONDS
    for _ in range(2):
        with pytest.raises(RequestRefused) as refused:
            await admitted()
        assert refused.value.kind is DocumentNotTrusted
