"""Revoking aid, the one way to take a record back: a last version that says for which reason (46-4.3, 46-2.4)."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.amendments import check_standing, check_version, draft_of, own_record, supersede
from hub.aid.commands import AidKey
from hub.foundation.texts import said
from hub.ledger.receipts import Change, repeated
from hub.model.aid import AidStatus, CorrectionReason

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Revocation:
    """Why a record is taken back: the policy's reason, and the agency's own words."""

    expected_version: int
    because: CorrectionReason
    reason: str


async def revoke_aid(session: AsyncSession, grant: Grant, key: AidKey, revocation: Revocation) -> AidKey:
    """Take a record of one's own back; every version stays readable. The same of the same version again, and the same words
    again of what is revoked, write nothing and answer the record. An offer of charity that the record used can be given
    again (46-3.6), what it gave no longer counts towards an entitlement, and what was paid can be recovered (`hub.recoveries`).

    Raises NotFound, NotYourRecord, ForbiddenWrite, StaleVersion, AlreadyRevoked, InvalidInput.
    """
    reason = said("reason", revocation.reason, _LONGEST_REASON)
    row, to = await own_record(session, grant, key)
    if await repeated(
        session, grant.agency, Change("revokeAid", key, revocation.expected_version, revocation)
    ):
        return key
    check_version(row, revocation.expected_version)
    if (row["status"], row["revoked_because"], row["amendment_reason"]) == (
        AidStatus.REVOKED, revocation.because, reason,
    ):  # fmt: skip
        return key
    check_standing(row)
    draft = replace(
        await draft_of(session, row), status=AidStatus.REVOKED, amendment_reason=reason,
        revoked_because=revocation.because,
    )  # fmt: skip
    await supersede(session, grant, row, to, draft)
    return key
