"""`/imports`: an agency uploads a file, watches its import, and downloads its report; the same import as `hub import`.

- `POST /imports?kind=households&fileName=…` with the file as the body, or as the file of a form whose fields say the same.
- An interrupted upload can continue: `HEAD /imports/ID` returns `Upload-Offset`, `PATCH /imports/ID` with that header sends
  the rest. `Upload-Complete: ?0` says that more will come (both as in the IETF's draft of resumable uploads).
- `GET /imports/ID` returns the progress; a client that accepts text/event-stream gets an event at each change.
- With `preview=true` the file is tried first: `GET /imports/ID/preview` lists each value that it would replace, and `POST
  /imports/ID/confirm?hash=…` imports it, if the outcome would still be the same.
- `GET /imports/ID/report` gives the reasons for refused rows, as CSV; `GET /imports/ID/rejected` is a workbook of those
  rows, to be corrected and sent again.
- `DELETE /imports/ID` cancels; `POST /imports/ID/undo` undoes what was imported. `GET /imports` lists the agency's.

Refuses: a missing or invalid token (401), a file that the grant may not import (403), a job of another agency (404), a wrong
offset or a complete file (409), more than HUB_MAX_UPLOAD_BYTES (413), too many jobs, watchers or requests at once (429).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date
from functools import partial
from itertools import count
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
from hub.imports import jobs
from hub.imports.job_previews import NoPreview, confirm
from hub.imports.job_undoing import NothingToUndo, request_undo
from hub.imports.jobs import Job, JobDraft
from hub.imports.refusals import PreviewOutdated
from hub.imports.sealed_parts import PART_BYTES, part_of
from hub.imports.workbooks.writer import MEDIA_TYPE
from hub.ledger.downloads import save_download, save_request
from hub.ledger.refused_requests import RefusedRequests
from hub.model.import_runs import ImportKind
from hub.model.sealed_parts import JobFile, JobStatus
from hub.service.callers import Callers, page_of
from hub.service.client_transactions import ClientTransactions
from hub.service.uploads.bodies import Upload
from hub.service.uploads.watching import TooManyProgressStreams, Watchers, has_ended
from schema.http.addresses import IMPORTS_PATH
from schema.http.media_types import field_value
from schema.http.refusals import json_response, malformed

EVENTS = "text/event-stream"
_ENDED = {JobStatus.DONE, JobStatus.REFUSED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.UNDONE}
_READABLE = {JobStatus.DONE, JobStatus.PREVIEWED}
_LOOK = 1.0
"""Seconds between two checks of a watched job."""
_OFFSET, _COMPLETE = "Upload-Offset", "Upload-Complete"
_UPLOAD, _CANCELLATION, _REPORT = "import upload", "import cancellation", "import report"
_CONFIRMATION, _UNDOING = "import confirmation", "import undoing"
"""The names of these requests in access records."""
_REPORTS = {
    "preview": (JobFile.PREVIEW, "text/csv; charset=utf-8", "preview.csv"),
    "report": (JobFile.REPORT, "text/csv; charset=utf-8", "csv"),
    "rejected": (JobFile.REJECTED, MEDIA_TYPE, "rejected.xlsx"),
}
"""The result files of an import, by the last part of their address, with media type and file extension."""
_STATUSES: Mapping[type[HubError], int] = {
    jobs.UploadOffsetMismatch: 409,
    jobs.UploadEnded: 409,
    jobs.UploadConflict: 409,
    NoPreview: 409,
    NothingToUndo: 409,
    PreviewOutdated: 409,
    jobs.ImportNotFinished: 409,
    jobs.NothingRefused: 404,
    jobs.ReportExpired: 410,
    jobs.UploadTooLarge: 413,
    jobs.TooManyImports: 429,
    TooManyProgressStreams: 429,
}


class Uploads:
    """The routes. `wake`: called when a file is complete."""

    def __init__(
        self,
        database: ClientTransactions,
        secrecy: Secrecy,
        tokens: Tokens,
        settings: Settings,
        wake: Callable[[], None],
        refusals: RefusedRequests,
    ) -> None:
        self._database, self._secrecy, self._settings = database, secrecy, settings
        self._wake, self._watchers = wake, Watchers()
        callers = Callers(tokens, settings, refusals)
        self.routes = [
            Route(IMPORTS_PATH, callers.answered(self._create, _STATUSES), methods=["POST"]),
            Route(IMPORTS_PATH, callers.answered(self._list, _STATUSES), methods=["GET"]),
            Route(f"{IMPORTS_PATH}/{{id:uuid}}", callers.answered(self._add, _STATUSES), methods=["PATCH"]),
            Route(
                f"{IMPORTS_PATH}/{{id:uuid}}", callers.answered(self._cancel, _STATUSES), methods=["DELETE"]
            ),
            Route(
                f"{IMPORTS_PATH}/{{id:uuid}}",
                callers.answered(self._show, _STATUSES),
                methods=["GET", "HEAD"],
            ),
            Route(
                f"{IMPORTS_PATH}/{{id:uuid}}/confirm",
                callers.answered(self._confirm, _STATUSES),
                methods=["POST"],
            ),
            Route(
                f"{IMPORTS_PATH}/{{id:uuid}}/undo", callers.answered(self._undo, _STATUSES), methods=["POST"]
            ),
            *(
                Route(
                    f"{IMPORTS_PATH}/{{id:uuid}}/{name}",
                    callers.answered(partial(self._report, file), _STATUSES),
                    methods=["GET"],
                )
                for name, (file, _, _) in _REPORTS.items()
            ),
        ]

    async def _create(self, http: Request, grant: Grant) -> Response:
        upload = Upload(http, self._settings.max_upload_bytes)
        first = await upload.begin()
        fields = {**http.query_params, **upload.fields}
        draft = _draft(fields, upload.file_name)
        async with self._database.recorded(grant, _UPLOAD) as session:
            job, is_new = await jobs.create_job(session, grant, draft)
            await save_request(session, grant, _UPLOAD, job["id"])
        if is_new:
            await self._receive(http, grant, job["id"], 0, upload, first)
        return await self._job_response(grant, job["id"], 201 if is_new else 200)

    async def _add(self, http: Request, grant: Grant) -> Response:
        offset = http.headers.get(_OFFSET, "")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
            raise malformed(f"{_OFFSET} is not a number of bytes", f"{_OFFSET} 须为字节数")
        upload = Upload(http, self._settings.max_upload_bytes)
        if upload.is_form:
            raise malformed(
                "the rest of a file is sent as it is, not in a form", "续传内容须直接作为请求体发送"
            )
        first, job_id = await upload.begin(), http.path_params["id"]
        async with self._database.recorded(grant, _UPLOAD, job_id) as session:
            await jobs.receiving(session, grant, job_id, int(offset))
            await save_request(session, grant, _UPLOAD, job_id)
        await self._receive(http, grant, job_id, int(offset), upload, first)
        return await self._job_response(grant, job_id, 200)

    async def _receive(
        self, http: Request, grant: Grant, job_id: UUID, offset: int, upload: Upload, first: bytes
    ) -> None:
        """Store the uploaded bytes in parts, also if the client breaks off."""
        waiting = bytearray(first)
        try:
            async for chunk in upload:
                waiting += chunk
                while len(waiting) >= PART_BYTES:
                    offset = await self._store(grant, job_id, offset, bytes(waiting[:PART_BYTES]))
                    del waiting[:PART_BYTES]
        finally:
            if waiting:
                offset = await self._store(grant, job_id, offset, bytes(waiting))
        if http.headers.get(_COMPLETE, "?1") == "?1":
            async with self._database.write(grant) as session:
                await jobs.complete(session, grant, job_id, offset)
            self._wake()

    async def _store(self, grant: Grant, job_id: UUID, offset: int, content: bytes) -> int:
        if offset + len(content) > self._settings.max_upload_bytes:
            raise jobs.UploadTooLarge(most=self._settings.max_upload_bytes)
        async with self._database.write(grant) as session:
            return await jobs.add_part(session, grant, self._secrecy, job_id, offset, content)

    async def _cancel(self, http: Request, grant: Grant) -> Response:
        job_id = http.path_params["id"]
        async with self._database.recorded(grant, _CANCELLATION, job_id) as session:
            job = await jobs.cancel(session, grant, job_id)
            await save_request(session, grant, _CANCELLATION, job_id)
        return json_response(orjson.dumps(_body(grant, job)), 200)

    async def _confirm(self, http: Request, grant: Grant) -> Response:
        job_id = http.path_params["id"]
        async with self._database.recorded(grant, _CONFIRMATION, job_id) as session:
            job = await confirm(session, grant, job_id, http.query_params.get("hash", ""))
            await save_request(session, grant, _CONFIRMATION, job_id)
        self._wake()
        return json_response(orjson.dumps(_body(grant, job)), 200)

    async def _undo(self, http: Request, grant: Grant) -> Response:
        job_id = http.path_params["id"]
        async with self._database.recorded(grant, _UNDOING, job_id) as session:
            job = await request_undo(session, grant, job_id)
            await save_request(session, grant, _UNDOING, job_id)
        self._wake()
        return json_response(orjson.dumps(_body(grant, job)), 200)

    async def _list(self, http: Request, grant: Grant) -> Response:
        after, first = page_of(http)
        async with self._database.write(grant) as session:
            found = await jobs.list_jobs(session, grant, after, first)
        listed = {"imports": [_body(grant, job) for job in found]}
        return json_response(orjson.dumps(listed), 200)

    async def _show(self, http: Request, grant: Grant) -> Response:
        if EVENTS in field_value(http.headers, "accept"):
            await self._job(grant, http.path_params["id"])
            events = self._events(grant, http.path_params["id"])
            return self._watchers.response(grant, events, EVENTS)
        return await self._job_response(grant, http.path_params["id"], 200)

    async def _events(self, grant: Grant, job_id: UUID) -> AsyncIterator[bytes]:
        """The job each time it changes, until the job or the token ends."""
        before = b""
        while not has_ended(grant):
            job = await self._job(grant, job_id)
            if (body := orjson.dumps(_body(grant, job))) != before:
                before = body
                yield b"event: import\ndata: " + body + b"\n\n"
            if job["status"] in _ENDED | _READABLE:
                return
            await asyncio.sleep(_LOOK)

    async def _report(self, file: JobFile, http: Request, grant: Grant) -> Response:
        job_id = http.path_params["id"]
        async with self._database.recorded(grant, _REPORT, job_id) as session:
            job = await jobs.readable_report(session, grant, job_id, file)
            await save_download(session, grant, _REPORT, job_id, job["refused"])
        media, ending = next((media, ending) for one, media, ending in _REPORTS.values() if one is file)
        headers = {
            "Content-Disposition": f'attachment; filename="import-{job["id"]}.{ending}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(self._parts(grant, job["id"], file), 200, headers, media)

    async def _parts(self, grant: Grant, job_id: UUID, file: JobFile) -> AsyncIterator[bytes]:
        for number in count():
            async with self._database.write(grant) as session:
                part = await part_of(session, self._secrecy, job_id, file, number)
            if not part:
                return
            yield part

    async def _job(self, grant: Grant, job_id: UUID) -> Job:
        async with self._database.write(grant) as session:
            return await jobs.find_job(session, grant, job_id)

    async def _job_response(self, grant: Grant, job_id: UUID, status: int) -> Response:
        job = await self._job(grant, job_id)
        complete = "?0" if job["status"] == JobStatus.RECEIVING else "?1"
        headers = {_OFFSET: str(job["received"]), _COMPLETE: complete}
        if status == 201:
            headers["Location"] = f"{IMPORTS_PATH}/{job_id}"
        return json_response(orjson.dumps(_body(grant, job)), status, headers=headers)


def _draft(fields: Mapping[str, str], file_name: str | None) -> JobDraft:
    kind, month = fields.get("kind", "").upper(), fields.get("month")
    if kind not in set(ImportKind):
        words = ", ".join(one.lower() for one in ImportKind)
        raise InvalidInput(
            path=("kind",), field="kind", reason=f"one of {words}", reason_zh=f"须为 {words} 之一"
        )
    try:
        of_month = None if month is None else date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise InvalidInput(
            path=("month",), field="month", reason="a month as in 2026-11", reason_zh="须为月份,如 2026-11"
        ) from error
    if (preview := fields.get("preview", "false").lower()) not in {"true", "false"}:
        raise InvalidInput(
            path=("preview",), field="preview", reason="true or false", reason_zh="只能填真或假"
        )
    name = fields.get("fileName") or file_name or "upload"
    return JobDraft(ImportKind(kind), name, of_month, fields.get("externalId"), preview == "true")


def _body(grant: Grant, job: Job) -> dict[str, object]:
    """A job as its agency may see it. The file's name may be a person's, so only its client sees it, and callers with the
    scopes with which the file was sent."""
    named = job["client_id"] == grant.client or set(job["scopes"]) <= grant.scopes
    month, ended, own = job["month"], job["status"] in _ENDED, f"{IMPORTS_PATH}/{job['id']}"
    reason = {"code": job["code"], "message": job["message"], "messageZh": job["message_zh"]}
    previewed = job["status"] == JobStatus.PREVIEWED
    preview = {"hash": job["preview_hash"], "changes": f"{own}/preview", "confirm": f"{own}/confirm"}
    return {
        "id": str(job["id"]),
        "kind": job["kind"],
        "status": job["status"],
        "fileName": job["file_name"] if named else None,
        "month": None if month is None else f"{month:%Y-%m}",
        "externalId": job["external_id"],
        "received": job["received"],
        "rows": {
            "done": job["rows_done"],
            "total": job["rows_total"],
            "changed": job["changed"],
            "refused": job["refused"],
        },
        "error": reason if job["code"] else None,
        "preview": preview if previewed else None,
        "report": f"{own}/report" if job["status"] in _READABLE else None,
        "rejected": f"{own}/rejected" if job["refused"] else None,
        "createdAt": job["created_at"].isoformat(),
        "finishedAt": job["finished_at"].isoformat() if ended and job["finished_at"] else None,
    }
