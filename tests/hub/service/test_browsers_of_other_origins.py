"""CORS: pages of the origins in HUB_CORS_ORIGINS may call the hub, and no other pages."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings, refusals
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve

ALLOWED = "https://tools.example.gov.cn"
ASKED = "education@410105"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,hub-forbidden,hub-purpose",
}


@pytest.fixture(scope="module")
def open_hub(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub that pages of two origins may call."""
    opened = settings.model_copy(
        update={"cors_origins": f"{ALLOWED}, http://localhost:3000", "cost_per_minute": 200}
    )
    with serve(sample_url, opened, keys) as running:
        yield running


@pytest.mark.parametrize("origin", [ALLOWED, "http://localhost:3000"])
@pytest.mark.parametrize("path", ["/graphql", "/oauth/token", "/graphql/required-scopes"])
def test_a_page_of_an_allowed_origin_may_ask(open_hub: Served, origin: str, path: str) -> None:
    answered = open_hub.http.options(path, headers={"origin": origin, **PREFLIGHT})
    assert (answered.status_code, answered.headers["access-control-allow-origin"]) == (200, origin)
    allowed = answered.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in PREFLIGHT["access-control-request-headers"].split(","))
    assert "POST" in answered.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answered.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"{ALLOWED}.evil.example", "null", ALLOWED.replace("s:", ":")]
)
def test_a_page_of_another_origin_may_not(open_hub: Served, origin: str) -> None:
    answered = open_hub.http.options("/graphql", headers={"origin": origin, **PREFLIGHT})
    assert answered.status_code == 400
    assert "access-control-allow-origin" not in answered.headers
    read = open_hub.http.get("/healthz", headers={"origin": origin})
    assert "access-control-allow-origin" not in read.headers


def test_errors_can_be_read_by_the_page_too(open_hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"origin": ALLOWED}
    token = {"authorization": f"Bearer {open_hub.token(ASKED)}"}
    query = {"query": "{ households(first: 100) { nodes { code } } }"}
    answers = [
        open_hub.http.post("/graphql", json=query, headers=own),
        open_hub.http.post("/nowhere", headers=own),
        open_hub.http.delete("/graphql", headers=own),
        open_hub.http.post("/oauth/token", headers=own),
        open_hub.http.post(
            "/graphql", content=b"{", headers={**own, **token, "content-type": "application/json"}
        ),
        *[open_hub.http.post("/graphql", json=query, headers={**own, **token}) for _ in range(2)],
    ]
    assert [answer.status_code for answer in answers] == [401, 404, 405, 400, 400, 200, 429]
    monkeypatch.setattr("auth.tokens.Tokens.verify", None)  # causes a failure of the hub
    answers.append(open_hub.http.post("/graphql", json=query, headers={**own, **token}))
    assert answers[-1].status_code == 500
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == ALLOWED
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert all(name in exposed for name in ("retry-after", "www-authenticate"))
        assert "Origin" in answer.headers["vary"]


def test_without_the_setting_no_page_may(hub: Served) -> None:
    answered = hub.http.options("/graphql", headers={"origin": ALLOWED, **PREFLIGHT})
    assert (answered.status_code, answered.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert not [name for name in answered.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("setting", "origins"),
    [
        (None, ()),
        ("", ()),
        ("  ", ()),
        ("https://a.example", ("https://a.example",)),
        ("https://a.example https://b.example:8443", ("https://a.example", "https://b.example:8443")),
        ("https://A.Example:443,http://localhost:80 ,", ("https://a.example", "http://localhost")),
        ("http://[::1]:3000", ("http://[::1]:3000",)),
    ],
)
def test_origins_are_read_as_browsers_write_them(setting: str | None, origins: tuple[str, ...]) -> None:
    assert Settings(cors_origins=setting).allowed_origins == origins


@pytest.mark.parametrize(
    "setting",
    [
        "*", "null", "a.example", "https://a.example/", "https://a.example/path", "https://a.example?q", "https://",
        "https://*.example", "ftp://a.example", "https://me:secret@a.example", "https://a.example:port", "//a.example",
        "https://a.example https://b.example/#x", "https://例子.example", "https://a.example:99999",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused_in_both_languages(setting: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(cors_origins=setting)
    (error,) = refusals(refused.value)
    assert error.message.startswith("HUB_CORS_ORIGINS must be origins")
    assert "来源" in error.message_zh
    assert setting in {"*", "https://"} or setting not in error.message + error.message_zh


def test_the_readiness_of_a_hub_without_its_database_says_when_to_ask_again(
    cluster: TestCluster, template: str, settings: Settings, keys: Keys
) -> None:
    url = cluster.create("hub_that_goes_away", template)
    with serve(url, settings, keys) as running:
        assert running.http.get("/readyz").status_code == 200
        cluster.drop("hub_that_goes_away")
        answered = running.http.get("/readyz")
        assert running.http.head("/readyz").status_code == 503
    assert (answered.status_code, answered.headers["retry-after"]) == (503, "5")
    extensions = answered.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["retryAfterSeconds"]) == ("DATABASE_UNAVAILABLE", 5)
