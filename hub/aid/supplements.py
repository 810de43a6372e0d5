"""46-3.1, 分类施保: 100 yuan a month more for covered members of five classes (`hub.policy.facts.supplements`).

Each person gets it once, even as a member of several classes.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.circumstances.rules import REGISTRIES_OF
from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.persons import PersonRow
from hub.policy.facts.persons import present
from hub.policy.facts.supplements import CLASSES, supplemented
from hub.policy.permissions.field_scopes import CERTIFICATION, PERSON
from hub.policy.permissions.registry_scopes import read_scope
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.scope_sets import needs, together

CLAUSE = "46-3.1"
YUAN_A_MONTH = Decimal(100)
_person = table_of(PersonRow)

REGISTRIES = tuple(
    registry
    for member_class in CLASSES.values()
    if member_class.reported is not None
    for registry in REGISTRIES_OF[member_class.reported]
)
"""The registries that report the classes."""

NEEDED = together(
    CERTIFICATION.base,
    needs(*(read_scope(registry) for registry in (Department.CIVIL_AFFAIRS, *REGISTRIES))),
    *(PERSON[member_class.rests_on] for member_class in CLASSES.values()),
)
"""The scopes that a household's supplement depends on. Without all of them, the caller gets no warning about the amount."""


async def supplements_due(
    session: AsyncSession, grant: Grant, months: Mapping[UUID, tuple[UUID, UUID | None, date]]
) -> dict[UUID, Decimal]:
    """The supplement by the facts on record, in yuan a month: of one person, or of all covered members of a household.

    `months` holds (household, person or None, first day of the month) by any key. The result is empty if the grant lacks one
    of the scopes in `NEEDED`.
    """
    if not months or not grant.covers(NEEDED):
        return {}
    allowances = (
        sa.func.unnest(
            sa.cast(list(months), sa.ARRAY(sa.Uuid)),
            sa.cast([household for household, _, _ in months.values()], sa.ARRAY(sa.Uuid)),
            sa.cast([person for _, person, _ in months.values()], sa.ARRAY(sa.Uuid)),
            sa.cast([day for _, _, day in months.values()], sa.ARRAY(sa.Date)),
        )
        .table_valued(
            sa.column("id", sa.Uuid),
            sa.column("household_id", sa.Uuid),
            sa.column("person_id", sa.Uuid),
            sa.column("day", sa.Date),
        )
        .render_derived("allowances")
    )
    of = sa.and_(
        _person.c.household_id == allowances.c.household_id,
        sa.or_(allowances.c.person_id.is_(None), _person.c.id == allowances.c.person_id),
        present(_person),
        visible(_person, grant),
        supplemented(_person, allowances.c.day, lambda table: visible(table, grant)),
    )
    rows = await session.execute(
        sa.select(allowances.c.id, sa.func.count(_person.c.id).label("persons"))
        .select_from(allowances.outerjoin(_person, of))
        .group_by(allowances.c.id)
    )
    return {row.id: YUAN_A_MONTH * row.persons for row in rows}
