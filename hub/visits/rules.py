"""The kinds of visits, by the department whose duty they are (46-2.3). Registries report what they find at home to civil
affairs."""

from collections.abc import Mapping
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.agencies import Department
from hub.model.visits import VisitKind

KIND_OF: Mapping[Department, VisitKind] = MappingProxyType(
    {
        Department.EDUCATION: VisitKind.SCHOOL,
        Department.HEALTH: VisitKind.HEALTH,
        Department.DISABLED_FEDERATION: VisitKind.DISABILITY,
    }
)
"""The visits of these departments are of their own kind; all others are visits for assistance."""


def kind_of(visit: FromClause) -> ColumnElement[str]:
    """The code of the kind of a visit, by the department of its agency."""
    department = sa.func.split_part(visit.c.agency_id, "@", 1)
    kinds = {of.value: kind.value for of, kind in KIND_OF.items()}
    return sa.case(kinds, value=department, else_=VisitKind.ASSISTANCE.value)
