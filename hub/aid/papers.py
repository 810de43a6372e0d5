"""46-3.3: papers of urgent aid that was paid first are supplied afterwards (补齐相关手续或证明材料)."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.amendments import AidAmendment, amend_aid
from hub.aid.commands import AidKey
from hub.foundation.calendar import today
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput
from hub.model.aid import AidKind, AidRecordRow, TemporaryDetailRow, TemporaryForm
from hub.policy.facts.versions import current

_aid, _detail = table_of(AidRecordRow), table_of(TemporaryDetailRow)
REASON = "补齐手续或证明材料 Papers supplied (46-3.3)"


class NoPapersOwed(HubError):
    """No papers are owed for this record: it was not paid first, or they were supplied (46-3.3).
    该记录无须补交材料:不是先行救助,或已补齐(46-3.3)。
    """


async def supply_papers(
    session: AsyncSession, grant: Grant, key: AidKey, expected_version: int, supplied_on: date
) -> AidKey:
    """Keep when the papers came, as an amendment with its event; the first record stays readable.

    Raises NoPapersOwed, InvalidInput, and what `amend_aid` raises.
    """
    amendment = AidAmendment(
        expected_version, REASON, {}, {"papers_supplied_on": supplied_on}, AidKind.TEMPORARY
    )
    owed = (
        await session.execute(
            sa.select(_detail.c.form, _detail.c.papers_supplied_on, _aid.c.decided_on)
            .join_from(
                _aid, _detail,
                sa.and_(*(_aid.c[name] == _detail.c[name] for name in ("household_id", "id", "version"))),
            )
            .where(
                _aid.c.household_id == key[0], _aid.c.id == key[1], current(_aid),
                _aid.c.agency_id == grant.agency, _aid.c.version == expected_version,
            )
        )
    ).one_or_none()  # fmt: skip
    if owed is not None:
        if owed.form != TemporaryForm.PAY_FIRST or owed.papers_supplied_on is not None:
            raise NoPapersOwed(path=("id",))
        if not owed.decided_on <= supplied_on <= today():
            reason, reason_zh = "from the day of the decision to today", "须在决定之日至今天之间"
            raise InvalidInput(path=("suppliedOn",), field="suppliedOn", reason=reason, reason_zh=reason_zh)
    return (await amend_aid(session, grant, key, amendment)).key
