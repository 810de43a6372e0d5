"""Urgent aid above what is paid first names the case conference that set its amount (46-3.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_24_aid_rules"
down_revision: str | None = "2026_11_24_lines"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """What stands already names none."""
    op.add_column("temporary_detail", sa.Column("conference", sa.String(), nullable=True))


def downgrade() -> None:
    """Forget the conferences' numbers."""
    op.drop_column("temporary_detail", "conference")
