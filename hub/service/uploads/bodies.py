"""The uploaded file in the body of a request, as a stream: the body itself, or the file of a form (multipart/form-data, RFC
7578)."""

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from hub.service.callers import ClientGone
from schema.http.refusals import BodyTooLarge, UnsupportedEncoding, malformed

MULTIPART = "multipart/form-data"
_MOST_FIELD_BYTES = 65_536


class Upload:
    """A body that holds a file. Read it by `async for`. `fields` and `file_name` of a form are known once its file begins: so
    the file must come last."""

    def __init__(self, http: Request, most_bytes: int) -> None:
        if http.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
            raise UnsupportedEncoding
        self._http, self._most = http, most_bytes
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        media, options = parse_options_header(http.headers.get("content-type"))
        self.is_form = media == MULTIPART
        if self.is_form and not options.get("boundary"):
            raise malformed("the form has no boundary", "表单缺少分隔符(boundary)")
        self._decoder = (
            MultipartDecoder(options["boundary"].encode(), _MOST_FIELD_BYTES) if self.is_form else None
        )
        self._parts = self._of_form() if self.is_form else self._stream()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._parts

    async def begin(self) -> bytes:
        """The first bytes of the file, after the fields; empty if the file is empty."""
        return await anext(self._parts, b"")

    async def _stream(self) -> AsyncIterator[bytes]:
        received = 0
        try:
            async for chunk in self._http.stream():
                received += len(chunk)
                if received > self._most + (_MOST_FIELD_BYTES if self.is_form else 0):
                    raise BodyTooLarge(most=self._most)
                if chunk:
                    yield chunk
        except ClientDisconnect as gone:
            raise ClientGone from gone

    async def _of_form(self) -> AsyncIterator[bytes]:
        assert self._decoder is not None
        stream = self._stream()
        field, ended, files = "", False, 0
        try:
            while not ended:
                event = self._decoder.next_event()
                match event:
                    case NeedData():
                        self._decoder.receive_data(await anext(stream, None))
                    case Field(name=str(name)):
                        field = name
                        self.fields[name] = ""
                    case File(filename=filename):
                        files += 1
                        if files > 1:
                            raise malformed("the form holds more than one file", "表单含有多个文件")
                        field, self.file_name = "", filename
                    case Data(data=data):
                        if field:
                            self.fields[field] += data.decode()
                        elif data:
                            yield bytes(data)
                    case Epilogue():
                        ended = True
        except (ValueError, RequestEntityTooLarge) as error:
            raise malformed("the form cannot be read", "无法解析表单") from error
        if not files:
            raise malformed("the form holds no file", "表单中没有文件")
