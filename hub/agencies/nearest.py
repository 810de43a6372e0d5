"""The agency of a department that is nearest to a place: at its village, its township, its county, or above."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hub.foundation.database import table_of
from hub.model.agencies import AgencyRow, Department

_agency = table_of(AgencyRow)


def nearest_agency(
    department: Department | ColumnElement[str], region: ColumnElement[str]
) -> ColumnElement[str]:
    """SQL: the code of the department's agency with the longest region code that contains the place; null if there is none."""
    agency = _agency.alias()
    return (
        sa.select(agency.c.id)
        .where(agency.c.department == department, sa.func.starts_with(region, agency.c.region))
        .order_by(sa.func.length(agency.c.region).desc())
        .limit(1)
        .scalar_subquery()
    )
