"""Uploads that are previewed before they are imported, and imports that can be undone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_30_files"
down_revision: str | None = "2026_11_30_certified_amounts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Add what a job says of its preview and of its undoing, and what an import replaced."""
    op.add_column("import_job", sa.Column("preview", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("import_job", sa.Column("preview_hash", sa.String(), nullable=True))
    op.add_column("import_job", sa.Column("confirms", sa.String(), nullable=True))
    op.add_column("import_job", sa.Column("undo", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("import_run", sa.Column("undone_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.create_table(
        "import_before",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("of_table", sa.Text(collation="C"), nullable=False),
        sa.Column("before", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "household_id", "row_id", name=op.f("pk_import_before")),
    )


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_table("import_before")
    op.drop_column("import_run", "undone_at")
    for column in ("undo", "confirms", "preview_hash", "preview"):
        op.drop_column("import_job", column)
