"""Requests that are not valid HTTP/1.1, or too large: refused with a code in both languages, and the connection is closed."""

import logging
import time

import pytest

from tests.fixtures.served import Served
from tests.fixtures.wire import assert_answered, assert_refused, post, wire

MOST_HEAD_BYTES, MOST_ADDRESS_BYTES, MOST_FIELDS = 65_536, 16_384, 100
"""The limits of a request by the contract: 64 KiB of headers, 16 KiB of address, 100 headers."""


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,  # TLS at a port without TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00" * 100, b"hello\r\n\r\n", b"GET / HTTP/9.9\r\nHost: hub\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: hub\r\nX y: 1\r\n\r\n", b"GET / HTTP/1.1\r\nHost : hub\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: hub\r\nX: a\x00b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: hub\r\nX: a\r\n b\r\n\r\n",
        b"CONNECT hub:443 HTTP/1.1\r\nHost: hub\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: hub\r\nHost: other\r\n\r\n", b"GET * HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"BREW /graphql HTTP/1.1\r\nHost: hub\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_http_is_refused_with_a_code(hub: Served, garbage: bytes) -> None:
    with wire(hub) as connection:
        connection.send(garbage)
        assert_refused(connection, 400, "MALFORMED_HTTP")


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: abc",), (b"Content-Length: -1",), (b"Content-Length: +34",), (b"Content-Length: 0x22",),
        (b"Content-Length: 34, 34",), (b"Content-Length: 34", b"Content-Length: 35"),
        (b"Content-Length: 99999999999999999999999",), (b"Content-Length:",),
        (b"Content-Length: 34", b"Transfer-Encoding: chunked"), (b"Transfer-Encoding: chunked", b"Content-Length: 34"),
        (b"Transfer-Encoding: gzip",), (b"Transfer-Encoding: chunked, gzip",), (b"Transfer-Encoding: xchunked",),
    ],
)  # fmt: skip
def test_a_body_whose_length_is_unclear_is_refused(hub: Served, lines: tuple[bytes, ...]) -> None:
    with wire(hub) as connection:
        connection.send(post(hub, *lines, length=False))
        assert_refused(connection, 400, "MALFORMED_HTTP")


