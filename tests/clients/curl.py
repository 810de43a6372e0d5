"""curl as an operator types it. Over http it requests an upgrade to HTTP/2 (`Upgrade: h2c`), like Java's HttpClient."""

import json
import os
import subprocess
from collections.abc import Callable

URL = os.environ["HUB_URL"]
CLIENT = f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}"
BODY = json.dumps(
    {
        "query": "query ($first: Int!) { households(first: $first) { nodes { code } } }",
        "variables": {"first": 2},
    }
)


def curl(*arguments: str) -> tuple[int, str]:
    """The status and the body."""
    done = subprocess.run(
        ["curl", "-s", "--max-time", "20", "-w", "\n%{http_code}", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def token(*options: str) -> str:
    """A new access token."""
    status, body = curl(f"{URL}/oauth/token", "-u", CLIENT, "-d", "grant_type=client_credentials", *options)
    assert status == 200, body
    return str(json.loads(body)["access_token"])


def ask(*options: str, bearer: str | None = None) -> tuple[int, str]:
    """One query by POST."""
    headers = (f"Authorization: Bearer {bearer or token()}", "Content-Type: application/json")
    named = [part for header in headers for part in ("-H", header)]
    return curl(f"{URL}/graphql", *named, "-d", BODY, *options)


def must_answer(answered: tuple[int, str]) -> None:
    """The response must have two households and no error."""
    status, body = answered
    assert status == 200, f"{status} {body}"
    assert len(json.loads(body)["data"]["households"]["nodes"]) == 2, body


def expires() -> None:
    status, headers = ask("-o", os.devnull, "-D", "-", bearer=os.environ["EXPIRED_TOKEN"])
    assert status == 401, headers
    assert 'error="invalid_token"' in headers, headers
    assert "/.well-known/oauth-protected-resource/graphql" in headers, headers


CHECKS: dict[str, Callable[[], None]] = {
    "HTTP/1.1": lambda: must_answer(ask("--http1.1")),
    "--http2, by an upgrade": lambda: must_answer(ask("--http2")),
    "--http2 at the token endpoint": lambda: must_answer(ask(bearer=token("--http2"))),
    "--compressed": lambda: must_answer(ask("--compressed")),
    "a body that waits for 100-continue": lambda: must_answer(ask("-H", "Expect: 100-continue")),
    "an expired token's 401 names the error and the metadata": expires,
}

if __name__ == "__main__":
    for name, check in CHECKS.items():
        failure = None
        try:
            check()
        except Exception as error:  # any exception fails this check
            failure = f"{type(error).__name__} {error}".splitlines()[0]
        print(json.dumps({"check": name, "failure": failure}), flush=True)
