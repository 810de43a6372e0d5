"""The certified amount (核定金额) of an allowance or of support, which payments are held against (46-3.1, 46-4.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_certified_amounts"
down_revision: str | None = "2026_11_30_office_words"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Certifications that are there have none."""
    op.add_column(
        "certification", sa.Column("certified_amount", sa.Numeric(precision=12, scale=2), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_certification_certified_amount"),
        "certification",
        "certified_amount is null or certified_amount > 0 and category in ('EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE')",
    )
    op.execute("grant update (certified_amount) on certification to hub_writer")


def downgrade() -> None:
    """What was certified is told by the events alone."""
    op.drop_constraint(op.f("ck_certification_certified_amount"), "certification", type_="check")
    op.drop_column("certification", "certified_amount")
