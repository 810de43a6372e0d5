"""Runs of monitoring, and what each looked for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_24_monitoring"
down_revision: str | None = "2026_11_24_coverage"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_TABLES = ("monitoring_run", "monitoring_result")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "monitoring_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_run")),
    )
    op.create_table(
        "monitoring_result",
        sa.Column("run_id", sa.Uuid(), nullable=False),
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
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("raised", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["monitoring_run.id"], name=op.f("fk_monitoring_result_run_id")),
        sa.PrimaryKeyConstraint("run_id", "finding", name=op.f("pk_monitoring_result")),
    )
    op.execute(f"grant select on {', '.join(_TABLES)} to hub_reader, hub_writer")
    op.execute(f"grant insert, update on {', '.join(_TABLES)} to hub_writer")


def downgrade() -> None:
    """Forget the runs; the alerts that they raised stay."""
    for table in reversed(_TABLES):
        op.drop_table(table)
