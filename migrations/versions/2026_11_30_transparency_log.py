"""The transparency log over the record events."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_30_transparency_log"
down_revision: str | None = "2026_11_30_record_events"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Make the tables; the service seals what was recorded before."""
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("record_events", pg.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("greatest", sa.BigInteger(), nullable=False),
        sa.Column("sealed_until", sa.BigInteger(), nullable=False),
        sa.Column("open", pg.INT8MULTIRANGE(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoint")),
    )
    op.create_index("ix_log_checkpoint_greatest", "log_checkpoint", ["greatest"])
    op.create_table(
        "log_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_block")),
    )
    op.execute("grant select, insert on log_checkpoint, log_block to hub_writer")


def downgrade() -> None:
    """Without them deleted events are not found."""
    op.drop_table("log_block")
    op.drop_table("log_checkpoint")
