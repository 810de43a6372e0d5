"""The answers for people and programs at `/`, at `/graphql`, at a wrong address and with a wrong method."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from tests.fixtures.served import Served

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
WRONG_SLASHES = ["/graphql/", "//graphql", "/graphql//", "/GraphQL", "/%67raphql/"]
GET_ONLY = [
    "/",
    "/schema.graphql",
    "/healthz",
    "/readyz",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
]
POST_ONLY = ["/oauth/token", "/graphql/required-scopes"]


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Store each opening tag."""
        self.tags.append((tag, dict(attrs)))


def assert_page(answered: httpx.Response) -> str:
    """Asserts that the answer is a page for people that runs and loads nothing; returns its text."""
    headers, page = answered.headers, answered.text
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"] == "Accept"
    tags = Tags(page).tags
    assert ("html", {"lang": "zh-CN"}) in tags
    assert ("section", {"lang": "en"}) in tags
    assert not {name for name, _ in tags} & {"script", "img", "link", "iframe", "form", "object"}
    assert not [
        attribute
        for _, attributes in tags
        for attribute in attributes
        if attribute.startswith("on") or attribute == "src"
    ]
    for expected in (
        "/oauth/token",
        "/graphql",
        "/schema.graphql",
        "/healthz",
        "救助数据共享平台",
        "Assistance hub",
    ):
        assert expected in page
    assert "$" not in page
    return page


def code_of(answered: httpx.Response) -> str:
    """The code of the only error in a JSON answer."""
    (error,) = answered.json()["errors"]
    assert error["extensions"]["messageZh"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("path", ["/", "/graphql"])
@pytest.mark.parametrize("accept", [BROWSER, "text/html", "*/*;q=0.5, text/html"])
def test_a_browser_is_shown_where_things_are(hub: Served, path: str, accept: str) -> None:
    answered = hub.http.get(path, headers={"accept": accept})
    assert answered.status_code == 200
    assert_page(answered)
    assert answered.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/json, text/html;q=0.9", "image/png"]
)
def test_a_program_is_told_where_things_are(hub: Served, accept: str) -> None:
    answered = hub.http.get("/", headers={"accept": accept})
    assert (answered.status_code, answered.headers["content-type"]) == (
        200,
        "application/json; charset=utf-8",
    )
    addresses = answered.json()["addresses"]
    assert addresses["graphql"] == "http://127.0.0.1:8000/graphql"
    assert all(address.startswith("http://127.0.0.1:8000/") for address in addresses.values())


def test_a_program_without_a_token_is_told_at_graphql_where_to_get_one(hub: Served) -> None:
    answered = hub.http.get("/graphql")
    assert (answered.status_code, code_of(answered)) == (401, "TOKEN_MISSING")


def test_a_browser_with_a_query_is_no_stranger(hub: Served) -> None:
    answered = hub.http.get("/graphql", params={"query": "{ __typename }"}, headers={"accept": BROWSER})
    assert (answered.status_code, code_of(answered)) == (401, "TOKEN_MISSING")


@pytest.mark.parametrize(
    "path", ["/nowhere", "/graphiql", "/favicon.ico", "/oauth", "/schema", "/<b>&", "/$style"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_a_wrong_address_says_where_things_are(hub: Served, path: str, method: str) -> None:
    shown = hub.http.request(method, path, headers={"accept": BROWSER})
    assert shown.status_code == 404
    assert_page(shown)
    assert shown.headers["cache-control"] == "no-store"
    answered = hub.http.request(method, path)
    assert (answered.status_code, code_of(answered)) == (404, "ADDRESS_NOT_FOUND")
    extensions = answered.json()["errors"][0]["extensions"]
    assert extensions["addresses"]["graphql"] == "http://127.0.0.1:8000/graphql"
    assert "address" not in extensions
    assert "<b>" not in shown.text + answered.text


@pytest.mark.parametrize("path", WRONG_SLASHES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_wrong_slashes_and_letters_answer_the_right_address_and_never_redirect(
    hub: Served, path: str, method: str
) -> None:
    headers = {"host": "evil.example", "authorization": f"Bearer {hub.token('education@410105')}"}
    answered = hub.http.request(method, hub.url + path, headers=headers)
    assert (answered.status_code, code_of(answered)) == (404, "ADDRESS_NOT_FOUND")
    assert answered.json()["errors"][0]["extensions"]["address"] == "http://127.0.0.1:8000/graphql"
    assert "location" not in answered.headers
    assert "evil" not in answered.text


@pytest.mark.parametrize(
    ("paths", "allowed"),
    [
        (GET_ONLY, "GET, HEAD, OPTIONS"),
        (POST_ONLY, "OPTIONS, POST"),
        (["/graphql"], "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_a_wrong_method_says_which_are_taken(hub: Served, paths: list[str], allowed: str) -> None:
    for path in paths:
        for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE"} - set(
            re.findall(r"\w+", allowed)
        ):
            answered = hub.http.request(method, path)
            assert (answered.status_code, answered.headers["allow"]) == (405, allowed), (method, path)
            if method != "HEAD":
                assert code_of(answered) == "METHOD_NOT_ALLOWED"
                shown = hub.http.request(method, path, headers={"accept": BROWSER})
                assert (shown.status_code, shown.headers["allow"]) == (405, allowed)
                assert_page(shown)
        options = hub.http.options(path)
        assert (options.status_code, options.content, options.headers["allow"]) == (204, b"", allowed)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_answers_get_and_head(hub: Served, path: str) -> None:
    assert hub.http.get(path).json() == {"status": "ok"}
    head = hub.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
