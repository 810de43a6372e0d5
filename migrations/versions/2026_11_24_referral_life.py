"""Referrals that are forwarded, ended, brought to mind and escalated; applications that are split into referrals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_24_referral_life"
down_revision: str | None = "2026_11_24_offers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_EVENTS = (
    "HOUSEHOLD_REGISTERED", "HOUSEHOLD_UPDATED", "CERTIFIED", "CERTIFICATION_ENDED", "CIRCUMSTANCE_REPORTED", "AID_RECORDED",
    "AID_AMENDED", "REFERRAL_SENT", "REFERRAL_ACCEPTED", "REFERRAL_RETURNED", "REFERRAL_COMPLETED", "CONFERENCE_CALLED",
    "CONFERENCE_HELD", "ALERT_RAISED", "ALERT_DISPOSED", "ALERT_CLOSED", "VISITED",
)  # fmt: skip
_NEW_EVENTS = (
    "REFERRAL_FORWARDED",
    "REFERRAL_ENDED",
    "REFERRAL_REMINDED",
    "REFERRAL_ESCALATED",
    "APPLICATION_SUBMITTED",
)
_RECEIPTS = ("AID", "REFERRAL", "CERTIFICATION", "CONFERENCE", "ALERT", "VISIT")
_SHOWN = ("REFERRAL_SENT", "REFERRAL_RECEIVED", "OWN_RECORD", "CONFERENCE", "ALERT")
_STATUSES = ("SENT", "ACCEPTED", "RETURNED", "COMPLETED")
_CODE = sa.Text(collation="C")
_REFERRAL_COLUMNS = (
    "end_reason",
    "reminded_at",
    "escalated_at",
    "escalated_to",
    "forwarded_from",
    "application_id",
)


def upgrade() -> None:
    """Make the table and the columns, and admit the new words."""
    op.create_table(
        "application",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "COUNTER",
                "ONLINE",
                "VISIT",
                "HOTLINE",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("submitted_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_application_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_application_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_application_household_id")),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_application")),
    )
    op.create_index("ix_application_submitted", "application", ["submitted_at", "id"])
    op.add_column("referral", sa.Column("end_reason", sa.String(), nullable=True))
    op.add_column("referral", sa.Column("reminded_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("referral", sa.Column("escalated_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("referral", sa.Column("escalated_to", _CODE, nullable=True))
    op.add_column("referral", sa.Column("forwarded_from", sa.Uuid(), nullable=True))
    op.add_column("referral", sa.Column("application_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_referral_escalated_to"), "referral", "agency", ["escalated_to"], ["id"])
    for column, table in (("forwarded_from", "referral"), ("application_id", "application")):
        op.create_foreign_key(
            op.f(f"fk_referral_household_id_{column}"),
            "referral",
            table,
            ["household_id", column],
            ["household_id", "id"],
        )
    op.create_index(
        "uq_referral_forwarded_from",
        "referral",
        ["household_id", "forwarded_from"],
        unique=True,
        postgresql_where=sa.text("forwarded_from is not null"),
    )
    op.create_index(
        "ix_referral_application",
        "referral",
        ["household_id", "application_id"],
        postgresql_where=sa.text("application_id is not null"),
    )
    _words("referral", "status", "referralstatus", *_STATUSES, "FORWARDED", "ENDED")
    _words("chain_event", "type", "eventtype", *_EVENTS, *_NEW_EVENTS)
    _words("write_receipt", "kind", "receiptof", *_RECEIPTS, "APPLICATION")
    _words("shown_household", "because", "shownbecause", *_SHOWN, "ESCALATION")
    op.execute("grant select on application to hub_reader, hub_writer")
    op.execute("grant insert, update on application to hub_writer")


def downgrade() -> None:
    """Take them away. What stands in the chain stays, so this refuses where an event of the new types does."""
    _words("chain_event", "type", "eventtype", *_EVENTS)
    _words("shown_household", "because", "shownbecause", *_SHOWN)
    _words("referral", "status", "referralstatus", *_STATUSES)
    op.execute("delete from write_receipt where kind = 'APPLICATION'")
    _words("write_receipt", "kind", "receiptof", *_RECEIPTS)
    op.drop_index("ix_referral_application", table_name="referral")
    op.drop_index("uq_referral_forwarded_from", table_name="referral")
    for column in reversed(_REFERRAL_COLUMNS):
        op.drop_column("referral", column)
    op.drop_table("application")


def _words(table: str, column: str, name: str, *words: str) -> None:
    """The words that a column admits."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} in ({listed})")
