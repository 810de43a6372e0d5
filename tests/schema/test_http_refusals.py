"""Every way to be refused at `/graphql` before anything is read: a clear code, and nothing is written."""

from collections.abc import Iterator

import pytest

from auth.tokens import Tokens
from tests.fixtures.served import Served

QUERY = {"query": "{ viewer { client } }"}
ASKED = "education@410105"


def bearer(served: Served) -> dict[str, str]:
    """The header with a valid token."""
    return {"authorization": f"Bearer {served.token(ASKED)}"}


def code_of(body: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    """The code of the only error. An error of the transport must have a message in Chinese too."""
    (error,) = body["errors"]
    return error["extensions"]["code"]


def test_a_request_without_a_token_is_told_where_to_get_one(hub: Served) -> None:
    answered = hub.http.post("/graphql", json=QUERY)
    assert (answered.status_code, code_of(answered.json())) == (401, "TOKEN_MISSING")
    assert "resource_metadata=" in answered.headers["www-authenticate"]


@pytest.mark.parametrize(
    "damage", [lambda token: token[:-4] + "AAAA", lambda token: "x" + token, lambda _: "a.b.c"]
)
def test_a_forged_token_is_refused(hub: Served, damage: object) -> None:
    assert callable(damage)
    headers = {"authorization": f"Bearer {damage(hub.token(ASKED))}"}
    answered = hub.http.post("/graphql", json=QUERY, headers=headers)
    assert (answered.status_code, code_of(answered.json())) == (401, "TOKEN_INVALID")


def test_an_expired_token_is_refused(hub: Served, keys: object, settings: object) -> None:
    an_hour_ago = Tokens(keys, settings, clock=lambda: __import__("time").time() - 3600)  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {an_hour_ago.issue(hub.grant(ASKED))}"}
    answered = hub.http.post("/graphql", json=QUERY, headers=headers)
    assert (answered.status_code, code_of(answered.json())) == (401, "TOKEN_EXPIRED")


def test_a_purpose_that_the_client_is_not_registered_for_is_refused(hub: Served) -> None:
    answered = hub.http.post("/graphql", json=QUERY, headers={**bearer(hub), "hub-purpose": "curiosity"})
    assert (answered.status_code, code_of(answered.json())) == (403, "PURPOSE_NOT_ALLOWED")


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gb18030", ""]
)
def test_a_body_of_another_media_type_is_refused(hub: Served, media: str) -> None:
    answered = hub.http.post(
        "/graphql", content=b'{"query":"{viewer{client}}"}', headers={**bearer(hub), "content-type": media}
    )
    assert (answered.status_code, code_of(answered.json())) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_an_answer_in_a_media_type_that_the_hub_has_not_is_refused(hub: Served) -> None:
    answered = hub.http.post("/graphql", json=QUERY, headers={**bearer(hub), "accept": "text/html"})
    assert (answered.status_code, code_of(answered.json())) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"", b"null", b"[]", b'"text"', b"\xff\xfe", b"{}", b'{"query": 1}', b'{"query": " "}',
        b'{"query": "{viewer{client}}", "variables": []}', b'{"query": "{viewer{client}}", "operationName": 1}',
        b'{"query": "{viewer{client}}", "operationName": 0}', b'{"query": "{viewer{client}}", "operationName": false}',
        b'{"query": "{viewer{client}}", "operationName": []}',
        b'{"query": [], "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "' + b"0" * 64 + b'"}}}',
        b'{"query": "{viewer{client}}", "extensions": "x"}', b'[{"query": "{viewer{client}}"}]',
        b'{"query": "{viewer{client}}", "variables": {"a": NaN}}',
        b'{"query": "{viewer{client}}", "operationName": "A\\u0000"}',
        '{"query": "{viewer{client}}", "operationName": "查询"}'.encode(),
        b'{"query": "{viewer{client}}", "operationName": "' + b"A" * 5000 + b'"}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_graphql_request_is_refused(hub: Served, body: bytes) -> None:
    answered = hub.http.post(
        "/graphql", content=body, headers={**bearer(hub), "content-type": "application/json"}
    )
    assert (answered.status_code, code_of(answered.json())) == (400, "MALFORMED_REQUEST")
    assert answered.json()["errors"][0]["extensions"]["messageZh"]


def test_an_oversized_body_is_refused_whether_or_not_it_says_its_size(hub: Served, settings: object) -> None:
    body = b'{"query": "{viewer{client}}", "variables": {"pad": "' + b"x" * 1_100_000 + b'"}}'
    headers = {**bearer(hub), "content-type": "application/json"}

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    for content in (body, chunks()):
        answered = hub.http.post("/graphql", content=content, headers=headers)
        assert (answered.status_code, code_of(answered.json())) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer { client }", "GRAPHQL_PARSE_FAILED"),
        ("{" * 3000, "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { client " * 2000, "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { nobody } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ household { code } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($c: String!) { household(code: $c) { code } }", "BAD_USER_INPUT"),
        ("query A { viewer { client } } query B { viewer { client } }", "OPERATION_NOT_FOUND"),
        (
            '{ households(filter: {category: ["SUBSISTENCE_ALLOWANCE"]}) { totalCount } }',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription { chainEvents { number } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_a_document_that_cannot_be_executed_answers_no_data(hub: Served, query: str, code: str) -> None:
    reply = hub.ask(ASKED, query)
    assert reply.status == 400
    assert "data" not in reply.body
    assert set(reply.codes) == {code}
    as_json = hub.ask(ASKED, query, headers={"accept": "application/json"})
    assert (as_json.status, set(as_json.codes)) == (200, {code})


@pytest.mark.parametrize("variables", [{"c": 1}, {"c": None}, {"c": ["x"]}, {"c": {"a": 1}}, {}])
def test_a_variable_of_the_wrong_type_is_refused(hub: Served, variables: dict[str, object]) -> None:
    reply = hub.ask(ASKED, "query ($c: String!) { household(code: $c) { code } }", variables)
    assert (reply.status, reply.codes) == (400, ["BAD_USER_INPUT"])


def test_an_operation_of_a_very_long_name_is_answered_and_its_record_keeps_the_beginning(hub: Served) -> None:
    reply = hub.ask(ASKED, f"query {'Long' * 1000} {{ viewer {{ client }} }}")
    assert reply.status == 200
    assert hub.rows("select max(length(operation_name)) from access_record") == [(200,)]


def test_errors_of_validation_suggest_no_names(hub: Served) -> None:
    reply = hub.ask(ASKED, "{ household(code: 1, cod: 2) { adress } }")
    assert "Did you mean" not in str(reply.body)


def test_reads_go_by_get_and_writes_do_not(hub: Served) -> None:
    read = hub.http.get("/graphql", params={"query": "{ viewer { client } }"}, headers=bearer(hub))
    assert read.json()["data"]["viewer"]["client"] == f"test-{ASKED}"
    write = 'mutation { acceptReferral(input: {id: "x", expectedVersion: 1}) { errors { code } } }'
    before = hub.everything_written()
    refused = hub.http.get("/graphql", params={"query": write}, headers=bearer(hub))
    assert (refused.status_code, code_of(refused.json())) == (405, "MUTATION_BY_GET")
    assert (
        hub.http.get(
            "/graphql", params={"query": "{viewer{client}}", "variables": "{"}, headers=bearer(hub)
        ).status_code
        == 400
    )
    assert hub.everything_written() == before


def test_an_answer_may_be_kept_by_no_cache(hub: Served) -> None:
    answered = hub.http.post("/graphql", json=QUERY, headers=bearer(hub))
    assert answered.headers["cache-control"] == "no-store"
