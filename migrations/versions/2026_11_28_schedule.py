"""Jobs at times of the day; runs of monitoring are read by those who see the whole region and may know the facts.

What was found before is told to those who may know the facts of every finding.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_28_schedule"
down_revision: str | None = "2026_11_28_disclosures"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_EVERY_NEED = (
    "circumstance.civil_affairs:read", "circumstance.disabled_federation:read", "circumstance.education:read",
    "circumstance.health:read", "circumstance.human_resources:read", "circumstance.medical_insurance:read",
    "person.disability:read", "person.education:read", "person.employment:read", "person.health:read",
)  # fmt: skip


def upgrade() -> None:
    """Make the table, and say of runs and results whom they are for."""
    op.create_table(
        "scheduled_job",
        sa.Column(
            "job",
            sa.Enum(
                "monitoring",
                "coverage",
                "reminders",
                name="job",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("done_for", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("DONE", "FAILED", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("result", pg.JSONB(), nullable=True),
        sa.Column("incident", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_scheduled_job")),
    )
    op.execute("grant select on scheduled_job to hub_reader, hub_writer")
    op.execute("grant insert, update on scheduled_job to hub_writer")
    op.add_column(
        "monitoring_run", sa.Column("region", sa.Text(collation="C"), nullable=False, server_default="4101")
    )
    op.create_foreign_key(op.f("fk_monitoring_run_region"), "monitoring_run", "region", ["region"], ["code"])
    op.alter_column("monitoring_run", "region", server_default=None)
    op.add_column(
        "monitoring_result",
        sa.Column(
            "needs",
            pg.ARRAY(sa.Text(collation="C")),
            nullable=False,
            server_default="{" + ",".join(_EVERY_NEED) + "}",
        ),
    )
    op.alter_column("monitoring_result", "needs", server_default=None)


def downgrade() -> None:
    """Forget when the jobs were run."""
    op.drop_column("monitoring_result", "needs")
    op.drop_column("monitoring_run", "region")
    op.drop_table("scheduled_job")
