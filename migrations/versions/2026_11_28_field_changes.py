"""What an import or a request changed in a household or a person is kept with its event."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_field_changes"
down_revision: str | None = "2026_11_28_as_sent"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Make the table. The service adds to it and changes nothing in it."""
    op.create_table(
        "field_change",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(collation="C"), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("household_id", "number", "field", name=op.f("pk_field_change")),
    )
    op.execute("grant select on field_change to hub_reader, hub_writer")
    op.execute("grant insert on field_change to hub_writer")


def downgrade() -> None:
    """Forget what was changed; who changed which field stands in the chain."""
    op.drop_table("field_change")
