"""Monthly shares of the registries, and the finding that one is late."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_shares"
down_revision: str | None = "2026_11_27_circumstances"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODE = sa.Text(collation="C")
_REGISTRIES = (
    "'civil_affairs', 'education', 'human_resources', 'urban_construction', 'housing_security', 'agriculture', 'health',"
    " 'emergency_management', 'medical_insurance', 'disabled_federation', 'finance', 'development_reform', 'charity', 'audit'"
)
_KINDS = (
    "'HARDSHIP_STUDENT', 'REGISTERED_UNEMPLOYED', 'SERIOUS_ILLNESS', 'CHRONIC_ILLNESS', 'RIGID_EXPENSE', 'DISABILITY',"
    " 'DEATH', 'DISASTER', 'MONITORED'"
)
_FINDINGS = (
    "STUDENT_WITHOUT_AID", "UNEMPLOYED_WITHOUT_AID", "ZERO_EMPLOYMENT", "ILLNESS_OUTSIDE", "SEVERE_DISABILITY_OUTSIDE",
    "DECEASED_RECIPIENT", "PARTLY_COVERED", "WITHOUT_LABOUR", "PREMIUM_NOT_IN_FULL", "SUPPLEMENT_MISSING",
    "ALLOWANCE_LATE", "DUPLICATE_AID", "PERSON_IN_TWO_HOUSEHOLDS", "REFERRAL_OVERDUE", "INCOME_ABOVE_LINE",
    "FOUND_ON_THE_SPOT",
)  # fmt: skip
_TABLES = ("monthly_share", "share_entry")


def upgrade() -> None:
    """No list was asked for before."""
    op.create_table(
        "monthly_share",
        sa.Column("source_registry", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "region",
            _CODE,
            sa.ForeignKey("region.code", name=op.f("fk_monthly_share_region")),
            nullable=False,
        ),
        sa.Column("policy_basis", sa.String()),
        sa.Column("due_on", sa.Date()),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("agency_id", _CODE, sa.ForeignKey("agency.id", name=op.f("fk_monthly_share_agency_id"))),
        sa.Column("first_shared_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("shared_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("found_late_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("late_closed_at", sa.TIMESTAMP(timezone=True)),
        sa.PrimaryKeyConstraint("source_registry", "kind", "month", "region", name=op.f("pk_monthly_share")),
        sa.CheckConstraint(f"source_registry in ({_REGISTRIES})", name=op.f("ck_monthly_share_department")),
        sa.CheckConstraint(f"kind in ({_KINDS})", name=op.f("ck_monthly_share_circumstancekind")),
        sa.CheckConstraint("extract(day from month) = 1", name=op.f("ck_monthly_share_month")),
        sa.CheckConstraint(
            "(shared_at is null) = (first_shared_at is null)", name=op.f("ck_monthly_share_shared")
        ),
    )
    op.create_table(
        "share_entry",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_share_entry_household_id")),
        sa.PrimaryKeyConstraint("household_id", "record_id", "month", name=op.f("pk_share_entry")),
    )
    op.execute(f"grant select on {', '.join(_TABLES)} to hub_reader, hub_writer")
    op.execute(f"grant insert, update on {', '.join(_TABLES)} to hub_writer")
    _findings(*_FINDINGS, "MONTHLY_SHARE_LATE")


def downgrade() -> None:
    """Forget the lists; the facts that they named stay."""
    op.execute("delete from monitoring_result where finding = 'MONTHLY_SHARE_LATE'")
    _findings(*_FINDINGS)
    for table in _TABLES:
        op.drop_table(table)


def _findings(*words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    for table in ("alert", "monitoring_result"):
        op.drop_constraint(op.f(f"ck_{table}_finding"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_finding"), table, f"finding in ({listed})")
