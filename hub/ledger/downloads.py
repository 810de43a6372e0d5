"""Access records of imports and exports: who begins or cancels one, or downloads a file (46-4.2)."""

import hashlib
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.errors import HubError
from hub.ledger.access import NOTHING_READ, AccessRecord, save_record
from hub.model.ledger import AccessOutcome


async def save_download(session: AsyncSession, grant: Grant, operation: str, job_id: UUID, rows: int) -> None:
    """Store the record of a download of `rows` rows, in the transaction that opens the file."""
    await save_request(session, grant, operation, job_id, rows)


async def save_request(
    session: AsyncSession,
    grant: Grant,
    operation: str,
    job_id: UUID | None,
    rows: int = 0,
    refusal: HubError | None = None,
) -> None:
    """Store the record, in the transaction of the request, or in one of its own if the request was refused. `operation_hash`
    is the SHA-256 of the job's id, or of an empty text without a job. `rows`: of a downloaded file."""
    record = AccessRecord(
        agency_id=grant.agency,
        client_id=grant.client,
        person=grant.person,
        purpose=grant.purpose,
        operation_name=operation,
        operation_hash=hashlib.sha256(job_id.bytes if job_id else b"").digest(),
        coordinates_digest=NOTHING_READ.digest,
        forbidden=(),
        household_ids=(),
        rows=rows,
        milliseconds=0,
        outcome=AccessOutcome.REFUSED if refusal else AccessOutcome.ANSWERED,
        code=refusal.code if refusal else None,
        codes=(refusal.code,) if refusal else (),
    )
    await save_record(session, record, NOTHING_READ)
