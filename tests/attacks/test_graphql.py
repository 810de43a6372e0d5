"""The published checks of graphql-cop and clairvoyance, each as a test."""

import json
from typing import Any

import httpx
import pytest

from schema.hub_schema import build
from tests.fixtures.served import Served

OFFICE = "education@410105"
VIEWER = "{ viewer { client } }"
DEEP = "ofType { " * 40 + "name" + " }" * 40
PAGES = (
    "/graphiql",
    "/playground",
    "/console",
    "/altair",
    "/voyager",
    "/graphql/console",
    "/v1/graphql",
    "/api/graphql",
    "/query",
)


def asked(hub: Served, **changes: Any) -> httpx.Response:
    """A request with a valid token. `changes` are arguments of httpx's request."""
    headers = {"authorization": f"Bearer {hub.token(OFFICE)}", **changes.pop("headers", {})}
    return hub.http.request(changes.pop("method", "POST"), "/graphql", headers=headers, **changes)


def is_refused(answered: httpx.Response) -> bool:
    """Whether the request was refused without any data."""
    return 400 <= answered.status_code < 500 and answered.json().get("data") is None


@pytest.mark.parametrize("token", [None, "x"])
def test_nothing_is_introspected_without_a_token(hub: Served, token: str | None) -> None:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    for query in ("{ __schema { types { name } } }", "{ __typename }", VIEWER):
        assert hub.http.post("/graphql", json={"query": query}, headers=headers).status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_no_explorer_lies_at_the_usual_places(hub: Served, path: str) -> None:
    assert hub.http.get(path, headers={"accept": "text/html"}).status_code == 404


def test_a_batch_of_operations_is_refused(hub: Served) -> None:
    assert is_refused(asked(hub, json=[{"query": VIEWER}] * 10))


@pytest.mark.parametrize(
    "query",
    [
        "{" + " ".join(f"a{n}: households(first: 100) {{ nodes {{ code }} }}" for n in range(1000)) + "}",
        "{ viewer { client " + "@aa" * 1000 + " } }",
        "{ viewer { " + "client " * 20_000 + "} }",
        "{ __schema { types { fields { type { " + DEEP + " } } } } }",
        "{ a: __typename ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{" * 5000 + "}" * 5000,
        "{ households(filter: " + "{and: [" * 500 + "]}" * 500 + ") { totalCount } }",
    ],
    ids=[
        "aliases",
        "directives",
        "repeated fields",
        "circular introspection",
        "circular fragments",
        "depth",
        "depth of input",
    ],
)
def test_an_operation_that_costs_too_much_is_refused_and_the_hub_answers_on(hub: Served, query: str) -> None:
    answered = asked(hub, json={"query": query})
    assert answered.status_code < 500
    assert answered.elapsed.total_seconds() < 5
    assert "INTERNAL" not in answered.text
    assert len(answered.content) < 2_000_000
    assert hub.http.get("/healthz").status_code == 200


def test_no_write_goes_by_get(hub: Served) -> None:
    mutation = 'mutation { withdrawOffer(input: {id: "x", expectedVersion: 1}) { errors { code } } }'
    assert is_refused(asked(hub, method="GET", params={"query": mutation}))


@pytest.mark.parametrize(
    "media", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=b"]
)
def test_no_form_of_a_page_can_ask(hub: Served, media: str) -> None:
    for content in (f"query={VIEWER}", json.dumps({"query": VIEWER})):
        answered = asked(hub, content=content, headers={"content-type": media})
        assert answered.status_code == 415


def test_no_cookie_is_a_token(hub: Served) -> None:
    cookie = {"cookie": f"access_token={hub.token(OFFICE)}; authorization=Bearer {hub.token(OFFICE)}"}
    assert hub.http.post("/graphql", json={"query": VIEWER}, headers=cookie).status_code == 401


@pytest.mark.parametrize("query", [VIEWER, "{ nothing }", "{", None, {}, [VIEWER]])
def test_no_answer_traces_or_tells_a_stack(hub: Served, query: object) -> None:
    answered = asked(hub, json={"query": query}, headers={"X-Apollo-Tracing": "1", "X-Debug": "1"})
    assert answered.status_code < 500
    for word in ("tracing", "Traceback", ".py", "exception", "stacktrace"):
        assert word not in answered.text


def test_suggestions_name_nothing_that_the_grant_does_not_cover(hub: Served) -> None:
    """Clairvoyance: each word of a list is sent as a name, and the suggestions are collected."""
    words = sorted(
        {name for kind in build().graphql.type_map.values() for name in getattr(kind, "fields", {})}
    )
    bare = hub.token(OFFICE, scopes=frozenset())
    told = set[str]()
    for start in range(0, len(words), 40):
        guesses = " ".join(f"{word}x" for word in words[start : start + 40])
        for query in (f"{{ {guesses} }}", f'{{ household(code: "1") {{ {guesses} }} }}'):
            answered = hub.http.post(
                "/graphql", json={"query": query}, headers={"authorization": f"Bearer {bare}"}
            )
            told |= {word for word in words if f"'{word}'" in answered.text}
    schema = hub.http.get("/schema.graphql", headers={"authorization": f"Bearer {bare}"}).text
    assert [word for word in told if word not in schema] == []
