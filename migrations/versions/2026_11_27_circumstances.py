"""Circumstances that registries report themselves: their own names for them, versions, receipts, ends and files."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_circumstances"
down_revision: str | None = "2026_11_27_coordinate_sets"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_EVENTS = (
    "HOUSEHOLD_REGISTERED", "HOUSEHOLD_UPDATED", "CERTIFIED", "CERTIFICATION_ENDED", "CIRCUMSTANCE_REPORTED", "AID_RECORDED",
    "AID_AMENDED", "REFERRAL_SENT", "REFERRAL_ACCEPTED", "REFERRAL_RETURNED", "REFERRAL_COMPLETED", "CONFERENCE_CALLED",
    "CONFERENCE_HELD", "ALERT_RAISED", "ALERT_DISPOSED", "ALERT_CLOSED", "VISITED", "REFERRAL_FORWARDED", "REFERRAL_ENDED",
    "REFERRAL_REMINDED", "REFERRAL_ESCALATED", "APPLICATION_SUBMITTED",
)  # fmt: skip
_RECEIPTS = ("AID", "REFERRAL", "CERTIFICATION", "CONFERENCE", "ALERT", "VISIT", "APPLICATION")
_FILES = ("HOUSEHOLDS", "MONITORED", "AID", "LINES")


def upgrade() -> None:
    """What stands is each fact's first version, without a name of its registry's own."""
    op.add_column("circumstance", sa.Column("external_id", sa.String()))
    op.add_column("circumstance", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    _words("chain_event", "type", "eventtype", *_EVENTS, "CIRCUMSTANCE_ENDED")
    _words("write_receipt", "kind", "receiptof", *_RECEIPTS, "CIRCUMSTANCE")
    _words("import_run", "kind", "importkind", *_FILES, "CIRCUMSTANCES")


def downgrade() -> None:
    """Take them away. What stands in the chain stays, so this refuses where an end does."""
    op.execute("delete from import_run where kind = 'CIRCUMSTANCES'")
    _words("import_run", "kind", "importkind", *_FILES)
    op.execute("delete from write_receipt where kind = 'CIRCUMSTANCE'")
    _words("write_receipt", "kind", "receiptof", *_RECEIPTS)
    _words("chain_event", "type", "eventtype", *_EVENTS)
    op.drop_column("circumstance", "version")
    op.drop_column("circumstance", "external_id")


def _words(table: str, column: str, name: str, *words: str) -> None:
    """The words that a column admits."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} in ({listed})")
