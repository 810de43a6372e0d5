"""The coordinates that a request read stand once for all requests that read the same, under the hash of their list.

A record of a household's aid names a hundred coordinates, four kilobytes that PostgreSQL read and compressed for every
request.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_27_coordinate_sets"
down_revision: str | None = "2026_11_24_referral_life"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODES = pg.ARRAY(sa.Text(collation="C"))


def upgrade() -> None:
    """Gather the lists that there are."""
    op.create_table(
        "coordinate_set",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("coordinates", _CODES, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_coordinate_set")),
    )
    op.execute("grant select on coordinate_set to hub_reader, hub_writer")
    op.execute("grant insert on coordinate_set to hub_writer")
    op.add_column("access_record", sa.Column("coordinates_digest", sa.LargeBinary(), nullable=True))
    op.execute(
        "update access_record set coordinates_digest = sha256(convert_to(array_to_string(coordinates, E'\\n'), 'UTF8'))"
    )
    op.execute(
        "insert into coordinate_set select distinct coordinates_digest, coordinates from access_record"
    )
    op.alter_column("access_record", "coordinates_digest", nullable=False)
    op.drop_column("access_record", "coordinates")


def downgrade() -> None:
    """Write each list where it was read."""
    op.add_column("access_record", sa.Column("coordinates", _CODES, nullable=True))
    op.execute(
        "update access_record set coordinates = (select s.coordinates from coordinate_set s where s.digest = coordinates_digest)"
    )
    op.alter_column("access_record", "coordinates", nullable=False)
    op.drop_column("access_record", "coordinates_digest")
    op.drop_table("coordinate_set")
