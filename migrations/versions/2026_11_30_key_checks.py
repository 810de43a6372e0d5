"""A check value of every key that the database was filled with."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_key_checks"
down_revision: str | None = "2026_11_30_receipts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Make the table: written once, and by nobody changed."""
    op.create_table(
        "key_check",
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_key_check_digest")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_key_check")),
    )
    op.execute("grant select on key_check to hub_reader, hub_writer")
    op.execute("grant insert on key_check to hub_writer")


def downgrade() -> None:
    """Without check values keys are trusted unseen."""
    op.drop_table("key_check")
