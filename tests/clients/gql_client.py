"""Python's gql: a forbidden field raises, and the exception holds the data beside the errors."""

import json
import os
from collections.abc import Callable, Generator
from typing import Any

import httpx
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport

URL = os.environ["HUB_URL"]
CLIENT = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
FORBIDDEN = "{ households(first: 3) { nodes { code incomePerCapita members { educationStage } } } }"
PAGES = """
query Pages($first: Int!, $after: String) {
  households(first: $first, after: $after) { nodes { code members { id } } pageInfo { hasNextPage endCursor } }
}
"""
RECORD_AID = (
    "mutation ($input: RecordAidInput!) { recordAid(input: $input) { created errors { code message path } } }"
)
OUTCOME = {
    "externalId": "CLIENT-gql",
    "program": "助学金-gql",
    "periodFrom": "2026-09-01",
    "periodUntil": "2027-07-15",
    "status": "APPROVED",
    "decidedOn": "2026-09-20",
    "amount": "1500.00",
    "detail": {"education": {"form": "GRANT", "schoolYear": 2026, "stage": "PRIMARY"}},
}


class Renewing(httpx.Auth):
    """Starts with an expired token. After a 401 it requests a new token and sends the request again."""

    def __init__(self) -> None:
        self.token, self.renewed = os.environ["EXPIRED_TOKEN"], 0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request, and again with a new token."""
        request.headers["authorization"] = f"Bearer {self.token}"
        answered = yield request
        if answered.status_code == 401:
            form = {"grant_type": "client_credentials"}
            issued = httpx.post(f"{URL}/oauth/token", auth=CLIENT, data=form, timeout=30).raise_for_status()
            self.token, self.renewed = issued.json()["access_token"], self.renewed + 1
            request.headers["authorization"] = f"Bearer {self.token}"
            yield request


auth = Renewing()
transport = HTTPXTransport(url=f"{URL}/graphql", auth=auth, timeout=30)
client: Any = Client(
    transport=transport, fetch_schema_from_transport=True, introspection_args={"input_object_one_of": True}
)
"""Reads the schema by introspection, and validates documents against it."""

without_schema: Any = Client(transport=HTTPXTransport(url=f"{URL}/graphql", auth=auth, timeout=30))


def ask(document: str, **variables: Any) -> Any:
    """The data of a document."""
    return client.execute(gql(document), variable_values=variables)


def renews() -> None:
    assert ask("{ viewer { client } }") == {"viewer": {"client": CLIENT[0]}}
    assert auth.renewed == 1, f"renewed {auth.renewed} times"


def reads_the_schema() -> None:
    assert client.schema.get_type("SubjectInput").is_one_of, "SubjectInput.isOneOf is false"


def tells_forbidden_from_empty() -> None:
    try:
        without_schema.execute(gql(FORBIDDEN))
    except TransportQueryError as error:
        data: Any = error.data
        households = data["households"]["nodes"]
        told = [one.get("path") for one in error.errors or []]
        forbidden = [["households", "nodes", place, "incomePerCapita"] for place in range(len(households))]
        assert told == forbidden, f"the errors' paths are {told}"
        assert any(
            member["educationStage"] is None for household in households for member in household["members"]
        )
    else:
        raise AssertionError("no error came with the data")


def turns_pages() -> None:
    first = ask(PAGES, first=2)["households"]
    second = ask(PAGES, first=2, after=first["pageInfo"]["endCursor"])["households"]
    codes = {node["code"] for node in first["nodes"] + second["nodes"]}
    assert first["pageInfo"]["hasNextPage"]
    assert len(codes) == 4, codes


def writes_once() -> None:
    (household,) = ask(PAGES, first=1)["households"]["nodes"]
    given = {**OUTCOME, "subject": {"personId": household["members"][0]["id"]}}
    for created in (True, False):
        payload = ask(RECORD_AID, input=given)["recordAid"]
        assert payload == {"created": created, "errors": []}, payload


CHECKS: dict[str, Callable[[], None]] = {
    "an expired token's 401 renews it": renews,
    "introspection says which inputs are oneOf": reads_the_schema,
    "forbidden is told from empty": tells_forbidden_from_empty,
    "pages by cursor": turns_pages,
    "a mutation with oneOf inputs": writes_once,
}

if __name__ == "__main__":
    for name, check in CHECKS.items():
        failure = None
        try:
            check()
        except Exception as error:  # any exception fails this check
            failure = f"{type(error).__name__} {error}".splitlines()[0]
        print(json.dumps({"check": name, "failure": failure}), flush=True)
