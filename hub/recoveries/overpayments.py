"""The overpayment of an aid record: the highest amount paid in any version, minus the amount that is due now; and whether goods
or services were given that are not due at all."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.aid import AidKind, AidRecordRow, CorrectionReason
from hub.model.households import HouseholdRow
from hub.model.recoveries import RecoveryRow
from hub.policy.facts.aid import is_delivered, is_revoked, went_out
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.row_policies import visible

_aid, _recovery, _household = table_of(AidRecordRow), table_of(RecoveryRow), table_of(HouseholdRow)
NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class AidInQuestion:
    """An aid record with its overpayment and the amount that is already being recovered, in yuan. `delivered`: goods or services
    were given; `valued`: with an amount."""

    household_id: UUID
    kind: AidKind
    agency_id: str
    person_id: UUID | None
    region: str
    revoked_because: CorrectionReason | None
    overpaid: Decimal
    being_recovered: Decimal
    delivered: bool
    valued: bool

    @property
    def goods_due(self) -> bool:
        """Whether goods or services without a recorded value must come back and are not being recovered yet."""
        taken_back = self.revoked_because is not None and self.delivered and not self.valued
        return taken_back and self.being_recovered == NOTHING


async def aid_in_question(
    session: AsyncSession, grant: Grant, key: tuple[UUID, UUID]
) -> AidInQuestion | None:
    """The record of a key (household id, aid record id), if the grant sees it.

    Nothing is due for a revoked record; for another record its amount is due. If the current version says that nothing was
    paid, there is no overpayment.
    """
    of_record = sa.and_(_aid.c.household_id == key[0], _aid.c.id == key[1], visible(_aid, grant))
    query = (
        sa.select(_aid, _household.c.region)
        .join(_household, _household.c.id == _aid.c.household_id)
        .where(of_record)
        .order_by(_aid.c.version)
    )
    versions = (await session.execute(query)).all()
    if not versions:
        return None
    last = versions[-1]
    paid = max((version.amount or NOTHING for version in versions if _went_out(version)), default=NOTHING)
    rightful = last.amount or NOTHING if _went_out(last) else paid
    if is_revoked(last.status):
        rightful = NOTHING
    claimed = await session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(_recovery.c.amount), NOTHING)).where(
            _recovery.c.household_id == key[0], _recovery.c.aid_id == key[1]
        )
    )
    return AidInQuestion(
        key[0],
        last.kind,
        last.agency_id,
        last.person_id,
        last.region,
        last.revoked_because,
        paid - rightful,
        claimed or NOTHING,
        delivered=any(is_delivered(version.status) for version in versions),
        valued=paid > NOTHING,
    )


def _went_out(version: sa.Row[tuple[object, ...]]) -> bool:
    return went_out(version.status, version.paid_on)


@dataclass(frozen=True, slots=True)
class RecoveryDue:
    """The warning that an amount must be recovered."""

    code: str = "RECOVERY_DUE"
    message: str = (
        "More was paid for this record than is rightful now; recover it with openRecovery (46-4.3)."
    )
    message_zh: str = "该记录已发放的款项超过应发数额,应使用 openRecovery 追回(46-4.3)。"


_GOODS_DUE = RecoveryDue(
    message="Goods or services were given on a false claim; recover them as such or by value with openRecovery (46-4.3).",
    message_zh="该记录的物资或服务系骗取、套取,应追回实物或折价追回(46-4.3)。",
)


async def recovery_due(session: AsyncSession, grant: Grant, key: tuple[UUID, UUID]) -> list[RecoveryDue]:
    """The warning for a record of the caller's agency (household id, id), or None; only callers who read amounts of its
    kind get it."""
    aid = await aid_in_question(session, grant, key)
    if aid is None or read_scope(aid.kind) not in grant.scopes:
        return []
    if aid.goods_due and aid.revoked_because is CorrectionReason.FALSE_CLAIM:
        return [_GOODS_DUE]
    return [RecoveryDue()] if aid.overpaid > aid.being_recovered else []
