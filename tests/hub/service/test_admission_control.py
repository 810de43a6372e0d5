"""Admission control: a process admits what it can answer within a second, refuses the rest at once, and gives every client a
share."""

import socket
from contextlib import ExitStack

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.service.admission_control import AdmissionControl
from tests.fixtures.served import free_port, serve


class Clock:
    """A clock that a test sets, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        """The present time in seconds."""
        return self.now


def test_a_burst_of_a_hundred_is_let_in_whatever_was_before_and_the_next_is_refused() -> None:
    admission_control = AdmissionControl(Clock())
    assert [admission_control.enter(b"one") for _ in range(101)] == [True] * 100 + [False]
    admission_control.leave(b"one")
    assert admission_control.enter(b"one")


def test_a_client_that_fills_the_hub_keeps_nobody_else_out() -> None:
    admission_control = AdmissionControl(Clock())
    for _ in range(200):
        admission_control.enter(b"many")
    assert admission_control.enter(b"few")
    assert not admission_control.enter(b"many")


def test_a_process_that_answers_more_lets_in_more() -> None:
    clock = Clock()
    admission_control = AdmissionControl(clock)
    for _ in range(100):
        assert admission_control.enter(b"one")
    for _ in range(4_000):  # a thousand in a second
        clock.now += 0.001
        admission_control.leave(b"one")
        admission_control.enter(b"one")
    let_in = sum(admission_control.enter(b"one") for _ in range(2_000))
    assert 350 < let_in < 550


def _head(token: str, length: int) -> bytes:
    return (
        f"POST /graphql HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


def _answer(connection: socket.socket) -> bytes:
    connection.settimeout(20)
    return connection.recv(65_536)


def test_one_request_too_many_is_refused_at_once_its_connection_stays_and_another_client_comes_in(
    settings: Settings, keys: Keys
) -> None:
    with serve(f"postgresql://hub@127.0.0.1:{free_port()}/hub", settings, keys) as hub, ExitStack() as opened:

        def connected() -> socket.socket:
            address = ("127.0.0.1", int(hub.url.rpartition(":")[2]))
            return opened.enter_context(socket.create_connection(address))

        many = hub.token("education@410105")
        for _ in range(100):
            connected().sendall(_head(many, 10) + b"{")  # the request is incomplete, and so gets no answer
        more, few = connected(), connected()
        more.sendall(_head(many, 2) + b"{}")
        refused = _answer(more)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"SERVER_BUSY" in refused
        assert b"\r\nretry-after: 2\r\n" in refused
        more.sendall(b"GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n")
        assert _answer(more).startswith(b"HTTP/1.1 200 ")
        few.sendall(_head("few", 2) + b"{}")
        assert _answer(few).startswith(b"HTTP/1.1 401 "), "no such token, but it was let in"
