"""The referrals that an aid record fulfils, for the links in the chain (一户(人)一条救助链, 46-2.1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import CODE, table_of
from hub.foundation.prepared_sql import PreparedSql, by_columns, fetch, render, rows_of_arrays
from hub.model.aid import AidRecordRow
from hub.model.referrals import ReferralAidRow, ReferralRow
from hub.policy.facts.referrals import not_closed

_aid = table_of(AidRecordRow)
_referral = table_of(ReferralRow)
_link = table_of(ReferralAidRow)

Recorded = tuple[UUID, UUID, UUID | None, str]
"""The household, id, person and kind of an aid record."""


def _answered() -> PreparedSql:
    """The open referrals to the agency with the same kind and subject, and those that the record is already linked to."""
    row = rows_of_arrays(*(_aid.c[name] for name in ("household_id", "id", "person_id", "kind")))
    linked = sa.exists().where(
        _link.c.household_id == _referral.c.household_id,
        _link.c.referral_id == _referral.c.id,
        _link.c.aid_id == row.c.id,
    )
    waits = sa.and_(
        _referral.c.to_agency == sa.bindparam("agency_id", type_=CODE),
        _referral.c.need == row.c.kind,
        sa.or_(
            _referral.c.person_id.is_(None),
            row.c.person_id.is_(None),
            _referral.c.person_id == row.c.person_id,
        ),
        not_closed(_referral),
    )
    same = _referral.c.household_id == row.c.household_id
    return render(
        sa.select(row.c.id, _referral.c.id.label("referral_id"))
        .join_from(row, _referral, same)
        .where(sa.or_(waits, linked))
    )


_ANSWERED = _answered()


async def answered_by(
    session: AsyncSession, agency: str, records: Sequence[Recorded]
) -> Mapping[UUID, Sequence[UUID]]:
    """The referrals that each aid record of an agency fulfils, by the record's id."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    columns = by_columns(("household_id", "id", "person_id", "kind"), records)
    for row in await fetch(session, _ANSWERED, {"agency_id": agency, **columns}):
        found[row["id"]].append(row["referral_id"])
    return found