@pytest.mark.parametrize(
    "chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n", b"2\r\n{}}}0\r\n\r\n", b"2\n{}\n0\n\n"]
)
def test_broken_chunks_are_refused_and_are_no_incident(
    hub: Served, chunks: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with wire(hub) as connection, caplog.at_level(logging.INFO):
        connection.send(post(hub, b"Transfer-Encoding: chunked", body=chunks, length=False))
        assert_refused(connection, 400, "MALFORMED_HTTP")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_what_came_before_garbage_is_still_answered(hub: Served) -> None:
    with wire(hub) as connection:
        connection.send(post(hub) + post(hub) + b"\x00\x01\x02")
        assert_answered(connection.answer())
        assert_answered(connection.answer())
        assert connection.is_closed()


def test_garbage_after_an_answer_is_refused(hub: Served) -> None:
    with wire(hub) as connection:
        connection.send(post(hub))
        assert_answered(connection.answer())
        connection.send(b"\x00\x01\x02\r\n\r\n")
        assert_refused(connection, 400, "MALFORMED_HTTP")


# Requests that are too large.


@pytest.mark.parametrize(
    "headers",
    [
        b"X-Large: " + b"x" * MOST_HEAD_BYTES + b"\r\n\r\n",
        b"X-Large: " + b"x" * (MOST_HEAD_BYTES + 1),  # without an end
        b"".join(b"X-%d: x\r\n" % number for number in range(MOST_FIELDS + 1)) + b"\r\n",
        b"X-" + b"x" * MOST_HEAD_BYTES,
        b"Upgrade: h2c\r\nConnection: Upgrade\r\nX-Large: " + b"x" * MOST_HEAD_BYTES + b"\r\n\r\n",
    ],
    ids=["one", "one without an end", "many", "a name", "behind an upgrade"],
)
def test_a_head_that_is_too_large_is_refused(hub: Served, headers: bytes) -> None:
    with wire(hub) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n" + headers)
        answered = assert_refused(connection, 431, "HEADERS_TOO_LARGE")
        extensions = answered.json["errors"][0]["extensions"]
        assert (extensions["most"], extensions["mostFields"]) == (MOST_HEAD_BYTES, MOST_FIELDS)


def head_of(size: int, address: int = 8) -> bytes:
    """A request without a body whose head has so many bytes in all, an address of so many among them."""
    line = b"GET /healthz".ljust(len(b"GET ") + address, b"?") + b" HTTP/1.1\r\nHost: hub\r\nX: "
    return line + b"x" * (size - len(line) - 4) + b"\r\n\r\n"


@pytest.mark.parametrize("cut", [0, 40_000, -1], ids=["in one packet", "in two", "with the last byte alone"])
@pytest.mark.parametrize("address", [8, 10_000])
@pytest.mark.parametrize(("size", "status"), [(65_535, 200), (65_536, 200), (65_537, 431)])
def test_a_head_has_at_most_64_kib_however_it_comes(
    hub: Served, size: int, status: int, address: int, cut: int
) -> None:
    head = head_of(size, address)
    assert len(head) == size
    with wire(hub) as connection:
        connection.send(head[:cut])
        time.sleep(0.05)
        connection.send(head[cut:])
        assert connection.answer().status == status


@pytest.mark.parametrize(("many", "status"), [(99, 200), (100, 200), (101, 431)])
def test_a_head_has_at_most_a_hundred_headers(hub: Served, many: int, status: int) -> None:
    lines = b"".join(b"X-%d: x\r\n" % number for number in range(many - 1))
    with wire(hub) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n" + lines + b"\r\n")
        assert connection.answer().status == status


@pytest.mark.parametrize(("size", "status"), [(16_383, 200), (16_384, 200), (16_385, 414)])
def test_an_address_has_at_most_16_kib(hub: Served, size: int, status: int) -> None:
    with wire(hub) as connection:
        connection.send(head_of(size + 100, size))
        assert connection.answer().status == status


@pytest.mark.parametrize("with_the_first", [MOST_HEAD_BYTES * 2, MOST_HEAD_BYTES - 5_000])
def test_a_large_head_is_refused_behind_another_request_too(hub: Served, with_the_first: int) -> None:
    small = b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n"
    both = small + small[:-2] + b"X-Large: " + b"x" * MOST_HEAD_BYTES + b"\r\n\r\n"
    with wire(hub) as connection:
        connection.send(both[:with_the_first])
        time.sleep(0.2)
        connection.send(both[with_the_first:])
        assert connection.answer().status == 200
        assert connection.is_closed() or connection.answer().status == 431


@pytest.mark.parametrize("end", [b" HTTP/1.1\r\nHost: hub\r\n\r\n", b"x" * MOST_HEAD_BYTES])
def test_an_address_that_is_too_long_is_refused(hub: Served, end: bytes) -> None:
    with wire(hub) as connection:
        connection.send(b"GET /graphql?query=" + b"x" * MOST_ADDRESS_BYTES + end)
        answered = assert_refused(connection, 414, "ADDRESS_TOO_LONG")
        assert answered.json["errors"][0]["extensions"]["most"] == MOST_ADDRESS_BYTES


def test_a_large_body_needs_no_large_head(hub: Served) -> None:
    body = b'{"query": "{ viewer { client } }", "variables": {"pad": "' + b"x" * 500_000 + b'"}}'
    with wire(hub) as connection:
        for _ in range(2):
            connection.send(post(hub, body=body))
            assert_answered(connection.answer())


@pytest.mark.parametrize(
    "endless", [b"1;" + b"x" * 65_536, b"0\r\nX-Trailer: " + b"x" * 65_536, b"1\r\nx\r\n" * 20_000]
)
def test_a_body_without_an_end_ends(hub: Served, endless: bytes) -> None:
    with wire(hub) as connection:
        connection.send(post(hub, b"Transfer-Encoding: chunked", body=endless, length=False))
        more = endless if endless.startswith(b"1\r") else b"x" * 65_536
        until = time.monotonic() + 20
        with pytest.raises(ConnectionError):  # noqa: PT012  # at some time the hub takes no more
            while time.monotonic() < until:
                connection.send(more)
