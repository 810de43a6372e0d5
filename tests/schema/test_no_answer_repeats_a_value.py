"""No error repeats a value of the caller, whether it was sent in a literal, a variable, a header, a form, an address or a
body.

Each value contains a mark: an identity number, or a word. The test searches the whole response for it, including headers. If
a write is saved, its record returns the sent values, so that there only the errors are searched.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from graphql import GraphQLInputObjectType, get_named_type

from auth.scopes import Scope
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from schema.hub_schema import build
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve
from tests.schema.arguments_that_cannot_be import Way, arguments, asked
from tests.schema.desk import Desk
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.values_that_cannot_be import places

NUMBER, WORD = "11010519491231002X", "Qzvx7Kjw"
MARKED: tuple[Any, ...] = (
    NUMBER, int(NUMBER[:-1]), f"{NUMBER}\x00", f" {NUMBER} {WORD}", WORD, [NUMBER], {f"K{NUMBER}": NUMBER}, {"code": NUMBER},
    f"{WORD}\u202e", f"{WORD}@{NUMBER}",
)  # fmt: skip
"""The name of a field or type in a document or an input is no value: the error names the unknown one, unless it contains a
number."""
WALKED = list(arguments())
OFFICE = "civil_affairs@4101"


@pytest.fixture(scope="module")
def desk(cluster: TestCluster, sample_template: str, settings: Settings, keys: Keys) -> Iterator[Desk]:
    """The hub on a copy of the sample, with a cost limit that allows thousands of requests."""
    name = f"hub_copy_{uuid4().hex[:12]}"
    generous = settings.model_copy(update={"cost_per_minute": 10**12})
    with serve(cluster.create(name, sample_template), generous, keys) as served:
        yield Desk(served)
    cluster.drop(name)


@pytest.fixture(scope="module")
def token(desk: Desk) -> str:
    """A caller with all scopes."""
    return desk.served.token(OFFICE, scopes=frozenset(Scope))


def repeated(answered: httpx.Response | str) -> bool:
    """Whether a response contains a mark."""
    text = answered if isinstance(answered, str) else f"{answered.headers} {answered.text}"
    return any(mark.lower() in text.lower() for mark in (NUMBER[:-1], WORD))


def post(served: Served, token: str, query: str, variables: Any = None, **more: Any) -> httpx.Response:
    """One request that is refused."""
    body = json.dumps({"query": query, "variables": variables or {}, **more})
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return served.http.post("/graphql", content=body, headers=headers)


@pytest.mark.parametrize("root", sorted({argument.root for argument in WALKED}))
def test_no_argument_of_a_read_is_repeated(desk: Desk, token: str, root: str) -> None:
    found = []
    for place, one in enumerate(argument for argument in WALKED if argument.root == root):
        for turn, value in enumerate(MARKED[place % 2 :: 2]):
            way = [Way.LITERAL, Way.WHOLE, Way.INNER if one.path[1:] else Way.WHOLE][(place + turn) % 3]
            if way is Way.LITERAL and isinstance(value, dict):
                way = Way.WHOLE
            query, variables = asked(one, value, way)
            if repeated(answered := post(desk.served, token, query, variables)):
                found.append((one.told, way, answered.text[:300]))
    assert found == []


@pytest.mark.parametrize("mutation", sorted({name for name, _, _ in KEPT}))
def test_no_part_of_an_input_is_repeated_in_an_error(desk: Desk, mutation: str) -> None:
    fields = build().graphql.mutation_type
    assert fields is not None
    kind = get_named_type(fields.fields[mutation].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    found, walked = [], set[str]()
    for agency, make in [(agency, make) for name, agency, make in KEPT if name == mutation]:
        given = make(desk)
        for place in places(kind, given):
            if place.coordinate in walked:
                continue
            walked.add(place.coordinate)
            for value in MARKED[len(walked) % 3 :: 3]:
                body = desk.send(agency, mutation, place.given(given, value)).body
                payload = (body.get("data") or {}).get(mutation) or {}
                errors = [body.get("errors"), payload.get("errors"), payload.get("warnings")]
                if repeated(json.dumps(errors, ensure_ascii=False)):
                    found.append((place.coordinate, value, str(errors)[:300]))
    assert found == []


@pytest.mark.parametrize(
    "query",
    [
        f'{{ household(code: "{NUMBER}") {{ code {WORD}x: name }} }}', f'{{ household(code: "{NUMBER}) }}',
        f'{{ household(kode: "{NUMBER}") {{ code }} }}', f"{{ household(code: {NUMBER[:-1]}) {{ code }} }}",
        f"{{ household(code: {{a: {NUMBER[:-1]}}}) {{ code }} }}", f"{{ household(code: [\"{NUMBER}\"]) {{ code }} }}",
        f'query ($v: Int = "{NUMBER}") {{ households(first: $v) {{ totalCount }} }}', f'"""{NUMBER}""" {{ viewer {{ client }} }}',
        f'{{ viewer @include(if: "{NUMBER}") {{ client }} }}', f"{{ viewer {{ client }} }} {NUMBER}", f"{NUMBER}",
        f'{{ node(id: "{NUMBER}") {{ id }} }}', f'subscription {{ chainEvents(filter: {{household: "{NUMBER}"}}) {{ type }} }}',
    ],
)  # fmt: skip
def test_no_document_s_value_is_repeated(desk: Desk, token: str, query: str) -> None:
    assert not repeated(post(desk.served, token, query))
    for media in ("application/json", "application/graphql-response+json"):
        headers = {"authorization": f"Bearer {token}", "accept": media}
        assert not repeated(desk.served.http.get("/graphql", params={"query": query}, headers=headers))


def test_nothing_of_a_request_around_its_document_is_repeated(desk: Desk, token: str) -> None:
    http, query = desk.served.http, "{ viewer { client } }"
    bearer = {"authorization": f"Bearer {token}"}
    answers = [
        post(desk.served, token, query, operationName=NUMBER), post(desk.served, token, query, {"v": NUMBER}),
        post(desk.served, token, query, [NUMBER]), post(desk.served, token, query, extensions=NUMBER),
        post(desk.served, token, query, extensions={"persistedQuery": {"version": 1, "sha256Hash": NUMBER}}),
        post(desk.served, token, "", extensions={"persistedQuery": {"version": NUMBER, "sha256Hash": "0" * 64}}),
        *(http.post("/graphql", content=body.encode(), headers={**bearer, "content-type": "application/json"})
          for body in (NUMBER, f'{{"query": "{NUMBER}', f'["{NUMBER}"]', f'{{"{NUMBER}": 1}}', f'{{"query": {NUMBER[:-1]}}}')),
        *(http.post("/graphql", json={"query": query}, headers={**bearer, name: value})
          for name in ("Hub-Purpose", "Hub-Forbidden", "Accept", "Content-Encoding", "Origin", "X-Request-Id", "Cookie", "Range")
          for value in (NUMBER, WORD, f"{WORD}/{NUMBER}")),
        *(http.post("/graphql", content=b"{}", headers={**bearer, "Content-Type": value}) for value in (NUMBER, f"text/{WORD}")),
        *(http.post("/graphql", json={"query": query}, headers={"Authorization": value})
          for value in (NUMBER, f"Bearer {NUMBER}", f"Basic {WORD}", f"Bearer {WORD}.{NUMBER}.{WORD}")),
        *(http.get(path) for path in (f"/{NUMBER}", f"/graphql/{NUMBER}", f"/graphql?query={quote('{' + WORD + '}')}",
                                      f"/oauth/{WORD}", f"/?next={NUMBER}", f"/schema.graphql?token={NUMBER}")),
        *(http.request(method, f"/{NUMBER}") for method in ("PUT", "DELETE", "PATCH", "OPTIONS")),
    ]  # fmt: skip
    assert [answer.text[:300] for answer in answers if repeated(answer)] == []
    assert {answer.status_code for answer in answers} >= {200, 400, 401, 403, 404, 406, 415}


FORM = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "none"}


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/authorize"])
def test_no_field_of_an_oauth_form_is_repeated(desk: Desk, path: str) -> None:
    http, answers = desk.served.http, []
    for value in (
        NUMBER,
        WORD,
        f"{WORD} {NUMBER}",
        f"{NUMBER}\x00",
        f"{WORD}\u202e",
        f"https://{WORD}.example/{NUMBER}",
    ):
        for name in (
            *FORM,
            "scope",
            "resource",
            "token",
            "token_type_hint",
            "client_assertion",
            "code",
            NUMBER,
            WORD,
        ):
            answers.append(http.post(path, data={**FORM, name: value}))
            answers.append(http.post(path, data={**FORM, name: [value, value]}))
        answers.append(http.post(path, data=FORM, auth=(value, value)))
        answers.append(http.post(path, data=FORM, headers={"Authorization": f"Basic {quote(value)}"}))
        answers.append(
            http.post(
                path, content=value.encode(), headers={"content-type": "application/x-www-form-urlencoded"}
            )
        )
        answers.append(http.get(path, params={"client_id": value, "state": value, "redirect_uri": value}))
    assert [answer.text[:300] for answer in answers if repeated(answer)] == []
    assert all(400 <= answer.status_code < 500 for answer in answers)
