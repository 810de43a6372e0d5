"""The access record of who takes the report of an import, which shows values of refused rows (46-4.2)."""

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.imports.jobs import Job
from hub.ledger.access import NOTHING_READ, AccessRecord, keep_record
from hub.model.ledger import AccessOutcome


async def report_read(session: AsyncSession, grant: Grant, job: Job) -> None:
    """Keep the record, in the transaction that reads the report. `operation_hash` is the SHA-256 of the job's id."""
    record = AccessRecord(
        agency_id=grant.agency,
        client_id=grant.client,
        person=grant.person,
        purpose=grant.purpose,
        operation_name="import report",
        operation_hash=hashlib.sha256(job["id"].bytes).digest(),
        coordinates_digest=NOTHING_READ.digest,
        forbidden=(),
        household_ids=(),
        rows=job["refused"],
        milliseconds=0,
        outcome=AccessOutcome.ANSWERED,
    )
    await keep_record(session, record, NOTHING_READ)
