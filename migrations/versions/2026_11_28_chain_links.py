"""Each link of a chain holds the numbers of the events that it follows from."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_28_chain_links"
down_revision: str | None = "2026_11_27_overlaps"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Add the column. What stands already holds none, and is hashed as it was."""
    op.add_column(
        "chain_event",
        sa.Column("answers", pg.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    """Take it away. A link that holds some cannot be verified without them, so this refuses where one does."""
    op.create_check_constraint(op.f("ck_chain_event_without_answers"), "chain_event", "answers = '{}'")
    op.drop_column("chain_event", "answers")
