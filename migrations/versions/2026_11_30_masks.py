"""The mask of an identity number keeps the province alone: its end, beside birth date and gender, told the number."""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_30_masks"
down_revision: str | None = "2026_11_30_elsewhere_searches"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Persons, and members as they stood when a referral was sent."""
    op.execute("update person set id_number_masked = rpad(left(id_number_masked, 2), 18, '*')")
    op.execute("update sent_member set id_number_masked = rpad(left(id_number_masked, 2), 18, '*')")


def downgrade() -> None:
    """What was masked stays so: its end is sealed."""
