"""A change of a record from a version on has a receipt, so that it can be sent again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_changes"
down_revision: str | None = "2026_11_28_schedule"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_RECEIPTS = (
    "AID", "REFERRAL", "CERTIFICATION", "CONFERENCE", "ALERT", "VISIT", "APPLICATION", "CIRCUMSTANCE", "RECOVERY", "REPAYMENT",
    "NEAR_RELATIVE", "OBJECTION",
)  # fmt: skip


def upgrade() -> None:
    """Admit the receipts; that of an offer or of a list belongs to no household."""
    _admit(*_RECEIPTS, "CHANGE")
    op.alter_column("write_receipt", "household_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    """Forget the receipts: a change that is sent again then meets the version that it made."""
    op.execute("delete from write_receipt where kind = 'CHANGE'")
    op.alter_column("write_receipt", "household_id", existing_type=sa.Uuid(), nullable=False)
    _admit(*_RECEIPTS)


def _admit(*words: str) -> None:
    """The words that `write_receipt.kind` admits."""
    op.drop_constraint(op.f("ck_write_receipt_receiptof"), "write_receipt", type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f("ck_write_receipt_receiptof"), "write_receipt", f"kind in ({listed})")
