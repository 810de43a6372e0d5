"""Alerts, visits and case conferences; and an event that tells a fact names the scopes that it takes to learn of it.

Events that stand keep none: they are hashed as they are.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_24_alerts"
down_revision: str | None = "2026_11_24_sample_continues"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_TABLES = ("alert", "alert_referral", "visit", "conference", "conference_participant", "conference_measure")
_EVENTS = (
    "HOUSEHOLD_REGISTERED", "HOUSEHOLD_UPDATED", "CERTIFIED", "CERTIFICATION_ENDED", "CIRCUMSTANCE_REPORTED", "AID_RECORDED",
    "AID_AMENDED", "REFERRAL_SENT", "REFERRAL_ACCEPTED", "REFERRAL_RETURNED", "REFERRAL_COMPLETED",
)  # fmt: skip
_NEW_EVENTS = (
    "CONFERENCE_CALLED",
    "CONFERENCE_HELD",
    "ALERT_RAISED",
    "ALERT_DISPOSED",
    "ALERT_CLOSED",
    "VISITED",
)
_RECEIPTS = ("AID", "REFERRAL", "CERTIFICATION")
_NEW_RECEIPTS = ("CONFERENCE", "ALERT", "VISIT")
_SHOWN = ("REFERRAL_SENT", "REFERRAL_RECEIVED", "OWN_RECORD")
_NEW_SHOWN = ("CONFERENCE", "ALERT")


def upgrade() -> None:
    """Make the tables and admit the new words."""
    op.create_table(
        "alert",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "finding",
            sa.Enum(
                "STUDENT_WITHOUT_AID",
                "UNEMPLOYED_WITHOUT_AID",
                "ZERO_EMPLOYMENT",
                "ILLNESS_OUTSIDE",
                "SEVERE_DISABILITY_OUTSIDE",
                "DECEASED_RECIPIENT",
                "PARTLY_COVERED",
                "WITHOUT_LABOUR",
                "PREMIUM_NOT_IN_FULL",
                "SUPPLEMENT_MISSING",
                "ALLOWANCE_LATE",
                "DUPLICATE_AID",
                "PERSON_IN_TWO_HOUSEHOLDS",
                "REFERRAL_OVERDUE",
                "INCOME_ABOVE_LINE",
                "FOUND_ON_THE_SPOT",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum(
                "URGENT",
                "HIGH",
                "NORMAL",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("needs", pg.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("policy_basis", sa.String(), nullable=False),
        sa.Column("raised_by", sa.Text(collation="C"), nullable=False),
        sa.Column("to_agency", sa.Text(collation="C"), nullable=False),
        sa.Column("raised_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "VISITED",
                "DISPOSED",
                "CLOSED",
                name="alertstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "disposition",
            sa.Enum(
                "CARRY_OUT",
                "INCLUDE",
                "CONFERENCE",
                "TERMINATE",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("disposition_reason", sa.String(), nullable=True),
        sa.Column("disposed_by", sa.Text(collation="C"), nullable=True),
        sa.Column("disposed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("certification_id", sa.Uuid(), nullable=True),
        sa.Column("conference_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "closed_because",
            sa.Enum(
                "FACT_GONE",
                "DISPOSED",
                name="closedbecause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name=op.f("ck_alert_closed")),
        sa.CheckConstraint("(disposition is null) = (disposed_at is null)", name=op.f("ck_alert_disposed")),
        sa.ForeignKeyConstraint(["disposed_by"], ["agency.id"], name=op.f("fk_alert_disposed_by")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_alert_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_alert_household_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["agency.id"], name=op.f("fk_alert_raised_by")),
        sa.ForeignKeyConstraint(["to_agency"], ["agency.id"], name=op.f("fk_alert_to_agency")),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_alert")),
    )
    op.create_index(
        "ix_alert_due", "alert", ["due_at", "id"], unique=False, postgresql_where=sa.text("closed_at is null")
    )
    op.create_index(
        "ix_alert_finding",
        "alert",
        ["finding", "household_id"],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index("ix_alert_raised", "alert", ["raised_at", "id"], unique=False)
    op.create_index(
        "uq_alert_standing",
        "alert",
        ["household_id", "finding", sa.text("coalesce(person_id, household_id)"), "evidence"],
        unique=True,
        postgresql_where=sa.text("closed_at is null and finding <> 'FOUND_ON_THE_SPOT'"),
    )
    op.create_table(
        "conference",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("called_by", sa.Text(collation="C"), nullable=False),
        sa.Column("called_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("meets_on", sa.Date(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "CALLED",
                "HELD",
                name="conferencestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.String(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'HELD') = (held_on is not null and minutes is not null and decision is not null)",
            name=op.f("ck_conference_minutes"),
        ),
        sa.ForeignKeyConstraint(["called_by"], ["agency.id"], name=op.f("fk_conference_called_by")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_conference_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_conference_household_id")),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_conference")),
    )
    op.create_index("ix_conference_called", "conference", ["called_at", "id"], unique=False)
    op.create_table(
        "alert_referral",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id", "alert_id"],
            ["alert.household_id", "alert.id"],
            name=op.f("fk_alert_referral_household_id_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id", "referral_id"],
            ["referral.household_id", "referral.id"],
            name=op.f("fk_alert_referral_household_id_referral_id"),
        ),
        sa.PrimaryKeyConstraint("household_id", "alert_id", "referral_id", name=op.f("pk_alert_referral")),
    )
    op.create_table(
        "conference_measure",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("conference_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "BASIC_LIVING",
                "MEDICAL",
                "EDUCATION",
                "HOUSING",
                "EMPLOYMENT",
                "DISASTER",
                "TEMPORARY",
                "SERVICE",
                "OTHER",
                "CHARITY",
                name="aidkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_conference_measure_amount")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_conference_measure_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id", "conference_id"],
            ["conference.household_id", "conference.id"],
            name=op.f("fk_conference_measure_household_id_conference_id"),
        ),
        sa.PrimaryKeyConstraint(
            "household_id", "conference_id", "number", name=op.f("pk_conference_measure")
        ),
    )
    op.create_table(
        "conference_participant",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("conference_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_conference_participant_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id", "conference_id"],
            ["conference.household_id", "conference.id"],
            name=op.f("fk_conference_participant_household_id_conference_id"),
        ),
        sa.PrimaryKeyConstraint(
            "household_id", "conference_id", "agency_id", name=op.f("pk_conference_participant")
        ),
    )
    op.create_index(
        "ix_conference_participant_agency",
        "conference_participant",
        ["agency_id", "household_id"],
        unique=False,
    )
    op.create_table(
        "visit",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visitors", sa.String(), nullable=False),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column(
            "recommendation",
            sa.Enum(
                "NOTHING",
                "CARRY_OUT",
                "INCLUDE",
                "CONFERENCE",
                "TERMINATE",
                name="recommendation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_visit_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id", "alert_id"],
            ["alert.household_id", "alert.id"],
            name=op.f("fk_visit_household_id_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_visit_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_visit_household_id")),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_household", "visit", ["household_id", "visited_on"], unique=False)
    op.create_index("ix_visit_visited", "visit", ["visited_on", "id"], unique=False)
    op.add_column(
        "chain_event",
        sa.Column("needs", pg.ARRAY(sa.Text(collation="C")), nullable=False, server_default="{}"),
    )
    op.alter_column("chain_event", "needs", server_default=None)
    _words("chain_event", "type", "eventtype", *_EVENTS, *_NEW_EVENTS)
    _words("write_receipt", "kind", "receiptof", *_RECEIPTS, *_NEW_RECEIPTS)
    _words("shown_household", "because", "shownbecause", *_SHOWN, *_NEW_SHOWN)
    op.execute(f"grant select on {', '.join(_TABLES)} to hub_reader, hub_writer")
    op.execute(f"grant insert, update on {', '.join(_TABLES)} to hub_writer")


def downgrade() -> None:
    """Take the tables away. What stands in the chain stays, so this refuses where an event of the new types does."""
    for table, column, name, words in (
        ("chain_event", "type", "eventtype", _EVENTS),
        ("shown_household", "because", "shownbecause", _SHOWN),
    ):
        _words(table, column, name, *words)
    op.execute("delete from write_receipt where kind in ('CONFERENCE', 'ALERT', 'VISIT')")
    _words("write_receipt", "kind", "receiptof", *_RECEIPTS)
    op.drop_column("chain_event", "needs")
    op.drop_index("ix_visit_visited", table_name="visit")
    op.drop_index("ix_visit_household", table_name="visit")
    op.drop_table("visit")
    op.drop_index("ix_conference_participant_agency", table_name="conference_participant")
    op.drop_table("conference_participant")
    op.drop_table("conference_measure")
    op.drop_table("alert_referral")
    op.drop_index("ix_conference_called", table_name="conference")
    op.drop_table("conference")
    op.drop_index(
        "uq_alert_standing",
        table_name="alert",
        postgresql_where=sa.text("closed_at is null and finding <> 'FOUND_ON_THE_SPOT'"),
    )
    op.drop_index("ix_alert_raised", table_name="alert")
    op.drop_index("ix_alert_finding", table_name="alert", postgresql_where=sa.text("closed_at is null"))
    op.drop_index("ix_alert_due", table_name="alert", postgresql_where=sa.text("closed_at is null"))
    op.drop_table("alert")


def _words(table: str, column: str, name: str, *words: str) -> None:
    """The words that a column admits."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} in ({listed})")
