"""Who read or wrote a household's data. The county's civil affairs shows this list to the family on request.

Personal Information Protection Law, articles 44, 45 and 50: people may know who processes their data, and for what purpose.
Article 35 exempts what would prevent an authority from doing its duty: the requests of auditors are not in the list.
"""

import sqlalchemy as sa
from sqlalchemy import Subquery
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.foundation.database import CODE, TIMESTAMP, table_of
from hub.ledger.access import NOTHING_READ
from hub.model.agencies import Department
from hub.model.households import HouseholdRow
from hub.model.ledger import AccessRecordRow, CoordinateSetRow

ACCESS_NOTICE = sa.Table(
    "access_notice",
    sa.MetaData(),
    sa.Column("household_id", sa.Uuid, nullable=False),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("region", CODE, nullable=False),
    sa.Column("at", TIMESTAMP, nullable=False),
    sa.Column("agency_id", CODE, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("person_ids", sa.ARRAY(sa.Uuid), nullable=False),
    sa.Column("whole_households", sa.Boolean, nullable=False),
    sa.Column("coordinates", sa.ARRAY(CODE), nullable=False),
    sa.Column("kept", sa.Integer, nullable=False),
)
"""The columns of `access_notices`; `region` is the household's, `coordinates` were read, `kept` records were written."""


def access_notices(_grant: Grant) -> Subquery:
    """For each household the requests that read or wrote its data, in the columns of `ACCESS_NOTICE`. The caller applies the
    row rule."""
    household, record = table_of(HouseholdRow).alias(), table_of(AccessRecordRow).alias()
    read = table_of(CoordinateSetRow).alias()
    nothing: sa.ColumnElement[bytes] = sa.literal_column(f"'\\x{NOTHING_READ.digest.hex()}'::bytea")
    watches = record.c.agency_id.startswith(sa.literal_column(f"'{Department.AUDIT.value}@'"))
    coordinates = sa.select(read.c.coordinates).where(read.c.digest == record.c.coordinates_digest)
    return (
        sa.select(
            household.c.id.label("household_id"),
            household.c.region,
            *(
                record.c[name]
                for name in ("id", "at", "agency_id", "purpose", "person_ids", "whole_households", "kept")
            ),
            coordinates.scalar_subquery().label("coordinates"),
        )
        .select_from(household.join(record, record.c.household_ids.contains(pg.array([household.c.id]))))
        .where(
            sa.not_(watches),
            sa.or_(record.c.coordinates_digest != nothing, record.c.kept > sa.literal_column("0")),
        )
        .subquery()
    )
