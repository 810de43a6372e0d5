"""Automatic persisted queries, as Apollo's clients send them."""

from typing import Any

import pytest

from hub.foundation.settings import Settings
from schema.engine.execute.document_texts import Texts
from tests.fixtures.served import Served
from tests.schema.registered import Client, persisted, sha256

MOST_TEXTS, MOST_BYTES, MOST_CLIENTS = 200, 262_144, 500
"""The limits of the cache: texts and bytes for each client, and the number of clients."""


@pytest.fixture
def client(registry_hub: Served, settings: Settings) -> Client:
    """A client that may send any document."""
    return Client.of(registry_hub, settings, "education@410105")


def document(name: str) -> str:
    """A document with that name."""
    return f"query {name} {{ viewer {{ client }} }}"


def test_an_unknown_hash_is_told_so_and_known_once_its_text_came_with_it(client: Client) -> None:
    text = document("First")
    unknown = client.post(extensions=persisted(text))
    assert (unknown.status, unknown.codes) == (400, ["PERSISTED_QUERY_NOT_FOUND"])
    assert unknown.body["errors"][0]["message"] == "PersistedQueryNotFound"
    assert client.post(query=text, extensions=persisted(text)).data
    assert client.post(extensions=persisted(text)).data == {"viewer": {"client": client.client_id}}
    assert client.post(query=None, extensions=persisted(text)).data
    assert client.post(query="", extensions=persisted(text)).data
    assert client.get(extensions=persisted(text)).data
    assert {record[0] for record in client.records()} == {sha256(text)}
    assert client.records()[0][1:3] == ("REFUSED", "PERSISTED_QUERY_NOT_FOUND")


def test_an_unknown_hash_answers_200_to_who_accepts_plain_json_alone(client: Client) -> None:
    reply = client.post(headers={"accept": "application/json"}, extensions=persisted(document("Old")))
    assert (reply.status, reply.codes) == (200, ["PERSISTED_QUERY_NOT_FOUND"])


def test_a_hash_carries_variables_and_an_operation_name(client: Client) -> None:
    text = "query A($no: Boolean!) { viewer { client purpose @skip(if: $no) } } query B { viewer { client } }"
    asked: dict[str, Any] = {"extensions": persisted(text), "operationName": "A", "variables": {"no": True}}
    assert client.post(query=text, **asked).data
    assert client.post(**asked).data == {"viewer": {"client": client.client_id}}
    assert client.get(**asked).data == {"viewer": {"client": client.client_id}}
    assert client.post(**{**asked, "operationName": "C"}).codes == ["OPERATION_NOT_FOUND"]


def test_what_one_client_persisted_is_unknown_to_another(
    registry_hub: Served, settings: Settings, client: Client
) -> None:
    text = document("Mine")
    client.post(query=text, extensions=persisted(text))
    same_agency = Client.of(registry_hub, settings, "education@410105")
    assert same_agency.post(extensions=persisted(text)).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    never = same_agency.post(extensions=persisted(document("Never")))
    assert same_agency.post(extensions=persisted(text)).body == never.body


def test_a_text_sent_without_its_hash_is_not_kept(client: Client) -> None:
    text = document("Plain")
    assert client.post(query=text).data
    assert client.post(extensions=persisted(text)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize(
    ("text", "code"), [("{ viewer {", "GRAPHQL_PARSE_FAILED"), ("{ nobody }", "GRAPHQL_VALIDATION_FAILED")]
)
def test_a_document_that_is_not_valid_is_not_kept(client: Client, text: str, code: str) -> None:
    assert client.post(query=text, extensions=persisted(text)).codes == [code]
    assert client.post(extensions=persisted(text)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_hash_of_another_text_is_refused_and_nothing_kept(client: Client) -> None:
    text, other = document("One"), document("Another")
    reply = client.post(query=text, extensions=persisted(other))
    assert (reply.status, reply.codes) == (400, ["PERSISTED_QUERY_MISMATCH"])
    for each in (text, other):
        assert client.post(extensions=persisted(each)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_mutation_known_by_its_hash_still_goes_by_post_alone(client: Client) -> None:
    text = 'mutation { acceptReferral(input: {id: "x", expectedVersion: 1}) { errors { code } } }'
    client.post(query=text, extensions=persisted(text))
    refused = client.get(extensions=persisted(text))
    assert (refused.status, refused.codes) == (405, ["MUTATION_BY_GET"])


@pytest.mark.parametrize(
    "extensions",
    [
        "x", [], {"persistedQuery": "x"}, {"persistedQuery": {}}, {"persistedQuery": {"version": 2, "sha256Hash": "a" * 64}},
        {"persistedQuery": {"sha256Hash": "a" * 64}}, {"persistedQuery": {"version": 1}},
        persisted("", "A" * 64), persisted("", "a" * 63), persisted("", "a" * 65), persisted("", "é" * 64),
        {"persistedQuery": {"version": 1, "sha256Hash": 1}},
    ],
)  # fmt: skip
def test_extensions_that_are_no_hash_are_refused(client: Client, extensions: Any) -> None:
    for reply in (
        client.post(query="{ viewer { client } }", extensions=extensions),
        client.get(query="{ viewer { client } }", extensions=extensions if extensions != "x" else '"x"'),
    ):
        assert (reply.status, reply.codes) == (400, ["MALFORMED_REQUEST"])


def test_neither_a_text_nor_a_hash_is_no_request(client: Client) -> None:
    for extensions in ({}, {"persistedQuery": None}, None, {"other": 1}):
        assert client.post(extensions=extensions).codes == ["MALFORMED_REQUEST"]
    assert client.get(extensions="{").codes == ["MALFORMED_REQUEST"]


def test_a_client_that_sends_ever_more_pushes_out_its_own_oldest_and_nobody_elses() -> None:
    texts = Texts()
    texts.store("other", b"theirs", "text")
    for number in range(MOST_TEXTS):
        texts.store("one", b"%d" % number, "text")
    assert texts.find("one", b"0") is not None, "asked for: now the last to go"
    texts.store("one", b"more", "text")
    assert texts.find("one", b"1") is None
    assert texts.find("one", b"0") is not None
    assert texts.find("other", b"theirs") is not None


def test_texts_are_bounded_in_bytes_too() -> None:
    texts = Texts()
    third = "户" * (MOST_BYTES // 9)
    for name in (b"a", b"b", b"c"):
        texts.store("one", name, third)
    assert all(texts.find("one", name) for name in (b"a", b"b", b"c"))
    texts.store("one", b"a", third)
    texts.store("one", b"d", "x" * 10)
    assert texts.find("one", b"b") is None
    texts.store("one", b"e", "x" * (MOST_BYTES + 1))
    assert texts.find("one", b"e") is None, "too large to be kept"
    assert texts.find("one", b"a") is not None, "and it pushed nothing out"


def test_the_clients_that_asked_last_are_kept() -> None:
    texts = Texts()
    texts.store("first", b"a", "text")
    for number in range(MOST_CLIENTS - 1):
        texts.store(f"client {number}", b"a", "text")
    assert texts.find("first", b"a") is not None
    texts.store("one more", b"a", "text")
    assert texts.find("first", b"a") is not None
    assert texts.find("client 0", b"a") is None
