"""`/exports`: a query over all its pages, as a file.

- `POST /exports` with `{"query": …, "variables": …, "format": "JSONL"}` (or CSV, XLSX) begins one; the query has one list as its
  only field, with `nodes`, `pageInfo { hasNextPage endCursor }` and the variable `$after`.
- `GET /exports/ID` returns its state; `GET /exports/ID/file` is the file, for a day, whole or in part (`Range`, RFC 9110
  section 14), and `GET /exports/ID/manifest` the signed manifest; `DELETE /exports/ID` cancels; `GET /exports` lists the
  client's.

Refuses: a missing or invalid token (401), a file without the scopes with which the export was begun (403), an export of another
client (404), an unfinished one (409), an expired one (410), a range outside the file (416), too many exports (429).
"""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from auth.grant import Grant
from auth.tokens import Tokens
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError, InvalidInput
from hub.foundation.settings import Settings
from hub.imports.sealed_parts import part_of, sizes_of_parts
from hub.imports.workbooks.writer import MEDIA_TYPE
from hub.ledger.downloads import save_download, save_request
from hub.ledger.refused_requests import RefusedRequests
from hub.model.export_jobs import ExportFormat
from hub.model.sealed_parts import JobFile, JobStatus
from hub.service.callers import Callers, page_of
from hub.service.client_transactions import ClientTransactions
from hub.service.exports import jobs
from hub.service.exports.jobs import ExportRequest, Job
from hub.service.exports.manifest import KIND, manifest_of
from schema.http.addresses import EXPORTS_PATH
from schema.http.refusals import json_response
from schema.http.request import read_json

_FILES: Mapping[ExportFormat, tuple[JobFile, str, str]] = {
    ExportFormat.JSONL: (JobFile.ROWS, "application/jsonl", "jsonl"),
    ExportFormat.CSV: (JobFile.TABLE, "text/csv; charset=utf-8", "csv"),
    ExportFormat.XLSX: (JobFile.TABLE, MEDIA_TYPE, "xlsx"),
}


_BEGINNING, _CANCELLATION, _FILE = "export", "export cancellation", "export file"
"""The names of these requests in access records."""


class RangeNotSatisfiable(HubError, numbers=("most",)):
    """The file has {most} bytes; ask for a part of them.
    文件共 {most} 字节,请求的范围不在其中。
    """


_STATUSES: Mapping[type[HubError], int] = {
    jobs.ExportNotFinished: 409,
    jobs.ExportExpired: 410,
    RangeNotSatisfiable: 416,
    jobs.TooManyExports: 429,
}


