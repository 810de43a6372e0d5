"""A value that an argument of a read cannot have is refused with a code, its path and both languages; it never causes an
incident, and never returns all rows or none. The test takes every argument of every root field and every field of its inputs
from the schema, as a literal and in a variable, for both executors. Each value is sent in two of the four ways, alternating;
with `HUB_FUZZ_EXAMPLES` (`make fuzz`) in all of them."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from auth.scopes import Scope
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import Reply, Served, serve
from tests.schema.arguments_that_cannot_be import Argument, Way, arguments, asked

OFFICE = "civil_affairs@4101"
BY_REFERENCE = "viewer { client }"
"""A field that only the reference executor can resolve. An operation with it runs there as a whole."""
PLACED = {"INVALID_INPUT", "INVALID_IDENTITY_NUMBER"}
WALKED = list(arguments())
EVERY_WAY = "HUB_FUZZ_EXAMPLES" in os.environ


@pytest.fixture(scope="module")
def asking(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub, with a cost limit that allows thousands of requests."""
    generous = settings.model_copy(update={"cost_per_minute": 10**12})
    with serve(sample_url, generous, keys) as served:
        yield served


@pytest.fixture(scope="module")
def token(asking: Served) -> str:
    """A caller with all scopes."""
    return asking.token(OFFICE, scopes=frozenset(Scope))


def ask(hub: Served, token: str, query: str, variables: dict[str, Any]) -> Reply:
    """One request. The JSON is as Python writes it, so that lone surrogates and large numbers are sent unchanged."""
    body = json.dumps({"query": query, "variables": variables})
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answered = hub.http.post("/graphql", content=body, headers=headers)
    return Reply(answered.status_code, answered.json())


def faults(argument: Argument, label: str, reply: Reply) -> list[str]:
    """The faults of the response to a wrong value."""
    told = f"{argument.told} {label}: {reply.status} {reply.body}"[:400]
    if "data" in reply.body or not 400 <= reply.status < 500 or not reply.codes:
        return [told]
    wrong = []
    for error in reply.body["errors"]:
        code, chinese = error["extensions"]["code"], error["extensions"]["messageZh"]
        if code == "INTERNAL" or chinese.isascii() or not error["message"]:
            wrong.append(told)
        place = error["extensions"].get("path", [])
        if code in PLACED and place[: len(argument.path)] != list(argument.path):
            wrong.append(f"{told} at {place}")
    return wrong


@pytest.mark.parametrize("root", sorted({argument.root for argument in WALKED}))
def test_what_no_argument_can_be_is_refused_with_a_code_its_place_and_both_languages(
    asking: Served, token: str, root: str
) -> None:
    found = []
    for one in (argument for argument in WALKED if argument.root == root):
        for turn, (label, value) in enumerate(one.values().items()):
            ways = [(way, "") for way in Way if way is not Way.INNER or one.path[1:]]
            ways.append((Way.WHOLE, BY_REFERENCE))
            for way, beside in ways if EVERY_WAY else (ways[turn % len(ways)], ways[(turn + 1) % len(ways)]):
                query, variables = asked(one, value, way, beside)
                found += faults(one, label, ask(asking, token, query, variables))
    assert found == []
