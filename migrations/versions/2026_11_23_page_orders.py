"""Indexes on exactly what pages are ordered by, so that the last page costs what the first does."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_23_page_orders"
down_revision: str | None = "2026_11_23_roles"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """By region, by income (null as infinity, as the hub compares it), by change."""
    op.drop_index("ix_household_income", table_name="household")
    op.create_index(
        "ix_household_income",
        "household",
        [sa.text("coalesce(income_per_capita, 'infinity'::numeric)"), "id"],
    )
    op.create_index("ix_household_region", "household", ["region", "id"])
    op.create_index("ix_household_updated", "household", ["updated_at", "id"])


def downgrade() -> None:
    """The index on the bare income again."""
    op.drop_index("ix_household_updated", table_name="household")
    op.drop_index("ix_household_region", table_name="household")
    op.drop_index("ix_household_income", table_name="household")
    op.create_index("ix_household_income", "household", ["income_per_capita", "id"])
