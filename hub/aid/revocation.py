"""Revoking aid: the last version of a record, with the reason (46-4.3, 46-2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.aid.amendments import ChangeOfAid, OwnRecord, draft_of, supersede
from hub.aid.commands import AidKey
from hub.commands.context import CommandContext
from hub.commands.update import update
from hub.commands.warnings import Warned
from hub.foundation.texts import required_text
from hub.model.aid import AidStatus, CorrectionReason

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Revocation:
    """The reason of a revocation: the policy's code and the agency's own words."""

    expected_version: int
    because: CorrectionReason
    reason: str


class _RevokeAid(ChangeOfAid[Revocation]):
    name = "revokeAid"

    def check_shape(self, context: CommandContext, revocation: Revocation) -> None:
        _reason(revocation)

    def check_state(self, context: CommandContext, record: OwnRecord, revocation: Revocation) -> bool:
        row = record.row
        present = row["status"], row["revoked_because"], row["amendment_reason"]
        if present == (AidStatus.REVOKED, revocation.because, _reason(revocation)):
            return False
        return super().check_state(context, record, revocation)

    async def write(
        self, context: CommandContext, record: OwnRecord, revocation: Revocation
    ) -> Sequence[Warned]:
        draft = replace(
            await draft_of(context.session, record.row),
            status=AidStatus.REVOKED,
            amendment_reason=_reason(revocation),
            revoked_because=revocation.because,
        )
        await supersede(context.session, context.grant, record.row, record.to, draft)
        return ()


_REVOKE_AID = _RevokeAid()


async def revoke_aid(context: CommandContext, key: AidKey, revocation: Revocation) -> AidKey:
    """Revoke a record of the caller's agency; every version stays readable. A repeated request writes nothing and returns
    the record. A charity offer that the record used is available again (46-3.6), the aid no longer counts for an
    entitlement, and paid money can be recovered (`hub.recoveries`).

    Raises NotFound, NotYourRecord, ForbiddenWrite, StaleVersion, AlreadyRevoked, InvalidInput.
    """
    return (await update(context, _REVOKE_AID, key, revocation.expected_version, revocation)).key


def _reason(revocation: Revocation) -> str:
    return required_text("reason", revocation.reason, _LONGEST_REASON)
