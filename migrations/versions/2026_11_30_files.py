"""Uploads that are previewed before they are imported."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_files"
down_revision: str | None = "2026_11_30_certified_amounts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Add what a job says of its preview."""
    op.add_column("import_job", sa.Column("preview", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("import_job", sa.Column("preview_hash", sa.String(), nullable=True))
    op.add_column("import_job", sa.Column("confirms", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop the columns."""
    for column in ("confirms", "preview_hash", "preview"):
        op.drop_column("import_job", column)
