"""The access records of who begins, cancels or takes a file that the hub imports or makes (46-4.2): of imports and exports."""

import hashlib
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.errors import HubError
from hub.ledger.access import NOTHING_READ, AccessRecord, keep_record
from hub.model.ledger import AccessOutcome


async def keep_download(session: AsyncSession, grant: Grant, operation: str, job_id: UUID, rows: int) -> None:
    """Keep the record of who takes a file of so many rows, in the transaction that opens it."""
    await keep_request(session, grant, operation, job_id, rows)


async def keep_request(
    session: AsyncSession,
    grant: Grant,
    operation: str,
    job_id: UUID | None,
    rows: int = 0,
    refusal: HubError | None = None,
) -> None:
    """Keep the record, in the transaction of the request, or in one of its own where it was refused. `operation_hash` is the
    SHA-256 of the job's id, of nothing where there is none. `rows`: of a file that is taken."""
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
    await keep_record(session, record, NOTHING_READ)
