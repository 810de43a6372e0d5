"""Media types and codings as in RFC 9110, in every form that clients write."""

import gzip
import zlib

import pytest

from schema.http.media_types import GRAPHQL_RESPONSE, JSON, accepted, is_json, prefers_html
from schema.http.refusals import NotAcceptable
from tests.fixtures.served import Served

ASKED = "education@410105"
REFUSED = {"query": "{ viewer { nobody } }"}


@pytest.mark.parametrize(
    ("accept", "media", "by_status"),
    [
        ("", JSON, True),
        ("*/*", JSON, True),
        ("*/*;q=0.5, text/html", JSON, True),
        ("application/*;q=0.8", JSON, True),
        (JSON, JSON, False),
        ("APPLICATION/JSON", JSON, False),
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE, True),
        (f"{JSON};q=0.1, {GRAPHQL_RESPONSE}", GRAPHQL_RESPONSE, True),
        (f"{GRAPHQL_RESPONSE};q=0.1, {JSON}", JSON, False),
        (f"{GRAPHQL_RESPONSE};q=0.1, */*", JSON, True),
        (f"{JSON}, {GRAPHQL_RESPONSE}", GRAPHQL_RESPONSE, True),
        (f"{GRAPHQL_RESPONSE}, {JSON};q=0.9, */*;q=0.1", GRAPHQL_RESPONSE, True),
        (f"{JSON};q=0, */*", GRAPHQL_RESPONSE, True),
        (f"{GRAPHQL_RESPONSE};q=0, */*", JSON, True),
        (f'{JSON}; charset=utf-8; profile="a,b"', JSON, False),
        (f'text/plain; note="a, {GRAPHQL_RESPONSE}", {JSON};q=0.2', JSON, False),
        (f"{JSON} ; q=1.000 , text/html ; q=0.001", JSON, False),
        (f"{JSON};Q=0.1,{GRAPHQL_RESPONSE};Q=0.2", GRAPHQL_RESPONSE, True),
        (f",, {JSON} ,", JSON, False),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON, True),  # the header of Java before 17
        (f"{JSON};q=.8, {GRAPHQL_RESPONSE};q=.9", GRAPHQL_RESPONSE, True),
        (f"{JSON};q=1.", JSON, False),
    ],
)
def test_weights_and_parameters_are_read(accept: str, media: str, by_status: bool) -> None:
    taken = accepted(accept)
    assert (taken.media, taken.by_status) == (media, by_status)


@pytest.mark.parametrize(
    "accept", ["text/html", f"{JSON};q=0", f"{JSON};q=0, {GRAPHQL_RESPONSE};q=0.0", "*/*;q=0", "application/xml, image/*",
               f"{JSON};q=nothing", "json", f'text/plain; note="{JSON}"'],
)  # fmt: skip
def test_a_caller_that_takes_no_json_is_refused(hub: Served, accept: str) -> None:
    with pytest.raises(NotAcceptable):
        accepted(accept)
    headers = {"authorization": f"Bearer {hub.token(ASKED)}", "accept": accept}
    answered = hub.http.post("/graphql", json=REFUSED, headers=headers)
    assert (answered.status_code, answered.json()["errors"][0]["extensions"]["code"]) == (
        406,
        "NOT_ACCEPTABLE",
    )


@pytest.mark.parametrize(
    ("word", "status"), [("reject", 400), ("REJECT", 400), ("rejects", 400), ("null", 400), ("", 200)]
)
def test_the_header_of_forbidden_fields_takes_one_word(hub: Served, word: str, status: int) -> None:
    query = "{ households(first: 1) { nodes { address } } }"
    answered = hub.ask(ASKED, query, headers={"hub-forbidden": word})
    assert answered.status == status
    assert ("MALFORMED_REQUEST" in answered.codes) == (word in {"rejects", "null"})


def test_two_lines_of_a_header_are_one_list(hub: Served) -> None:
    for first, second, status in (
        (f"{JSON};q=0.1", GRAPHQL_RESPONSE, 400),
        (JSON, "text/html", 200),
        ("text/html", JSON, 200),
    ):
        headers = [("authorization", f"Bearer {hub.token(ASKED)}"), ("accept", first), ("accept", second)]
        answered = hub.http.post("/graphql", json=REFUSED, headers=headers)
        assert answered.status_code == status


@pytest.mark.parametrize(
    ("content_type", "taken"),
    [
        (JSON, True), ("Application/Json;Charset=UTF-8", True), (f'{JSON}; charset="utf-8"', True),
        (f'{JSON}; profile="a;charset=gbk"', True), (f"{JSON} ; charset=utf8", True), (f"{JSON};", True),
        ("", False), (f"{JSON}, {JSON}", False), (f"{JSON}; charset=gb18030", False), ("application/jsonx", False),
        (f"text/plain; {JSON}", False), (f"{JSON}; charset=\"gbk\"", False), ("application/x-www-form-urlencoded", False),
    ],
)  # fmt: skip
def test_the_media_type_of_a_body_is_read_with_its_parameters(
    hub: Served, content_type: str, taken: bool
) -> None:
    assert is_json(content_type) is taken
    headers = {"authorization": f"Bearer {hub.token(ASKED)}", "content-type": content_type}
    answered = hub.http.post("/graphql", content=b'{"query": "{ __typename }"}', headers=headers)
    assert answered.status_code == (200 if taken else 415)
    if not taken:
        assert answered.headers["accept"] == JSON


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("br", bytes),
        ("gzip, identity", bytes),
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/graphql/required-scopes"])
def test_a_compressed_body_is_refused_and_the_coding_that_is_taken_is_named(
    hub: Served, coding: str, packed: object, path: str
) -> None:
    assert callable(packed)
    headers = {
        "authorization": f"Bearer {hub.token(ASKED)}",
        "content-type": JSON,
        "content-encoding": coding,
    }
    answered = hub.http.post(path, content=packed(b'{"query": "{ __typename }"}'), headers=headers)
    assert (answered.status_code, answered.headers["accept-encoding"]) == (415, "identity")
    assert answered.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_ENCODING"


def test_a_body_that_says_it_is_not_compressed_is_taken(hub: Served) -> None:
    headers = {"authorization": f"Bearer {hub.token(ASKED)}", "content-encoding": "identity"}
    assert hub.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("accept", "is_browser"),
    [
        ("text/html", True), ("text/html,*/*;q=0.8", True), ("text/*, */*;q=0.1", True),
        ("", False), ("*/*", False), (JSON, False), (f"{JSON}, text/html", False), ("text/html;q=0.5, */*", False),
        ("text/html;q=0", False), (f"text/html, {GRAPHQL_RESPONSE}", False),
    ],
)  # fmt: skip
def test_a_browser_is_known_by_what_it_prefers(accept: str, is_browser: bool) -> None:
    assert prefers_html(accept) is is_browser


def test_a_parameter_that_comes_twice_in_an_address_is_refused(hub: Served) -> None:
    headers = {"authorization": f"Bearer {hub.token(ASKED)}"}
    address = "/graphql?query={__typename}&query={viewer{client}}"
    answered = hub.http.get(address, headers=headers)
    assert (answered.status_code, answered.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "MALFORMED_REQUEST",
    )


def test_two_tokens_are_refused(hub: Served) -> None:
    token = f"Bearer {hub.token(ASKED)}"
    headers = [("authorization", token), ("authorization", token)]
    answered = hub.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert (answered.status_code, answered.json()["errors"][0]["extensions"]["code"]) == (
        401,
        "TOKEN_INVALID",
    )
    assert 'error="invalid_token"' in answered.headers["www-authenticate"]
