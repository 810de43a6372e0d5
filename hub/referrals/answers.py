"""Completed referrals whose aid was revoked later (46-2.1, 46-4.3)."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.aid import AidRecordRow
from hub.model.referrals import ReferralAidRow, ReferralRow, ReferralStatus
from hub.policy.facts.aid import revoked
from hub.policy.facts.versions import current
from hub.policy.permissions.field_scopes import REFERRAL
from hub.policy.permissions.row_policies import visible

_referral, _link, _aid = table_of(ReferralRow), table_of(ReferralAidRow), table_of(AidRecordRow)


def answer_revoked(referral: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether a referral is completed and all the aid that fulfilled it was revoked."""
    link, aid = _link.alias(), _aid.alias()
    answers = sa.and_(
        link.c.household_id == referral.c.household_id,
        link.c.referral_id == referral.c.id,
        aid.c.household_id == link.c.household_id,
        aid.c.id == link.c.aid_id,
        current(aid),
        visible(link, grant),
        visible(aid, grant),
    )
    taken_back = revoked(aid)
    return sa.and_(
        referral.c.status == ReferralStatus.COMPLETED.value,
        sa.exists().where(answers, taken_back).correlate_except(link, aid),
        sa.not_(sa.exists().where(answers, sa.not_(taken_back)).correlate_except(link, aid)),
    )


@dataclass(frozen=True, slots=True)
class AnswersRevoked:
    """The warning that `count` referrals were fulfilled only by a record that is now revoked."""

    count: int

    code: str = "ANSWER_REVOKED"

    @property
    def message(self) -> str:
        """The fact in English."""
        return f"{self.count} referrals were answered by this record alone; their need stands again (46-2.1)."

    @property
    def message_zh(self) -> str:
        """The fact in Chinese."""
        return f"有 {self.count} 件转办仅由该记录办结,撤销后需求仍未落实(46-2.1)。"


async def answers_revoked(
    session: AsyncSession, grant: Grant, key: tuple[UUID, UUID]
) -> list[AnswersRevoked]:
    """The warning for a revoked aid record (household id, id), or None. Only callers who read referrals and aid get it."""
    if not grant.covers(REFERRAL["answerRevoked"]):
        return []
    referral = _referral.alias()
    answered = sa.exists().where(
        _link.c.household_id == referral.c.household_id,
        _link.c.referral_id == referral.c.id,
        _link.c.aid_id == key[1],
    )
    count = await session.scalar(
        sa.select(sa.func.count())
        .select_from(referral)
        .where(
            referral.c.household_id == key[0],
            answered,
            answer_revoked(referral, grant),
            visible(referral, grant),
        )
    )
    return [AnswersRevoked(count)] if count else []
