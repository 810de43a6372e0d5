"""A complaint, "who looked at my mother's file?", from the question to an answer on paper."""

import csv
import hashlib
import io
import json
import time
import warnings
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody

AUDITOR, CLERK, NEIGHBOUR = "audit@4101", "civil_affairs@410105", "王某"
FIND = "query Find($code: String!) { household(code: $code) { code members { id name } } }"
MOTHER = "query Mother($id: ID!) { node(id: $id) { ... on Person { name phone birthDate } } }"
WHO = """
query Who($subject: ID!, $after: String) {
  accessRecords(filter: {subject: $subject}, first: 5, after: $after) {
    nodes { at agency { code } client person purpose operationName outcome }
    pageInfo { hasNextPage endCursor }
  }
}
"""
UNUSUAL = """
query ($from: DateTime!, $until: DateTime!) { unusualAccess(from: $from, until: $until) {
  kind client person count household { code }
} }
"""
TOLD = """
query ($id: ID!) { node(id: $id) { ... on Person {
  accessNotices(first: 100) { nodes { agency { name } purposeWordsZh mattersZh } }
} } }
"""
TIMES = 12


def looked(served: Served, person_id: str) -> None:
    """A clerk reads a person's data again and again, under the clerk's own name."""
    token = served.token(CLERK, client="window-3", person=NEIGHBOUR)
    body = {"query": MOTHER, "variables": {"id": person_id}}
    for _ in range(TIMES):
        answered = served.http.post("/graphql", json=body, headers={"authorization": f"Bearer {token}"})
        assert "errors" not in answered.json()


def exported(client: httpx.Client, query: str, variables: dict[str, Any]) -> tuple[str, bytes, str]:
    """An export as CSV: its id, the file, the signed manifest."""
    job = client.post("/exports", json={"query": query, "variables": variables, "format": "CSV"}).json()["id"]
    until = time.monotonic() + 30
    while (state := client.get(f"/exports/{job}").json())["finishedAt"] is None:
        assert time.monotonic() < until, state
        time.sleep(0.05)
    assert state["status"] == "DONE", state
    return job, client.get(state["file"]).content, client.get(f"/exports/{job}/manifest").text


def verified(manifest: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The content of a manifest, after its signature was checked with the public keys; raises BadSignatureError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc prefers the name Ed25519 for the algorithm
        public = KeySet.import_key_set({"keys": [{**one, "alg": "EdDSA"} for one in keys["keys"]]})
        signed = jws.deserialize_compact(manifest, public, algorithms=["EdDSA"])
    assert signed.headers()["typ"] == "hub-manifest+jws"
    document: dict[str, Any] = json.loads(signed.payload)
    return document


def test_a_complaint_is_answered_on_paper(writable_hub: Served, of_jinshui: list[Somebody]) -> None:
    somebody = of_jinshui[0]
    looked(writable_hub, somebody.person_id)

    # The auditor finds the household by its code, and requests who read the mother's data.
    household = writable_hub.ask(AUDITOR, FIND, {"code": somebody.household_code}).data["household"]
    (mother,) = [one for one in household["members"] if one["id"] == somebody.person_id]
    asked = {"subject": mother["id"]}
    nodes = writable_hub.ask(AUDITOR, WHO, asked).data["accessRecords"]["nodes"]
    assert {(one["client"], one["person"], one["purpose"]) for one in nodes if one["purpose"] != "audit"} == {
        ("window-3", NEIGHBOUR, "social-assistance")
    }

    # The query for unusual access reports it: one household, again and again.
    (day,) = writable_hub.rows(
        "select date_trunc('day', max(at)) - interval '1 day', date_trunc('day', max(at)) + interval '2 days'"
        " from access_record"
    )
    span = {"from": day[0].isoformat(), "until": day[1].isoformat()}
    found = writable_hub.ask(AUDITOR, UNUSUAL, span).data["unusualAccess"]
    same = {
        (one["kind"], one["client"], one["person"], one["household"]["code"])
        for one in found
        if one["household"]
    }
    assert same == {("SAME_HOUSEHOLD", "window-3", NEIGHBOUR, somebody.household_code)}

    # The records are exported, signed, for the file of the case.
    headers = {"authorization": f"Bearer {writable_hub.token(AUDITOR)}"}
    with httpx.Client(base_url=writable_hub.url, timeout=30, headers=headers) as auditor:
        job, file, manifest = exported(auditor, WHO, asked)
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert [one["person"] for one in rows if one["client"] == "window-3"] == [NEIGHBOUR] * TIMES
    keys = writable_hub.http.get("/.well-known/jwks.json").json()
    signed = verified(manifest, keys)
    assert signed["file"] == {
        "format": "CSV",
        "rows": len(rows),
        "bytes": len(file),
        "sha256": hashlib.sha256(file).hexdigest(),
    }
    assert (signed["export"], signed["agency"], signed["purpose"]) == (job, AUDITOR, "audit")
    assert signed["question"]["sha256"] == hashlib.sha256(WHO.encode()).hexdigest()
    assert signed["question"]["variables"] == asked
    head, _, signature = manifest.split(".")
    with pytest.raises(BadSignatureError):
        verified(f"{head}.e30.{signature}", keys)  # e30 is {} in Base64
    refused = writable_hub.http.post(
        "/graphql", json={"query": "{ viewer { client } }"}, headers={"authorization": f"Bearer {manifest}"}
    )
    assert refused.status_code == 401  # a manifest is no token

    # The family gets its answer from civil affairs, in words.
    told = writable_hub.ask(CLERK, TOLD, {"id": somebody.person_id}).data["node"]["accessNotices"]["nodes"]
    assert {one["purposeWordsZh"] for one in told} == {"社会救助"}
    assert all("联系电话" in one["mattersZh"] for one in told[:TIMES])

    # The auditor's own requests are recorded too.
    own = writable_hub.ask(
        AUDITOR,
        'query { accessRecords(filter: {agency: "audit@4101"}, first: 9) { nodes { operationName } } }',
    )
    assert {"Find", "Who", "export file", "export manifest"} <= {
        one["operationName"] for one in own.data["accessRecords"]["nodes"]
    }
