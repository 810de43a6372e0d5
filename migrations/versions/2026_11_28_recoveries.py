"""Aid is revoked for a reason, and what was wrongly paid is recovered (46-4.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_recoveries"
down_revision: str | None = "2026_11_28_field_changes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODE = sa.Text(collation="C")
_YUAN = sa.Numeric(12, 2)
_KINDS = (
    "BASIC_LIVING", "MEDICAL", "EDUCATION", "HOUSING", "EMPLOYMENT", "DISASTER", "TEMPORARY", "SERVICE", "OTHER",
    "CHARITY",
)  # fmt: skip
_REASONS = ("MISTAKE", "FALSE_CLAIM", "NO_LONGER_ENTITLED", "DECEASED", "DUPLICATE")
_EVENTS = (
    "HOUSEHOLD_REGISTERED", "HOUSEHOLD_UPDATED", "CERTIFIED", "CERTIFICATION_ENDED", "CIRCUMSTANCE_REPORTED", "AID_RECORDED",
    "AID_AMENDED", "REFERRAL_SENT", "REFERRAL_ACCEPTED", "REFERRAL_RETURNED", "REFERRAL_COMPLETED", "CONFERENCE_CALLED",
    "CONFERENCE_HELD", "ALERT_RAISED", "ALERT_DISPOSED", "ALERT_CLOSED", "VISITED", "REFERRAL_FORWARDED", "REFERRAL_ENDED",
    "REFERRAL_REMINDED", "REFERRAL_ESCALATED", "APPLICATION_SUBMITTED", "CIRCUMSTANCE_ENDED",
    "OVERLAP_FOUND", "OVERLAP_DECIDED",
)  # fmt: skip
_NEW_EVENTS = ("AID_REVOKED", "RECOVERY_OPENED", "RECOVERY_REPAID", "RECOVERY_WAIVED")
_RECEIPTS = (
    "AID",
    "REFERRAL",
    "CERTIFICATION",
    "CONFERENCE",
    "ALERT",
    "VISIT",
    "APPLICATION",
    "CIRCUMSTANCE",
)
_NEW_RECEIPTS = ("RECOVERY", "REPAYMENT")


def upgrade() -> None:
    """Make the tables and the column, and admit the new words. What was revoked before keeps no reason: none was given."""
    op.add_column("aid_record", sa.Column("revoked_because", _words("correctionreason", _REASONS)))
    op.create_table(
        "recovery",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("aid_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _words("aidkind", _KINDS), nullable=False),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column("because", _words("correctionreason", _REASONS), nullable=False),
        sa.Column("amount", _YUAN, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("waived", _YUAN),
        sa.Column("waive_reason", sa.String()),
        sa.Column("waived_by", _CODE),
        sa.Column("waived_on", sa.Date()),
        sa.Column("policy_basis", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recovery_amount")),
        sa.CheckConstraint("waived > 0 and waived <= amount", name=op.f("ck_recovery_waived")),
        sa.CheckConstraint(
            "num_nulls(waived, waive_reason, waived_by, waived_on) in (0, 4)",
            name=op.f("ck_recovery_waived_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_recovery_agency_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_recovery_household_id")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_recovery_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["waived_by"], ["agency.id"], name=op.f("fk_recovery_waived_by")),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_recovery")),
    )
    op.create_index("ix_recovery_aid", "recovery", ["household_id", "aid_id"])
    op.create_index("ix_recovery_opened", "recovery", ["opened_on", "id"])
    op.create_table(
        "recovery_repayment",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("recovery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _words("aidkind", _KINDS), nullable=False),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column("amount", _YUAN, nullable=False),
        sa.Column("repaid_on", sa.Date(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recovery_repayment_amount")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_recovery_repayment_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id", "recovery_id"],
            ["recovery.household_id", "recovery.id"],
            name=op.f("fk_recovery_repayment_household_id_recovery_id"),
        ),
        sa.PrimaryKeyConstraint("household_id", "recovery_id", "number", name=op.f("pk_recovery_repayment")),
    )
    _admit("chain_event", "type", "eventtype", *_EVENTS, *_NEW_EVENTS)
    _admit("write_receipt", "kind", "receiptof", *_RECEIPTS, *_NEW_RECEIPTS)
    op.execute("grant select on recovery, recovery_repayment to hub_reader, hub_writer")
    op.execute("grant insert, update on recovery to hub_writer")
    op.execute("grant insert on recovery_repayment to hub_writer")


def downgrade() -> None:
    """Take them away. What stands in the chain stays, so this refuses where an event of the new types does."""
    _admit("chain_event", "type", "eventtype", *_EVENTS)
    op.execute("delete from write_receipt where kind in ('RECOVERY', 'REPAYMENT')")
    _admit("write_receipt", "kind", "receiptof", *_RECEIPTS)
    op.drop_table("recovery_repayment")
    op.drop_table("recovery")
    op.drop_column("aid_record", "revoked_because")


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def _admit(table: str, column: str, name: str, *words: str) -> None:
    """The words that a column admits."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} in ({listed})")
