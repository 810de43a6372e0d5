"""HTTP/1.1 as real clients, proxies and strangers use it, byte by byte (RFC 9110, RFC 9112)."""

import json
import logging
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from graphql import get_introspection_query

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import Served, serve
from tests.fixtures.wire import QUERY, assert_answered, assert_refused, chunked, post, wire

H2C = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
UPGRADES = [
    H2C,
    (b"connection: upgrade, http2-settings", b"upgrade: H2C", b"http2-settings: AAMAAABkAAQCAAAAAAIAAAAA"),
    (b"UPGRADE: h2c", b"CONNECTION: keep-alive, Upgrade"),
    (
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZQ==",
    ),
    (b"Connection: Upgrade", b"Upgrade: TLS/1.0, h2c"),
    (b"Connection: Upgrade", b"Upgrade: h2c", b"Upgrade: websocket"),
]


@pytest.fixture(scope="module")
def hasty_hub(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub that waits one second for a request, and keeps an idle connection open for two."""
    hasty = settings.model_copy(update={"request_seconds": 1, "keep_alive_seconds": 2})
    with serve(sample_url, hasty, keys) as running:
        yield running


# An upgrade that the hub does not support is ignored.


@pytest.mark.parametrize("upgrade", UPGRADES)
@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_request_that_offers_an_upgrade_keeps_its_body_and_its_connection(
    hub: Served, upgrade: tuple[bytes, ...], in_chunks: bool
) -> None:
    if in_chunks:
        request = post(hub, *upgrade, b"Transfer-Encoding: chunked", body=chunked(QUERY), length=False)
    else:
        request = post(hub, *upgrade)
    with wire(hub) as connection:
        for _ in range(3):
            connection.send(request)
            assert_answered(connection.answer())
        connection.send(post(hub))
        assert_answered(connection.answer())


def test_a_body_behind_an_upgrade_may_come_in_any_pieces(hub: Served) -> None:
    request = post(hub, *H2C)
    with wire(hub) as connection:
        for cut in (1, len(request) - len(QUERY) - 1, len(request) - len(QUERY), len(request) - 3):
            connection.send(request[:cut])
            time.sleep(0.05)
            connection.send(request[cut:])
            assert_answered(connection.answer())
        connection.send(*(request[place : place + 1] for place in range(len(request))))
        assert_answered(connection.answer())


def test_requests_behind_an_upgrade_in_one_packet_are_all_answered(hub: Served) -> None:
    with wire(hub) as connection:
        connection.send(post(hub, *H2C) + post(hub) + post(hub, *H2C) + post(hub, b"Connection: close"))
        for _ in range(4):
            assert_answered(connection.answer())
        assert connection.is_closed()


def test_an_upgrade_hides_no_broken_request(hub: Served) -> None:
    for broken in (
        post(hub, *H2C, b"Content-Length: abc", length=False),
        post(hub, *H2C, b"Transfer-Encoding: chunked", body=b"zz\r\n", length=False),
    ):
        with wire(hub) as connection:
            connection.send(broken)
            assert_refused(connection, 400, "MALFORMED_HTTP")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("option", ["--http2", "--http1.1", "--http1.0"])
def test_curl_is_answered_whatever_version_it_offers(hub: Served, option: str) -> None:
    done = subprocess.run(
        [
            "curl",
            "-sS",
            option,
            f"{hub.url}/graphql",
            "-H",
            f"Authorization: Bearer {hub.token('education@410105')}",
            "-H",
            "Content-Type: application/json",
            "-d",
            QUERY.decode(),
            "-w",
            "%{http_code}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.endswith("200")


# The lifetime of a connection.


def test_an_idle_connection_outlives_the_minute_of_a_proxy(hub: Served, settings: Settings) -> None:
    assert settings.keep_alive_seconds == 75
    with wire(hub) as connection:
        for pause in (0.0, 6.0):
            time.sleep(pause)
            connection.send(post(hub))
            assert_answered(connection.answer())


@pytest.mark.parametrize(
    "first",
    [b"", b"\r\n", b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n"],
    ids=["nothing", "an empty line", "a request"],
)
def test_an_idle_connection_is_closed_after_the_setting(hasty_hub: Served, first: bytes) -> None:
    with wire(hasty_hub) as connection:
        connection.send(first)
        if first.startswith(b"GET"):
            assert connection.answer().status == 200
        started = time.monotonic()
        assert connection.is_closed()
        least = 1.5 if first else 0.5  # without a byte, the time limit of a head applies
        assert least < time.monotonic() - started < 6


def test_the_rest_of_a_refused_body_does_not_hold_the_connection_open(hasty_hub: Served) -> None:
    request = b"POST /oauth/token HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\n"  # not a form: refused at once
    with wire(hasty_hub) as connection:
        connection.send(request + b"12345")
        assert connection.answer().status == 400
        connection.send(b"67890")
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n")
        assert connection.answer().status == 200
        assert connection.is_closed()


@pytest.mark.parametrize(
    "half",
    [
        b"P",
        b"POST /graphql",
        b"POST /graphql HTTP/1.1\r\nHost: hub\r\nAuthoriz",
        b"GET /healthz HTTP/1.1\r\nHost: hub\r\n",
    ],
)
def test_half_a_head_is_refused_after_the_setting(hasty_hub: Served, half: bytes) -> None:
    with wire(hasty_hub) as connection:
        connection.send(half)
        answered = assert_refused(connection, 408, "REQUEST_TIMEOUT")
        assert answered.json["errors"][0]["extensions"]["seconds"] == 1


def test_headers_that_drip_in_do_not_win_time(hasty_hub: Served) -> None:
    with wire(hasty_hub) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n")
        started = time.monotonic()
        for number in range(8):
            time.sleep(0.2)
            connection.send(b"X-Drip: %d\r\n" % number)
        assert connection.answer().status == 408
        assert time.monotonic() - started < 4


def test_an_answer_that_nobody_takes_holds_no_connection(
    sample_url: str, settings: Settings, keys: Keys
) -> None:
    hasty = settings.model_copy(update={"request_seconds": 1, "connections_per_address": 1})
    with serve(sample_url, hasty, keys) as alone:
        everything = post(alone, body=json.dumps({"query": get_introspection_query()}).encode())
        with wire(alone, little=True) as connection:
            connection.send(everything * 24)
            with wire(alone) as another:
                another.send(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n")
                assert another.answer().code == "TOO_MANY_CONNECTIONS"
            deadline = time.monotonic() + 60
            while True:
                with wire(alone) as another:
                    another.send(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n")
                    if another.answer().status == 200:
                        break
                assert time.monotonic() < deadline, "the first holds its connection for ever"
                time.sleep(0.2)


@pytest.mark.parametrize("in_chunks", [False, True])
def test_half_a_body_is_refused_after_the_setting_and_is_no_incident(
    hasty_hub: Served, in_chunks: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if in_chunks:
        request = post(hasty_hub, b"Transfer-Encoding: chunked", body=b'5\r\n{"que', length=False)
    else:
        request = post(hasty_hub)[:-5]
    with wire(hasty_hub) as connection, caplog.at_level(logging.INFO):
        connection.send(request)
        assert_refused(connection, 408, "REQUEST_TIMEOUT")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("path", [b"/graphql", b"/oauth/token"])
def test_a_client_that_goes_away_in_the_middle_of_a_body_is_no_incident(
    hub: Served, path: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    request = post(hub)[:-5].replace(b"POST /graphql", b"POST " + path)
    if path == b"/oauth/token":
        request = request.replace(b"application/json", b"application/x-www-form-urlencoded")
    with caplog.at_level(logging.INFO):
        with wire(hub) as connection:
            connection.send(request)
            time.sleep(0.2)
        time.sleep(0.3)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


# Unusual but correct requests.


def test_a_body_is_sent_after_the_hub_asks_for_it(hub: Served) -> None:
    request = post(hub, b"Expect: 100-continue")
    head, body = request[: -len(QUERY)], request[-len(QUERY) :]
    with wire(hub) as connection:
        connection.send(head)
        assert connection.answer().status == 100
        connection.send(body)
        assert_answered(connection.answer())


def test_a_body_that_would_be_refused_is_not_asked_for(hub: Served) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Length: 34\r\nExpect: 100-continue\r\n\r\n"
    with wire(hub) as connection:
        connection.send(head)
        answered = connection.answer()
        assert (answered.status, answered.code) == (401, "TOKEN_MISSING")


def test_chunks_may_have_extensions_and_trailers(hub: Served) -> None:
    body = b"22;name=value\r\n" + QUERY + b"\r\n0\r\nX-Trailer: 1\r\n\r\n"
    with wire(hub) as connection:
        connection.send(post(hub, b"Transfer-Encoding: Chunked", body=body, length=False))
        assert_answered(connection.answer())


def test_a_trailer_is_no_header(hub: Served) -> None:
    token = b"Authorization: Bearer " + hub.token("education@410105").encode()
    body = chunked(QUERY)[:-2] + token + b"\r\n\r\n"
    request = post(hub, b"Transfer-Encoding: chunked", body=body, length=False)
    head, _, rest = request.partition(b"Authorization: ")
    with wire(hub) as connection:
        connection.send(head + rest.partition(b"\r\n")[2])
        assert connection.answer().code == "TOKEN_MISSING"


def test_the_names_of_headers_schemes_and_media_types_have_no_case(hub: Served) -> None:
    request = post(hub).replace(b"Authorization: Bearer", b"aUTHORIZATION: bEARER")
    request = request.replace(
        b"Content-Type: application/json", b'CONTENT-TYPE: Application/JSON; Charset="UTF-8"'
    )
    with wire(hub) as connection:
        connection.send(request)
        assert_answered(connection.answer())


def test_requests_sent_at_once_are_answered_in_their_order(hub: Served) -> None:
    get = b"GET %b HTTP/1.1\r\nHost: hub\r\n\r\n"
    with wire(hub) as connection:
        connection.send(get % b"/healthz" + post(hub) + get % b"/nowhere" + get % b"/healthz")
        assert connection.answer().status == 200
        assert_answered(connection.answer())
        assert connection.answer().code == "ADDRESS_NOT_FOUND"
        assert connection.answer().status == 200


def test_an_absolute_address_is_taken_and_says_nothing_of_where_the_hub_is(hub: Served) -> None:
    request = post(hub).replace(b"POST /graphql", b"POST http://elsewhere.example/graphql")
    with wire(hub) as connection:
        connection.send(request)
        assert_answered(connection.answer())
        connection.send(b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        assert b"elsewhere" not in connection.answer().body


@pytest.mark.parametrize(
    "host", [b"", b"[", b"[::1", b"a b", b"a:port", b"//", b"\xe4\xb8\xad", b"a,b", b"%00"]
)
@pytest.mark.parametrize("path", [b"/", b"/nowhere", b"/graphql/", b"/healthz/"])
def test_a_strange_host_changes_nothing(hub: Served, host: bytes, path: bytes) -> None:
    with wire(hub) as connection:
        connection.send(b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        answered = connection.answer()
        assert answered.status == (200 if path == b"/" else 404)
        assert b"http://127.0.0.1:8000/graphql" in answered.body


def test_http_1_0_needs_no_host_and_is_answered_once(hub: Served) -> None:
    with wire(hub) as connection:
        connection.send(post(hub).replace(b"HTTP/1.1\r\nHost: hub\r\n", b"HTTP/1.0\r\n"))
        assert_answered(connection.answer())
        assert connection.is_closed()


def test_options_of_the_server_as_a_whole_is_answered(hub: Served) -> None:
    with wire(hub) as connection:
        connection.send(b"OPTIONS * HTTP/1.1\r\nHost: hub\r\n\r\n")
        assert connection.answer().status == 204


@pytest.mark.parametrize("path", [b"/", b"/healthz", b"/readyz", b"/.well-known/jwks.json", b"/nowhere"])
def test_head_is_answered_as_get_without_a_body(hub: Served, path: bytes) -> None:
    with wire(hub) as connection:
        connection.send(b"GET " + path + b" HTTP/1.1\r\nHost: hub\r\n\r\n")
        got = connection.answer()
        connection.send(b"HEAD " + path + b" HTTP/1.1\r\nHost: hub\r\n\r\n")
        head = connection.answer(to_head=True)
        assert (head.status, head.headers["content-length"]) == (got.status, got.headers["content-length"])
        connection.send(post(hub))
        assert_answered(connection.answer())


def test_no_answer_names_the_server(hub: Served) -> None:
    with wire(hub) as connection:
        connection.send(post(hub))
        headers = connection.answer().headers
        assert "server" not in headers
        assert "date" in headers
