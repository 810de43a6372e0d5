"""The published attacks of jwt_tool on a real token of the hub, each sent over HTTP. None of them opens anything, and none
causes an incident."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from tests.fixtures.served import Served

OFFICE = "education@410105"
VIEWER = {"query": "{ viewer { client } }"}


def encoded(value: object) -> str:
    """A part of a token, in Base64."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(part: str) -> dict[str, Any]:
    """The content of a part of a token."""
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def hs256(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """A token signed with a shared key."""
    first = f"{encoded(header | {'alg': 'HS256'})}.{encoded(claims)}"
    return f"{first}.{encoded(hmac.new(key, first.encode(), hashlib.sha256).digest())}"


def forged(hub: Served) -> dict[str, str]:
    """Tokens made from a valid one, by the name of the attack."""
    good = hub.token(OFFICE)
    head, body, signature = good.split(".")
    header, claims = decoded(head), decoded(body)
    keys = hub.http.get("/.well-known/jwks.json").json()["keys"]
    public = base64.urlsafe_b64decode(keys[0]["x"] + "==")
    wider = claims | {"scope": "hub:admin audit:read", "agency": "audit@4101", "sub": "other"}
    made = {
        f"alg {alg}": f"{encoded(header | {'alg': alg})}.{body}."
        for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "RS256")
    }
    made |= {
        f"signature kept under alg {alg}": f"{encoded(header | {'alg': alg})}.{body}.{signature}"
        for alg in ("none", "ES256", "PS256")
    }
    made |= {
        "claims changed": f"{head}.{encoded(wider)}.{signature}",
        "header changed": f"{encoded(header | {'typ': 'JWT'})}.{body}.{signature}",
        "no signature": f"{head}.{body}.",
        "no dots": head + body + signature,
        "two parts": f"{head}.{body}",
        "five parts": f"{good}.x.y",
        "signature of zeros": f"{head}.{body}.{encoded(bytes(64))}",
        "signature cut": good[:-2],
        "signature of another": f"{head}.{encoded(claims | {'jti': 'x'})}.{signature}",
        "empty key": hs256(header, wider, b""),
        "public key as a secret": hs256(header, wider, public),
        "public key in JSON as a secret": hs256(header, wider, json.dumps(keys[0]).encode()),
        "weak secret": hs256(header, wider, b"secret"),
        "kid of a file": hs256(header | {"kid": "../../../../dev/null"}, wider, b""),
        "kid of SQL": hs256(header | {"kid": "x' union select 'k"}, wider, b"k"),
        "key in the token": f"{encoded(header | {'jwk': keys[0]})}.{encoded(wider)}.{signature}",
        "key elsewhere": f"{encoded(header | {'jku': 'http://127.0.0.1:9/keys', 'x5u': 'http://127.0.0.1:9/'})}.{encoded(wider)}.{signature}",
        "critical": f"{encoded(header | {'crit': ['x'], 'x': 1})}.{body}.{signature}",
        "unencoded payload": f"{encoded(header | {'b64': False, 'crit': ['b64']})}.{body}.{signature}",
        "compressed": f"{encoded(header | {'zip': 'DEF'})}.{body}.{signature}",
        "long-lived": f"{head}.{encoded(claims | {'exp': int(time.time()) + 10**9})}.{signature}",
        "claims of other kinds": f"{head}.{encoded({name: [one] for name, one in claims.items()})}.{signature}",
        "claims no object": f"{head}.{encoded([claims])}.{signature}",
        "header no object": f"{encoded(['EdDSA'])}.{body}.{signature}",
        "deep header": f"{encoded(('[' * 5000 + ']' * 5000).encode())}.{body}.{signature}",
        "claims no JSON": f"{head}.{encoded(b'{')}.{signature}",
        "other bytes": f"{head}.{encoded(bytes(range(256)))}.{signature}",
    }
    return made


def test_a_good_token_opens_what_it_says(hub: Served) -> None:
    answered = hub.http.post(
        "/graphql", json=VIEWER, headers={"authorization": f"Bearer {hub.token(OFFICE)}"}
    )
    assert answered.status_code == 200


def test_no_forged_token_opens_anything(hub: Served, caplog: pytest.LogCaptureFixture) -> None:
    wrong = {}
    for attack, token in forged(hub).items():
        for path in ("/graphql", "/schema.graphql"):
            headers = {"authorization": f"Bearer {token}"}
            answered = hub.http.request(
                "POST" if path == "/graphql" else "GET", path, json=VIEWER, headers=headers
            )
            if answered.status_code != 401 or "www-authenticate" not in answered.headers:
                wrong[f"{attack} at {path}"] = answered.status_code
    assert wrong == {}
    assert not [one for one in caplog.records if "incident" in one.getMessage()]


def test_a_token_travels_in_its_header_alone(hub: Served) -> None:
    token = hub.token(OFFICE)
    for params in ({"access_token": token}, {"token": token}, {"authorization": f"Bearer {token}"}):
        assert hub.http.post("/graphql", params=params, json=VIEWER | params).status_code == 401


def test_two_tokens_are_none(hub: Served) -> None:
    token = hub.token(OFFICE)
    headers = [("authorization", f"Bearer {token}"), ("authorization", "Bearer x")]
    assert hub.http.post("/graphql", json=VIEWER, headers=headers).status_code in (400, 401)
