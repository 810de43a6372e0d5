"""Access records of actions without a request: issuing tokens, and an operator's commands."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from hub.ledger.access import NOTHING_READ, AccessRecord, save_record
from hub.model.ledger import AccessOutcome

OPERATOR = "hub-operator"
"""The client of an operator at the command line; `person` is the account of the machine."""


def act_of(
    operation: str,
    *,
    agency: str,
    client: str,
    purpose: str = "",
    person: str | None = None,
    rows: int = 0,
    households: Sequence[UUID] = (),
) -> AccessRecord:
    """The record of an action that read no field of the schema; `rows` is the number of listed or checked rows, `households`
    are theirs."""
    return AccessRecord(
        agency_id=agency,
        client_id=client,
        person=person,
        purpose=purpose,
        operation_name=operation,
        operation_hash=b"",
        coordinates_digest=NOTHING_READ.digest,
        forbidden=(),
        household_ids=households,
        rows=rows,
        milliseconds=0,
        outcome=AccessOutcome.ANSWERED,
    )


async def save_act(
    session: AsyncSession,
    operation: str,
    person: str,
    *,
    agency: str = "",
    rows: int = 0,
    households: Sequence[UUID] = (),
) -> None:
    """Store the record of an operator's action, in its transaction; `agency`: the agency whose client it concerns."""
    record = act_of(
        operation, agency=agency, client=OPERATOR, person=person, rows=rows, households=households
    )
    await save_record(session, record, NOTHING_READ)
