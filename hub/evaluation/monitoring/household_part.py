"""The parts that every condition of monitoring uses: a day, a part of the households, and the members on that day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from auth.scopes import Scope
from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.aid import AidRecordRow
from hub.model.alerts import Finding
from hub.model.certifications import CertificationRow
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.policy.facts.aid import answers_need
from hub.policy.facts.circumstances import dead, reports
from hub.policy.facts.sight import everything
from hub.policy.facts.subjects import concerns
from hub.policy.permissions.registry_scopes import read_scope

HOUSEHOLD, PERSON = table_of(HouseholdRow), table_of(PersonRow)
CERTIFICATION, CIRCUMSTANCE, AID = (
    table_of(CertificationRow),
    table_of(CircumstanceRow),
    table_of(AidRecordRow),
)

DAY: ColumnElement[date] = sa.bindparam("day", type_=sa.Date)
FIRST, LAST = sa.bindparam("first", type_=sa.Uuid), sa.bindparam("last", type_=sa.Uuid)
NOBODY = sa.cast(sa.null(), sa.Uuid)
DEATHS = read_scope(Department.CIVIL_AFFAIRS)
"""The scope of the funeral records. A finding about living people depends on them too."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of a finding. `facts` makes the SQL of (household_id, person_id, evidence) for a part of the households
    on a day (`Part`). `needs`: the scopes of these facts; only readers with all of them see the alert. `by_entitlements`: the
    facts come from the evaluation of entitlements; all such findings share one statement."""

    facts: Callable[[], Select[Any]]
    needs: tuple[Scope, ...] = ()
    by_entitlements: bool = False


Conditions = Mapping[Finding, Condition]


@dataclass(frozen=True)
class Part:
    """Households with ids from `first` to `last`, on a day: the parameters of every statement of monitoring."""

    day: date
    first: UUID
    last: UUID

    @property
    def parameters(self) -> dict[str, Any]:
        """The values by parameter name."""
        return {"day": self.day, "first": self.first, "last": self.last}


def in_part(household_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a household is in the part."""
    return sa.and_(household_id >= FIRST, household_id <= LAST)


def of_part(table: FromClause) -> ColumnElement[bool]:
    """The row rule for tables beside a household: only rows of the part are read."""
    return in_part(table.c.household_id)


def living_of_part(person: FromClause) -> ColumnElement[bool]:
    """The row rule for persons: members of the part who are not dead. Only aid that continues after a death is found for the
    dead."""
    return sa.and_(of_part(person), sa.not_(dead(person, DAY, everything)))


def facts(
    household_id: ColumnElement[Any],
    person_id: ColumnElement[Any] | None,
    evidence: ColumnElement[str] | None = None,
) -> Select[Any]:
    """The columns of a condition: the subject, and the evidence that identifies the alert."""
    return sa.select(
        household_id.label("household_id"),
        (NOBODY if person_id is None else person_id).label("person_id"),
        (sa.literal("") if evidence is None else evidence).label("evidence"),
    )


def reported(*kinds: CircumstanceKind) -> tuple[FromClause, ColumnElement[bool]]:
    """Circumstances of these kinds that last on the day, with their condition."""
    circumstance = CIRCUMSTANCE.alias()
    return circumstance, sa.and_(reports(circumstance, DAY, *kinds), in_part(circumstance.c.household_id))


def helped(
    household_id: ColumnElement[Any],
    person_id: ColumnElement[Any],
    *conditions: ColumnElement[bool],
    aid: FromClause,
) -> ColumnElement[bool]:
    """Whether a person, or the household as a whole, has an aid record that meets conditions."""
    return (
        sa.exists()
        .where(
            aid.c.household_id == household_id,
            concerns(aid, person_id),
            answers_need(aid),
            *conditions,
        )
        .correlate_except(aid)
    )
