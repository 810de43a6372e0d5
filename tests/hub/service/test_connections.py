"""The number of connections that strangers may open, and the time that they may stay silent: before any token, and without a
proxy."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import Served, serve
from tests.fixtures.wire import Wire, assert_answered, assert_refused, post

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n"
HALF = b"POST /graphql HTTP/1.1\r\nHost: hub\r\nAuthorization: Bear"
OF_ADDRESS, IN_ALL = 4, 9


@pytest.fixture
def narrow_hub(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub for few connections, which waits one second for the head of a request."""
    narrow = {"connections_per_address": OF_ADDRESS, "max_connections": IN_ALL, "head_seconds": 1}
    with serve(sample_url, settings.model_copy(update=narrow), keys) as running:
        yield running


@contextmanager
def wire_from(served: Served, address: str) -> Iterator[Wire]:
    """A connection from an address of the loopback network."""
    host, _, port = served.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=15, source_address=(address, 0)) as connection:
        yield Wire(connection)


def is_healthy(served: Served, address: str) -> bool:
    """Whether a client at an address gets an answer."""
    with wire_from(served, address) as connection:
        connection.send(HEALTH)
        return connection.answer().status == 200


def test_one_address_takes_its_share_and_no_more_and_others_are_still_answered(narrow_hub: Served) -> None:
    with ExitStack() as held:
        for _ in range(OF_ADDRESS):
            held.enter_context(wire_from(narrow_hub, "127.0.0.2")).send(HALF)
        for _ in range(3):
            with wire_from(narrow_hub, "127.0.0.2") as refused:
                answered = assert_refused(refused, 503, "TOO_MANY_CONNECTIONS")
                assert answered.headers["retry-after"] == "1"
        assert is_healthy(narrow_hub, "127.0.0.3")
    time.sleep(0.1)
    assert is_healthy(narrow_hub, "127.0.0.2"), "its own are closed"


def test_a_flood_of_one_address_leaves_the_others_room(narrow_hub: Served) -> None:
    with ExitStack() as held:
        for _ in range(300):
            held.enter_context(wire_from(narrow_hub, "127.0.0.2"))
        assert is_healthy(narrow_hub, "127.0.0.3")


def test_all_addresses_together_have_a_bound(narrow_hub: Served) -> None:
    with ExitStack() as held:
        for place in range(IN_ALL):
            held.enter_context(wire_from(narrow_hub, f"127.0.1.{place // 3 + 1}")).send(HALF)
        with wire_from(narrow_hub, "127.0.0.3") as refused:
            assert_refused(refused, 503, "TOO_MANY_CONNECTIONS")


def test_half_open_requests_are_gone_after_the_time_of_a_head(narrow_hub: Served) -> None:
    with ExitStack() as held:
        began = time.monotonic()
        waiting = [held.enter_context(wire_from(narrow_hub, "127.0.0.2")) for _ in range(OF_ADDRESS)]
        for one in waiting:
            one.send(HALF)
        for one in waiting:
            assert_refused(one, 408, "REQUEST_TIMEOUT")
        assert time.monotonic() - began < 6
        time.sleep(2.5)  # the hub still reads for two seconds, so that they can receive the refusal
        assert is_healthy(narrow_hub, "127.0.0.2")


def test_a_new_connection_that_says_nothing_is_closed_after_the_time_of_a_head(narrow_hub: Served) -> None:
    with wire_from(narrow_hub, "127.0.0.2") as silent:
        began = time.monotonic()
        assert silent.is_closed()
        assert time.monotonic() - began < 6


def test_an_answered_connection_may_rest_longer_than_a_head_may_take(narrow_hub: Served) -> None:
    with wire_from(narrow_hub, "127.0.0.2") as connection:
        connection.send(HEALTH)
        assert connection.answer().status == 200
        time.sleep(2)
        connection.send(HEALTH)
        assert connection.answer().status == 200


def test_a_body_has_its_own_time(narrow_hub: Served) -> None:
    request = post(narrow_hub)
    with wire_from(narrow_hub, "127.0.0.2") as connection:
        connection.send(request[:-5])
        time.sleep(2)
        connection.send(request[-5:])
        assert_answered(connection.answer())
