"""Access records keep what a refused write asked: every code, how many were refused and kept, and the numbers that were named."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_30_refused_writes"
down_revision: str | None = "2026_11_30_implied_facts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODES = pg.ARRAY(sa.Text(collation="C"))
_NONE = sa.text("'{}'")
_ZERO = sa.text("0")


def upgrade() -> None:
    """Records from before hold their first code alone."""
    op.add_column("access_record", sa.Column("codes", _CODES, server_default=_NONE, nullable=False))
    op.add_column("access_record", sa.Column("refused", sa.Integer(), server_default=_ZERO, nullable=False))
    op.add_column("access_record", sa.Column("kept", sa.Integer(), server_default=_ZERO, nullable=False))
    op.add_column(
        "access_record",
        sa.Column("numbers_named", pg.ARRAY(sa.LargeBinary()), server_default=_NONE, nullable=False),
    )


def downgrade() -> None:
    """Without what refused writes asked."""
    for name in ("numbers_named", "kept", "refused", "codes"):
        op.drop_column("access_record", name)
