"""GraphQL over HTTP: the 61 audits of the npm package graphql-http 1.23.1, and cases that they do not test.

`make audits` installs the package and runs them. They need Node 18 or newer and the packages of `npm ci`. They are skipped
where these are missing, and in CI, which installs Python packages only.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.served import Served

FOLDER = Path(__file__).parent / "graphql_over_http"
ASKED = "education@410105"
REFUSED = "{ viewer { nobody } }"
TAKEN = "{ __typename }"
GRAPHQL, JSON = "application/graphql-response+json; charset=utf-8", "application/json; charset=utf-8"


def what_is_missing() -> str:
    """The reason why the audits cannot run here; empty if they can."""
    if os.environ.get("CI"):
        return "THE AUDITS OF GRAPHQL OVER HTTP DID NOT RUN: never in CI; run `make audits` where Node is"
    if shutil.which("node") is None:
        return "THE AUDITS OF GRAPHQL OVER HTTP DID NOT RUN: install Node 18 or newer with npm, then `make audits`"
    if not (FOLDER / "node_modules" / "graphql-http").is_dir():
        return (
            "THE AUDITS OF GRAPHQL OVER HTTP DID NOT RUN: their package is not installed; run `make audits`"
        )
    return ""


@pytest.mark.skipif(bool(what_is_missing()), reason=what_is_missing())
def test_every_audit_of_graphql_over_http_passes(hub: Served) -> None:
    done = subprocess.run(
        ["node", "audits.mjs"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={
            **os.environ,
            "AUDIT_URL": f"{hub.url}/graphql",
            "AUDIT_AUTHORIZATION": f"Bearer {hub.token(ASKED)}",
        },
    )
    assert done.returncode == 0, done.stderr
    audits = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(audits) == 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []


@pytest.mark.parametrize(
    ("accept", "media", "status"),
    [
        ("application/graphql-response+json", GRAPHQL, 400),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL, 400),
        ("Application/JSON; charset=utf-8", JSON, 200),
        ("text/html, application/json", JSON, 200),
        ("*/*", JSON, 400),
        ("text/html, application/*;q=0.8", JSON, 400),
    ],
)
def test_a_refused_document_answers_in_the_media_type_that_the_caller_takes(
    hub: Served, accept: str, media: str, status: int
) -> None:
    headers = {"authorization": f"Bearer {hub.token(ASKED)}", "accept": accept}
    for query, expected in ((TAKEN, 200), (REFUSED, status)):
        answered = hub.http.post("/graphql", json={"query": query}, headers=headers)
        assert (answered.headers["content-type"], answered.status_code) == (media, expected)


def test_who_names_no_media_type_is_answered_json(hub: Served) -> None:
    request = hub.http.build_request("POST", "/graphql", json={"query": TAKEN})
    request.headers["authorization"] = f"Bearer {hub.token(ASKED)}"
    del request.headers["accept"]
    answered = hub.http.send(request)
    assert (answered.status_code, answered.headers["content-type"]) == (200, JSON)


def test_a_head_request_reads_as_get_does_and_never_writes(writable_hub: Served) -> None:
    write = 'mutation { acceptReferral(input: {id: "x", expectedVersion: 1}) { errors { code } } }'
    headers = {"authorization": f"Bearer {writable_hub.token(ASKED)}"}
    read = writable_hub.http.head("/graphql", params={"query": TAKEN}, headers=headers)
    assert (read.status_code, read.content) == (200, b"")
    by_address = writable_hub.http.head("/graphql", params={"query": write}, headers=headers)
    by_body = writable_hub.http.request("HEAD", "/graphql", json={"query": write}, headers=headers)
    assert (by_address.status_code, by_body.status_code) == (405, 400)
    assert writable_hub.rows("select count(*) from access_record where coordinates_digest <> sha256('')") == [
        (0,)
    ]


@pytest.mark.parametrize("path", ["/", "/graphiql", "/graphql"])
def test_no_explorer_is_served(hub: Served, path: str) -> None:
    headers = {"authorization": f"Bearer {hub.token(ASKED)}", "accept": "text/html"}
    answered = hub.http.get(path, headers=headers)
    assert "<script" not in answered.text
    assert "script-src" not in answered.headers["content-security-policy"]
