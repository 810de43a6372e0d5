"""How many people each client looked for out of its sight, by the day (46-3.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_elsewhere_searches"
down_revision: str | None = "2026_11_30_refused_writes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Counted by commands alone."""
    op.create_table(
        "elsewhere_searches",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "day", name=op.f("pk_elsewhere_searches")),
    )
    op.execute("grant select on elsewhere_searches to hub_reader, hub_writer")
    op.execute("grant insert, update on elsewhere_searches to hub_writer")


def downgrade() -> None:
    """Without the counts."""
    op.drop_table("elsewhere_searches")
