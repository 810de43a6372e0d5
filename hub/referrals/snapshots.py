"""Saves a snapshot of the household with a referral, as of the day it was sent (46-2.1)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from hub.foundation.calendar import day_of
from hub.foundation.database import table_of
from hub.foundation.prepared_sql import PreparedSql, by_columns, fetch, render, rows_of_arrays
from hub.model.certifications import CertificationRow
from hub.model.circumstances import CircumstanceRow
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.model.referral_snapshots import (
    SentCertificationRow,
    SentCircumstanceRow,
    SentHouseholdRow,
    SentMemberRow,
)
from hub.model.referrals import ReferralRow
from hub.policy.facts.certifications import in_force
from hub.policy.facts.circumstances import lasting
from hub.policy.facts.persons import present

_referral = table_of(ReferralRow)
_KEY = "household_id", "referral_id"


def _copy(snapshot: type[SQLModel], of: type[SQLModel], own: Mapping[str, str], there: Any) -> PreparedSql:
    """The statement that copies the rows of each referral's household for which `there` holds on the day of the referral.
    Columns with the same name are copied; `own` maps the others (snapshot -> original)."""
    into, table = table_of(snapshot), table_of(of)
    keys = rows_of_arrays(*(into.c[name] for name in _KEY))
    day = day_of(_referral.c.sent_at)
    columns = [column.name for column in into.columns if column.name not in _KEY]
    household = table.c.household_id if "household_id" in table.c else table.c.id
    source = keys.join(
        _referral,
        sa.and_(_referral.c.household_id == keys.c.household_id, _referral.c.id == keys.c.referral_id),
    ).join(table, household == keys.c.household_id)
    values = (table.c[own.get(name, name)] for name in columns)
    rows = sa.select(keys.c.household_id, keys.c.referral_id, *values).select_from(source)
    return render(sa.insert(into).from_select([*_KEY, *columns], rows.where(there(table, day))))


_STATEMENTS = (
    _copy(SentHouseholdRow, HouseholdRow, {}, lambda _household, _day: sa.true()),
    _copy(SentMemberRow, PersonRow, {"person_id": "id"}, present),
    _copy(SentCertificationRow, CertificationRow, {"certification_id": "id"}, in_force),
    _copy(SentCircumstanceRow, CircumstanceRow, {"circumstance_id": "id"}, lasting),
)


async def save_snapshots(session: AsyncSession, referrals: Sequence[tuple[UUID, UUID]]) -> None:
    """Save snapshots of the households of referrals (household id, referral id)."""
    if not referrals:
        return
    parameters = by_columns(_KEY, referrals)
    for statement in _STATEMENTS:
        await fetch(session, statement, parameters)
