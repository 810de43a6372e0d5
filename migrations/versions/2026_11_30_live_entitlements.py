"""What the evaluation found for each household, as rows. Every household is to be evaluated: by `hub serve`, or by the next run
of monitoring."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.words import write_words

revision: str = "2026_11_30_live_entitlements"
down_revision: str | None = "2026_11_30_transparency_log"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODE = sa.Text(collation="C")


def upgrade() -> None:
    """Make the tables, and a row for every household that is there."""
    write_words(
        op.get_bind(), "is_entitlement_status", ["RECEIVED", "APPROVED", "REFERRED", "MISSING", "DUPLICATED"]
    )
    op.create_table(
        "live_household",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("next_change_on", sa.Date(), nullable=False),
        sa.Column("evaluation", _CODE, nullable=False),
        sa.Column("region", _CODE, nullable=True),
        sa.Column("visit_rank", sa.Integer(), nullable=True),
        sa.Column("visit_reasons", pg.ARRAY(sa.Text()), nullable=True),
        sa.Column("partly_covered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_live_household_household_id")
        ),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_live_household")),
    )
    op.create_index("ix_live_household_evaluation", "live_household", ["evaluation", "next_change_on"])
    op.create_index(
        "ix_live_household_visit",
        "live_household",
        ["visit_rank", "household_id"],
        postgresql_where=sa.text("visit_rank is not null"),
    )
    op.create_index(
        "ix_live_household_partly_covered",
        "live_household",
        ["household_id"],
        postgresql_where=sa.text("partly_covered"),
    )
    op.create_table(
        "live_entitlement",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("rule", _CODE, nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("aid_kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=True),
        sa.Column("to_check", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("is_aid_kind(aid_kind)", name=op.f("ck_live_entitlement_aidkind")),
        sa.CheckConstraint(
            "is_entitlement_status(status)", name=op.f("ck_live_entitlement_entitlementstatus")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["live_household.household_id"], name=op.f("fk_live_entitlement_household_id")
        ),
        sa.PrimaryKeyConstraint("household_id", "rule", "subject_id", name=op.f("pk_live_entitlement")),
    )
    op.create_index(
        "ix_live_entitlement_missing",
        "live_entitlement",
        ["rule", "household_id"],
        postgresql_where=sa.text("status = 'MISSING'"),
    )
    # Few rules are missed by many: without this PostgreSQL expects as many rows of each, and reads everybody.
    op.execute("create statistics live_entitlement_rule_status (mcv) on rule, status from live_entitlement")
    op.execute(
        "insert into live_household (household_id, next_change_on, evaluation, partly_covered)"
        " select id, date '0001-01-01', '', false from household"
    )
    op.execute("grant select on live_household, live_entitlement to hub_reader, hub_writer")
    op.execute("grant insert on live_household, live_entitlement to hub_writer")
    op.execute(
        "grant update (next_change_on, evaluation, region, visit_rank, visit_reasons, partly_covered) on live_household to hub_writer"
    )
    op.execute("grant update (status, to_check, since) on live_entitlement to hub_writer")


def downgrade() -> None:
    """Without them every query evaluates."""
    op.drop_table("live_entitlement")
    op.drop_table("live_household")
    op.execute("drop function is_entitlement_status(text)")
