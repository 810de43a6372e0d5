"""Aid that continues after the end of the certification it was based on (46-2.4)."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.aid import AidKind, AidRecordRow
from hub.model.certifications import CertificationRow
from hub.policy.facts.aid import counts, outlasts
from hub.policy.permissions.aid_fields import AID_RECORD
from hub.policy.permissions.row_policies import visible

_aid = table_of(AidRecordRow)
_certification = table_of(CertificationRow)

_WHATEVER_THE_CATEGORY = (AidKind.TEMPORARY,)
"""Aid kinds for anyone in urgent need (46-3.3); they do not depend on a certification."""


@dataclass(frozen=True, slots=True)
class RunningAid:
    """The warning that `count` records of these aid kinds continue after the end of a certification."""

    count: int
    kinds: str

    code: str = "RUNNING_AID"

    @property
    def message(self) -> str:
        """The fact in English."""
        return f"{self.count} records of aid ({self.kinds}) run on after this end; check whether they must end too (46-2.4)."

    @property
    def message_zh(self) -> str:
        """The fact in Chinese."""
        return f"有 {self.count} 条救助({self.kinds})在终止日之后仍在执行,请核查是否一并终止(46-2.4)。"


async def running_aid(session: AsyncSession, grant: Grant, key: tuple[UUID, UUID]) -> list[RunningAid]:
    """The warning for an ended certification (household id, id), or None.

    Only callers who may read the basic fields of aid get it, and only for the aid that they may see.
    """
    if not grant.covers(AID_RECORD.base):
        return []
    ended = _certification.alias("ended")
    rows = await session.execute(
        sa.select(_aid.c.kind, sa.func.count().label("records"))
        .join_from(
            ended,
            _aid,
            sa.and_(
                _aid.c.household_id == ended.c.household_id,
                sa.or_(ended.c.person_id.is_(None), _aid.c.person_id == ended.c.person_id),
            ),
        )
        .where(
            ended.c.household_id == key[0],
            ended.c.id == key[1],
            counts(_aid),
            outlasts(_aid, ended),
            _aid.c.kind.not_in(_WHATEVER_THE_CATEGORY),
            visible(_aid, grant),
        )
        .group_by(_aid.c.kind)
        .order_by(_aid.c.kind)
    )
    found = rows.all()
    return (
        [RunningAid(sum(row.records for row in found), ", ".join(row.kind.value for row in found))]
        if found
        else []
    )
