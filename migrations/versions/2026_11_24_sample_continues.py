"""A sample whose making was interrupted can be continued: its day, and how much of it is there.

What was begun before has neither, and is refused as a sample of another kind.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_24_sample_continues"
down_revision: str | None = "2026_11_24_aid_by_programme"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Whole samples are whole."""
    op.add_column("installation", sa.Column("sample_as_of", sa.Date(), nullable=True))
    op.add_column("installation", sa.Column("sample_made", sa.Integer(), nullable=True))
    op.execute("update installation set sample_made = sample_households, sample_as_of = created_at::date")


def downgrade() -> None:
    """A sample that is only begun says so by having no size."""
    op.execute("update installation set sample_households = null where sample_made <> sample_households")
    op.drop_column("installation", "sample_made")
    op.drop_column("installation", "sample_as_of")