class Exports:
    """The routes. `wake`: called when an export waits."""

    def __init__(
        self,
        database: ClientTransactions,
        secrecy: Secrecy,
        tokens: Tokens,
        settings: Settings,
        wake: Callable[[], None],
        refusals: RefusedRequests,
    ) -> None:
        self._database, self._secrecy, self._wake = database, secrecy, wake
        self._most_bytes = settings.max_body_bytes
        self._tokens, self._settings = tokens, settings
        callers, own = Callers(tokens, settings, refusals), f"{EXPORTS_PATH}/{{id:uuid}}"
        self.routes = [
            Route(EXPORTS_PATH, callers.answered(self._create, _STATUSES), methods=["POST"]),
            Route(EXPORTS_PATH, callers.answered(self._list, _STATUSES), methods=["GET"]),
            Route(own, callers.answered(self._show, _STATUSES), methods=["GET"]),
            Route(own, callers.answered(self._cancel, _STATUSES), methods=["DELETE"]),
            Route(f"{own}/file", callers.answered(self._file, _STATUSES), methods=["GET"]),
            Route(f"{own}/manifest", callers.answered(self._manifest, _STATUSES), methods=["GET"]),
        ]

    async def _create(self, http: Request, grant: Grant) -> Response:
        request, form = _request(await read_json(http, self._most_bytes))
        async with self._database.recorded(grant, _BEGINNING) as session:
            job = await jobs.create_export(session, grant, self._secrecy, request, form)
            await save_request(session, grant, _BEGINNING, job["id"])
        self._wake()
        headers = {"Location": f"{EXPORTS_PATH}/{job['id']}"}
        return json_response(orjson.dumps(_body(job)), 201, headers=headers)

    async def _list(self, http: Request, grant: Grant) -> Response:
        after, first = page_of(http)
        async with self._database.write(grant) as session:
            found = await jobs.list_exports(session, grant, after, first)
        return json_response(orjson.dumps({"exports": [_body(job) for job in found]}), 200)

    async def _show(self, http: Request, grant: Grant) -> Response:
        async with self._database.write(grant) as session:
            job = await jobs.find_export(session, grant, http.path_params["id"])
        return json_response(orjson.dumps(_body(job)), 200)

    async def _cancel(self, http: Request, grant: Grant) -> Response:
        job_id = http.path_params["id"]
        async with self._database.recorded(grant, _CANCELLATION, job_id) as session:
            job = await jobs.cancel_export(session, grant, job_id)
            await save_request(session, grant, _CANCELLATION, job_id)
        return json_response(orjson.dumps(_body(job)), 200)

    async def _file(self, http: Request, grant: Grant) -> Response:
        job_id = http.path_params["id"]
        async with self._database.recorded(grant, _FILE, job_id) as session:
            job = await jobs.readable_export(session, grant, job_id)
            file, media, ending = _FILES[job["format"]]
            sizes = await sizes_of_parts(session, job["id"], file)
            total = sum(sizes)
            span = _span(http.headers.get("range"), total)
            await save_download(session, grant, _FILE, job_id, job["rows"])
        first, last = span or (0, total - 1)
        headers = {
            "Content-Length": str(last - first + 1),
            "Content-Disposition": f'attachment; filename="export-{job["id"]}.{ending}"',
            "Accept-Ranges": "bytes",
            "ETag": f'"{job["id"]}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        if span:
            headers["Content-Range"] = f"bytes {first}-{last}/{total}"
        content = self._content(grant, job["id"], file, sizes, first, last)
        return StreamingResponse(content, 206 if span else 200, headers, media)

    async def _manifest(self, http: Request, grant: Grant) -> Response:
        async with self._database.write(grant) as session:
            job = await jobs.readable_export(session, grant, http.path_params["id"])
            await save_download(session, grant, "export manifest", job["id"], job["rows"])
        file, _, _ = _FILES[job["format"]]
        manifest = await manifest_of(
            partial(self._database.write, grant), self._secrecy, self._settings, job, file
        )
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(self._tokens.sign(manifest, KIND), headers=headers, media_type="application/jose")

    async def _content(
        self, grant: Grant, job_id: UUID, file: JobFile, sizes: list[int], first: int, last: int
    ) -> AsyncIterator[bytes]:
        """The bytes `first` to `last` of a file, in parts."""
        begins = 0
        for number, size in enumerate(sizes):
            if begins <= last and begins + size > first:
                async with self._database.write(grant) as session:
                    part = await part_of(session, self._secrecy, job_id, file, number)
                yield part[max(first - begins, 0) : last + 1 - begins]
            begins += size


def _request(body: object) -> tuple[ExportRequest, ExportFormat]:
    """The query and the format of a request; raises InvalidInput."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise InvalidInput(
            path=("query",), field="query", reason="a query of GraphQL", reason_zh="须为 GraphQL 查询"
        )
    variables, name = body.get("variables"), body.get("operationName")
    variables = {} if variables is None else variables
    if not isinstance(variables, dict):
        raise InvalidInput(path=("variables",), field="variables", reason="an object", reason_zh="须为对象")
    if not isinstance(name, str | None):
        raise InvalidInput(
            path=("operationName",), field="operationName", reason="a text", reason_zh="须为文本"
        )
    form = body.get("format", ExportFormat.JSONL)
    if form not in set(ExportFormat):
        words = ", ".join(ExportFormat)
        raise InvalidInput(
            path=("format",), field="format", reason=f"one of {words}", reason_zh=f"须为 {words} 之一"
        )
    return ExportRequest(body["query"], variables, name), ExportFormat(form)


def _span(asked: str | None, total: int) -> tuple[int, int] | None:
    """The first and the last byte of a range; None for the whole file, also if several ranges are requested. Raises
    RangeNotSatisfiable."""
    unit, _, text = (asked or "").partition("=")
    begin, dash, end = text.strip().partition("-")
    numbers = all(one.isascii() and one.isdigit() and len(one) < 19 for one in (begin, end) if one)
    if unit.strip() != "bytes" or not dash or not numbers or not (begin or end):
        return None
    first = int(begin) if begin else max(total - int(end), 0)
    last = min(int(end), total - 1) if begin and end else total - 1
    if first > last:
        raise RangeNotSatisfiable(most=total)
    return first, last


def _body(job: Job) -> dict[str, object]:
    """An export as its client may see it."""
    reason = {"code": job["code"], "message": job["message"], "messageZh": job["message_zh"]}
    return {
        "id": str(job["id"]),
        "format": job["format"],
        "status": job["status"],
        "rows": job["rows"],
        "withheld": job["withheld"],
        "error": reason if job["code"] else None,
        "file": f"{EXPORTS_PATH}/{job['id']}/file" if job["status"] == JobStatus.DONE else None,
        "createdAt": job["created_at"].isoformat(),
        "finishedAt": job["finished_at"].isoformat() if job["finished_at"] else None,
    }
