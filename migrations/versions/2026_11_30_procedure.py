"""Urgent aid without a conference, the day of its trouble (46-3.3), help against a return to poverty (46-3), the recovery of goods
and services, and decisions on liability (46-4.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.foundation.words import write_words

revision: str = "2026_11_30_procedure"
down_revision: str | None = "2026_11_30_schema_versions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_FORMS = ("INDUSTRY", "EMPLOYMENT", "SAFETY_NET", "SKILLS", "OTHER_MEASURE")
_KEY = ("household_id", "id", "version")


def upgrade() -> None:
    """The reason is null where a conference decided, or the amount is within the limit."""
    op.add_column("temporary_detail", sa.Column("no_conference_reason", sa.String(), nullable=True))
    op.add_column("temporary_detail", sa.Column("happened_on", sa.Date(), nullable=True))
    write_words(op.get_bind(), "is_relapse_prevention_form", _FORMS)
    op.create_table(
        "relapse_prevention_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.CheckConstraint(
            "is_relapse_prevention_form(form)",
            name=op.f("ck_relapse_prevention_detail_relapsepreventionform"),
        ),
        sa.ForeignKeyConstraint(
            _KEY,
            [f"aid_record.{column}" for column in _KEY],
            name=op.f("fk_relapse_prevention_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_relapse_prevention_detail")),
    )
    op.execute("grant select on relapse_prevention_detail to hub_reader, hub_writer")
    op.execute("grant insert on relapse_prevention_detail to hub_writer")
    write_words(op.get_bind(), "is_recovery_manner", ("IN_KIND", "BY_VALUE"))
    op.add_column("recovery", sa.Column("manner", sa.String(40), nullable=True))
    op.add_column("recovery", sa.Column("goods", sa.String(), nullable=True))
    op.create_check_constraint(op.f("ck_recovery_recoverymanner"), "recovery", "is_recovery_manner(manner)")
    op.create_check_constraint(op.f("ck_recovery_goods"), "recovery", "goods is null or manner is not null")
    write_words(op.get_bind(), "is_liable_party", ("CLAIMANT", "OFFICIAL"))
    write_words(op.get_bind(), "is_liability_outcome", ("HELD_LIABLE", "EXEMPTED"))
    op.create_table(
        "liability_decision",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("aid_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("policy_basis", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("is_liable_party(party)", name=op.f("ck_liability_decision_liableparty")),
        sa.CheckConstraint(
            "is_liability_outcome(outcome)", name=op.f("ck_liability_decision_liabilityoutcome")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_liability_decision_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_liability_decision_household_id")
        ),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_liability_decision")),
    )
    op.create_index("ix_liability_decision_decided", "liability_decision", ["decided_on", "id"])
    op.execute("grant select on liability_decision to hub_reader, hub_writer")
    op.execute("grant insert on liability_decision to hub_writer")


def downgrade() -> None:
    """Without the reasons, the days, the kind (refused where records of it stand) and what of goods comes back."""
    op.drop_table("liability_decision")
    op.execute("drop function is_liable_party(text)")
    op.execute("drop function is_liability_outcome(text)")
    op.drop_constraint(op.f("ck_recovery_goods"), "recovery", type_="check")
    op.drop_constraint(op.f("ck_recovery_recoverymanner"), "recovery", type_="check")
    op.drop_column("recovery", "goods")
    op.drop_column("recovery", "manner")
    op.execute("drop function is_recovery_manner(text)")
    op.drop_table("relapse_prevention_detail")
    op.execute("drop function is_relapse_prevention_form(text)")
    op.drop_column("temporary_detail", "happened_on")
    op.drop_column("temporary_detail", "no_conference_reason")
