"""HTTP/1.1: uvicorn's protocol on httptools, with the rules that it does not enforce (RFC 9110, RFC 9112).

- **An upgrade that the hub does not support is ignored** (RFC 9110 section 7.8). Java's HttpClient, Spring's RestClient and
  `curl --http2` offer `Upgrade: h2c` with every request; httptools then stops at the end of the head, and the body is lost.
  Here a new parser reads the head again without the offer, and continues with the body and what follows.
- The sizes of the head and the address are limited (431, 414). The head must be complete within HUB_HEAD_SECONDS of its first
  byte, the body within HUB_REQUEST_SECONDS of the head (408): a client that sends a byte now and then cannot hold a
  connection longer. An upload has that time for each 256 KiB. A new connection without data for HUB_HEAD_SECONDS is closed.
- The client must take each 256 KiB of a response within HUB_REQUEST_SECONDS, or the connection is cut.
- Connections are limited, in total and for each address (503); for IPv6, the first 64 bits of the address count.
- Requests are limited too (`hub.service.admission_control`): excess requests get 503 here, and their connection stays open.
- If a client closes its connection, its unfinished work is cancelled.
- HTTP/1.1 needs exactly one `Host` (RFC 9112 section 3.2), and trailers are not merged into headers (RFC 9110 section
  6.5.1).
- Refusals have a code and a message in both languages, as everywhere else.
"""

import asyncio
from collections import Counter, deque
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from auth.addresses import ISSUING_PATH
from hub.foundation.errors import RETRY_AFTER, HubError
from hub.foundation.settings import Settings
from hub.foundation.troubles import ServerBusy
from hub.service.admission_control import AdmissionControl, address_of
from hub.service.ending import TO_FINISH
from hub.service.write_timeout import PIECE, WriteTimeout
from schema.engine.execute.presence import Presence
from schema.engine.execute.request_queue import PAUSE
from schema.http.addresses import GRAPHQL_PATH, IMPORTS_PATH
from schema.http.endpoint import PRESENCE
from schema.http.refusals import (
    STATUSES,
    AddressTooLong,
    BodyTooLarge,
    HeadersTooLarge,
    MalformedHttp,
    RequestTimeout,
    TooManyConnections,
    error_body,
)

MOST_HEAD_BYTES = 65_536
MOST_ADDRESS_BYTES = 16_384
MOST_FIELDS = 100
_LINGER_SECONDS = 2
"""Seconds for which data of a refused client is still read and dropped, so that the client can read the refusal."""
_MOST_REFUSED = 100
"""The most excess connections that get an answer; those above are closed without one."""
_COUNTED, _ISSUING = GRAPHQL_PATH.encode(), ISSUING_PATH.encode()
"""The beginnings of the addresses whose requests are limited: by token, and by the client's address."""
_UPLOADS = IMPORTS_PATH.encode()
_BUSY = ServerBusy(retry_after_seconds=PAUSE)
_BUSY_BODY = error_body(_BUSY)
_MOST_OVERHEAD = 8
"""The most bytes on the wire for each byte of a body: chunks of one byte take six."""


class ServerConfig(uvicorn.Config):
    """The configuration with which every process of the hub listens."""

    def __init__(self, app: Any, settings: Settings, *, port: int, host: str = "127.0.0.1") -> None:
        self.request_seconds = settings.request_seconds
        self.head_seconds = min(settings.head_seconds, settings.request_seconds)
        self.max_connections = settings.max_connections
        self.connections_per_address = settings.connections_per_address
        self.admitted = Counter[str]()
        self.max_body_bytes = settings.max_body_bytes
        self.max_upload_bytes = settings.max_upload_bytes
        self.admission_control = AdmissionControl()
        super().__init__(
            app,
            host=host,
            port=port,
            http=HubProtocol,
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the public address is HUB_ISSUER; headers of proxies are not used
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=TO_FINISH,
            backlog=4096,
        )


