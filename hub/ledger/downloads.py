"""The access record of who takes a file that the hub made (46-4.2): the report of an import, an export."""

import hashlib
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.ledger.access import NOTHING_READ, AccessRecord, keep_record
from hub.model.ledger import AccessOutcome


async def keep_download(session: AsyncSession, grant: Grant, operation: str, job_id: UUID, rows: int) -> None:
    """Keep the record, in the transaction that opens the file. `operation_hash` is the SHA-256 of the job's id."""
    record = AccessRecord(
        agency_id=grant.agency,
        client_id=grant.client,
        person=grant.person,
        purpose=grant.purpose,
        operation_name=operation,
        operation_hash=hashlib.sha256(job_id.bytes).digest(),
        coordinates_digest=NOTHING_READ.digest,
        forbidden=(),
        household_ids=(),
        rows=rows,
        milliseconds=0,
        outcome=AccessOutcome.ANSWERED,
    )
    await keep_record(session, record, NOTHING_READ)
