"""The manifest of an export: the query, who asked it, when, for what purpose, and the hash of the file.

It is signed as the tokens are (JWS, RFC 7515, `typ` `hub-manifest+jws`). With the public keys of `/.well-known/jwks.json`
anybody can check later that the file came from the hub.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from auth.documents import document_digest
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.imports.sealed_parts import part_of, sizes_of_parts
from hub.model.sealed_parts import JobFile
from hub.service.exports.jobs import Job, request_of

Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]
KIND = "hub-manifest+jws"
"""The `typ` of the header."""


async def manifest_of(
    transaction: Transaction, secrecy: Secrecy, settings: Settings, job: Job, file: JobFile
) -> bytes:
    """The manifest of a finished export as JSON. The file is read once, part by part, each in its own transaction."""
    digest, size = await _hash_of(transaction, secrecy, job, file)
    request = request_of(secrecy, job)
    manifest: dict[str, Any] = {
        "issuer": settings.issuer,
        "export": str(job["id"]),
        "agency": job["agency_id"],
        "client": job["client_id"],
        "person": job["person"],
        "purpose": job["purpose"],
        "beganAt": job["created_at"],
        "finishedAt": job["finished_at"],
        "question": {
            "sha256": document_digest(request.query).hex(),
            "document": request.query,
            "variables": request.variables,
            "operationName": request.operation_name,
        },
        "file": {"format": job["format"], "rows": job["rows"], "bytes": size, "sha256": digest},
        "withheld": list(job["withheld"]),
    }
    return orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS)


async def _hash_of(transaction: Transaction, secrecy: Secrecy, job: Job, file: JobFile) -> tuple[str, int]:
    """SHA-256 of a file in hex, and its size in bytes."""
    hashed, size = hashlib.sha256(), 0
    async with transaction() as session:
        parts = len(await sizes_of_parts(session, job["id"], file))
    for number in range(parts):
        async with transaction() as session:
            part = await part_of(session, secrecy, job["id"], file, number)
        hashed.update(part)
        size += len(part)
    return hashed.hexdigest(), size