class HubProtocol(HttpToolsProtocol):
    """One connection."""

    config: ServerConfig

    def __init__(self, config: uvicorn.Config, *arguments: Any, **named: Any) -> None:
        super().__init__(config, *arguments, **named)
        assert isinstance(config, ServerConfig)
        self._admitted_as: str | None = None  # the address under which it is counted
        self._most_body = config.max_body_bytes
        self._piece: int | None = None  # bytes of an upload since its clock was set; None: no upload
        self._received = 0  # bytes since the last whole request
        self._last = 0  # bytes that came last; they may contain several requests
        self._shared = 0  # bytes that came with the end of the request before
        self._under_way = False  # a request has begun and is not whole yet
        self._head_read = False
        self._ended = False  # nothing more is read here
        self._late: asyncio.TimerHandle | None = None
        self._clock_of_body = False
        self._seconds = 0  # of the running clock
        self._inside: deque[bytes | None] = deque()  # tokens of unanswered requests, None if not limited
        self._turned_away = False  # the incoming request is refused once it is complete
        self._presence = Presence()
        self._answering: deque[Any] = deque()  # uvicorn's cycles; the first one runs

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse a connection above the limit; close one that sends nothing."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._write_timeout = WriteTimeout(self.transport, self.loop, self.config.request_seconds)
        address, admitted = address_of(self.client), self.config.admitted
        if admitted.total() < self.config.max_connections and (
            admitted[address] < self.config.connections_per_address
        ):
            admitted[address] += 1
            self._admitted_as = address
            self._keep_alive(min(self.config.head_seconds, self.timeout_keep_alive))
        elif len(self.connections) - admitted.total() <= _MOST_REFUSED:
            self._refuse(TooManyConnections())
        else:
            self._ended = True
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        if self._admitted_as is not None:
            self.config.admitted[self._admitted_as] -= 1
            if not self.config.admitted[self._admitted_as]:
                del self.config.admitted[self._admitted_as]
        self._stop_clock()
        self._write_timeout.end()
        self._unset_keepalive_if_required()
        while self._inside:
            self._leave()
        self._presence.leave()
        for cycle in self._answering:  # uvicorn informs only the latest one
            cycle.disconnected = True
            cycle.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a violation of the rules is refused, and ends the connection."""
        if self._ended:
            return
        self._unset_keepalive_if_required()
        self._last = len(data)
        self._received += self._last
        try:
            self._read(data)
        except httptools.HttpParserError as error:
            self._refuse(_fault(error))
        else:
            self._bound()

    def _bound(self) -> None:
        """Enforce the limits of the request under way, in bytes and in seconds."""
        if self._ended:
            return
        if self._piece is not None and self.cycle is not None and self.cycle.response_complete:
            self._end_upload()  # it was answered before it was complete: without a token, or refused
        if not self._under_way:
            if self.cycle is None or self.cycle.response_complete:
                self._keep_alive(
                    self.timeout_keep_alive
                )  # the rest of a request that was answered early, or empty lines
        elif not self._head_read and self._received > MOST_HEAD_BYTES:
            self._refuse(self._too_large())
        elif self._received > MOST_HEAD_BYTES + _MOST_OVERHEAD * self._most_body:
            self._refuse(BodyTooLarge(most=self._most_body))
        else:
            self._start_clock()

    def _read(self, data: bytes) -> None:
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as stopped:
                if self._should_upgrade():
                    self._ended = True
                    self._stop_clock()
                    self.handle_websocket_upgrade()
                    return
                data = self._head_without_upgrade() + data[stopped.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
            else:
                return

    def _head_without_upgrade(self) -> bytes:
        """The head that was just read, without its upgrade. `Connection: Upgrade` alone offers nothing."""
        first = b"%b %b HTTP/%b" % (
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version().encode(),
        )
        kept = [b"%b: %b" % field for field in self.headers if field[0] != b"upgrade"]
        return b"\r\n".join([first, *kept, b"", b""])

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._under_way, self._head_read = True, False
        super().on_message_begin()
        self.scope[PRESENCE] = self._presence  # type: ignore[literal-required]

    def on_headers_complete(self) -> None:
        """Pass the request to the application, unless its head breaks a rule; raises HubError."""
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise MalformedHttp(reason="the hub is no proxy", reason_zh="本平台不是代理服务器")
            if not self._should_upgrade():
                return  # it is read again, without the offer
        self._check_head()
        if self.url == b"*" and self.parser.get_method() == b"OPTIONS":  # of the server as a whole
            self.url = b"/"
        elif not self.url.startswith((b"/", b"http")):
            raise MalformedHttp(reason="its address is none", reason_zh="请求地址无效")
        if self.url.startswith(_UPLOADS):
            self._most_body, self._piece = self.config.max_upload_bytes, 0
        if self._comes_in():
            super().on_headers_complete()
            self._answering.append(self.cycle)
        else:
            self._turned_away = True
        self._head_read = True
        self.headers = []  # trailers go here; they must not join the checked headers

    def on_body(self, body: bytes) -> None:
        """Store a part of the body, if the request was admitted."""
        if self._piece is not None:
            self._piece += len(body)
            if self._piece >= PIECE:
                self._piece = 0
                self._stop_clock()
        if not self._turned_away:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self.parser.should_upgrade() and not self._should_upgrade():
            return
        if self._turned_away:
            self._turned_away = False
            self._turn_away()
        else:
            super().on_message_complete()
        self._under_way, self._received, self._shared = False, 0, self._last
        self._end_upload()
        self._stop_clock()

    def _end_upload(self) -> None:
        """From now on the limits are those of any request."""
        self._most_body, self._piece = self.config.max_body_bytes, None

    def on_response_complete(self) -> None:
        """A request was answered."""
        self._answering.popleft()
        self._leave()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """More data waits for the client than the client takes."""
        super().pause_writing()
        self._write_timeout.begin()

    def resume_writing(self) -> None:
        """The client has taken nearly all data."""
        self._write_timeout.end()
        super().resume_writing()

    def _comes_in(self) -> bool:
        """Whether the request is admitted. A request that could only be refused before earlier ones are answered, or before
        its body is sent, is always admitted."""
        counted = None
        if self.url.startswith(_COUNTED):
            counted = next((value for name, value in self.headers if name == b"authorization"), b"")
        elif self.url.startswith(_ISSUING):
            counted = b"from " + address_of(self.client).encode()
        if counted is not None:
            answering = self.cycle is not None and not self.cycle.response_complete
            if not self.config.admission_control.enter(counted, always=answering or self.expect_100_continue):
                return False
        self._inside.append(counted)
        return True

    def _leave(self) -> None:
        if self._inside and (counted := self._inside.popleft()) is not None:
            self.config.admission_control.leave(counted)

    def _turn_away(self) -> None:
        """Refuse a complete request. The connection stays open, unless the client closes it, and is not read until the client
        may try again: refusing more would take the time needed for answers."""
        if self.parser.should_keep_alive():
            self.transport.write(self._refusal(_BUSY, b"keep-alive"))
            self.flow.pause_reading()
            self.loop.call_later(PAUSE, self._read_again)
        else:
            self.transport.write(self._refusal(_BUSY, b"close"))
            self.transport.close()

    def _read_again(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _check_head(self) -> None:
        came = max(self._received + self._shared, self._last)
        if came > MOST_ADDRESS_BYTES:  # with fewer bytes nothing can be too large
            headers = sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
            size = len(self.parser.get_method()) + len(self.url) + headers + len("  HTTP/1.1\r\n\r\n")
            if len(self.url) > MOST_ADDRESS_BYTES or size > MOST_HEAD_BYTES:
                raise self._too_large()
        if len(self.headers) > MOST_FIELDS:
            raise self._too_large()
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise MalformedHttp(reason="it needs one Host", reason_zh="须有且仅有一个 Host 请求头")

    def _too_large(self) -> HubError:
        if len(self.url) > MOST_ADDRESS_BYTES:
            return AddressTooLong(most=MOST_ADDRESS_BYTES)
        return HeadersTooLarge(most=MOST_HEAD_BYTES, most_fields=MOST_FIELDS)

    def _keep_alive(self, seconds: int) -> None:
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _start_clock(self) -> None:
        """Start the time limit of the head, or of the body once the head is complete."""
        of_head = self._late is not None and not self._clock_of_body
        if self._late is None or (self._head_read and of_head):
            self._stop_clock()
            self._clock_of_body = self._head_read
            self._seconds = self.config.request_seconds if self._head_read else self.config.head_seconds
            self._late = self.loop.call_later(self._seconds, self._too_late)

    def _stop_clock(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self._refuse(RequestTimeout(seconds=self._seconds))

    def _refuse(self, error: HubError) -> None:
        """Refuse the invalid request, unless an earlier one is still being answered, and read nothing more."""
        self._ended = True
        self._stop_clock()
        cycle: Any = self.cycle
        answering = cycle is not None and not cycle.response_complete
        is_its_own = cycle is not None and self._under_way and self._head_read
        if answering and not is_its_own:
            cycle.keep_alive = False  # close once the earlier request is answered
        elif self.pipeline or (is_its_own and cycle.response_started):
            self.transport.close()
        else:
            if is_its_own:
                cycle.disconnected = True
                cycle.message_event.set()
            self._answer(error)

    def _refusal(self, error: HubError, connection: bytes) -> bytes:
        """A complete HTTP response."""
        body = _BUSY_BODY if error is _BUSY else error_body(error)
        head = [
            STATUS_LINE[STATUSES[type(error)]].rstrip(),
            *(b"%b: %b" % field for field in self.server_state.default_headers),
            b"content-type: application/json; charset=utf-8",
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"connection: %b" % connection,
        ]
        if seconds := error.extensions.get(RETRY_AFTER):
            head.append(f"retry-after: {seconds}".encode())
        return b"\r\n".join([*head, b"", body])

    def _answer(self, error: HubError) -> None:
        """Send the refusal, and end the connection."""
        self.transport.write(self._refusal(error, b"close"))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._late = self.loop.call_later(_LINGER_SECONDS, self.transport.close)


def _fault(error: httptools.HttpParserError) -> HubError:
    """The error for the client: the hub's rule that was broken, or a general one if the parser could not read the data."""
    if isinstance(error.__context__, HubError):
        return error.__context__
    return MalformedHttp(reason="it cannot be read", reason_zh="无法解析")
