"""Urgent aid by its ordinary procedure: why the county set an amount without a conference (46-3.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_procedure"
down_revision: str | None = "2026_11_30_schema_versions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Null where a conference decided, or the amount is within the limit."""
    op.add_column("temporary_detail", sa.Column("no_conference_reason", sa.String(), nullable=True))


def downgrade() -> None:
    """Without the reasons."""
    op.drop_column("temporary_detail", "no_conference_reason")
