"""Which versions of the hub may run on this schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_schema_versions"
down_revision: str | None = "2026_11_30_sight"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Make the table: `hub migrate` fills it, everybody reads it."""
    op.create_table(
        "schema_version",
        sa.Column("revision", sa.Text(collation="C"), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_version")),
    )
    op.execute("grant select on schema_version to hub_reader, hub_writer")


def downgrade() -> None:
    """Without it no version knows whether it may run."""
    op.drop_table("schema_version")
